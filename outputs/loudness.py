"""How loud a stream is, by EBU R128 (ITU-R BS.1770-4): measured in one pass, brought to a target in a second."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from outputs.blocks import Blocks
from outputs.peaks import REACH, highest, limited
from outputs.sound import Audio, Sound, from_pcm, to_pcm
from outputs.weighting import Weighting

Powers = npt.NDArray[np.float64]

# What the house's voices are at (models say so too); streaming services and phones use -14 to -19.
TARGET_LUFS: Final = -18.0
# What EBU R128 and every shop of audio books allow; a lossy codec adds some tenths to it.
CEILING_DBTP: Final = -1.0
# A recording this much too quiet is noise, and would be nothing but loud noise.
MAX_GAIN_DB: Final = 30.0
# The gates of BS.1770-4, and the constant that makes a full-scale tone of 997 Hz -3.01.
_SILENT_LUFS: Final = -70.0
_GATE_LU: Final = -10.0
_OFFSET_DB: Final = -0.691
# Windows of 400 ms begin every 100 ms.
_STEP_S: Final = 0.1
_STEPS: Final = 4
# Steps that are filtered in one go: large enough that Python's share in the work is small.
_STEPS_A_BLOCK: Final = 10


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured."""

    lufs: float
    """Integrated; -inf when there is nothing but silence."""
    true_peak: float
    """dBTP; -inf when every sample is 0."""
    samples: int


class Meter:
    """Listens to a stream of s16le mono in any cut; keeps one number for every 100 ms."""

    def __init__(self, sample_rate: int) -> None:
        self._step = round(_STEP_S * sample_rate)
        self._blocks = Blocks(self._step * _STEPS_A_BLOCK)
        self._weighting = Weighting(sample_rate)
        self._powers = list[Powers]()
        self._rest = np.zeros(0)
        self._peak, self._last = 0.0, np.zeros(2 * REACH, np.float32)
        self._samples = 0

    def add(self, pcm: bytes) -> None:
        """Whole samples or not."""
        for block in self._blocks.add(pcm):
            self._measure(block)

    def finish(self) -> Loudness:
        """All of it; once."""
        if rest := self._blocks.rest():
            self._measure(rest)
        self._listen(np.zeros(2 * REACH, np.float32))
        return Loudness(self._integrated(), _decibels(self._peak), self._samples)

    def _measure(self, pcm: bytes) -> None:
        audio = from_pcm(pcm)
        self._samples += len(audio)
        self._listen(audio)
        weighted = self._weighting.run(audio)
        whole = len(weighted) // self._step * self._step
        self._powers.append(np.mean(weighted[:whole].reshape(-1, self._step) ** 2, axis=1))
        self._rest = weighted[whole:]

    def _listen(self, audio: Audio) -> None:
        """For peaks, also where two blocks meet."""
        around = np.concatenate([self._last, audio])
        self._peak, self._last = highest(around, self._peak, aside=REACH), around[-2 * REACH :]

    def _integrated(self) -> float:
        steps = np.concatenate(self._powers or [np.zeros(0)])
        if len(steps) < _STEPS:  # shorter than a window: all of it is one
            whole = float(steps.sum() * self._step + (self._rest**2).sum())
            return _lufs(whole / self._samples) if self._samples else -math.inf
        sums = np.cumsum(np.concatenate(([0.0], steps)))
        windows = (sums[_STEPS:] - sums[:-_STEPS]) / _STEPS
        return integrated(windows)


def integrated(windows: Powers) -> float:
    """LUFS of the mean squares of all windows of 400 ms: what is silence is left out, then what is far below the rest."""
    heard = windows[windows > _power(_SILENT_LUFS)]
    if not len(heard):
        return -math.inf
    return _lufs(float(heard[heard > _power(_lufs(float(heard.mean())) + _GATE_LU)].mean()))


def measured(sound: Sound) -> Loudness:
    """The loudness of all of it, in one pass."""
    meter = Meter(sound.sample_rate)
    for pcm in sound:
        meter.add(pcm)
    return meter.finish()


@dataclass(frozen=True, slots=True)
class Normalised:
    """A Sound at another level: one gain throughout, and less only around peaks that would pass the ceiling."""

    sound: Sound
    before: Loudness
    gain: float
    """Decibels."""
    ceiling: float = CEILING_DBTP

    @property
    def sample_rate(self) -> int:
        """As that of the sound."""
        return self.sound.sample_rate

    def __iter__(self) -> Iterator[bytes]:
        """As many samples as the sound has."""
        louder = self._louder()
        if self.before.true_peak + self.gain > self.ceiling:
            louder = limited(louder, self.sample_rate, 10 ** (self.ceiling / 20))
        return map(to_pcm, louder)

    def _louder(self) -> Iterator[Audio]:
        factor, blocks = np.float32(10 ** (self.gain / 20)), Blocks(self.sample_rate)
        for pcm in self.sound:
            for block in blocks.add(pcm):
                yield from_pcm(block) * factor
        if rest := blocks.rest():
            yield from_pcm(rest) * factor


def normalised(sound: Sound, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP) -> Normalised:
    """Reads all of the sound to measure it; reading the result reads it once more. Silence stays as it is."""
    if ceiling_dbtp > 0:
        raise ValueError(f"a ceiling of {ceiling_dbtp} dBTP is above full scale; 0 or less is wanted")
    before = measured(sound)
    gain = min(target_lufs - before.lufs, MAX_GAIN_DB) if math.isfinite(before.lufs) else 0.0
    return Normalised(sound, before, gain, ceiling_dbtp)


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10 * math.log10(power) if power > 0 else -math.inf


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


def _decibels(peak: float) -> float:
    return 20 * math.log10(peak) if peak > 0 else -math.inf
