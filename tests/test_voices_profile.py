"""What a voice may be called."""

from __future__ import annotations

import pytest

from voices.profile import Profile


@pytest.mark.parametrize("name", ["vivian", "my-grandmother", "storyteller-2", "x", "9", "a" * 64])
def test_slugs_are_ids(name: str) -> None:
    assert Profile(name, "Label", "preset", ("en",), "m", "s").id == name


@pytest.mark.parametrize("name", ["", "Vivian", "my voice", "-x", "x-", "../x", "é", "a" * 65, "x\n"])
def test_other_names_are_not(name: str) -> None:
    with pytest.raises(ValueError, match="is no voice id"):
        Profile(name, "Label", "preset", ("en",), "m", "s")


def test_a_voice_speaks_something() -> None:
    with pytest.raises(ValueError, match="names no language"):
        Profile("x", "X", "preset", (), "m", "s")
