"""How a text begins, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.opening import ENOUGH_CHARS, Opening, opening
from tests.feeding import cut

LONG = "Die Lampe in der Küche ist an und das Fenster steht offen, obwohl es regnet. Danach kommt mehr."


def in_parts(parts: list[str], *, live: bool) -> str:
    begun = Opening(live=live)
    return next((found for part in parts if (found := begun.feed(part))), "") or begun.finish()


@pytest.mark.parametrize(
    ("text", "live", "said"),
    [
        ("Short. And more of it here.", False, "Short."),
        ("Short. And more of it here.", True, "Short."),
        (LONG, False, "Die Lampe in der Küche ist an und das Fenster steht offen, obwohl es regnet."),
        (LONG, True, "Die Lampe in der Küche ist an und das"),
        ("No end", True, "No end"),
        ("x" * 100, True, "x" * (ENOUGH_CHARS + 1)),
        ("", True, ""),
        ("… !", False, ""),
        ("…" * 2000 + " Word. Then", False, "Word."),
    ],
)
def test_what_it_says(text: str, live: bool, said: str) -> None:
    assert opening(text, live=live) == said


@given(st.text("ab.!? \nЯ…", max_size=120), st.lists(st.integers(0, 200), max_size=8), st.booleans())
def test_it_does_not_depend_on_where_the_text_was_cut(text: str, places: list[int], live: bool) -> None:
    assert in_parts(cut(text, places), live=live) == opening(text, live=live)


def test_a_silent_writer_is_not_waited_for() -> None:
    begun = Opening(live=True)
    assert begun.feed("Guten Mor") == begun.feed("") == ""
    assert begun.flush() == "Guten"
    assert Opening(live=True).flush() == ""
    sentence = Opening(live=False)
    assert sentence.feed("It is on.") == ""
    assert sentence.flush() == "It is on."
    half = Opening(live=False)
    assert half.feed("It is") == half.flush() == ""
