"""What the kernels compute in int8 and int4, once more in torch: weights and activations quantised as they do it.

Sums of whole numbers are exact, and scales are put back in the kernels' order, so that a product is theirs to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
import torch.nn.functional as F

from models.qwen import linear
from models.qwen.linear import GROUP, Linear
from models.qwen.native import library

# What makes a product of a weight; with that of int4 goes `fits`, which says for which weights.
Products = Callable[[torch.Tensor], Linear]

# What stands for the largest number of a row, or of a weight's, that holds nothing.
_LEAST = 1e-30
# A row's numbers come in steps of this, times the largest of them.
_STEP = torch.tensor(1.0) / 127
# So many products of 127 x 127 stay below 2^24; up to there float32 holds every whole number.
_PIECE = 1024
# By about so much of a step float32 misses what is rounded, each order of sums by another: of 127 steps a few roundings.
_NOISE = (7e-6, 14e-6, 28e-6, 56e-6)


class Whole8:
    """8-bit weights, one scale an output; 8-bit activations, one scale a row."""

    def __init__(self, weight: torch.Tensor) -> None:
        scales = weight.float().abs().amax(1).clamp_min(_LEAST) / 127
        self._weight = (weight.float() / scales[:, None]).round()
        self.scales = _STEP * scales

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        q, peaks = _quantised(x)
        parts = zip(torch.split(q, _PIECE, 1), torch.split(self._weight, _PIECE, 1), strict=True)
        sums = torch.stack([(some @ weight.T).long() for some, weight in parts]).sum(0)
        return sums.float() * self.scales * peaks


class Whole4:
    """4-bit weights, one scale for 32 of them, in bfloat16; activations as in Whole8."""

    def __init__(self, weight: torch.Tensor) -> None:
        groups = _grouped(weight.float())
        peaks = groups.abs().amax(-1, keepdim=True)
        # the largest becomes -8 of its scale, as there is no 8
        scales = (torch.where((groups == peaks).any(-1, keepdim=True), -peaks, peaks) / 8).bfloat16().float()
        self._weight = (groups / scales).round().clamp(-8, 7).nan_to_num(0.0).permute(1, 2, 0).contiguous()
        self.scales = scales.permute(1, 2, 0).contiguous()

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        q, peaks = _quantised(x)
        total = torch.zeros(len(x), self._weight.shape[2])
        for group in torch.bmm(_grouped(q).transpose(0, 1), self._weight) * self.scales:
            total += group
        return total * (peaks * _STEP)

    @staticmethod
    def fits(weight: torch.Tensor) -> bool:
        """Any shape does."""
        return True


def _quantised(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Whole numbers -127..127 for x [rows, width], as float32, and every row's largest number [rows, 1]."""
    peaks = x.abs().amax(1, keepdim=True).clamp_min(_LEAST)
    return _rounded(x / peaks * 127), peaks


def _rounded(steps: torch.Tensor) -> torch.Tensor:
    return steps.round()


def _grouped(rows: torch.Tensor) -> torch.Tensor:
    """[rows, groups, 32], zeros after the end."""
    return F.pad(rows, (0, -rows.shape[1] % GROUP)).view(len(rows), -1, GROUP)


@contextmanager
def reference(int8: Products = Whole8, int4: Products = Whole4) -> Iterator[None]:
    """Whatever is made in here torch computes, with these products."""
    with (
        patch.object(library, "why_not", lambda: "torch computes in this test"),
        patch.object(linear, "Int8", int8),
        patch.object(linear, "Int4", int4),
    ):
        yield


@contextmanager
def shaken(seed: int) -> Iterator[None]:
    """Activations that stand midway between two steps, but for float32's noise, fall to either side by chance in here."""
    source, noise = torch.Generator().manual_seed(seed), _NOISE[seed % len(_NOISE)]

    def rounded(steps: torch.Tensor) -> torch.Tensor:
        return (steps + noise * torch.randn(steps.shape, generator=source)).round()

    with patch(f"{__name__}._rounded", rounded):
        yield
