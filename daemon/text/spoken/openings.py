"""Where in a text a pattern can begin: found out from the pattern itself.

Three kinds of places are told apart, by what stands there: a row of digits, a word, and a sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from daemon.text.spoken.charsets import (
    REPEATS,
    Chars,
    Node,
    are_digits,
    chars,
    is_one,
    op,
    parsed,
    spelled,
    without_digits,
)

# How many characters of a word are looked at; of a row of digits the first, and so many without it behind the row.
HEAD: Final = 3
# A pattern that can begin in more ways than this is looked for everywhere.
_WAYS: Final = 4000
_WIDEST: Final = 64
# Parts inside parts, before nothing is told.
_DEEPEST: Final = 60


@dataclass(frozen=True, slots=True)
class Digits:
    """A row of digits: the first is one of these, so many there are at least, and what is told of the characters behind it."""

    first: Chars
    least: int
    then: tuple[Chars, ...]


@dataclass(frozen=True, slots=True)
class Openings:
    """All ways in which matches of a pattern begin."""

    digits: tuple[Digits, ...]
    """At the first digit of a row, or at any digit where `loose`."""
    heads: frozenset[str]
    """At the first letter of a word, or at a sign: with one of these, which are not longer than `HEAD`."""
    loose: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """What is known of a match that is followed from its beginning."""

    no_word: bool = False
    no_digit: bool = False
    """What is right before it."""
    read: tuple[Chars, ...] = ()
    digits: int = 0
    """How many digits stand for the first character."""


class _Untold(Exception):
    """It may begin anywhere."""


def openings(pattern: re.Pattern[str]) -> Openings | None:
    """None for a pattern that may begin anywhere."""
    nodes = parsed(pattern)
    if nodes is None:
        return None
    digits, heads, loose = dict[Digits, None](), set[str](), False
    try:
        for count, way in enumerate(_ways(tuple(nodes), _Way(), pattern.flags, 0)):
            if count > _WAYS or not way.read:
                return None
            if way.digits:
                loose = loose or not way.no_digit
                digits[Digits(way.read[0], way.digits, way.read[1:])] = None
            else:
                heads |= _heads(way)
    except _Untold:
        return None
    return Openings(tuple(digits), frozenset(heads), loose)


def _heads(way: _Way) -> set[str]:
    """The characters that it begins with, as far as they are few."""
    told, few = list[list[str]](), 1
    for several in way.read:
        every = spelled(several, _WIDEST)
        if every is None or few * len(every) > _WIDEST:
            break
        told.append(every)
        few *= len(every)
    if not told or any(
        one.isspace() or one == "_" or (one.isalnum() and not _begins_word(way, one)) for one in told[0]
    ):
        raise _Untold
    return {"".join(head) for head in product(*told)}


def _begins_word(way: _Way, character: str) -> bool:
    return way.no_word and character.isalpha()


def _ways(nodes: tuple[Node, ...], way: _Way, flags: int, depth: int) -> Iterator[_Way]:
    """The ways in which these parts, one after the other, go on from here."""
    if depth > _DEEPEST:
        raise _Untold
    if not nodes or len(way.read) == HEAD:
        yield way
        return
    node, rest = nodes[0], nodes[1:]
    kind, value = node
    if kind in (op.ASSERT, op.ASSERT_NOT, op.AT):
        yield from _ways(rest, _after(node, way, flags), flags, depth)
    elif is_one(node):
        yield from _one(node, rest, way, flags, depth)
    elif kind in REPEATS:
        yield from _repeated(node, rest, way, flags, depth)
    elif kind is op.BRANCH:
        for branch in value[1]:
            yield from _ways((*branch, *rest), way, flags, depth + 1)
    elif kind is op.ATOMIC_GROUP:
        yield from _ways((*value, *rest), way, flags, depth + 1)
    elif kind is op.SUBPATTERN and not value[1] and not value[2]:
        yield from _ways((*value[3], *rest), way, flags, depth + 1)
    elif kind is op.GROUPREF_EXISTS:
        yield from _ways((*value[1], *rest), way, flags, depth + 1)
        yield from _ways((*(value[2] or ()), *rest), way, flags, depth + 1)
    else:
        yield way


def _after(node: Node, way: _Way, flags: int) -> _Way:
    """What is known after a condition that takes no character."""
    kind, value = node
    if way.read:
        return way
    if kind is op.AT and value is op.AT_BOUNDARY:
        return replace(way, no_word=True, no_digit=True)  # as long as a letter or a digit begins it
    if kind is not op.ASSERT_NOT or value[0] > 0 or len(value[1]) != 1 or not is_one(value[1][0]):
        return way
    missing = chars(value[1][0], flags & ~re.IGNORECASE)
    if missing is None:
        return way
    no_word = "word" in missing
    no_digit = no_word or "digit" in missing or (ord("0"), ord("9")) in missing
    return replace(way, no_word=way.no_word or no_word, no_digit=way.no_digit or no_digit)


def _one(node: Node, rest: tuple[Node, ...], way: _Way, flags: int, depth: int) -> Iterator[_Way]:
    several = chars(node, flags)
    if several is None:
        yield way
    elif are_digits(several) and (way.digits or not way.read) and len(way.read) < 2:
        yield from _ways(rest, _counted(way, several, 1), flags, depth)
    elif way.digits and len(way.read) == 1 and not without_digits(several):
        yield way  # the row of digits may go on
    else:
        yield from _ways(rest, replace(way, read=(*way.read, several)), flags, depth)


def _counted(way: _Way, several: Chars, more: int) -> _Way:
    return replace(way, read=way.read or (several,), digits=way.digits + more)


def _repeated(node: Node, rest: tuple[Node, ...], way: _Way, flags: int, depth: int) -> Iterator[_Way]:
    kind, (least, most, inner) = node
    if not least:
        yield from _ways(rest, way, flags, depth + 1)
    if len(inner) == 1 and is_one(inner[0]) and (way.digits or not way.read) and len(way.read) < 2:
        several = chars(inner[0], flags)
        if several is not None and are_digits(several):
            yield from _ways(rest, _counted(way, several, max(1, least)), flags, depth + 1)
            return
    left = most if most is op.MAXREPEAT else most - 1
    again = (kind, (max(0, least - 1), left, inner))
    following = rest if most == 1 else (again, *rest)
    yield from _ways((*inner, *following), way, flags, depth + 1)
