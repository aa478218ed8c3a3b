"""Rules that read a text: a pattern, and what is said for what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.text.spoken.piece import Piece

# How far around a trigger rules look: a date with its weekday before it, a price with its "million" after it.
_AROUND: Final = 24
_SPACE: Final = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that is written otherwise than it is said."""

    name: str
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]
    """What is said for a match, whose `string` is the whole text; None leaves it to later rules."""


def applied(
    rules: Iterable[Rule], text: str, taken: Sequence[Piece] = (), trigger: re.Pattern[str] | None = None
) -> list[Piece]:
    """What the rules say, in order of the text. Earlier rules come first, and none touches what is `taken`.

    With a `trigger`, rules look only at the words around what it finds; long prose with few numbers is read fast then.
    A window ends as a text ends: a rule that asks for the very end of the text compares `match.end()` with its length.
    """
    pieces = list(taken)
    free = bytearray(b"\1") * len(text)
    for piece in pieces:
        free[piece.start : piece.end] = bytes(piece.end - piece.start)
    windows = [(0, len(text))] if trigger is None else list(_windows(text, trigger))
    for rule in rules:
        for match in (found for window in windows for found in rule.pattern.finditer(text, *window)):
            start, end = match.span()
            if start == end or free.find(b"\0", start, end) >= 0:
                continue
            said = rule.say(match)
            if said is not None:
                pieces.append(Piece(start, end, said))
                free[start:end] = bytes(end - start)
    return sorted((piece for piece in pieces if text[piece.start : piece.end] != piece.said), key=lambda p: p.start)


def _windows(text: str, trigger: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The stretches of text around what the trigger finds: in order, apart, and cut at white space where there is any."""
    start = end = -1
    for match in trigger.finditer(text):
        low, high = _bounds(text, match.start(), match.end())
        if low > end:
            if end >= 0:
                yield start, end
            start = low
        end = max(end, high)
    if end >= 0:
        yield start, end


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    near, far = max(0, start - _AROUND), max(0, start - 2 * _AROUND)
    low = max(text.rfind(space, far, near) for space in " \n\t\u00a0") + 1 if near else 0
    after = _SPACE.search(text, end + _AROUND, end + 2 * _AROUND)
    return low or far, after.start() if after else min(len(text), end + 2 * _AROUND)


def before(match: re.Match[str], characters: int = 40) -> str:
    """What stands before a match, a little of it."""
    return match.string[max(0, match.start() - characters) : match.start()]


def after(match: re.Match[str], characters: int = 40) -> str:
    """What stands after a match, a little of it."""
    return match.string[match.end() : match.end() + characters]


def ended(match: re.Match[str], said: str, before_capital: bool = False) -> str:
    """What is said for an abbreviation, whose dot ends the sentence too where nothing comes after it.

    With `before_capital`, also where a word with a capital does.
    """
    if not match[0].endswith("."):
        return said
    following = after(match).lstrip(" \n\t\u00a0\"'»”’)")
    return f"{said}." if not following or (before_capital and following[0].isupper()) else said
