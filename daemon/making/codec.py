"""Audio to the codes that a model speaks in, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import Final

from daemon.casting import Casting
from daemon.faults import Detail, Unspeakable
from models.backend import Facts
from models.batch import QueueFull
from models.checkpoints import released
from models.engine import Engine
from outputs.codes import Codes, Table, check
from outputs.decoder import decode

# The encoder hears a recording as a whole (see models.qwen.coding): 0.75 GB for a moment, and no portion takes a second.
MAX_SECONDS: Final = 30.0
# Whoever comes next is told so: each takes a turn of the engine's thread, and those who are spoken to go first.
MAX_OPEN: Final = 8


class Codec:
    """The speech tokenizer of the models that are here."""

    def __init__(self, casting: Casting, engine: Engine) -> None:
        self._casting, self._engine = casting, engine
        self._open = 0
        self._encoding = asyncio.Semaphore(1)  # each takes the memory that is named above

    def able(self, model: str | None = None, *, encodes: bool = False) -> Facts:
        """The model of this name, or the first that makes audio of codes and, where it `encodes`, codes of audio.

        Raises UnknownModel or Unspeakable.
        """
        wanted, codecs = self._named(model), self._engine.codecs
        able = [facts for facts in codecs.values() if facts.codebook and (facts.encodes or not encodes)]
        able.sort(key=lambda facts: not self._engine.able(facts.model))
        for facts in able:
            if wanted in (None, facts.model):
                return facts
        raise _unable(wanted, bool(wanted in codecs and codecs[wanted].codebook), [facts.model for facts in able])

    def _named(self, model: str | None) -> str | None:
        """Its id; a tokenizer goes by its own names, as nobody is cast for it. Raises UnknownModel."""
        name = (model or "").strip().casefold()
        release = released.find(name)
        names = {name, release.folder.casefold() if release else name}
        return next((one for one in self._engine.codecs if one.casefold() in names), None) or self._casting.model(model)

    async def encode(self, audio: bytes, model: str | None = None) -> Codes:
        """The codes of a recording in WAV, FLAC, MP3 or Ogg, of MAX_SECONDS at most.

        Raises UnreadableAudio, QueueFull, and what `able` and the engine raise.
        """
        name = self.able(model, encodes=True).model
        with self._counted():
            async with self._encoding:
                heard = await asyncio.to_thread(decode, audio, max_seconds=MAX_SECONDS)
                return Codes(await self._engine.encode(name, heard.samples, heard.sample_rate), name)

    async def decode(self, table: Table, model: str | None = None) -> AsyncGenerator[bytes, None]:
        """The sound of codes [frames, 16], s16le mono at the model's rate, as it is made: 80 ms a frame.

        Raises BadCodes with every place, QueueFull, and what `able` and the engine raise.
        """
        facts = self.able(model)
        check(table, facts.codebook)
        with self._counted():
            async with aclosing(self._engine.decode(facts.model, table)) as chunks:
                async for pcm in chunks:
                    yield pcm

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self._open >= MAX_OPEN:
            raise QueueFull(f"{self._open} recordings are encoded and decoded now, and that is all")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


def _unable(wanted: str | None, decodes: bool, able: list[str]) -> Unspeakable:
    """Why a model, or every model here, cannot."""
    why = "no model here makes codes of audio, or audio of codes"
    if wanted is not None:
        why = f"{wanted} has no encoder: its weights hold none" if decodes else f"{wanted} does not speak in codes"
    pull = f"`voiced models pull {released.default('tokenizer').slug}` brings one that can"
    told = f"{why}; {', '.join(able) + ' can' if able else pull}"
    return Unspeakable(told, [Detail("model", told)])
