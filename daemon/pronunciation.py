"""How texts are read aloud here: the house's lexicon, and whether numbers and dates become words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from daemon.roles import Role
from daemon.settings import Settings
from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon, check
from daemon.text.score import Manner
from daemon.text.spoken import prepare
from daemon.utterance import Utterance
from voices.lexicon import Entry, LexiconFile

# Engines whose voices spell out what they do not know, or say it wrong; Qwen3-TTS reads most of it by itself.
_NEEDY: Final = frozenset({"builtin"})


class Pronunciation:
    """Makes readings."""

    def __init__(self, data_dir: Path, settings: Settings) -> None:
        self.words = LexiconFile.below(data_dir, check)
        self._settings = settings
        self._read: Sequence[Entry] = ()
        self._lexicon = Lexicon(())
        self._prepared: set[str] = set()

    def lexicon(self) -> Lexicon:
        """As it is on the disk now."""
        entries = self.words.entries()
        if entries is not self._read:
            self._read, self._lexicon = entries, Lexicon(entries)
        return self._lexicon

    async def reading(self, utterance: Utterance, role: Role, manner: Manner) -> Reading | None:
        """For a part in this role; None where everything is said as it is written."""
        wish = utterance.normalize or self._settings.normalize
        normalize = wish == "on" or (wish == "auto" and role.facts.name in _NEEDY) or manner.hint is not None
        reading = Reading(role.language, role.voice.id, self.lexicon(), normalize)
        if reading.idle:
            return None
        if normalize and role.language not in self._prepared:
            await asyncio.to_thread(prepare, role.language)  # some languages bring dictionaries
            self._prepared.add(role.language)
        return reading
