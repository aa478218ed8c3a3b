"""Paragraphs in stretches: whole sentences, whole quotations, nothing lost, nothing over the budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.text.books.stretches import speakable, stretches, weight


def test_whole_sentences_of_even_length() -> None:
    text = " ".join(f"This is sentence number {number}." for number in range(10))  # 10 times 26
    found = stretches(text, 100)
    assert " ".join(found) == text
    assert [piece.count(".") for piece in found] == [3, 2, 3, 2]
    assert stretches("One. Two.", 100) == ["One. Two."]


@pytest.mark.parametrize(
    "quotation",
    ['"Go away. Go now. Go home," she said.', "„Geh weg. Geh jetzt. Geh heim“, sagte sie.",
     "«Va-t'en. Va vite. Va là», dit-elle.", "»Geh weg. Geh jetzt. Geh heim«, sagte sie.",
     "“Go away. Go now. Go home,” she said."],
)  # fmt: skip
def test_a_quotation_stays_whole(quotation: str) -> None:
    text = f"He came in and sat down quietly. {quotation} He did not even look up at her then."
    assert any(quotation in piece for piece in stretches(text, 80))


def test_a_quotation_that_is_too_long_is_cut_at_its_sentences() -> None:
    text = '"' + " ".join(f"This is sentence number {number}." for number in range(20)) + '" he said.'
    found = stretches(text, 100)
    assert all(len(piece) <= 100 for piece in found)
    assert all(piece.endswith((".", '"')) for piece in found)


def test_a_sentence_that_is_too_long_is_cut_at_a_comma() -> None:
    text = "I came to this town, " * 10 + "and stayed."
    assert all(piece.endswith((",", ".")) and len(piece) <= 100 for piece in stretches(text, 100))


def test_scripts_whose_letters_are_syllables_weigh_three() -> None:
    text = "吾輩は猫である。" * 20
    assert weight("猫") == 3
    assert all(weight(piece) <= 120 for piece in stretches(text, 120))
    assert "".join(piece.replace(" ", "") for piece in stretches(text, 120)) == text


WORDS = st.lists(
    st.sampled_from(
        ['"One', "two.", "three", "Four!", "„Fünf", "sechs“", "七。", "八", "N.ine", "«Ten", "11.", "end”", "x" * 90]
    )
)


@given(WORDS, st.integers(80, 300))
def test_nothing_is_lost_or_too_long(words: list[str], budget: int) -> None:
    text = " ".join(words)
    found = stretches(text, budget)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(weight(piece) <= budget for piece in found)


def test_what_can_be_spoken() -> None:
    assert all(map(speakable, ["word", "1", "a b", "<b>c</b>", "猫"]))
    assert not any(map(speakable, ["", "—", "<b>", "👋", "***"]))
