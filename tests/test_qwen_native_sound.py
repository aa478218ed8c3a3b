"""The codec's convolutions in C are torch's: by every way that this machine can run, in any pieces, beside any neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import pytest
import torch
from test_qwen_codec import Made, ratio

from models.qwen.codec_parts import Source
from models.qwen.codec_state import CodecState, Layout
from models.qwen.codec_wave import Sound
from models.qwen.config import CodecShape, StackShape
from models.qwen.native import library

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))

STACK = StackShape(layers=1, hidden=24, heads=2, kv_heads=2, head_dim=12, intermediate=8, eps=1e-5, theta=1e4)
# Widths that fill no tile and no register, one that fills them, and one with a second tile's worth.
SHAPES = {
    "odd": CodecShape(STACK, 72, 64, 16, latent=20, channels=48, upsample=(2, 2), blocks=(3, 2, 1, 2)),
    "even": CodecShape(STACK, 72, 64, 16, latent=32, channels=256, upsample=(2, 1), blocks=(2, 3, 2)),
    "plain": CodecShape(STACK, 72, 64, 16, latent=64, channels=96, upsample=(2,), blocks=(2,)),
}  # fmt: skip


@pytest.fixture(params=library.paths() if library.why_not() is None else [])
def path(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every way to multiply that this machine can run."""
    before = library.path()
    library.use(request.param)
    yield request.param
    library.use(before)


class Quiet(Made):
    """Weights that keep the wave within its bounds, which would hide what is wrong."""

    def read(self, name: str, *shape: int) -> torch.Tensor:
        return super().read(name, *shape) * (0.4 if len(shape) > 1 else 1.0)


class Both:
    """The same weights, twice."""

    def __init__(self, shape: CodecShape) -> None:
        from models.qwen.native.sound import NativeSound

        self.shape, self.theirs, self.ours = shape, Layout(), Layout()
        made = torch.Generator().manual_seed(3)
        before = (torch.randn(shape.latent, 24, generator=made) * 0.2, torch.randn(shape.latent, generator=made) * 0.1)
        self.torch = Sound(Source(Quiet(), "decoder.", self.theirs, torch.float32, "cpu"), shape, lambda: before)
        exact = Source(Quiet(), "decoder.", Layout(), torch.float64, "cpu")
        self.exact = Sound(exact, shape, lambda: before)
        self.native = NativeSound(Source(Quiet(), "decoder.", self.ours, torch.float32, "cpu"), shape, lambda: before)

    def states(self, layout: Layout, rows: int) -> list[CodecState]:
        return [CodecState(torch.zeros(layout.size), torch.zeros(0)) for _ in range(rows)]

    def frames(self, rows: int, frames: int) -> torch.Tensor:
        return torch.randn(rows, frames, 24, generator=torch.Generator().manual_seed(rows * 100 + frames))

    def expected(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """In 64 bits, and torch's own in 32."""
        states = [CodecState(torch.zeros(self.theirs.size, dtype=torch.float64), torch.zeros(0)) for _ in x]
        with torch.inference_mode():
            return self.exact(states, x.double()), self.torch(self.states(self.theirs, len(x)), x)

    def got(self, x: torch.Tensor, *pieces: int) -> torch.Tensor:
        states, found, at = self.states(self.ours, len(x)), [], 0
        for piece in pieces or (x.shape[1],):
            found.append(self.native(states, x[:, at : at + piece]))
            at += piece
        return torch.cat(found, 1)


@cache
def twice(name: str) -> Both:
    return Both(SHAPES[name])


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_as_exact_as_torch(name: str, path: str) -> None:
    both = twice(name)
    x = both.frames(2, 13)
    expected, torchs = both.expected(x)
    assert 1e-3 < expected.std() < 0.9
    assert ratio(expected, both.got(x)) > ratio(expected, torchs) - 6 > 60


@pytest.mark.parametrize("name", SHAPES)
def test_no_bit_depends_on_pieces_neighbours_or_threads(name: str, path: str) -> None:
    both = twice(name)
    x = both.frames(3, 12)
    whole = both.got(x)
    for pieces in ((1,) * 12, (5, 7), (2, 9, 1)):
        assert torch.equal(both.got(x, *pieces), whole), pieces
    for row in range(3):
        assert torch.equal(both.got(x[row : row + 1], 4, 8), whole[row : row + 1])
    threads = torch.get_num_threads()
    for other in (1, 2, 3):
        torch.set_num_threads(other)
        try:
            assert torch.equal(both.got(x, 3, 9), whole), other
        finally:
            torch.set_num_threads(threads)


def test_neighbours_hear_nothing_of_a_poisoned_row(path: str) -> None:
    both = twice("even")
    x = both.frames(2, 4)
    clean = both.got(x)
    x[0, 1, 3], x[0, 2, 5] = math.nan, math.inf
    poisoned = both.got(x)
    assert torch.equal(poisoned[1], clean[1])
    assert not torch.equal(poisoned[0], clean[0])


def test_memory_that_held_something_else_is_not_heard(path: str) -> None:
    both = twice("odd")
    x = both.frames(1, 3)
    first = both.got(x)
    both.native(both.states(both.ours, 4), torch.full((4, 9, 24), math.nan))
    assert torch.equal(both.got(x), first)


def test_loud_sounds_stay_within_bounds(path: str) -> None:
    both = twice("even")
    found = both.got(both.frames(1, 4) * 1e4)
    assert found.abs().max() <= 1
    assert bool(torch.isfinite(found).all())


def test_nothing_is_nothing(path: str) -> None:
    both = twice("plain")
    assert both.native([], torch.empty(0, 4, 24)).shape == (0, 4 * both.shape.hop)
    assert both.native(both.states(both.ours, 1), torch.empty(1, 0, 24)).shape == (1, 0)
