"""Moods by their names."""

from __future__ import annotations

import pytest

from daemon.emotions import HOUSE, instruction
from daemon.faults import Unspeakable


def test_a_voices_own_word_goes_before_the_houses() -> None:
    own = {"Sad": "As at a grave.", "Stolz": "Speak proudly."}
    assert instruction("sad", {}) == HOUSE["sad"]
    assert instruction(" SAD", own) == "As at a grave."
    assert instruction("stolz", own) == "Speak proudly."
    assert instruction("calm", own) == HOUSE["calm"]


def test_an_unknown_one_is_told_all_there_are() -> None:
    with pytest.raises(Unspeakable, match=r"no emotion 'proud'; there are angry, .*, stolz, ") as told:
        instruction("proud", {"Stolz": "x"})
    assert told.value.details[0].path == "emotion"
    with pytest.raises(Unspeakable) as told:
        instruction("x" * 1000, {})
    assert len(str(told.value)) < 300


def test_the_houses_are_sentences() -> None:
    for name, text in HOUSE.items():
        assert name == name.casefold().strip()
        assert text.startswith("Speak ") and text.endswith(".")
