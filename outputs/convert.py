"""Any audio file to any kind, rate and loudness, in passes over it and with no more memory for hours than for minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outputs.container import write
from outputs.decoder import MAX_RATE, MIN_RATE, UnreadableAudio
from outputs.kinds import find
from outputs.loudness import CEILING_DBTP, Normalised, normalised
from outputs.reading import heard, rate_of
from outputs.sound import Sound, to_pcm
from outputs.tags import NO_TAGS, Tags


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file as a Sound: WAV, FLAC, MP3, Ogg (Vorbis or Opus), AAC and M4A, its channels averaged."""

    path: Path
    sample_rate: int
    max_seconds: float | None = None

    def __iter__(self) -> Iterator[bytes]:
        """Raises UnreadableAudio, also for a file without sound or longer than allowed."""
        count = 0
        for block in heard(self.path, self.sample_rate):
            count += len(block)
            if self.max_seconds is not None and count > self.max_seconds * self.sample_rate:
                raise UnreadableAudio(f"{self.path.name} is longer than {self.max_seconds:.0f} s, which is the most")
            yield to_pcm(block)
        if not count:
            raise UnreadableAudio(f"there is no sound in {self.path.name}")


@dataclass(frozen=True, slots=True)
class Converted:
    """What was made."""

    samples: int
    sample_rate: int
    """Of the sound; a kind that does not take it has its own."""
    lufs: float | None
    """How loud it was, where that was asked; -inf is silence."""
    gain: float
    """Decibels."""


def convert(
    source: Path, target: Path, kind: str, *, sample_rate: int | None = None, lufs: float | None = None,
    ceiling_dbtp: float = CEILING_DBTP, tags: Tags = NO_TAGS, max_seconds: float | None = None,
) -> Converted:  # fmt: skip
    """The file in one channel as another kind; at its own rate and loudness where none is asked for.

    Raises UnreadableAudio, UnknownFormat, OSError, and ValueError for a rate that nobody uses.
    """
    find(kind)
    if sample_rate is not None and not MIN_RATE <= sample_rate <= MAX_RATE:
        raise ValueError(f"{sample_rate} samples a second; {MIN_RATE} to {MAX_RATE} are written")
    sound: Sound = Recorded(source, sample_rate or rate_of(source), max_seconds)
    louder: Normalised | None = None
    if lufs is not None:
        sound = louder = normalised(sound, lufs, ceiling_dbtp)
    samples = write(target, sound, kind, tags)
    return Converted(samples, sound.sample_rate, louder.before.lufs if louder else None, louder.gain if louder else 0.0)
