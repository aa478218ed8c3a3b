"""PCM that can be read again from its beginning, so that long work needs two passes and no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
"""[n] mono, -1 to 1."""

# What sixteen bits hold: a file's samples come through as floats and back without a change.
FULL_SCALE: Final = 32768.0


class Sound(Protocol):
    """s16le mono at one rate. Every iteration starts at the beginning and gives the same samples, in any cut."""

    @property
    def sample_rate(self) -> int:
        """Samples a second."""

    def __iter__(self) -> Iterator[bytes]:
        """Whole samples."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A Sound that tells how much of it was read; what the watcher raises ends the reading."""

    sound: Sound
    heard: Callable[[int], None]
    """Is given the number of samples of each block, in every pass."""

    @property
    def sample_rate(self) -> int:
        """As that of the sound."""
        return self.sound.sample_rate

    def __iter__(self) -> Iterator[bytes]:
        """The blocks as they come."""
        for pcm in self.sound:
            self.heard(len(pcm) // 2)
            yield pcm


def from_pcm(pcm: bytes) -> Audio:
    """s16le as floats."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(audio: Audio) -> bytes:
    """s16le; what is beyond full scale is clipped."""
    scaled = np.rint(audio * np.float32(FULL_SCALE))
    return bytes(np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes())
