"""How many frames are decoded at once: one where a listener waits, more for whoever has heard ahead."""

from __future__ import annotations

from typing import Final

FRAME_S: Final = 0.08
# What chunks may grow to. Past this the codec gains nothing, and a listener would wait for it.
_LARGEST: Final = 8
# A listener who has run dry is not helped by small chunks, which cost more: what is behind catches up with these.
_BEHIND: Final = 4
# What may go wrong on the way without a gap: one slow step, one decode.
_MARGIN_S: Final = 0.1


class Pace:
    """One listener's playback, taken to have begun when the first samples were made. Times are of one monotonic clock."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._sent_s = 0.0

    def sent(self, frames: int, now: float) -> None:
        """Frames were handed over."""
        if self._began is None:
            self._began = now
        self._sent_s += frames * FRAME_S

    def due(self, waiting: int, now: float, step_s: float) -> bool:
        """Whether the frames that wait should be decoded now, where a step takes `step_s`."""
        if self._began is None:
            return waiting > 0
        return waiting >= self._chunk(now, max(step_s, 1e-4))

    def _chunk(self, now: float, step_s: float) -> int:
        assert self._began is not None
        lead = self._sent_s - (now - self._began)
        if lead <= 0:
            return _BEHIND
        affordable = (lead - _MARGIN_S) / step_s
        chunk = 1
        while chunk < _LARGEST and 2 * chunk <= affordable:
            chunk *= 2
        return chunk
