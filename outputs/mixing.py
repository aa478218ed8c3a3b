"""Files that are heard at their places on a timeline, mixed as a stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from outputs.decoder import UnreadableAudio
from outputs.peaks import limited
from outputs.reading import heard
from outputs.sound import Audio, to_pcm

# A step of this size, -54 dB, is under the noise of a quiet room; a part that begins or ends above it would click.
_NEAR_ZERO: Final = 0.002
_FADE_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """Where a part is in the result, in samples."""

    begin: int
    end: int
    """The first sample after it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A file with all that is decided of it."""

    path: Path
    span: Span
    gain: float
    """Decibels."""
    fade_in: int
    """Samples of crossfade with what is before."""
    fade_out: int


@dataclass(frozen=True, slots=True)
class Mix:
    """A Sound of files at their places, silence between them. Only those that are heard at one time are in memory.

    The limiter acts where their sum is beyond full scale, and nowhere else: what is heard alone, at the mix's rate, without
    gain and with quiet ends, is there to the bit.
    """

    placed: Sequence[Placed]
    samples: int
    sample_rate: int

    def __iter__(self) -> Iterator[bytes]:
        """Blocks of a second. Raises UnreadableAudio when a file is not as long as its span, and OSError."""
        # Samples alone are looked at: what stands between those of a file was there before.
        return map(to_pcm, limited(self._mixed(), self.sample_rate, 1.0, np.abs))

    def _mixed(self) -> Iterator[Audio]:
        waiting = deque(sorted(self.placed, key=lambda placed: placed.span.begin))
        playing = list[_Playing]()
        try:
            for start in range(0, self.samples, self.sample_rate):
                block = np.zeros(min(self.sample_rate, self.samples - start), np.float32)
                while waiting and waiting[0].span.begin < start + len(block):
                    playing.append(_Playing(waiting.popleft(), self.sample_rate))
                for one in playing:
                    one.add_to(block, start)
                playing[:] = [one for one in playing if not one.ended]
                yield block
        finally:
            for one in playing:
                one.close()


class _Playing:
    """A part while it is heard."""

    def __init__(self, placed: Placed, sample_rate: int) -> None:
        self._placed, self._at = placed, placed.span.begin
        self._blocks = _shaped(placed, sample_rate)
        self._rest = np.zeros(0, np.float32)

    @property
    def ended(self) -> bool:
        """All of it was heard."""
        return self._at == self._placed.span.end

    def add_to(self, block: Audio, start: int) -> None:
        """What of it falls into this block, which begins at `start`."""
        while self._at < min(start + len(block), self._placed.span.end):
            if not len(self._rest):
                self._rest = next(self._blocks)
            into = block[self._at - start :]
            count = min(len(into), len(self._rest))
            into[:count] += self._rest[:count]
            self._rest = self._rest[count:]
            self._at += count
        if self.ended:
            self._blocks.close()

    def close(self) -> None:
        """Let go of the file."""
        self._blocks.close()


def _shaped(placed: Placed, sample_rate: int) -> Generator[Audio, None, None]:
    """The part with its gain and fades, exactly as long as its span."""
    path, count = placed.path, placed.span.end - placed.span.begin
    edge = min(round(_FADE_S * sample_rate), count // 2)
    gain = np.float32(10 ** (placed.gain / 20))
    at, fade_in = 0, placed.fade_in
    try:
        with closing(heard(path, sample_rate)) as blocks:
            for block in _held(blocks, edge):
                if at + len(block) > count:
                    break
                if not at:
                    fade_in = fade_in or edge * int(abs(block[0]) > _NEAR_ZERO)
                ends = at + len(block) == count
                fade_out = placed.fade_out or edge * int(ends and abs(block[-1]) > _NEAR_ZERO)
                yield _faded(block * gain, at, count, fade_in, fade_out)
                at += len(block)
    except UnreadableAudio as error:
        raise UnreadableAudio(f"{path.name}: {error}") from error
    raise UnreadableAudio(f"{path.name} is not {count} samples long, as it says of itself")


def _held(blocks: Iterable[Audio], edge: int) -> Iterator[Audio]:
    """The same samples, none empty; the last `edge` of them come together, for the end decides how they fade."""
    waiting = np.zeros(0, np.float32)
    for block in blocks:
        joined = np.concatenate([waiting, block])
        ready = max(0, len(joined) - edge)
        waiting = joined[ready:]
        if ready:
            yield joined[:ready]
    if len(waiting):
        yield waiting


def _faded(block: Audio, at: int, count: int, fade_in: int, fade_out: int) -> Audio:
    """A block that begins at sample `at` of `count`: quarters of a sine at both ends, whose squares add up to one."""
    if at >= fade_in and at + len(block) <= count - fade_out:
        return block
    position = np.arange(at, at + len(block)) + 0.5
    rising = np.minimum(1.0, position / max(fade_in, 0.5))
    falling = np.minimum(1.0, (count - position) / max(fade_out, 0.5))
    curve: Audio = (np.sin(rising * np.pi / 2) * np.sin(falling * np.pi / 2)).astype(np.float32)
    return block * curve
