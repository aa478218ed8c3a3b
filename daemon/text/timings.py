"""Timing lines of SRT and VTT: `00:01:02,500 --> 00:01:04,000`."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

_STAMP: Final = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
# Behind the times stand the settings of VTT, `align:start`, or the places of SRT, `X1:100`.
_TIMING: Final = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}(?:\s+[A-Za-z][\w-]*:\S+)*\s*")
_CLOCK: Final = re.compile(r"\d\s*[:.,;]\s*\d")
_CLOCKS: Final = re.compile(r"\d+\s*[:;.,]\s*\d+\s*[:;.,]\s*\d+")
# Nothing but times, arrows of any make and the slips of a scanner that reads a zero as a letter.
_NEARLY: Final = re.compile(r"[\s\d:;.,=<>→⇒–—\-oOlI]+")
_ARROWS: Final = re.compile(r"[-=–—]+\s*>|[→⇒]|-\s+-\s*>")
_BELOW_ZERO: Final = re.compile(r"(?:^|>)\s*-\s*\d")
# No line of times is longer, however badly it is written.
_LONGEST: Final = 100
_SHOWN: Final = 60


class Times(NamedTuple):
    """When something is on."""

    start_ms: int
    end_ms: int


def wants_to_be(line: str, *, expected: bool) -> bool:
    """Whether a line is a timing line or was meant to be one; `expected`: where one may stand."""
    if "-->" in line:
        return bool(_CLOCK.search(line)) or (expected and line.strip() == "-->")
    if len(line) > _LONGEST or not _NEARLY.fullmatch(line) or not (count := len(_CLOCKS.findall(line))):
        return False
    return (count > 1) + expected + bool(_ARROWS.search(line)) >= 2


def times(line: str) -> Times:
    """The times of a timing line. ValueError says what is wrong with it."""
    match = _TIMING.fullmatch(line)
    if match is None:
        raise ValueError(_wrong(line))
    fields = match.groups()
    start, end = _milliseconds(fields[:4], line), _milliseconds(fields[4:], line)
    if end < start:
        raise ValueError(f"ends at {shown(end)}, before it begins at {shown(start)}: {_cited(line)}")
    if end == start:
        raise ValueError(f"ends when it begins, at {shown(start)}: {_cited(line)}")
    return Times(start, end)


def shown(ms: int, kind: Literal["srt", "vtt"] = "vtt") -> str:
    """A time as SRT and VTT write it; a point stands before the milliseconds in VTT, a comma in SRT."""
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{',' if kind == 'srt' else '.'}{ms:03}"


def _milliseconds(fields: tuple[str | None, ...], line: str) -> int:
    hours, minutes, seconds = (int(part or 0) for part in fields[:3])
    if minutes > 59 or seconds > 59:
        raise ValueError(f"{'minutes' if minutes > 59 else 'seconds'} go up to 59: {_cited(line)}")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((fields[3] or "").ljust(3, "0"))


def _wrong(line: str) -> str:
    """What is wrong with a line that is no timing line."""
    if _BELOW_ZERO.search(line):
        why = "no time is below zero"
    elif "-->" not in line:
        why = "the arrow between the times is written -->"
    elif not all(_CLOCK.search(side) for side in line.split("-->")):
        why = "a time is missing"
    else:
        why = "no times as in 00:01:02,500 --> 00:01:04,000"
    return f"{why}: {_cited(line)}"


def _cited(line: str) -> str:
    cited = " ".join(line.split())
    return repr(cited if len(cited) <= _SHOWN else f"{cited[:_SHOWN]}…")
