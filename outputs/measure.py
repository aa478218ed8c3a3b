"""How fast hours are assembled here, and in how much memory: for the bench."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from outputs.assembly import Assembly, Part
from outputs.audio import HEAD_BYTES, encoder, with_length
from outputs.container import write
from outputs.loudness import normalised
from outputs.sound import Audio, to_pcm
from outputs.tags import Tags, chapters

_RATE: Final = 24_000
# Different files, so that no cache of one of them tells the story; and what a sentence takes.
_FILES: Final = 200
_SECONDS: Final = (3.0, 12.0)
# A pause at every join and a chapter now and then, as in a book.
_PAUSE_MS: Final = 400
_CHAPTER_PARTS: Final = 240
# Of the synthetic voice: its pitch, syllables a second.
_PITCH_HZ, _SYLLABLES_HZ = 110.0, 4.0
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Figures:
    """What it took to join, measure, level, encode and write one file."""

    kind: str
    hours: float
    """Of sound."""
    wall_s: float
    cpu_s: float
    """Of all threads."""
    peak_mib: float
    """The most memory that the process had, all that it held before with it."""
    file_mib: float

    @property
    def times_real_time(self) -> float:
        """Hours of sound an hour of waiting."""
        return self.hours * 3600 / self.wall_s


def measure(hours: float, kinds: Sequence[str] = ("m4b", "wav"), folder: Path | None = None) -> Iterator[Figures]:
    """Assemble this many hours of made-up segments in a temporary folder, one kind of file after the other."""
    with TemporaryDirectory(dir=folder, prefix="assembly-") as place:
        parts = _parts(Path(place), hours)
        for kind in kinds:
            yield _measured(Path(place), parts, kind)


def _measured(place: Path, parts: Sequence[Part], kind: str) -> Figures:
    _forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    sound = Assembly(parts, _RATE)
    begins = [
        (f"Chapter {at // _CHAPTER_PARTS + 1}", sound.spans[at].begin) for at in range(0, len(parts), _CHAPTER_PARTS)
    ]
    path = place / f"book.{kind}"
    write(path, normalised(sound), kind, Tags(title="Book", author="Nobody"), chapters(begins, sound.samples))
    took = time.perf_counter() - wall, time.process_time() - cpu
    size = path.stat().st_size / 2**20
    path.unlink()
    return Figures(kind, sound.samples / _RATE / 3600, *took, _peak_mib(), size)


def _parts(place: Path, hours: float) -> list[Part]:
    """Segments in an order that repeats, until they take the hours."""
    random = np.random.default_rng(0)
    files = [(place / f"{at:04}.flac", random.uniform(*_SECONDS)) for at in range(_FILES)]
    for path, seconds in files:
        _make(path, _voice(random, round(seconds * _RATE)))
    parts, left = list[Part](), hours * 3600
    for path, seconds in cycle(files):
        if left <= 0:
            return parts
        parts.append(Part(path, pause_ms=_PAUSE_MS))
        left -= seconds + _PAUSE_MS / 1000
    return parts


def _voice(random: np.random.Generator, count: int) -> Audio:
    """Something as loud, as dense and as uneven as speech: a buzz, some breath, syllables."""
    at = np.arange(count) / _RATE
    turns = np.cumsum(_PITCH_HZ * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * at))) / _RATE
    sound = turns % 1 - 0.5 + 0.03 * random.standard_normal(count)
    return np.asarray(0.6 * sound * np.sin(np.pi * _SYLLABLES_HZ * at) ** 2, np.float32)


def _make(path: Path, audio: Audio) -> None:
    made = encoder("flac", _RATE)
    data = made.encode(to_pcm(audio)) + made.finish()
    path.write_bytes(with_length(data[:HEAD_BYTES], "flac", len(audio)) + data[HEAD_BYTES:])


def _forget_peak() -> None:
    """What the process once had is not this work's; Linux alone can be told so."""
    with suppress(OSError):
        _CLEAR.write_text("5")


def _peak_mib() -> float:
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
