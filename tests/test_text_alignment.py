"""Fewest changes, as the plain way of counting them finds."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from daemon.text.alignment import changes, distance

WORDS = st.lists(st.sampled_from("a b c d".split()), max_size=12)


def counted(one: Sequence[str], other: Sequence[str]) -> int:
    """The textbook's table."""
    above = list(range(len(other) + 1))
    for n, mine in enumerate(one, 1):
        row = [n]
        for m, theirs in enumerate(other, 1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (mine != theirs)))
        above = row
    return above[-1]


@given(WORDS, WORDS)
def test_the_distance_is_the_textbooks(one: list[str], other: list[str]) -> None:
    assert distance(one, other) == distance(other, one) == counted(one, other)


@given(WORDS, WORDS)
def test_the_changes_make_one_of_the_other_and_are_as_few_as_possible(one: list[str], other: list[str]) -> None:
    made, at = list[str](), 0
    found = changes(one, other)
    for change in found:
        assert change.a >= at and (change.b > change.a or change.d > change.c)
        made += one[at : change.a]
        assert len(made) == change.c
        made += other[change.c : change.d]
        at = change.b
    assert made + one[at:] == other
    assert sum(max(change.b - change.a, change.d - change.c) for change in found) <= counted(one, other)


def test_words_of_letters_are_compared_as_well() -> None:
    assert distance("kitten", "sitting") == 3
    assert changes("kitten", "kitten") == []
    assert changes("", "ab") == [(0, 0, 0, 2)]


def test_ten_thousand_words_take_a_moment() -> None:
    draw = random.Random(1)
    one, other = ([str(draw.randrange(3000)) for _ in range(10_000)] for _ in range(2))
    same = ["the"] * 10_000
    begun = time.process_time()
    assert changes(one, other)
    assert not changes(same, same[:])
    assert len(changes(one, [*one[:4000], *one[4010:]])) == 1
    assert time.process_time() - begun < 20  # 0.2 s on a free core; a machine may be five times slower, and busy
