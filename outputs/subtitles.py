"""SRT and VTT, as every player reads them; times are written to the millisecond."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol

# SRT knows no escapes: what a player would take for a tag or an override gets a look-alike or a blank.
_TAG: Final = re.compile(r"<(?=[A-Za-z/])")
_DASHES: Final = re.compile(r"-{2,}$")
_ENTITY: Final = re.compile(r"&(?=#?\w{1,32};)")
_OVERRIDE: Final = re.compile(r"\{(?=\\|[A-Za-z]:)")


class Shown(Protocol):
    """What stands on the screen from one time to another."""

    @property
    def start_ms(self) -> int:
        """When it comes."""

    @property
    def end_ms(self) -> int:
        """When it goes."""

    @property
    def lines(self) -> Sequence[str]:
        """What is read."""

    @property
    def speaker(self) -> str:
        """Who says it, or ""."""


def srt(cues: Iterable[Shown]) -> str:
    """The whole of an SRT file, to be written as UTF-8."""
    return "".join(srt_pieces(cues))


def vtt(cues: Iterable[Shown]) -> str:
    """The whole of a VTT file, to be written as UTF-8."""
    return "".join(vtt_pieces(cues))


def srt_pieces(cues: Iterable[Shown]) -> Iterator[str]:
    """The same, cue by cue."""
    number = 0
    for cue in cues:
        if lines := _lines(cue, _srt_line):
            number += 1
            yield f"{number}\n{time(cue.start_ms, ',')} --> {time(cue.end_ms, ',')}\n{lines}\n\n"


def vtt_pieces(cues: Iterable[Shown]) -> Iterator[str]:
    """The same, cue by cue; a speaker is a voice, `<v Anna>`."""
    yield "WEBVTT\n\n"
    number = 0
    for cue in cues:
        if lines := _lines(cue, _vtt_line):
            number += 1
            yield f"{number}\n{time(cue.start_ms, '.')} --> {time(cue.end_ms, '.')}\n{_voice(cue.speaker)}{lines}\n\n"


def time(ms: int, point: str) -> str:
    """Hours, minutes, seconds and milliseconds; hours may have more than two digits. ValueError below zero."""
    if ms < 0:
        raise ValueError(f"a subtitle cannot be {-ms} ms before the beginning")
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _lines(cue: Shown, written: Callable[[str], str]) -> str:
    """The lines of a cue; none is empty, for an empty one would end it."""
    lines = [" ".join(line.split()) for shown in cue.lines for line in shown.splitlines()]
    return "\n".join(written(line) for line in lines if line)


def _voice(name: str) -> str:
    """A speaker's tag; a name that ends in dashes would make an arrow with it."""
    name = _DASHES.sub("-", _vtt_line(" ".join(name.split())))
    return f"<v {name}>" if name else ""


def _srt_line(line: str) -> str:
    line = _TAG.sub("‹", _ENTITY.sub("&amp;", line.replace("-->", "→")))
    return _OVERRIDE.sub("{ ", line)


def _vtt_line(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
