"""Every kernel, on every path this machine can run, against float64; and a row is the same whoever is beside it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ctypes import byref
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from native_exact import KINDS, PATHS, QUANTISED, assert_right, hard_rows, multiplier, numbers

from models.qwen import linear
from models.qwen.native import library
from models.qwen.native.library import NativeError
from models.qwen.native.memory import room
from models.qwen.native.pool import Pool
from models.qwen.native.products import KINDS as NUMBERS
from models.qwen.native.products import Kind

SHAPES = [(1, 1), (16, 64), (17, 33), (15, 96), (64, 32), (100, 77), (257, 130), (33, 1024), (20, 3072)]


@pytest.fixture(autouse=True)
def _fastest() -> Iterator[None]:
    yield
    library.use(PATHS[0])


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest) -> str:
    library.use(request.param)
    return str(request.param)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("out", "width"), SHAPES)
def test_products_are_exact_but_for_rounding(path: str, kind: Kind, out: int, width: int) -> None:
    native = multiplier(numbers(out, width) * width**-0.5, kind)
    for rows in (1, 2, 3, 5, 8, 16, 17):
        x = hard_rows(rows, width, seed=rows)
        assert_right(native(x), native, x)


@pytest.mark.parametrize("kind", KINDS)
@given(
    out=st.integers(1, 70),
    width=st.integers(1, 200),
    rows=st.integers(0, 18),
    path=st.sampled_from(PATHS or ("none",)),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_any_shape_is_multiplied(kind: Kind, out: int, width: int, rows: int, path: str, seed: int) -> None:
    library.use(path)
    native = multiplier(hard_rows(out, width, seed=seed + 100), kind)
    x = hard_rows(rows, width, seed=seed)
    y = native(x)
    assert_right(y, native, x)
    for row in range(rows):
        assert torch.equal(native(x[row : row + 1])[0], y[row])


@pytest.mark.parametrize("kind", KINDS)
def test_the_split_and_the_threads_change_nothing(path: str, kind: Kind) -> None:
    weight, x = numbers(500, 300), numbers(13, 300, seed=1)
    expected = multiplier(weight, kind, Pool(1))(x)
    for threads in (2, 3, 9):
        assert torch.equal(multiplier(weight, kind, Pool(threads))(x), expected)
    native, ours = multiplier(weight, kind), library.library()
    ready = room(ours.vn_input_bytes(NUMBERS[kind], 13, 300))
    ours.vn_prepare(NUMBERS[kind], 13, 300, x.data_ptr(), 300, ready.address)
    for cuts in ([0, 32], [0, 1, 2, 31, 32], list(range(33))):
        y = torch.full((13, 500), torch.nan)
        for first, last in reversed(list(pairwise(cuts))):
            ours.vn_multiply(byref(native.weight), 13, ready.address, y.data_ptr(), 500, first, last)
        assert torch.equal(y, expected)


@pytest.mark.parametrize("kind", ["bfloat16", "slim", *QUANTISED])
def test_every_path_gives_the_same_bits(path: str, kind: Kind) -> None:
    native = multiplier(numbers(130, 1111), kind)
    x = numbers(9, 1111, seed=2) * 100
    y = native(x)
    library.use("portable")
    assert torch.equal(y, native(x))


def test_float32_has_the_same_bits_wherever_sums_are_fused(path: str) -> None:
    if path == "portable":
        pytest.skip("plain C rounds a product before it is added")
    native = multiplier(numbers(130, 1111), "float32")
    x = numbers(9, 1111, seed=2)
    y = native(x)
    library.use(PATHS[0])
    assert torch.equal(y, native(x))


@pytest.mark.skipif(not torch.cpu._is_vnni_supported(), reason="torch itself rounds to 7 bits here")
def test_int8_is_torchs_own_to_the_last_bit(path: str) -> None:
    for out, width in ((64, 32), (129, 1000), (256, 3072)):
        weight, x = numbers(out, width), hard_rows(12, width, seed=3)
        assert torch.equal(multiplier(weight, "int8")(x), linear.Int8(weight)(x))


@pytest.mark.parametrize("kind", QUANTISED)
def test_the_largest_sums_do_not_run_over(path: str, kind: Kind) -> None:
    width = 1 << 17
    weight = torch.ones(17, width)
    weight[1::2] = -1
    native = multiplier(weight, kind)
    y = native(torch.stack([torch.ones(width), -torch.ones(width)]))
    torch.testing.assert_close(
        y, torch.stack([weight.sum(1), -weight.sum(1)]), rtol=1e-6 if kind == "int8" else 1e-3, atol=0
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_number_stays_in_its_row(path: str, kind: Kind) -> None:
    native = multiplier(numbers(40, 70), kind)
    x = numbers(6, 70, seed=1)
    y = native(x)
    x[1, 69], x[3, 0], x[4, 5] = torch.nan, torch.inf, -torch.inf
    spoilt = native(x)
    assert torch.equal(spoilt[[0, 2, 5]], y[[0, 2, 5]])
    assert not spoilt[[1, 3, 4]].isfinite().any()
    if kind in QUANTISED:
        assert spoilt[[1, 3, 4]].isnan().all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_that_is_no_number_spoils_its_output_alone(path: str, kind: Kind) -> None:
    weight, x = numbers(40, 70), numbers(3, 70, seed=1)
    whole = multiplier(weight, kind)(x)
    weight[5, 69], weight[38, 0] = torch.nan, torch.inf
    y = multiplier(weight, kind)(x)
    spoilt = torch.zeros(40, dtype=torch.bool)
    spoilt[[5, 38]] = True
    assert not y[:, spoilt].isfinite().any()
    assert torch.equal(y[:, ~spoilt], whole[:, ~spoilt])


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_weights_may_lie_anywhere(path: str, kind: Kind) -> None:
    weight, x = numbers(20, 50), numbers(4, 50, seed=1)
    y = multiplier(weight, kind)(x)
    wide = torch.zeros(21, 57)
    wide[1:, 3:53] = weight
    apart = torch.zeros(8, 51)
    apart[1::2, 1:] = x
    for w in (wide[1:, 3:53], weight.T.contiguous().T, weight.double()):
        for rows in (apart[1::2, 1:], x.T.contiguous().T, x.double()):
            assert torch.equal(multiplier(w, kind)(rows), y)
    assert torch.equal(multiplier(weight, kind)(x[:1].expand(4, 50)), y[:1].expand(4, 20))


def test_products_at_once_from_many_threads_are_right() -> None:
    native = multiplier(numbers(700, 300), "int8", Pool(3))
    rows = [numbers(1 + i % 5, 300, seed=i) for i in range(60)]
    expected = [native(x) for x in rows]
    with ThreadPoolExecutor(6) as threads:
        for y, right in zip(threads.map(native, rows), expected, strict=True):
            assert torch.equal(y, right)


def test_what_cannot_be_multiplied_is_said() -> None:
    native = multiplier(numbers(4, 8), "int8")
    for x in (numbers(2, 9), numbers(8), numbers(1, 2, 8), torch.empty(2, 8, device="meta")):
        with pytest.raises(ValueError, match="rows of 8 numbers"):
            native(x)
    for weight in (torch.empty(0, 8), torch.empty(8, 0), torch.empty(1, (1 << 17) + 1)):
        with pytest.raises(ValueError, match="cannot be packed"):
            multiplier(weight, "int8")
    for weight in (numbers(8), torch.empty(2, 8, device="meta")):
        with pytest.raises(ValueError, match="a weight is"):
            multiplier(weight, "int8")
    ours, native_weight = library.library(), byref(native.weight)
    with pytest.raises(NativeError, match="memory"):
        library.check(ours.vn_matmul(None, native_weight, 1, None, 8, None, 4, None))
    with pytest.raises(NativeError, match="shape"):
        library.check(
            ours.vn_matmul(None, native_weight, 2, native.room.address, 8, native.room.address, 3, native.room.address)
        )


def test_errors_of_rounding_are_as_small_as_promised() -> None:
    """Against the weight itself: 1.1 % in 8 bits, and in 4 bits less than torch's own plain rounding."""
    weight, x = numbers(512, 1024), numbers(8, 1024, seed=1)
    exact = x.double() @ weight.double().T

    def error(y: torch.Tensor) -> float:
        return float((y - exact).norm() / exact.norm())

    assert error(multiplier(weight, "float32")(x)) < 1e-6
    assert error(multiplier(weight, "bfloat16")(x)) < 3e-3
    assert error(multiplier(weight, "int8")(x)) < 0.0115
    assert error(multiplier(weight, "int4")(x)) < min(0.088, error(linear.Int4(weight)(x)))
