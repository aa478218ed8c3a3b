"""The built-in voice: speaks at once, offline and without a GPU. English by hibari, four more languages by SVOX Pico."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

import numpy as np

from models.backend import EngineUnavailable, Facts, Frame, Line, RowFailed, Speaker
from models.loudness import Audio, even, limit, to_pcm, trim
from models.rows import TextRow, TextRows
from models.speakable import for_hibari, for_pico, portions

if TYPE_CHECKING:
    from hibari import Hibari

    from models.pico import Pico

_LOG = logging.getLogger(__name__)

SAMPLE_RATE: Final = 24_000
# A row is its pending text: slots cost nothing, and eight listeners with a sentence each hear no gap (a sentence of two
# seconds takes 10 ms).
SLOTS: Final = 8
# What hibari's reader of numbers and Pico raise for text that they cannot cope with. Anything else is a fault of the engine.
_TRIPPED: Final = (RuntimeError, ValueError, LookupError, ArithmeticError)
_NOTHING: Final = np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class _Voice:
    speaker: Speaker
    gain: float
    """To -18 LUFS, measured by test_every_voice_is_as_loud_as_the_others; after the limiter."""
    pico: str = ""
    """Pico's name of the language; hibari speaks without one."""


_PICO_NOTE: Final = "Small and quick; sounds like a machine"
_VOICES: Final = (
    _Voice(
        Speaker("heart", "Heart (English, built-in)", ("en-US", "en-GB"), "A natural American voice"),
        gain=2.5,
    ),
    _Voice(Speaker("pico-de", "Pico (Deutsch, built-in)", ("de-DE",), _PICO_NOTE), 1.0, "de-DE"),
    _Voice(Speaker("pico-fr", "Pico (Français, built-in)", ("fr-FR",), _PICO_NOTE), 1.07, "fr-FR"),
    _Voice(Speaker("pico-es", "Pico (Español, built-in)", ("es-ES",), _PICO_NOTE), 0.88, "es-ES"),
    _Voice(Speaker("pico-it", "Pico (Italiano, built-in)", ("it-IT",), _PICO_NOTE), 1.17, "it-IT"),
)


_BY_ID: Final = {voice.speaker.id: voice for voice in _VOICES}


@dataclass(slots=True)
class _Row(TextRow):
    spoken: bool = False

    @property
    def voice(self) -> _Voice | None:
        return _BY_ID.get(self.line.speaker)


class Builtin(TextRows[_Row]):
    """A backend that speaks one sentence of one row a step.

    Args:
        sentence_gap_ms: silence before every sentence but the first; the voices' own tails come on top.
    """

    def __init__(self, sentence_gap_ms: int = 120, slots: int = SLOTS) -> None:
        super().__init__(_Row)
        self.facts = Facts(
            name="builtin",
            model="builtin",
            sample_rate=SAMPLE_RATE,
            slots=slots,
            width=1,
            speakers=tuple(voice.speaker for voice in _VOICES),
            version=_version("hibari-tts"),
            light=True,
            licence="Apache-2.0",
            attribution="hibari, and SVOX Pico by way of NanoTTS",
            url="https://pypi.org/project/hibari-tts/",
        )
        self._gap = bytes(2 * (sentence_gap_ms * SAMPLE_RATE // 1000))
        self._hibari: Hibari | None = None
        self._pico: Pico | None = None

    def load(self) -> None:
        """Take the memory, in a third of a second: 160 MB when warm, most of it the dictionary."""
        try:
            from hibari import Hibari

            from models.pico import Pico

            self._pico = Pico()
            # One thread: 7 ms a short sentence on one core, with no pool of threads that spin while they wait.
            self._hibari = Hibari(threads=1)
        except ImportError as error:
            raise EngineUnavailable(
                f"the built-in voice needs the packages hibari-tts, py-nanotts and soxr ({error}); reinstall voiced"
            ) from error

    def warm_up(self) -> None:
        """Speak once: the dictionary is read with the first sentence, which takes 200 ms."""
        if self._hibari is not None:
            self._hibari("Ready.", seed=0)

    def unload(self) -> None:
        """Forget every row and both engines."""
        self._rows.clear()
        self._hibari = self._pico = None

    def step(self, slots: Sequence[int]) -> list[Frame]:
        """A sentence of every row."""
        return [self._frame(slot, self._rows[slot]) for slot in slots]

    def _frame(self, slot: int, row: _Row) -> Frame:
        if row.voice is None:
            return Frame(slot, error=RowFailed(f"the built-in engine has no voice {row.line.speaker!r}"))
        pcm = self._sentence(row.text.popleft(), row, row.voice) if row.text else b""
        return row.frame(slot, pcm)

    def _portions(self, row: _Row, text: str) -> Iterable[str]:
        """Sentences, made safe for the voice."""
        return portions(for_pico(text) if row.voice and row.voice.pico else for_hibari(text))

    def _sentence(self, text: str, row: _Row, voice: _Voice) -> bytes:
        """The gap and one sentence at the common level; nothing when the voice finds nothing to say."""
        audio = self._speak(text, row.line, voice)
        if not audio.size:
            return b""
        level = even(trim(audio * np.float32(voice.gain), SAMPLE_RATE), SAMPLE_RATE)
        pcm = to_pcm(limit(level, SAMPLE_RATE))
        gap, row.spoken = (self._gap if row.spoken else b""), True
        return gap + pcm

    def _speak(self, text: str, line: Line, voice: _Voice) -> Audio:
        """The voice's own samples. What trips it is tried again by halves, so that one word costs no sentence."""
        try:
            return self._voiced(text, line, voice)
        except _TRIPPED as error:
            words = text.split()
            if len(words) < 2:
                _LOG.warning("voice %s cannot say a word of %d characters: %s", line.speaker, len(text), error)
                return _NOTHING
            halves = words[: len(words) // 2], words[len(words) // 2 :]
            return np.concatenate([self._speak(" ".join(half), line, voice) for half in halves])

    def _voiced(self, text: str, line: Line, voice: _Voice) -> Audio:
        assert self._hibari is not None and self._pico is not None, "not loaded"
        if voice.pico:
            return self._pico(text, voice.pico, SAMPLE_RATE)
        audio: Audio = self._hibari(text, seed=line.seed % 2**63)
        return audio


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
