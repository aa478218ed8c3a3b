"""Plain numbers on the shelf."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import torch

from models.qwen.native import library
from models.qwen.native.numbers import kept
from models.qwen.native.shelf import Shelf

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))


def never() -> torch.Tensor:
    raise AssertionError("they are on the shelf")


def test_numbers_are_made_once_and_outlive_the_shelf(tmp_path: Path) -> None:
    made = torch.randn(7, 5)
    shelf = Shelf(tmp_path)
    assert torch.equal(kept("x", shelf, (7, 5), lambda: made), made)
    shelf.close()
    shelf = Shelf(tmp_path)
    again = kept("x", shelf, (7, 5), never)
    shelf.close()
    del shelf
    gc.collect()
    assert torch.equal(again, made)
    assert torch.equal(kept("x", None, (7, 5), lambda: made), made)


def test_numbers_of_another_shape_are_made_anew(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept("x", shelf, (2, 2), lambda: torch.zeros(2, 2))
    shelf.close()
    assert torch.equal(kept("x", Shelf(tmp_path), (3, 2), lambda: torch.ones(3, 2)), torch.ones(3, 2))
