"""What a voice may be called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voices.profile import Defaults, Profile, Reference, Share


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


@pytest.mark.parametrize("alias", ["x", "Old", "../old", ""])
def test_an_alias_is_another_id(alias: str) -> None:
    with pytest.raises(ValueError, match="is no alias for 'x'"):
        Profile("x", "X", "preset", ("en",), "m", "s", aliases=("old", alias))


@pytest.mark.parametrize("file", ["../a.wav", "/a.wav", ".a.wav", "a/b.wav", "a.wav\n", "A.wav", "a"])
def test_a_reference_lies_in_its_folder(file: str) -> None:
    with pytest.raises(ValueError, match="is no name of a reference"):
        Reference(file, "a" * 64)


def test_a_reference_has_a_digest_or_is_not_kept_yet() -> None:
    assert Reference("", "").file == ""
    with pytest.raises(ValueError, match="is no SHA-256"):
        Reference("a.wav", "A" * 64)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_a_share_is_some(weight: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Share("x", weight)


def test_voices_can_stand_in_sets() -> None:
    one = Profile(
        "x", "X", "preset", ("en",), "m", "s", defaults=Defaults(sampling={"top_k": 3}), emotions={"sad": "sadly"}
    )
    assert len({one, replace(one), replace(one, label="Y")}) == 2
