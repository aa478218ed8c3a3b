"""Where two sequences of words or letters differ, with as few changes as possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Change(NamedTuple):
    """`one[a:b]` has become `other[c:d]`; either may be empty, and what stands around it is the same in both."""

    a: int
    b: int
    c: int
    d: int


class _Column(NamedTuple):
    """A column of Levenshtein's matrix, of which bit n tells how row n + 1 differs from row n or the column before."""

    up: int
    """One more than the row above."""
    down: int
    """One less than the row above."""
    right: int
    """One more than the column before."""
    left: int
    """One less than the column before."""


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's: how many elements have to be changed, left out or put in."""
    before, after = _ends(one, other)
    one, other = one[before : len(one) - after], other[before : len(other) - after]
    if not one:
        return len(other)
    last = len(one) - 1
    return len(one) + sum((column.right >> last & 1) - (column.left >> last & 1) for column in _columns(one, other))


def changes(one: Sequence[str], other: Sequence[str]) -> list[Change]:
    """All stretches that differ, in order. Memory grows with the product of both lengths: 25 MB for 10,000 words."""
    before, after = _ends(one, other)
    found: list[Change] = []
    for change in reversed(list(_backwards(one[before : len(one) - after], other[before : len(other) - after]))):
        a, b, c, d = (place + before for place in change)
        if found and (found[-1].b, found[-1].d) == (a, c):
            found[-1] = Change(found[-1].a, b, found[-1].c, d)
        else:
            found.append(Change(a, b, c, d))
    return found


def _ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many elements are the same at the beginning, and of the others at the end."""
    most = min(len(one), len(other))
    before = next((n for n in range(most) if one[n] != other[n]), most)
    after = next((n for n in range(most - before) if one[-1 - n] != other[-1 - n]), most - before)
    return before, after


def _columns(one: Sequence[str], other: Sequence[str]) -> Iterator[_Column]:
    """A whole column at once in the bits of long integers: Hyyrö, "A bit-vector algorithm ... edit distance" (2003)."""
    full = (1 << len(one)) - 1
    places: dict[str, int] = {}
    for n, element in enumerate(one):
        places[element] = places.get(element, 0) | 1 << n
    up, down = full, 0
    for element in other:
        same = places.get(element, 0) | down
        diagonal = ((((same & up) + up) ^ up) | same) & full
        right, left = down | (full & ~(diagonal | up)), diagonal & up
        shifted = right << 1 | 1
        up, down = (left << 1 | ~(diagonal | shifted)) & full, shifted & diagonal
        yield _Column(up, down, right, left)


def _backwards(one: Sequence[str], other: Sequence[str]) -> Iterator[Change]:
    """The changes of one cheapest way, each of one element, from the end to the beginning."""
    matrix = [(column.up, column.down) for column in _columns(one, other)]
    row, column = len(one), len(other)
    while row and column:
        bit = 1 << (row - 1)
        if matrix[column - 1][0] & bit:
            row -= 1
            yield Change(row, row + 1, column, column)
        elif column > 1 and matrix[column - 2][1] & bit:
            column -= 1
            yield Change(row, row, column, column + 1)
        else:
            row, column = row - 1, column - 1
            if one[row] != other[column]:
                yield Change(row, row + 1, column, column + 1)
    if row or column:
        yield Change(0, row, 0, column)
