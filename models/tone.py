"""The tone: a deterministic stand-in with the real interface, for tests, benchmarks and proving a network path.

Every spoken character is one frame of 80 ms at a pitch of its own, so that what was said, and where a stream was cut,
can be read back from the samples.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from models.backend import Facts, Frame, Speaker
from models.rows import TextRow, TextRows

SAMPLE_RATE: Final = 24_000
FRAME_SAMPLES: Final = 1920
_LANGUAGES: Final = ("en", "zh", "ja", "ko", "de", "fr", "ru", "pt", "es", "it")
_PEAK: Final = 8000.0
_BEATS: Final = 4
# Whole cycles in every frame, so that notes join without a click.
_STEP_HZ: Final = SAMPLE_RATE / FRAME_SAMPLES


@dataclass(slots=True)
class _Row(TextRow):
    beat: int = 0
    """Where in the bar the next note is: state that a row must not lose."""


class Tone(TextRows[_Row]):
    """A backend that sings its text.

    Args:
        slots: rows at once.
        step_ms: what a step costs, however many rows it moves, as on a device that computes them together.
        load_s: what loading costs.
    """

    def __init__(self, slots: int = 32, step_ms: float = 0.0, load_s: float = 0.0) -> None:
        super().__init__(_Row)
        self.facts = Facts(
            name="tone",
            model="tone",
            sample_rate=SAMPLE_RATE,
            slots=slots,
            width=slots,
            speakers=(
                Speaker("tone", "Tone (test signal)", _LANGUAGES, "One note a character; for tests and benchmarks"),
                Speaker("tone-2", "Tone 2 (test signal)", _LANGUAGES, "The same a fifth higher"),
            ),
            version="1",
            licence="Apache-2.0",
            attribution="voiced",
        )
        self._step_s, self._load_s = step_ms / 1000, load_s

    def load(self) -> None:
        """Nothing to load but the time it is told to take."""
        time.sleep(self._load_s)

    def warm_up(self) -> None:
        """Touch the code once."""
        _note("a", 1.0, 0)

    def unload(self) -> None:
        """Forget every row."""
        self._rows.clear()

    def step(self, slots: Sequence[int]) -> list[Frame]:
        """One character of every row."""
        if self._step_s:
            time.sleep(self._step_s)
        return [self._frame(slot, self._rows[slot]) for slot in slots]

    def _frame(self, slot: int, row: _Row) -> Frame:
        if not row.text:
            return row.frame(slot, b"")
        pitch = 1.5 if row.line.speaker == "tone-2" else 1.0
        pcm = _note(row.text.popleft(), pitch, row.beat)
        row.beat = (row.beat + 1) % _BEATS
        return row.frame(slot, pcm)


@lru_cache(maxsize=4096)
def _note(character: str, pitch: float, beat: int) -> bytes:
    """One frame of s16le at the character's pitch, the first beat of a bar louder."""
    if character.isspace():
        return bytes(2 * FRAME_SAMPLES)
    hertz = _STEP_HZ * round(220.0 * pitch * 2 ** ((ord(character) % 36) / 12) / _STEP_HZ)
    wave = np.sin(2 * np.pi * hertz / SAMPLE_RATE * np.arange(FRAME_SAMPLES))
    samples: npt.NDArray[np.int16] = (_PEAK * (1.5 if beat == 0 else 1.0) * wave).astype("<i2")
    return samples.tobytes()
