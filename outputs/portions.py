"""A recording of any length in portions that can be looked at one by one, cut where it is quietest."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from outputs.reading import heard
from outputs.sound import Audio

# Levels are looked at in steps of 10 ms; a cut wants a pause of 0.4 s, of which it takes the middle.
_STEPS: Final = 100
_PAUSE_STEPS: Final = 40
# Below -70 dB of full scale all is silence, and what is no more than 3 dB louder than the quietest is as good.
_SILENCE: Final = _PAUSE_STEPS * 1e-7
_ALIKE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Portion:
    """A stretch of a recording."""

    begin: int
    """Its first sample, counted in the recording."""
    samples: Audio
    """[n] mono, n is 1 at least."""


def portions(path: Path, sample_rate: int, *, least_s: float, most_s: float) -> Generator[Portion, None, None]:
    """All of a file at this rate, in order and without gaps; none but the last shorter than `least_s`, none longer than `most_s`.

    No more of it than `most_s` is in memory. Raises UnreadableAudio and OSError.
    """
    least, most = round(least_s * sample_rate), round(most_s * sample_rate)
    begin, held = 0, np.zeros(0, np.float32)
    with closing(heard(path, sample_rate)) as blocks:
        for block in _gathered(blocks, sample_rate):
            held = np.concatenate([held, block])
            while len(held) > most:
                cut = least + _quietest(held[least:most], sample_rate)
                yield Portion(begin, held[:cut])
                begin, held = begin + cut, held[cut:]
    if len(held):
        yield Portion(begin, held)


def _gathered(blocks: Iterator[Audio], size: int) -> Iterator[Audio]:
    """Blocks of a second or more: a decoder gives fifty or a hundred in one."""
    waiting, count = list[Audio](), 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if count >= size:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if count:
        yield np.concatenate(waiting)


def _quietest(samples: Audio, sample_rate: int) -> int:
    """The middle of the quietest 0.4 s, of the longest run of them where it is silent; 1 at least."""
    step = max(1, sample_rate // _STEPS)
    count = len(samples) // step
    if count <= _PAUSE_STEPS:
        return max(1, len(samples))
    powers = (samples[: count * step].astype(np.float64).reshape(count, step) ** 2).mean(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    smooth = np.maximum(sums[_PAUSE_STEPS:] - sums[:-_PAUSE_STEPS], _SILENCE)
    quiet = np.concatenate([[False], smooth <= smooth.min() * _ALIKE, [False]])
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    longest = int(np.argmax(edges[1::2] - edges[::2]))
    first, last = int(edges[2 * longest]), int(edges[2 * longest + 1]) + _PAUSE_STEPS - 1
    return max(1, (first + last) // 2 * step)
