"""What a stretch of text must hold for a pattern to find anything in it: found out from the pattern itself.

A need is a set of things of which the text has one at least: a character out of a set, anywhere or at a digit, or a row of digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from daemon.text.spoken.charsets import (
    NONE,
    REPEATS,
    Chars,
    Node,
    are_digits,
    chars,
    either,
    holds,
    is_one,
    op,
    parsed,
    without_digits,
)


class Beside(NamedTuple):
    """A character out of a set that touches a digit: with it behind, or before."""

    several: Chars
    behind: bool


Need: TypeAlias = frozenset["Chars | Beside | int"]
"""One of these: a character out of a set, one beside a digit, or so many digits in a row."""

# As far before a stretch its characters count: the conditions of patterns on what is before them look so far at most.
BEHIND: Final = 12
# About how many sentences of prose have such a character. What is not here is rare.
_BLANK: Final = 1.0
_SMALL: Final = 0.4
_CAPITAL: Final = 0.1
_DIGIT: Final = 0.3
_OTHER: Final = {".": 0.6, ",": 0.5, "-": 0.2, "'": 0.2, "’": 0.2, '"': 0.1}
_RARE: Final = 0.02
# What touches a digit is a blank, nearly always.
_BESIDE: Final = 0.04
# Out of so many characters of a range the rest is told.
_TOLD_BY: Final = 60
# What is more common than this rules nothing out.
_COMMON: Final = 1.5


@dataclass(slots=True)
class _Part:
    """A part of a pattern."""

    empty: bool
    """It may match nothing."""
    needs: frozenset[Need]
    first: Chars | None
    last: Chars | None
    """What it may begin and end with."""
    digits: int | None
    """So many digits at least and nothing else; None for anything else."""


_NOTHING: Final[Chars | None] = NONE
_NO_DIGITS: Final[int | None] = 0
_UNKNOWN: Final = _Part(True, frozenset(), None, None, None)


def needs(pattern: re.Pattern[str]) -> list[Need]:
    """The rarest first; none that nearly every text would meet."""
    nodes = parsed(pattern)
    if nodes is None:
        return []
    found = _row(nodes, pattern.flags).needs
    longest = max((least for need in found if (least := _digits(need))), default=0)
    useful = (need for need in found if how_common(need) < _COMMON and not _is_met_by(need, longest))
    return sorted(useful, key=lambda need: (how_common(need), len(need)))


def _is_met_by(need: Need, longest: int) -> bool:
    """Whether it is met wherever so many digits stand in a row."""
    return 0 < _digits(need) < longest or (
        longest > 0 and any(isinstance(one, frozenset) and "digit" in one for one in need)
    )


def how_common(need: Need) -> float:
    """A measure of how many texts meet it."""
    return sum(map(_how_common, need))


def _how_common(one: Chars | Beside | int) -> float:
    if isinstance(one, int):
        return 1 / one
    if isinstance(one, Beside):
        return (_BLANK if holds(one.several, " ") else 0.0) + _BESIDE * _how_common(one.several)
    return sum(map(_commonness, one))


def _commonness(item: tuple[int, int] | str) -> float:
    if isinstance(item, str):
        return 1.0
    return sum(_of(chr(code)) for code in range(item[0], min(item[1], item[0] + _TOLD_BY) + 1))


def _of(character: str) -> float:
    if character == " ":
        return _BLANK
    if character.islower():
        return _SMALL
    return _CAPITAL if character.isupper() else _DIGIT if character.isdecimal() else _OTHER.get(character, _RARE)


def _digits(need: Need) -> int:
    """How many in a row, where it is that alone."""
    (one, *more) = need
    return one if isinstance(one, int) and not more else 0


def _row(nodes: Sequence[Node], flags: int) -> _Part:
    """Parts one after the other."""
    row = _Row()
    for node in nodes:
        kind, value = node
        if kind is op.ASSERT and (value[0] > 0 or _is_near(value[1])):
            row.condition(_row(value[1], flags), ahead=value[0] > 0)
        elif kind not in (op.ASSERT, op.ASSERT_NOT, op.AT):
            row.add(_part(node, flags))
    return _Part(row.empty, frozenset(row.needs), row.first, row.last, row.digits)


def _is_near(nodes: Any) -> bool:
    """Whether a condition on what is before looks no further than `BEHIND`."""
    return nodes.getwidth()[1] <= BEHIND and all(kind is not op.ASSERT for kind, _ in nodes)


class _Row:
    """What is known of parts that follow one another."""

    def __init__(self) -> None:
        self.empty, self.first, self.digits = True, _NOTHING, _NO_DIGITS
        self.last = _NOTHING
        """What may stand right before the next part."""
        self.needs = set[Need]()
        self._sure = _NOTHING
        """What the last part that is not empty may end with."""
        self._since = _NOTHING
        """What the parts after it may begin with."""
        self._together = 0
        """So many digits stand right before the next part."""

    def condition(self, part: _Part, *, ahead: bool) -> None:
        """What follows must begin so, or what is before must end so; that may lie before the stretch that is looked at."""
        self.needs |= part.needs if ahead else _anywhere(part.needs)
        if ahead and not part.empty and not self.empty:
            self.needs |= _beside(self._sure, either(self._since, part.first))

    def add(self, part: _Part) -> None:
        """What follows."""
        self.needs |= part.needs
        if not part.empty and not self.empty:
            self.needs |= _beside(self._sure, either(self._since, part.first)) | _beside(self.last, part.first)
        if self.empty:
            self.first = either(self.first, part.first)
        if part.empty:
            self.last, self._since = either(self.last, part.last), either(self._since, part.first)
        else:
            self.last, self._sure, self._since, self.empty = part.last, part.last, NONE, False
        if part.digits is None:
            self.digits, self._together = None, 0
            return
        self._together += part.digits
        self.digits = None if self.digits is None else self.digits + part.digits
        if self._together:
            self.needs.add(frozenset({self._together}))


def _anywhere(needs: Iterable[Need]) -> set[Need]:
    """Those that ask for a character only, wherever it stands."""
    return {need for need in needs if not any(isinstance(one, int | Beside) for one in need)}


def _beside(left: Chars | None, right: Chars | None) -> set[Need]:
    """What it needs that one of these touches one of those, where either are digits."""
    if not left or not right:
        return set()
    if are_digits(left) and without_digits(right):
        return {frozenset({Beside(right, behind=True)})}
    return {frozenset({Beside(left, behind=False)})} if are_digits(right) and without_digits(left) else set()


def _part(node: Node, flags: int) -> _Part:
    kind, value = node
    if is_one(node):
        several = chars(node, flags)
        met = frozenset({frozenset({several})}) if several is not None else frozenset[Need]()
        return _Part(False, met, several, several, 1 if are_digits(several) else None)
    if kind in REPEATS:
        return _repeated(_row(value[2], flags), value[0])
    if kind is op.BRANCH:
        return _either([_row(branch, flags) for branch in value[1]])
    if kind is op.GROUPREF_EXISTS:
        return _either([_row(value[1], flags), _row(value[2] or (), flags)])
    if kind is op.ATOMIC_GROUP:
        return _row(value, flags)
    if kind is op.SUBPATTERN and not value[1] and not value[2]:
        return _row(value[3], flags)
    return _UNKNOWN


def _repeated(part: _Part, least: int) -> _Part:
    if not least:
        return _Part(True, frozenset(), part.first, part.last, None if part.digits is None else 0)
    digits = None if part.digits is None else part.digits * least
    more = {frozenset[Chars | Beside | int]({digits})} if digits else ()
    return _Part(part.empty, part.needs.union(more), part.first, part.last, digits)


def _either(parts: list[_Part]) -> _Part:
    """One of these: what all need, and one of what each of them needs."""
    first, last, met = NONE, NONE, frozenset[Need]()
    for part in parts:
        first, last = either(first, part.first), either(last, part.last)  # type: ignore[assignment]
    if all(part.needs for part in parts):
        rarest = (min(part.needs, key=lambda need: (how_common(need), repr(sorted(map(repr, need))))) for part in parts)
        ends = [frozenset({end}) for end in (first, last) if end and not any(part.empty for part in parts)]
        met = frozenset.intersection(*(part.needs for part in parts)) | {_joined(rarest), *ends}
    counts = [part.digits for part in parts]
    digits = None if None in counts else min(count for count in counts if count is not None)
    return _Part(any(part.empty for part in parts), met, first, last, digits)


def _joined(needs: Iterable[Need]) -> Need:
    """One of them is met: its sets of characters are one set."""
    every = frozenset[Chars | Beside | int]().union(*needs)
    several = [one for one in every if isinstance(one, frozenset)]
    return every.difference(several) | ({NONE.union(*several)} if several else frozenset())
