"""A stack's step in C is the arithmetic of a decoder stack, and a row's own whatever is around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.qwen.config import StackShape
from models.qwen.linear import Int8, Packed16, Precision
from models.qwen.native import library, steps
from models.qwen.native.library import NativeError
from models.qwen.native.pool import pool
from models.qwen.native.products import Kind
from models.qwen.native.steps import Layers, Place
from models.qwen.stack import Parts, Stack, Turning, last_norm, read

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))

SHAPE = StackShape(2, 64, 4, 2, 32, 96, 1e-6, 1e4)
# Groups of one, two and four, heads of one tile and of the released width, and more heads than the stack is wide.
SHAPES = [
    SHAPE,
    StackShape(1, 16, 1, 1, 16, 16, 1e-6, 1e6),
    StackShape(3, 48, 4, 1, 16, 80, 1e-5, 1e4),
    StackShape(1, 32, 6, 2, 128, 16, 1e-6, 1e6),
    StackShape(2, 64, 3, 3, 48, 32, 1e-6, 1e4),
]
KINDS: list[Kind] = ["bfloat16", "int8", "int4"]
LENGTHS = [0, 3, 40, 127, 1, 9, 16, 60]


class Numbers:
    """Made-up weights, the same for the same name."""

    def read(self, name: str, *shape: int) -> torch.Tensor:
        numbers = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(name.encode())))
        return numbers * shape[-1] ** -0.5 if len(shape) == 2 else 1 + numbers / 4

    table = read


@pytest.fixture(params=library.paths() if library.why_not() is None else [])
def path(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every way to multiply that this machine can run, by turns."""
    before = library.path()
    library.use(request.param)
    yield request.param
    library.use(before)


def layers(shape: StackShape = SHAPE, kind: Kind = "float32") -> Layers:
    return Layers(shape, Numbers(), "", kind)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def memory(
    shape: StackShape = SHAPE, length: int = 0, dtype: torch.dtype = torch.float32, seed: int = 0
) -> torch.Tensor:
    """Keys and values of a row that has so many positions behind it, and no numbers where it has none yet."""
    made = torch.full((shape.layers, 2 * shape.kv_heads, 140, shape.head_dim), float("nan"), dtype=dtype)
    made[:, :, :length] = normal(*made[:, :, :length].shape, seed=seed).to(dtype)
    return made


def exact(shape: StackShape, x: torch.Tensor, places: Sequence[Place]) -> torch.Tensor:
    """What a stack of these numbers makes of x, in float64."""
    x, parts = x.double(), [read(shape, Numbers(), "", number) for number in range(shape.layers)]
    cosines, sines = Turning(shape)(torch.tensor([position for _, position in places]))
    kept = [memory.double() for memory, _ in places]
    for number, layer in enumerate(parts):
        x = x + _seen(shape, number, layer, _unit(x, layer.before_attention, shape.eps), places, kept, (cosines, sines))
        inner = _unit(x, layer.before_mlp, shape.eps)
        gate = inner @ layer.gate.double().T
        x = x + (gate * gate.sigmoid() * (inner @ layer.up.double().T)) @ layer.down.double().T
    return _unit(x, last_norm(shape, Numbers(), ""), shape.eps)


def _unit(x: torch.Tensor, gains: torch.Tensor, eps: float) -> torch.Tensor:
    return x * (x.square().mean(-1, keepdim=True) + eps).rsqrt() * gains.double()


