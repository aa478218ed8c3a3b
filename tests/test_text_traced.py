"""From a text back to what it was made from, through any number of steps."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.score import Said
from daemon.text.spoken.piece import Piece, joined
from daemon.text.traced import Run, Traced, replaced


def test_a_word_that_stayed_is_found_again() -> None:
    traced = replaced("It is 5 km to W3C.", [Piece(6, 10, "five kilometres"), Piece(14, 17, "double u three c")])
    assert traced.text == "It is five kilometres to double u three c."
    assert traced.source(0, 2) == (0, 2)
    assert traced.source(6, 10) == traced.source(11, 21) == (6, 10)
    assert traced.source(3, 8) == (3, 10)
    assert traced.source(22, 24) == (11, 13)
    assert traced.source(22, 28) == (11, 17)
    assert traced.source(0, len(traced.text)) == (0, 18)


def test_what_was_put_in_has_no_source() -> None:
    traced = Traced("a, b", [Run(0, 1, 0, 1), Run(3, 4, 5, 6)])
    assert traced.source(1, 3) == (5, 5)
    assert traced.source(0, 3) == (0, 1)
    assert traced.source(1, 4) == (5, 6)
    assert traced.source(4, 4) == (6, 6)
    assert Traced("\n\n", []).source(0, 2) == (0, 0)


def test_parts_keep_their_places() -> None:
    traced = replaced("one 2 three", [Piece(4, 5, "two")])
    part = traced.part(4, 13)
    assert (part.text, part.source(0, 3), part.source(4, 9)) == ("two three", (4, 5), (6, 11))
    assert traced.part(0, len(traced.text)) is traced
    assert Traced.joined([traced.part(0, 5), traced.part(5, 13)]).source(4, 7) == (4, 5)


def test_white_space_is_collapsed() -> None:
    traced = Traced.whole(" a \n b\u00a0c d ").collapsed()
    assert traced.text == "a b c d"
    assert [traced.source(at, at + 1) for at in range(7)] == [(1, 2), (2, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10)]
    assert Traced.whole("").collapsed().text == Traced.whole(" \n").collapsed().text == ""


def test_words_of_a_marked_text() -> None:
    said = [Said("Hi ", 0, 3), Said("World Wide", 10, 13), Said("\n\n", 20, 20), Said("é", 30, 36)]
    traced = Traced.of_said(said)
    assert traced.text == "Hi World Wide\n\né"
    assert [traced.source(*place) for place in ((0, 2), (3, 8), (13, 15), (15, 16))] == [
        (0, 2), (10, 13), (30, 30), (30, 36),
    ]  # fmt: skip


def test_what_is_as_long_by_chance_is_not_the_same() -> None:
    traced = Traced.whole("ab").said([Piece(0, 2, "xyx")]).said([Piece(0, 2, "xy")])
    assert [traced.source(at, at + 1) for at in range(3)] == [(0, 2)] * 3


@st.composite
def changed(draw: st.DrawFn) -> tuple[str, list[list[Piece]]]:
    """A text, and pieces for it, for what they make of it, and so on."""
    text = draw(st.text("ab \n", max_size=30))
    steps, now = list[list[Piece]](), text
    for _ in range(draw(st.integers(1, 3))):
        places = sorted(draw(st.lists(st.integers(0, len(now)), max_size=8)))
        pieces = [
            Piece(start, end, draw(st.text("xy", max_size=4)))
            for start, end in zip(places[::2], places[1::2], strict=False)
        ]
        steps.append(pieces)
        now = joined(now, pieces)
    return text, steps


@settings(max_examples=200, deadline=None)
@given(changed())
def test_places_are_inside_in_order_and_right(made: tuple[str, list[list[Piece]]]) -> None:
    text, steps = made
    traced = Traced.whole(text)
    for pieces in steps:
        assert traced.said(pieces).text == joined(traced.text, pieces)
        traced = traced.said(pieces)
    places = [traced.source(at, at + 1) for at in range(len(traced.text))]
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert sorted(start for start, _ in places) == [start for start, _ in places]
    assert sorted(filter(_real, places)) == list(filter(_real, places))
    for character, (start, end) in zip(traced.text, places, strict=True):
        if character in "ab \n":  # nothing else puts these
            assert text[start:end] == character
    for at in range(len(traced.text)):
        if _real(places[at]):
            start, end = traced.part(at, len(traced.text)).source(0, 1)
            assert places[at][0] <= start < end <= places[at][1]
        start, end = traced.source(at, len(traced.text))
        assert 0 <= start <= end <= len(text)


def _real(place: tuple[int, int]) -> bool:
    return place[0] < place[1]


def test_a_long_text_is_traced_in_linear_time() -> None:
    count = 20_000
    traced = Traced.whole("ab " * count).said([Piece(at * 3, at * 3 + 1, "xyz") for at in range(count)])
    assert all(traced.part(at * 5, at * 5 + 4).source(0, 4) == (at * 3, at * 3 + 2) for at in range(count))
