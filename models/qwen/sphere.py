"""The mean of directions: what lies between voices, where a straight line would lead through their inside."""

from __future__ import annotations

from typing import Final

import torch

# Where a step ends that no float32 would notice; two vectors need one step, a handful a dozen.
_CLOSE: Final = 1e-12
_STEPS: Final = 100
# Directions this close to opposite ones have no shortest way between them that rounding would not choose.
_OPPOSITE: Final = 1e-6


def mean(vectors: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The weighted mean of vectors [n, width] in float64: of their directions on the sphere, and of their lengths.

    The direction is the one with the least weighted sum of squared angles to all (Karcher's); of two that is slerp. The
    same to the last bit in any order. Raises ValueError for vectors without a direction, and for opposite ones.
    """
    order = sorted(range(len(weights)), key=lambda row: (float(weights[row]), vectors[row].tolist()))
    vectors, weights = vectors[order], weights[order]
    vectors, shares = vectors.double(), weights.double() / weights.max()  # before they are added: a sum may overflow
    shares = shares / shares.sum()
    lengths = torch.linalg.vector_norm(vectors, dim=1)
    if not bool((lengths > 0).all()):
        raise ValueError("one of them is all zeros and has no direction")
    units = vectors / lengths[:, None]
    middle = shares @ units
    for _ in range(_STEPS):
        length = torch.linalg.vector_norm(middle)
        if float(length) < _OPPOSITE:
            raise ValueError("they lie opposite each other, with nothing between them")
        middle = middle / length
        step = _step(units, shares, middle)
        size = torch.linalg.vector_norm(step)
        if float(size) < _CLOSE:
            break
        middle = middle * size.cos() + step / size * size.sin()
    between: torch.Tensor = middle * (shares @ lengths)
    return between


def _step(units: torch.Tensor, shares: torch.Tensor, middle: torch.Tensor) -> torch.Tensor:
    """The way along the sphere from `middle` to the mean of the ways to all, as a tangent."""
    cosines = units @ middle
    if float(cosines.min()) < _OPPOSITE - 1:
        raise ValueError("they lie opposite each other, with nothing between them")
    across = units - cosines[:, None] * middle
    sines = torch.linalg.vector_norm(across, dim=1)
    step: torch.Tensor = (shares * torch.atan2(sines, cosines) / sines.clamp(min=_CLOSE)) @ across
    return step