def _seen(
    shape: StackShape, number: int, layer: Parts, x: torch.Tensor, places: Sequence[Place], kept: list[torch.Tensor],
    turning: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:  # fmt: skip
    def heads(weight: torch.Tensor) -> torch.Tensor:
        return (x @ weight.double().T).view(len(x), -1, shape.head_dim)

    def turned(heads: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
        unit = _unit(heads, gains, shape.eps)
        return unit * turning[0] + unit.roll(shape.head_dim // 2, -1) * turning[1]

    q, k, v = (
        turned(heads(layer.queries), layer.query_gains),
        turned(heads(layer.keys), layer.key_gains),
        heads(layer.values),
    )
    for row, (_, position) in enumerate(places):
        kept[row][number, :, position] = torch.cat([k[row], v[row]])
    seen = []
    for row, (_, position) in enumerate(places):
        keys, values = kept[row][number, :, : position + 1].chunk(2)
        group = shape.heads // shape.kv_heads
        scores = torch.einsum("hd,hnd->hn", q[row], keys.repeat_interleave(group, 0))
        seen.append(torch.einsum("hn,hnd->hd", scores.softmax(-1), values.repeat_interleave(group, 0)).reshape(-1))
    return torch.stack(seen) @ layer.out.double().T


def off(y: torch.Tensor, expected: torch.Tensor) -> float:
    """How far, as a part of the whole."""
    return float((y - expected).norm() / expected.norm())


# --- the right numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_at_their_own_lengths(path: str, shape: StackShape) -> None:
    x, places = normal(4, shape.hidden), [(memory(shape, length, seed=length), length) for length in (0, 1, 17, 130)]
    expected = exact(shape, x, places)
    torch.testing.assert_close(layers(shape)(x, places).double(), expected, rtol=1e-4, atol=1e-5)


def test_keys_and_values_are_written_where_they_belong_and_nowhere_else() -> None:
    row = memory(length=5)
    before = row.clone()
    layers()(normal(1, 64), [(row, 5)])
    assert bool(row[:, :, 5].isfinite().all())
    row[:, :, 5] = before[:, :, 5]
    torch.testing.assert_close(row, before, rtol=0, atol=0, equal_nan=True)


@given(
    st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4),
    st.lists(st.integers(0, 139), min_size=1, max_size=7),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_any_shape(count: int, hidden: int, group: int, kv: int, width: int, inner: int, lengths: list[int]) -> None:
    shape = StackShape(count, 16 * hidden, group * kv, kv, 16 * width, 16 * inner, 1e-6, 1e4)
    x = normal(len(lengths), shape.hidden, seed=len(lengths))
    places = [(memory(shape, length, seed=seed), length) for seed, length in enumerate(lengths)]
    expected = exact(shape, x, places)
    torch.testing.assert_close(layers(shape)(x, places).double(), expected, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("size", [1e-20, 1e-3, 1e4, 1e12])
def test_inputs_of_any_size(size: float) -> None:
    x, places = normal(2, 64) * size, [(memory(length=9), 9), (memory(length=30, seed=1), 30)]
    expected = exact(SHAPE, x, places)
    torch.testing.assert_close(layers()(x, places).double(), expected, rtol=1e-4, atol=1e-5)


def test_keys_and_values_in_bfloat16_are_rounded_to_the_nearest() -> None:
    short, long = memory(length=20, dtype=torch.bfloat16), memory(length=20).bfloat16().float()
    x = normal(1, 64)
    near = layers()(x, [(short, 20)])
    far = layers()(x, [(long, 20)])
    assert torch.equal(short[0, :, 20], long[0, :, 20].bfloat16())
    assert 0 < off(near, far) < 4e-3


@pytest.mark.parametrize(("kind", "product"), [("int8", Int8), ("bfloat16", Packed16)])
def test_it_is_torch_s_step_where_torch_rounds_alike(
    kind: Precision, product: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left is the order of sums, and now and then a number that is rounded to its other neighbour."""
    if product is Packed16 and not Packed16.works():
        pytest.skip("this processor multiplies no bfloat16")
    with monkeypatch.context() as patch:
        patch.setattr(library, "why_not", lambda: "not now")
        plain = Stack(SHAPE, Numbers(), "", kind)
    row, x = memory(length=12), normal(1, 64)
    held = row.clone()

    def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
        held[layer, :, 12] = kv[0]
        keys, values = held[layer, :, :13].chunk(2)
        group = q.view(2, 2, 32)
        return ((group @ keys.transpose(1, 2)).softmax(-1) @ values).view(1, -1)

    expected = plain(x.clone(), plain.rotation(torch.tensor([12])), attend)
    y = layers(kind=kind)(x, [(row, 12)])  # type: ignore[arg-type]
    assert off(y, expected) < 5e-3
    assert off(y, exact(SHAPE, x, [(memory(length=12), 12)])) > 1e-3


# --- a row of its own ---------------------------------------------------------------------------------------------


def stepped(kind: Kind, rows: Sequence[int], threads: int = 1, times: int = 3) -> list[torch.Tensor]:
    """States of these rows of eight after each of some steps made together."""
    stack = layers(kind=kind)
    kept = [memory(length=LENGTHS[row], dtype=torch.bfloat16, seed=row) for row in rows]
    return [
        stack(
            normal(8, 64, seed=time)[list(rows)],
            [(row, LENGTHS[number] + time) for row, number in zip(kept, rows, strict=True)],
        )
        for time in range(times)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_the_same_alone_and_among_others(path: str, kind: Kind) -> None:
    """To the last bit, in any company and order."""
    together = stepped(kind, range(8))
    for rows in ([0], [3], [7], [1, 2], [6, 5, 4, 3, 2], list(range(7))):
        for mine, all_ in zip(stepped(kind, rows), together, strict=True):
            assert torch.equal(mine, all_[rows])


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_the_same_by_any_number_of_threads(kind: Kind, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """More threads than cores, and than heads, among them."""
    alone = stepped(kind, range(count))
    for threads in (2, 3, 5):
        monkeypatch.setattr(steps, "pool", lambda _, threads=threads: pool(threads))
        for mine, expected in zip(stepped(kind, range(count)), alone, strict=True):
            assert torch.equal(mine, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_positions_at_once_are_positions_one_by_one(kind: Kind) -> None:
    """To the last bit: each sees those before it, however they come."""
    stack, x, row = layers(kind=kind), normal(41, 64), memory()
    singly = torch.cat([stack(x[at : at + 1], [(row, at)]) for at in range(41)])
    again = memory()
    pieces = [
        stack(x[first:last], [(again, at) for at in range(first, last)]) for first, last in ((0, 1), (1, 18), (18, 41))
    ]
    assert torch.equal(torch.cat(pieces), singly)
    torch.testing.assert_close(again, row, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_is_no_number_stays_alone(kind: Kind, value: float) -> None:
    stack, x = layers(kind=kind), normal(4, 64)

    def places() -> list[Place]:
        return [(memory(length=length, seed=length), length) for length in (2, 5, 9, 30)]

    clean = stack(x, places())
    x[1, 7] = value
    harmed = stack(x, places())
    assert not bool(harmed[1].isfinite().any())
    assert torch.equal(harmed[[0, 2, 3]], clean[[0, 2, 3]])


# --- what cannot be -----------------------------------------------------------------------------------------------


def test_a_place_beyond_the_memory_is_refused() -> None:
    for position in (-1, 140):
        with pytest.raises(NativeError):
            layers()(normal(1, 64), [(memory(), position)])


def test_nothing_of_nobody() -> None:
    assert layers()(torch.empty(0, 64), []).shape == (0, 64)


@pytest.mark.parametrize(
    "shape", [StackShape(1, 24, 2, 1, 16, 32, 1e-6, 1e4), StackShape(1, 32, 2, 1, 8, 32, 1e-6, 1e4)]
)
def test_shapes_that_are_no_whole_tiles_are_torch_s(shape: StackShape) -> None:
    assert not steps.fits(shape)
    assert steps.fits(SHAPE)
