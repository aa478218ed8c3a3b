"""Packed weights: the numbers they stand for, and bytes that may be kept in a file."""

from __future__ import annotations

import hashlib
from ctypes import memset

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from native_exact import KINDS, QUANTISED, hard_rows, multiplier, numbers

from models.qwen.native import library
from models.qwen.native.library import NativeError
from models.qwen.native.memory import room
from models.qwen.native.products import KINDS as NUMBERS
from models.qwen.native.products import Kind


@pytest.mark.parametrize("kind", KINDS)
@given(out=st.integers(1, 50), width=st.integers(1, 150), seed=st.integers(0, 99))
def test_packed_numbers_are_those_of_the_weight(kind: Kind, out: int, width: int, seed: int) -> None:
    weight = hard_rows(out, width, seed)
    numbers = multiplier(weight, kind).unpacked()
    if kind == "float32":
        assert torch.equal(numbers, weight)
    elif kind in ("bfloat16", "slim"):
        assert torch.equal(numbers, weight.bfloat16().float())
    elif kind == "int8":
        step = weight.abs().amax(1, keepdim=True) / 127
        assert ((numbers - weight).abs() <= step * 0.50001 + 1e-30).all()
    else:
        padded = torch.nn.functional.pad(weight, (0, -width % 32)).view(out, -1, 32)
        step = padded.abs().amax(2, keepdim=True) / 8
        off = (torch.nn.functional.pad(numbers, (0, -width % 32)).view(out, -1, 32) - padded).abs()
        # Half a step; a whole one for what is as large as the largest on the side that ends at 7; and the scale's own rounding.
        assert (off <= step * torch.where(padded.abs() > 7.4 * step, 1.05, 0.51) + 1e-38).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bfloat16_is_packed_as_the_same_numbers(kind: Kind) -> None:
    weight = numbers(37, 75).bfloat16()
    assert multiplier(weight, kind).room.bytes() == multiplier(weight.float(), kind).room.bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_do_not_depend_on_where_they_lie_or_what_lay_there(kind: Kind) -> None:
    weight = numbers(37, 75)
    first = multiplier(weight, kind).room
    other = room(first.size)
    memset(other.address, 0xAA, other.size)
    ours = library.library()
    library.check(ours.vn_pack(NUMBERS[kind], 37, 75, weight.data_ptr(), 0, 75, other.address))
    assert other.bytes() == first.bytes()


# Changed bytes need a new LAYOUT in cpu.c: packed weights may lie in files.
@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("float32", "9b8d2e66ef5b0044"),
        ("bfloat16", "e8caaf9b9e1663f3"),
        ("int8", "b586c09e56aeb163"),
        ("int4", "79132c4f76532d48"),
        ("slim", "3f089780303623e2"),
    ],
)
def test_the_layout_is_version_2(kind: Kind, digest: str) -> None:
    weight = (torch.arange(20 * 70).view(20, 70) * 7919 % 1009 - 504) / 512
    assert library.library().vn_layout_version() == 2
    assert hashlib.sha256(multiplier(weight, kind).room.bytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("kind", QUANTISED)
def test_rows_without_a_number_in_them_are_zeros(kind: Kind) -> None:
    for value in (0.0, -0.0, 1e-45, -1e-40):
        numbers = multiplier(torch.full((3, 40), value), kind).unpacked()
        assert (numbers.abs() <= 1e-38).all()


def test_what_cannot_be_packed_is_said() -> None:
    ours, weight = library.library(), numbers(4, 8)
    at = room(4096).address
    for kind, out, width in (
        (2, 0, 8),
        (2, 8, 0),
        (2, -1, 8),
        (2, 1, (1 << 17) + 1),
        (2, (1 << 24) + 1, 1),
        (5, 8, 8),
        (-1, 8, 8),
    ):
        assert ours.vn_packed_bytes(kind, out, width) == 0
    for error, words in [
        (ours.vn_pack(2, 4, 8, weight.data_ptr(), 0, 7, at), "shape"),
        (ours.vn_pack(2, 4, 8, weight.data_ptr(), 3, 8, at), "kind"),
        (ours.vn_pack(9, 4, 8, weight.data_ptr(), 0, 8, at), "kind"),
        (ours.vn_pack(2, 4, 8, weight.data_ptr(), 0, 8, at + 1), "aligned"),
        (ours.vn_pack(2, 4, 8, None, 0, 8, at), "memory"),
    ]:
        with pytest.raises(NativeError, match=words):
            library.check(error)
