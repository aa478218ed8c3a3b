"""Whether a take fits into the time of its caption, and what is done about one that does not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.pipelines.plan import Segment

Policy = Literal["natural", "stretch", "shorten"]
"""As it is spoken; faster, up to a limit; with shorter pauses, and then faster."""

# Faster speech than this is heard as hurried at once; up to twice is what players offer.
MAX_STRETCH: Final = 1.3
STRETCH_LIMIT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How a take goes onto the timeline."""

    speed: float
    """To be spoken at, times its own."""
    start_ms: int
    end_ms: int
    fits: bool
    """It is over before the next caption begins."""
    note: str = ""
    """What is to be told of it."""


def fit(
    seconds_spoken: float,
    slot_ms: tuple[int, int],
    next_start_ms: int | None,
    policy: Policy = "natural",
    max_stretch: float = MAX_STRETCH,
) -> Fit:
    """Fit a take, whose pauses are shortened already where they are to be, into its caption's time.

    It is stretched into its caption's own time, no further than the limit; what is over may be spoken in the gap behind it.

    Args:
        slot_ms: when the caption comes and goes.
        next_start_ms: when the next one comes; None for the last.
    """
    start, slot_end = slot_ms
    needed = seconds_spoken * 1000 / max(1, slot_end - start)
    speed = 1.0
    if policy != "natural" and needed > 1:
        speed = min(max_stretch, math.ceil(needed * 10_000) / 10_000)
    end = start + math.ceil(round(seconds_spoken * 1000 / speed, 6))
    return Fit(speed, start, end, *_told(end, slot_end, next_start_ms, speed))


def fits_as_it_is(seconds_spoken: float, slot_ms: tuple[int, int]) -> bool:
    """Whether nothing has to be done about a take."""
    return seconds_spoken * 1000 <= slot_ms[1] - slot_ms[0]


def fitted(segments: Sequence[Segment], seconds: Sequence[float], policy: Policy, max_stretch: float) -> list[Fit]:
    """Each segment's take, so long, in its time; the segments are in the order of their times, which all of them have."""
    places = [_place(segment) for segment in segments]
    following: list[int | None] = [*(start for start, _ in places[1:]), None]
    return [
        fit(spoken, place, after, policy, max_stretch)
        for spoken, place, after in zip(seconds, places, following[: len(places)], strict=True)
    ]


def reported(fits: Iterable[tuple[Segment, Fit]]) -> list[dict[str, object]]:
    """What the run tells of each caption that does not fit."""
    return [_report(segment, fit) for segment, fit in fits if not fit.fits]


def _place(segment: Segment) -> tuple[int, int]:
    if segment.start_ms is None or segment.end_ms is None:
        raise ValueError(f"segment {segment.id} has no place on a timeline")
    return segment.start_ms, segment.end_ms


def _told(end: int, slot_end: int, next_start: int | None, speed: float) -> tuple[bool, str]:
    """Whether it fits, and what is told of it."""
    faster = f", spoken {speed:g} times as fast" if speed > 1 else ""
    if end <= slot_end:
        return True, f"fits{faster}" if faster else ""
    over = f"ends {(end - slot_end) / 1000:.2f} s after its caption{faster}"
    if next_start is None or end <= next_start:
        return True, over
    return False, f"{over}, and runs {(end - max(next_start, slot_end)) / 1000:.2f} s into the next"


def _report(segment: Segment, fit: Fit) -> dict[str, object]:
    line = {"line": int(segment.extra["line"])} if "line" in segment.extra else {}
    return {
        "id": segment.id,
        **line,
        "text": segment.text,
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "spoken_until_ms": fit.end_ms,
        "speed": fit.speed,
        "note": fit.note,
    }
