"""bfloat16 in 12 bits: the same numbers in three quarters of the memory, whatever the numbers; and refused where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from native_exact import PATHS, assert_right, hard_rows, multiplier, numbers

from models.qwen.native import library
from models.qwen.native.products import Native, kept, least, pack
from models.qwen.native.shelf import Shelf

# As many patches as a tile of 16 outputs has room for.
ROOM = 23


def same(weight: torch.Tensor) -> bool:
    """Whether every number is there, to the last bit and with its sign, NaN being NaN."""
    numbers, right = multiplier(weight, "slim").unpacked(), weight.bfloat16().float()
    return torch.equal(numbers.view(torch.int32)[~right.isnan()], right.view(torch.int32)[~right.isnan()]) and bool(
        (numbers.isnan() == right.isnan()).all()
    )


@given(
    out=st.integers(1, 50),
    width=st.integers(1, 300),
    seed=st.integers(0, 99),
    size=st.sampled_from([1e-20, 0.02, 1e10]),
)
def test_every_number_is_kept(out: int, width: int, seed: int, size: float) -> None:
    assert same(hard_rows(out, width, seed) * size)


def test_every_number_that_bfloat16_has_is_kept() -> None:
    every = torch.arange(1 << 16, dtype=torch.int32).to(torch.int16).view(torch.bfloat16)
    for beside in (0.0, 0.02, 3e4):  # alone in its row and among others, at every place of a group of eight
        weight = torch.full((1 << 16, 9), beside, dtype=torch.bfloat16)
        weight[torch.arange(1 << 16), torch.arange(1 << 16) % 9] = every
        assert same(weight)


def test_the_numbers_of_a_model_take_three_quarters() -> None:
    weight = numbers(3072, 1024) * 0.02
    slim, whole = least(weight, "bfloat16"), pack(weight, "bfloat16")
    assert slim.kind == "slim"
    assert slim.room.size < 0.77 * whole.room.size
    assert torch.equal(Native(slim).unpacked(), Native(whole).unpacked())


def test_what_is_too_far_spread_stays_as_it_is() -> None:
    weight = numbers(32, 400)
    weight[16, :ROOM] = 1e-20
    assert least(weight, "bfloat16").kind == "slim"
    weight[30, 7] = 1e20
    assert least(weight, "bfloat16").kind == "bfloat16"
    assert torch.equal(Native(least(weight, "bfloat16")).unpacked(), weight.bfloat16().float())
    with pytest.raises(ValueError, match="far from the size of their row's others"):
        pack(weight, "slim")


@pytest.mark.parametrize("path", PATHS)
def test_patches_are_multiplied_too(path: str) -> None:
    library.use(path)
    try:
        weight = numbers(40, 600) * 0.02
        weight[3, 0], weight[3, 599], weight[17, 8], weight[39, 333] = 1e-9, 1e9, -1e-12, 7e3
        native = multiplier(weight, "slim")
        for rows in (1, 2, 3, 4, 5, 9):
            x = numbers(rows, 600, seed=rows)
            assert_right(native(x), native, x)
            x[0] = 0
            x[0, 8] = 1
            assert torch.equal(native(x)[0], weight[:, 8].bfloat16().float())
    finally:
        library.use(PATHS[0])


@pytest.mark.parametrize("kind", ["slim", "bfloat16"])
def test_what_lies_on_the_shelf_is_taken_as_it_lies_there(tmp_path: Path, kind: str) -> None:
    weight = numbers(20, 400)
    weight[0, ::2] = 1.0 if kind == "slim" else 1e-20
    shelf = Shelf(tmp_path)
    made = kept("x", shelf, "bfloat16", 20, 400, lambda: weight)
    shelf.close()

    def never() -> torch.Tensor:
        raise AssertionError("it lies on the shelf")

    again = kept("x", Shelf(tmp_path), "bfloat16", 20, 400, never)
    assert made.kind == again.kind == kind
    assert again.room.bytes() == made.room.bytes()
