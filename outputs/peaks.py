"""Peaks between the samples (true peaks, ITU-R BS.1770-4, annex 2), and a limiter that looks ahead for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from outputs.sound import Audio

Gain = npt.NDArray[np.float64]
Peaks = Callable[[Audio], Audio]
"""[n] to [n]: how far the signal gets around each sample."""

# Twelve taps a phase and four phases, as the annex has it; the first phase is the sample itself.
_TAPS: Final = 12
_PHASES: Final = 4
# How far a peak between samples is seen from: what the filter reads on either side.
REACH: Final = _TAPS // 2
# How long before a peak the gain starts to fall, and after it to rise: two periods of a deep voice.
_TURN_S: Final = 0.02


def _filter() -> Audio:
    """[phases - 1, taps]: a sinc under Kaiser's window, each phase of gain 1."""
    at = np.arange(1, _PHASES)[:, None] / _PHASES + REACH - 1 - np.arange(_TAPS)[None, :]
    inside = np.sqrt(np.maximum(0.0, 1 - (at / REACH) ** 2))
    taps = np.sinc(at) * np.i0(6.0 * inside)
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)


_FILTER: Final = _filter()
# No signal gets further between its samples than this times its largest sample, by this filter.
_MOST: Final = float(np.abs(_FILTER).sum(axis=1).max())


def between(audio: Audio) -> Audio:
    """[n]: the largest of each sample and the three points after it; what is beyond the ends counts as silence."""
    peaks = np.abs(audio)
    padded = np.pad(audio, (REACH - 1, REACH))
    count = len(audio)
    for taps in _FILTER:
        point = padded[:count] * taps[0]
        for at in range(1, _TAPS):
            point += padded[at : at + count] * taps[at]
        np.maximum(peaks, np.abs(point), out=peaks)
    return peaks


def highest(audio: Audio, level: float, peaks: Peaks = between, aside: int = 0) -> float:
    """The highest peak but for `aside` at either end, or the level where none is above it.

    Most blocks are told without the filter. A sound that is cut off has peaks of its own at the cut: REACH of them aside.
    """
    if float(np.abs(audio).max(initial=0.0)) * _MOST <= level:
        return level
    return float(peaks(audio)[aside : len(audio) - aside].max(initial=level))


def limited(blocks: Iterable[Audio], sample_rate: int, ceiling: float, peaks: Peaks = between) -> Iterator[Audio]:
    """Turned down around the peaks above the ceiling, and bit for bit the same elsewhere.

    The cut does not matter, but every block except the last one has to be a tenth of a second or more.
    """
    turn, none = round(_TURN_S * sample_rate), np.zeros(0, np.float32)
    look = 2 * turn + 2 * REACH
    before = now = none
    was_hot = is_hot = False
    for after in chain(blocks, [none]):
        hot = highest(np.concatenate([now[-2 * REACH :], after]), ceiling, peaks) > ceiling  # where two meet, too
        if was_hot or is_hot or hot:
            around = np.concatenate([before[-look:], now, after[:look]])
            start = len(before[-look:])
            yield (around * _gain(peaks(around), turn, ceiling))[start : start + len(now)].astype(np.float32)
        elif len(now):
            yield now
        before, now, was_hot, is_hot = now, after, is_hot, hot


def _gain(peaks: Audio, turn: int, ceiling: float) -> Gain:
    """[n]: at every peak low enough for it, smooth without a corner, and 1 where no peak is near."""
    needed = ceiling / np.maximum(peaks.astype(np.float64), ceiling)
    lowest = _sliding_min(np.pad(needed, 2 * turn, constant_values=1.0), 2 * turn + 1)
    return _sliding_mean(_sliding_mean(lowest, turn + 1), turn + 1)


def _sliding_min(values: Gain, width: int) -> Gain:
    """The least of every `width` neighbours: len - width + 1 values, in log2(width) passes."""
    done = 1
    while done < width:
        step = min(done, width - done)
        values = np.minimum(values[:-step], values[step:])
        done += step
    return values


def _sliding_mean(values: Gain, width: int) -> Gain:
    sums = np.cumsum(np.concatenate(([0.0], values)))
    means: Gain = (sums[width:] - sums[:-width]) / width
    return means
