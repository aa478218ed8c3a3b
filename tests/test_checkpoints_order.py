"""Which names ask for what."""

from __future__ import annotations

import pytest

from models.checkpoints.hub import Hub
from models.checkpoints.order import order
from tests.hub import hub

__all__ = ["hub"]


@pytest.mark.parametrize("name", ["", "base", "a/b/c", "../x", "/x", "a/..", "a/.x", "x/", "a/b\n"])
def test_names_that_ask_for_nothing(name: str) -> None:
    assert order(name, Hub("huggingface", "https://huggingface.co")) is None


def test_names_from_a_folder_are_free() -> None:
    stick = Hub("folder", "/mnt/stick")
    found = order("My voice", stick)
    assert found is not None
    assert (found.folder, found.slug) == ("My voice", "my voice")
    assert order("../x", stick) is None
    assert order(".x", stick) is None
