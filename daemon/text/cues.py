"""Cues for the screen out of sentences and the times in which they are said.

A cue begins when its first word is said. It ends when its last one has been said, or stands a little longer where nobody speaks
and it would be gone before it was read. No cue begins before the one above has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from daemon.text.wordtimes import Word, words
from daemon.text.wrapping import Bit, bits, cost, joined, width, wrapped

# Chinese, Japanese and Korean are read in shorter lines: 20 characters of two columns.
WIDE_COLUMNS: Final = 40
# A cue that goes for less than this before the next one of its sentence would only flicker.
_FLICKER_MS: Final = 300
# What a cue costs that is off before it is read; a break inside a clause costs 0.3.
_SHORT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Shape:
    """What a cue may be like."""

    columns: int = 42
    """In a line; a full-width character has two."""
    lines: Literal[1, 2] = 2
    min_ms: int = 1000
    """A shorter cue stands longer, where there is room."""
    max_ms: int = 7000
    per_second: float = 20.0
    """Columns that are read in a second: a cue with more stands longer, where there is room."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A sentence and when it is said."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str = ""
    heard: tuple[Word, ...] = ()
    """What a recogniser heard, with times on the same clock."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen from one time to another."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""
    words: tuple[Word, ...] = ()
    heard_ms: int = 0
    """When its last word has been said; the cue may stand longer."""

    @property
    def estimated(self) -> bool:
        """Whether the time of any word is estimated."""
        return any(word.estimated for word in self.words)


_SHAPE: Final = Shape()


def cues(sentences: Iterable[Timed], shape: Shape = _SHAPE) -> list[Cue]:
    """Sentences, in any order, as cues in the order of their times; no word is lost."""
    found: list[Cue] = []
    for sentence in sorted(sentences, key=lambda sentence: sentence.start_ms):
        pieces = bits(sentence.text, columns := _columns(sentence.text, shape))
        if pieces:
            end = max(sentence.end_ms, sentence.start_ms)
            said = words(pieces, sentence.start_ms, end, sentence.heard)
            found += _cut(sentence, pieces, said, replace(shape, columns=columns))
    found.sort(key=lambda cue: cue.start_ms)
    return _held(_apart(found, shape), shape)


def _columns(text: str, shape: Shape) -> int:
    letters = "".join(text.split())
    return min(shape.columns, WIDE_COLUMNS) if width(letters) > 1.5 * len(letters) else shape.columns


def _cut(sentence: Timed, pieces: Sequence[Bit], said: Sequence[Word], shape: Shape) -> list[Cue]:
    """One sentence as cues, which follow each other."""
    edges = _edges(pieces, said, shape)
    found: list[Cue] = []
    for start, end in pairwise(edges):
        lines = wrapped(pieces[start:end], shape.columns) or (joined(pieces[start:end]),)
        begins = sentence.start_ms if start == 0 else said[start].start_ms
        heard = max(sentence.start_ms, sentence.end_ms) if end == len(pieces) else said[end - 1].end_ms
        until = heard
        if end < len(pieces) and said[end].start_ms - heard < _FLICKER_MS:
            until = said[end].start_ms
        until = min(until, begins + shape.max_ms)
        found.append(Cue(begins, until, lines, sentence.speaker, tuple(said[start:end]), heard))
    return found


def _edges(pieces: Sequence[Bit], said: Sequence[Word], shape: Shape) -> list[int]:
    """Where cues begin, and the end: as few as there can be, about as long as each other, broken where a clause ends."""
    count, full = len(pieces), shape.columns * shape.lines
    until = _line_ends(pieces, shape.columns)
    sizes = [0]
    for piece in pieces:
        sizes.append(sizes[-1] + width(piece.text) + piece.blank)
    best, before = [0.0] + [float("inf")] * count, [0] * (count + 1)
    breaks = [cost(piece.text) for piece in pieces]
    breaks[-1] = 0.0
    for start in range(count):
        reach = until[start] if shape.lines == 1 else until[until[start]]
        for end in range(start + 1, reach + 1):
            lasts = said[end - 1].end_ms - said[start].start_ms
            if lasts > shape.max_ms and end > start + 1:
                break
            short = _SHORT if lasts < shape.min_ms else 0.0
            total = best[start] + 1 + ((sizes[end] - sizes[start]) / full) ** 2 + short + breaks[end - 1]
            if total < best[end]:
                best[end], before[end] = total, start
    edges = [count]
    while edges[-1]:
        edges.append(before[edges[-1]])
    return edges[::-1]


def _line_ends(pieces: Sequence[Bit], columns: int) -> list[int]:
    """For each bit, and the end: where a line that begins with it is full."""
    sizes = [width(piece.text) for piece in pieces]
    ends, end, taken = [len(pieces)] * (len(pieces) + 1), 0, 0
    for start in range(len(pieces)):
        if end <= start:
            end, taken = start + 1, sizes[start]
        while end < len(pieces) and taken + sizes[end] + pieces[end].blank <= columns:
            taken += sizes[end] + pieces[end].blank
            end += 1
        ends[start] = end
        taken -= sizes[start] + (pieces[start + 1].blank if start + 1 < len(pieces) else 0)
    return ends


def _apart(found: Sequence[Cue], shape: Shape) -> list[Cue]:
    """None over another: who is interrupted goes, and of two who begin together the second waits."""
    apart: list[Cue] = []
    for cue in found:
        if apart and cue.start_ms < apart[-1].end_ms:
            above = apart[-1]
            start = cue.start_ms
            if start - above.start_ms < shape.min_ms // 2:
                middle = (above.start_ms + max(cue.end_ms, above.end_ms)) // 2
                start = max(above.start_ms + 1, min(above.end_ms, above.start_ms + shape.min_ms, middle))
            apart[-1] = replace(above, end_ms=start)
            cue = replace(cue, start_ms=start)
        apart.append(replace(cue, end_ms=max(cue.end_ms, cue.start_ms + 1)))
    return apart


def _held(found: Sequence[Cue], shape: Shape) -> list[Cue]:
    """Each as long as it takes to read it, or until the next."""
    held: list[Cue] = []
    for at, cue in enumerate(found):
        reading = round(1000 * sum(map(width, cue.lines)) / shape.per_second)
        wanted = cue.start_ms + min(max(shape.min_ms, reading), shape.max_ms)
        room = found[at + 1].start_ms if at + 1 < len(found) else wanted
        held.append(replace(cue, end_ms=max(cue.end_ms, min(wanted, room))))
    return held
