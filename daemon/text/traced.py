"""A text that was made from another, and where in that other each part of it stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from daemon.text.score import Said
from daemon.text.spoken.piece import Piece

_BLANKS: Final = re.compile(r"\s+")


class Run(NamedTuple):
    """`text[start:end]` stands for `source[origin:until]`: character for character where both are as long and not `other`."""

    start: int
    end: int
    origin: int
    until: int
    other: bool = False
    """It is said otherwise; that both are as long means nothing."""


class Traced:
    """A text and its runs, in order and none over another. What lies in no run was put in between, and has no source."""

    __slots__ = ("runs", "text")

    def __init__(self, text: str, runs: Sequence[Run]) -> None:
        self.text = text
        self.runs = runs

    @classmethod
    def whole(cls, text: str) -> Traced:
        """A text that is its own source."""
        return cls(text, [Run(0, len(text), 0, len(text))] if text else [])

    @classmethod
    def of_said(cls, words: Iterable[Said]) -> Traced:
        """Words of a marked text, one after the other."""
        runs, parts, at = list[Run](), list[str](), 0
        for said in words:
            if said.until > said.at:
                runs.append(Run(at, at + len(said.text), said.at, said.until))
            parts.append(said.text)
            at += len(said.text)
        return cls("".join(parts), runs)

    @classmethod
    def joined(cls, parts: Iterable[Traced]) -> Traced:
        """Parts of one text that follow each other, each with its places in the same source."""
        runs, texts, at = list[Run](), list[str](), 0
        for part in parts:
            if at:
                runs += (run._replace(start=run.start + at, end=run.end + at) for run in part.runs)
            else:
                runs += part.runs
            texts.append(part.text)
            at += len(part.text)
        return cls("".join(texts), runs)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source that `text[start:end]` stands for; empty, between its neighbours, when it has none."""
        runs = self.runs
        first = bisect_right(runs, start, key=_end)
        last = bisect_right(runs, end - 1, key=_start) - 1 if end > start else -1
        if first <= last:
            return _begins(runs[first], start), _ends(runs[last], end)
        if first < len(runs):
            return (place := _begins(runs[first], start)), place
        return (place := runs[-1].until if runs else 0), place

    def part(self, start: int, end: int) -> Traced:
        """`text[start:end]` with the same source; half of what was said otherwise may tell all of its source, or half."""
        if start == 0 and end == len(self.text):
            return self
        return Traced(self.text[start:end], list(self._within(start, end)))

    def stripped(self) -> Traced:
        """Without white space at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def then(self, later: Traced) -> Traced:
        """What was made of this text, with its places in this text's source."""
        runs: list[Run] = []
        for run in later.runs:
            if _same(run):
                runs += (
                    inner._replace(start=inner.start + run.start, end=inner.end + run.start)
                    for inner in self._within(run.origin, run.until)
                )
                continue
            origin, until = self.source(run.origin, run.until)
            if until > origin:
                runs.append(Run(run.start, run.end, origin, until, other=True))
        return Traced(later.text, runs)

    def said(self, pieces: Iterable[Piece]) -> Traced:
        """With these pieces of it said otherwise; they are in order, none over another."""
        return self.then(replaced(self.text, pieces))

    def collapsed(self) -> Traced:
        """With one blank for all white space between words, and none at its ends."""
        text = self.stripped()
        blanks = ((blank.start(), blank.end()) for blank in _BLANKS.finditer(text.text) if blank[0] != " ")
        pieces = [Piece(start, end, " ") for start, end in blanks]
        return text.said(pieces) if pieces else text

    def _within(self, start: int, end: int) -> Iterator[Run]:
        """What of the runs lies there, counted from `start`."""
        for at in range(bisect_right(self.runs, start, key=_end), len(self.runs)):
            run = self.runs[at]
            if run.start >= end:
                return
            low, high = max(run.start, start), min(run.end, end)
            yield Run(low - start, high - start, _begins(run, low), _ends(run, high), run.other or not _same(run))


def replaced(text: str, pieces: Iterable[Piece]) -> Traced:
    """The text with these pieces said otherwise; they are in order, none over another."""
    runs, parts, at, out = list[Run](), list[str](), 0, 0
    for piece in pieces:
        if piece.start > at:
            runs.append(Run(out, out + piece.start - at, at, piece.start))
            parts.append(text[at : piece.start])
            out += piece.start - at
        if piece.said and piece.end > piece.start:
            runs.append(Run(out, out + len(piece.said), piece.start, piece.end, other=True))
        parts.append(piece.said)
        out, at = out + len(piece.said), piece.end
    if at < len(text):
        runs.append(Run(out, out + len(text) - at, at, len(text)))
        parts.append(text[at:])
    return Traced("".join(parts), runs)


def _start(run: Run) -> int:
    return run.start


def _end(run: Run) -> int:
    return run.end


def _begins(run: Run, at: int) -> int:
    """Where the source of what follows `at`, inside the run or before it, begins."""
    if at <= run.start:
        return run.origin
    return run.origin + at - run.start if _same(run) else run.origin


def _ends(run: Run, at: int) -> int:
    """Where the source of what comes before `at`, inside the run or after it, ends."""
    if at >= run.end:
        return run.until
    return run.origin + at - run.start if _same(run) else run.until


def _same(run: Run) -> bool:
    """Whether it is its source, character for character."""
    return not run.other and run.end - run.start == run.until - run.origin
