"""A text of lines: each is said by itself, and blank lines part paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.pipelines.plan import Segment
from daemon.text.books.stretches import speakable, stretches

_ENDS: re.Pattern[str] = re.compile(r"\r\n|[\r\n\u2028\u2029]")
_SENTENCE: re.Pattern[str] = re.compile(r"""[.!?…。！？]["'”’“»)\]}」』】》）]*$""")


@dataclass(frozen=True, slots=True)
class Line:
    """One that is said."""

    number: int
    """In the file, from 1."""
    text: str
    paragraph: bool
    """It begins one."""

    @property
    def name(self) -> str:
        """Of the file that it may become, without ending."""
        return f"{self.number:04}"


@dataclass(frozen=True, slots=True)
class Pauses:
    """Silences, in milliseconds."""

    sentence: int
    """Where a long line is cut."""
    line: int
    paragraph: int


def lines(text: str) -> tuple[list[Line], list[str]]:
    """Those that hold a word, and what is to be said of the others."""
    found, warnings, parted = list[Line](), list[str](), True
    for number, raw in enumerate(_ENDS.split(text), 1):
        said = raw.strip()
        if not said:
            parted = True
        elif speakable(said):
            found.append(Line(number, said, parted))
            parted = False
        else:
            warnings.append(f"line {number}, {said[:40]!r}, holds no word and is left out")
    return found, warnings


def segments(said: list[Line], budget: int, pauses: Pauses) -> Iterator[Segment]:
    """A segment a line; one that is heavier than the budget is cut at its sentences. Behind the last is no silence."""
    pieces = [(line, *piece) for line in said for piece in _pieces(line, budget)]
    digits = max(4, len(str(len(pieces))))
    for at, (line, text, first) in enumerate(pieces):
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        yield Segment(
            id=f"{at + 1:0{digits}}", text=text, name=line.name, paragraph=first and line.paragraph,
            pause_ms=0 if following is None else _pause(line, text, following[0], pauses), line=line.number,
        )  # fmt: skip


def _pieces(line: Line, budget: int) -> Iterator[tuple[str, bool]]:
    """Its stretches, and which is the first."""
    for number, text in enumerate(text for text in stretches(line.text, budget) if speakable(text)):
        yield text, number == 0


def _pause(line: Line, text: str, following: Line, pauses: Pauses) -> int:
    if following is line:  # within a sentence, where even that is too long, is none
        return pauses.sentence if _SENTENCE.search(text) else 0
    return pauses.paragraph if following.paragraph else pauses.line
