"""How loud a recording is, and what the recorder did to it: loudness, clipped peaks, a shifted middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from voices.clips.frames import SILENCE_DB, Numbers, Samples, runs

Spectrum = npt.NDArray[np.complex128]

# BS.1770: blocks of 400 ms, four begun in that time; what is below -70 LUFS, then what is 10 LU below the rest, is a pause.
_BLOCK_S: Final = 0.4
_OVERLAP: Final = 4
_GATE_LUFS: Final = -70.0
_GATE_LU: Final = -10.0
_OFFSET_LUFS: Final = -0.691
# A clipped crest stays where it is for two samples at least, to a 2000th of its height or one and a half steps of 16 bits.
_FLAT: Final = 1 / 2000
_STEP: Final = 1.5 / 32768
# The height that nearly no sample reaches: what a codec or a resampler puts on top of a cut crest lies above it.
_TOP: Final = 0.9998
# Below this the highest samples are noise, which is flat by chance.
_LOUD: Final = 0.05


@dataclass(frozen=True, slots=True)
class Clipping:
    """What is left of peaks that were too high for the recorder."""

    crests: int
    """Cut off flat; natural speech has none or one."""
    share: float
    """Of all samples, that lie on them."""
    pressed: float
    """Samples near the top in relation to those below: 0.13 for speech, more than 0.6 for one reading of 350, and
    about 1 for what was clipped and then compressed, so that no crest is flat any more."""


def loudness(samples: Samples, rate: int) -> float:
    """LUFS of a mono recording by ITU-R BS.1770-4; SILENCE_DB where there is nothing to measure."""
    step = int(_BLOCK_S * rate) // _OVERLAP
    if not step or len(samples) < step * _OVERLAP:
        return SILENCE_DB
    weighted = np.fft.irfft(np.fft.rfft(samples) * _weights(len(samples), rate), len(samples))
    quarters = np.mean(weighted[: len(weighted) // step * step].reshape(-1, step) ** 2, axis=1)
    blocks: Numbers = np.convolve(quarters, np.full(_OVERLAP, 1 / _OVERLAP), "valid")
    loud = blocks[_lufs(blocks) > _GATE_LUFS]
    if not loud.size:
        return SILENCE_DB
    kept = loud[_lufs(loud) > float(_lufs(loud.mean())) + _GATE_LU]
    return float(_lufs(kept.mean()))


def _lufs(power: Numbers | np.floating) -> Numbers:
    lufs: Numbers = _OFFSET_LUFS + 10 * np.log10(np.maximum(power, 1e-30))
    return lufs


def _weights(count: int, rate: int) -> Numbers:
    """How much each frequency counts: a head in a room lifts what is high, the ear drops what is very low."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(count))
    response: Numbers = np.abs(_shelf(turn, rate) * _high_pass(turn, rate))
    return response


def _shelf(turn: Spectrum, rate: int) -> Spectrum:
    """+4 dB from 1.5 kHz on."""
    gain, angle = 10 ** (4 / 40), 2 * np.pi * 1500 / rate
    cosine, side = np.cos(angle), np.sqrt(gain) * np.sin(angle) * np.sqrt(2)
    up, down = gain + 1, gain - 1
    above = gain * (
        (up + down * cosine + side) - 2 * (down + up * cosine) * turn + (up + down * cosine - side) * turn**2
    )
    below = (up - down * cosine + side) + 2 * (down - up * cosine) * turn + (up - down * cosine - side) * turn**2
    shelf: Spectrum = above / below
    return shelf


def _high_pass(turn: Spectrum, rate: int) -> Spectrum:
    """Nothing below 38 Hz."""
    angle = 2 * np.pi * 38 / rate
    cosine, side = np.cos(angle), np.sin(angle)
    above = (1 + cosine) / 2 * (1 - turn) ** 2
    passed: Spectrum = above / ((1 + side) - 2 * cosine * turn + (1 - side) * turn**2)
    return passed


def clipped(samples: Samples) -> Clipping:
    """What is cut off flat at one height, above and below.

    The height need not be full scale: a clipped recording that was turned down later, or shifted, is as bad.
    """
    samples = samples - np.float32(samples.mean(dtype=np.float64))
    flat = [length for side in (samples, -samples) for length in _crests(side)]
    return Clipping(len(flat), sum(flat) / max(len(samples), 1), _pressed(samples))


def _crests(samples: Samples) -> list[int]:
    """How many samples each crest has at the ceiling, of those with two or more."""
    ceiling = float(samples.max(initial=0.0))
    if ceiling < _LOUD:
        return []
    high = runs(samples >= ceiling - max(_STEP, ceiling * _FLAT))
    lengths = high[:, 1] - high[:, 0]
    return [int(length) for length in lengths if length >= 2]


def _pressed(samples: Samples) -> float:
    heights = np.abs(samples)
    top = float(np.quantile(heights, _TOP)) if heights.size else 0.0
    if top < _LOUD:
        return 0.0
    high, middle = heights > 0.85 * top, heights > 0.55 * top
    return float(high.sum() / max(1, middle.sum() - high.sum()))
