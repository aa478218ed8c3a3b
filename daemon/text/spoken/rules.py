"""Rules that read a text: a pattern, and what is said for what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from daemon.text.spoken.piece import Piece
from daemon.text.spoken.sieve import Sieve

# How far around a trigger rules look: a date with its weekday before it, a price with its "million" after it.
_AROUND: Final = 24
_SPACE: Final = re.compile(r"\s")
_LAST_SPACE: Final = re.compile(r"[ \n\t\u00a0][^ \n\t\u00a0]*\Z")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing that is written otherwise than it is said."""

    name: str
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str | None]
    """What is said for a match, whose `string` is the whole text; None leaves it to later rules."""


class Rules:
    """Rules of one language, made ready to be applied to many texts: earlier ones come first."""

    def __init__(self, rules: Iterable[Rule], trigger: re.Pattern[str] | None = None) -> None:
        """With a `trigger`, rules look only at the words around what it finds; long prose with few numbers is read fast then.

        A window ends as a text ends: a rule that asks for the very end of the text compares `match.end()` with its length.
        """
        self._rules = {1 << number: rule for number, rule in enumerate(rules)}
        self._trigger = trigger
        self._sieve = Sieve([rule.pattern for rule in self._rules.values()])

    def applied(self, text: str, taken: Sequence[Piece] = ()) -> list[Piece]:
        """What the rules say, in order of the text; none touches what is `taken`."""
        pieces, rules, places = list(taken), self._rules, self._sieve.places
        used = bytearray(len(text))
        for piece in pieces:
            used[piece.start : piece.end] = b"\1" * (piece.end - piece.start)
        for start, end in ((0, len(text)),) if self._trigger is None else _windows(text, self._trigger):
            for bit, found in sorted(places(text, start, end).items()):
                if found is None:
                    _apply(rules[bit], rules[bit].pattern.finditer(text, start, end), used, pieces)
                else:
                    _apply_at(found, rules[bit], text, end, used, pieces)
        otherwise = [piece for piece in pieces if text[piece.start : piece.end] != piece.said]
        otherwise.sort()
        return otherwise


def _apply(rule: Rule, matches: Iterable[re.Match[str]], used: bytearray, pieces: list[Piece]) -> None:
    for match in matches:
        start, end = match.span()
        if start < end and used.find(1, start, end) < 0 and (said := rule.say(match)) is not None:
            pieces.append(Piece(start, end, said))
            used[start:end] = b"\1" * (end - start)


def _apply_at(places: list[int], rule: Rule, text: str, end: int, used: bytearray, pieces: list[Piece]) -> None:
    """The same where matches begin at these places only: where every one is used that is left, nothing comes of it."""
    while places and used[places[-1]]:
        places.pop()
    if not places:
        return
    matched, done = rule.pattern.match, 0
    for place in places:
        if place < done or not (match := matched(text, place, end)):
            continue
        done = match.end()
        if used.find(1, place, done) < 0 and (said := rule.say(match)) is not None:
            pieces.append(Piece(place, done, said))
            used[place:done] = b"\1" * (done - place)


def _windows(text: str, trigger: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """The stretches of text around what the trigger finds: in order, apart, and cut at white space where there is any."""
    start = end = last = -1
    for match in trigger.finditer(text):
        if last >= 0 and match.start() - last <= 2 * _AROUND:  # as far as a window goes on at least and begins at most
            last = match.end()
            continue
        low = _low(text, match.start())
        end = _high(text, last) if last >= 0 else -1
        if low > end:
            if end >= 0:
                yield start, end
            start = low
        last = match.end()
    if last >= 0:
        yield start, _high(text, last)


def _low(text: str, at: int) -> int:
    """Where the window of what stands there begins."""
    near, far = max(0, at - _AROUND), max(0, at - 2 * _AROUND)
    space = _LAST_SPACE.search(text, far, near)
    return space.start() + 1 if space else far


def _high(text: str, at: int) -> int:
    """Where the window of what ends there ends."""
    after = _SPACE.search(text, at + _AROUND, at + 2 * _AROUND)
    return after.start() if after else min(len(text), at + 2 * _AROUND)


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
