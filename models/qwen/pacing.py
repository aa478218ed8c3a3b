"""How many frames are decoded at once: one where a listener waits, more for whoever has heard ahead."""

from __future__ import annotations

from typing import Final

FRAME_S: Final = 0.08
# Chunks double up to this; past it the codec gains nothing, and a listener would wait for it.
SIZES: Final = (1, 2, 4, 8)
# A listener who has run dry is not helped by the smallest chunks, which cost the most a frame.
_BEHIND: Final = 4
# What may go wrong on the way without a gap, where a larger chunk is chosen freely: a slow step.
_MARGIN_S: Final = 0.06


class Costs:
    """What a step and a decode take on this machine, in seconds, smoothed over the last ones."""

    def __init__(self) -> None:
        self._step_s = 0.0
        self._decode_s: dict[int, float] = {}

    def stepped(self, took: float) -> None:
        """A frame was made."""
        self._step_s = _smooth(self._step_s, took)

    def decoded(self, frames: int, took: float) -> None:
        """So many frames of a listener, or of several together, became samples."""
        self._decode_s[frames] = _smooth(self._decode_s.get(frames, 0.0), took)

    def chunk_s(self, frames: int) -> float:
        """What it takes to make so many frames and decode them at once."""
        return frames * self._step_s + self._decode(frames)

    def _decode(self, frames: int) -> float:
        """As last seen, else on the line between its neighbours; in proportion where there is only one."""
        known = sorted(self._decode_s)
        below = max((size for size in known if size <= frames), default=None)
        above = min((size for size in known if size >= frames), default=None)
        if below is None or above is None:
            nearest = below or above
            return 0.0 if nearest is None else self._decode_s[nearest] * max(1.0, frames / nearest)
        low, high = self._decode_s[below], self._decode_s[above]
        return low if above == below else low + (high - low) * (frames - below) / (above - below)


class Pace:
    """One listener's playback, taken to have begun when the first samples were made. Times are of one monotonic clock.

    Args:
        live: somebody listens while it is made. Nobody does where a file is made: that takes the largest chunks.
    """

    def __init__(self, live: bool = True) -> None:
        self._live = live
        self._began: float | None = None
        self._sent_s = 0.0

    def sent(self, frames: int, now: float) -> None:
        """Frames were handed over."""
        if self._began is None:
            self._began = now
        self._sent_s += frames * FRAME_S

    def due(self, waiting: int, now: float, costs: Costs) -> bool:
        """Whether the frames that wait should be decoded now."""
        if self._began is None:
            return waiting > 0
        return waiting >= (self._chunk(now - self._began, costs) if self._live else SIZES[-1])

    def _chunk(self, played_s: float, costs: Costs) -> int:
        """The largest chunk that comes in time, and none that is so small that the machine falls behind with it."""
        lead = self._sent_s - played_s
        least = next((size for size in SIZES if costs.chunk_s(size) <= size * FRAME_S), SIZES[-1])
        if lead <= 0:
            return max(least, _BEHIND)
        return max([least, *(size for size in SIZES if costs.chunk_s(size) + _MARGIN_S <= lead)])


def _smooth(before: float, now: float) -> float:
    return 0.8 * before + 0.2 * now if before else now
