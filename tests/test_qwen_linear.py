"""Products at every precision: close to the exact one, each row by itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.qwen import linear
from models.qwen.linear import Int4, Int8, Packed16, Plain, Precision, packed
from models.qwen.native import library
from models.qwen.native.products import Native

# The relative error of an output, in root mean square, on normal numbers.
ERROR: dict[Precision, float] = {"float32": 1e-6, "float16": 1e-3, "bfloat16": 4e-3, "int8": 0.012, "int4": 0.12}
ALONE: list[Precision] = ["int8", "int4"]


@pytest.fixture(scope="module", autouse=True, params=["native", "torch"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """With the kernels in C, and as if they were not there."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "torch":
            patch.setattr(library, "why_not", lambda: "not in this test")
        elif reason := library.why_not():
            pytest.skip(reason)
        yield request.param


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def error(product: torch.Tensor, weight: torch.Tensor, x: torch.Tensor) -> float:
    exact = x.double() @ weight.double().T
    return float((product - exact).norm() / exact.norm())


@pytest.mark.parametrize("precision", ERROR)
@pytest.mark.parametrize(("out", "width"), [(64, 32), (1088, 32), (256, 1024), (20, 24)])
def test_products_are_as_close_as_their_precision(precision: Precision, out: int, width: int) -> None:
    weight = numbers(out, width) * width**-0.5
    x = numbers(5, width, seed=1) * torch.tensor([1.0, 100.0, 1e-4, 3.0, 1.0])[:, None]
    y = packed(weight.clone(), precision)(x)
    assert y.dtype == torch.float32
    for row in range(5):  # every row on its own scale
        assert error(y[row], weight, x[row]) < ERROR[precision]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("precision", ERROR)
def test_weights_may_be_stored_in_any_dtype(precision: Precision, dtype: torch.dtype) -> None:
    weight, x = numbers(64, 96).to(dtype), numbers(2, 96, seed=1)
    assert error(packed(weight, precision)(x), weight, x) < ERROR[precision]


@pytest.mark.parametrize("precision", ALONE)
@pytest.mark.parametrize(("out", "width"), [(64, 32), (96, 160), (1024, 3072), (4096, 1024)])
def test_a_row_is_the_same_beside_any_neighbours(precision: Precision, out: int, width: int) -> None:
    """To the last bit, in any batch: the promise that samples rest on."""
    product = packed(numbers(out, width), precision)
    x = numbers(20, width, seed=1) * torch.rand(20, 1, generator=torch.Generator().manual_seed(2)) * 50
    alone = torch.cat([product(row) for row in x.split(1)])
    for rows in (2, 3, 4, 5, 8, 16, 20):
        assert torch.equal(product(x[:rows]), alone[:rows])
    assert torch.equal(product(x.flip(0)), alone.flip(0))


@pytest.mark.parametrize("precision", ALONE)
@given(st.lists(st.sampled_from([0.0, 1e-30, 1e-6, 1.0, 7.0, 1e6, 1e30]), min_size=1, max_size=9))
def test_the_size_of_a_neighbour_does_not_matter(precision: Precision, sizes: list[float]) -> None:
    product = packed(numbers(32, 64), precision)
    x = numbers(len(sizes), 64, seed=3) * torch.tensor(sizes)[:, None]
    together = product(x)
    assert bool(together.isfinite().all())
    for row in range(len(sizes)):
        assert torch.equal(product(x[row : row + 1])[0], together[row])


@pytest.mark.parametrize("precision", ERROR)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_row_that_is_not_finite_stays_alone_and_is_seen(precision: Precision, value: float) -> None:
    product = packed(numbers(64, 32), precision)
    x = numbers(4, 32, seed=1)
    clean = product(x)
    x[1, 3] = value
    harmed = product(x)
    assert not bool(harmed[1].isfinite().all())
    torch.testing.assert_close(harmed[[0, 2, 3]], clean[[0, 2, 3]], rtol=0, atol=0)


@pytest.mark.parametrize("precision", ERROR)
def test_nothing_in_nothing_out(precision: Precision) -> None:
    weight = numbers(64, 32)
    weight[5] = 0.0
    y = packed(weight, precision)(torch.cat([torch.zeros(1, 32), numbers(1, 32, seed=1)]))
    assert not y[0].any()
    assert float(y[1, 5]) == 0.0


@pytest.mark.parametrize("precision", ERROR)
def test_the_input_is_left_as_it_was(precision: Precision) -> None:
    x = numbers(3, 32)
    before = x.clone()
    packed(numbers(64, 32), precision)(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize("precision", ERROR)
def test_the_weight_may_change_or_go_afterwards(precision: Precision) -> None:
    weight, x = numbers(64, 32), numbers(2, 32, seed=1)
    product = packed(weight, precision)
    before = product(x)
    weight.zero_()
    assert torch.equal(product(x), before)


def test_the_kernels_multiply_where_they_are_but_for_float32(way: str) -> None:
    kinds = [precision for precision in ERROR if isinstance(packed(numbers(64, 32), precision), Native)]
    assert kinds == (["bfloat16", "int8", "int4"] if way == "native" else [])
    alone = [precision for precision in ERROR if linear.independent(precision)]
    assert alone == (kinds or ["int8", "int4"])


def test_int4_takes_what_has_a_tile_and_int8_the_rest(way: str) -> None:
    if way == "native":
        pytest.skip("the kernels take any shape")
    assert isinstance(packed(numbers(64, 32), "int4"), Int4)
    assert isinstance(packed(numbers(20, 32), "int4"), Int8)
    assert isinstance(packed(numbers(64, 24), "int4"), Int8)


def test_packing_on_many_threads_leaves_the_warnings_of_the_process_alone() -> None:
    weight, before = numbers(64, 64), list(warnings.filters)
    for _ in range(20):
        linear._use_fbgemm.cache_clear()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: Int8(weight), range(8)))
        assert list(warnings.filters) == before


def test_a_processor_without_vnni_gets_smaller_activations(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, x = numbers(64, 256), numbers(4, 256, seed=1)
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
    assert error(Int8(weight.clone())(x), weight, x) < 2 * ERROR["int8"]


def test_without_onednn_bfloat16_is_plain(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "native":
        pytest.skip("the kernels have their own")
    monkeypatch.setattr(linear.Packed16, "works", staticmethod(lambda: False))
    weight, x = numbers(64, 32), numbers(2, 32, seed=1)
    product = packed(weight, "bfloat16")
    assert isinstance(product, Plain)
    assert error(product(x), weight, x) < ERROR["bfloat16"]


@pytest.mark.skipif(not Packed16.works(), reason="this processor multiplies no bfloat16")
def test_packed_bfloat16_is_torch_s_own() -> None:
    weight, x = numbers(256, 96), numbers(3, 96, seed=1)
    torch.testing.assert_close(Packed16(weight)(x), Plain(weight, torch.bfloat16)(x), rtol=8e-3, atol=2e-2)
