"""What the kernels should answer, in float64, and by how much their rounding may miss it."""

from __future__ import annotations

import random

import torch

from models.qwen.native import library
from models.qwen.native.pool import Pool
from models.qwen.native.products import Kind, Native, pack

KINDS: tuple[Kind, ...] = ("float32", "bfloat16", "slim", "int8", "int4")
QUANTISED: tuple[Kind, ...] = ("int8", "int4")
# The ways that this machine can run; none where the library is not built, which test_qwen_native_library does not forgive.
PATHS = () if library.why_not() else library.paths()
# Half a unit in the last place of 1.
ROUNDING = 2.0**-24


def multiplier(weight: torch.Tensor, kind: Kind, threads: Pool | None = None) -> Native:
    """A product with a weight that is packed exactly so."""
    return Native(pack(weight, kind), threads)


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def hard_rows(rows: int, width: int, seed: int) -> torch.Tensor:
    """Rows of very different sizes, with zeros, one number that towers over the others, and extremes everywhere."""
    x = numbers(rows, width, seed=seed)
    dice = random.Random(seed)
    for row in x:
        match dice.randrange(5):
            case 0:
                row.zero_()
            case 1:
                row[dice.randrange(width)] = 1e6
            case 2:
                row.copy_(row.sign())
            case 3:
                row.mul_(10.0 ** dice.randint(-12, 12))
            case _:
                row[:: dice.randint(1, 3)] = 0
    return x


def made_ready(x: torch.Tensor, kind: Kind) -> torch.Tensor:
    """The activations that a product of this kind sees, in float64."""
    if kind == "float32":
        return x.double()
    if kind in ("bfloat16", "slim"):
        return x.bfloat16().double()
    scale = x.abs().amax(1, keepdim=True).clamp_min(1e-30)
    return (x / scale * 127).round().double() * (scale.double() / 127)


def assert_right(y: torch.Tensor, native: Native, x: torch.Tensor) -> None:
    """y is the product of the packed weight with the activations as they are made ready, but for float32's rounding."""
    weight, ready = native.unpacked().double(), made_ready(x, native.kind)
    sums = {"int8": 0, "int4": native.width / 32}.get(native.kind, native.width)
    allowed = (sums + 8) * ROUNDING * (ready.abs() @ weight.abs().T) + 1e-36
    assert y.shape == (x.shape[0], native.out)
    assert ((y.double() - ready @ weight.T).abs() <= allowed).all()
