"""The channels of a recording, and what is left when they are put together: a model hears one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voices.clips.frames import SILENCE_DB, Samples

# One channel this far below the other is an empty one.
_EMPTY_DB: Final = 40.0


@dataclass(frozen=True, slots=True)
class Sides:
    """What two channels have to do with each other."""

    correlation: float
    """1 is the same sound in both, 0 nothing in common, -1 the same turned over."""
    lost_db: float
    """How much quieter the average of both is than they are: 0 for the same, 3 for strangers."""
    empty: bool
    """Whether all of the sound is in one of them."""


def sides(planes: Samples) -> Sides | None:
    """Of [2, n] samples; None where there is one channel, or no sound."""
    if len(planes) != 2:
        return None
    left, right = (plane.astype(np.float64) - plane.mean(dtype=np.float64) for plane in planes)
    one, other, product = float(left @ left), float(right @ right), float(left @ right)
    if max(one, other) < len(left) * 10 ** (SILENCE_DB / 10):
        return None
    empty = min(one, other) < max(one, other) / 10 ** (_EMPTY_DB / 10)
    mixed = (one + other + 2 * product) / 4
    lost = 10 * np.log10(max(one + other, 1e-30) / 2 / max(mixed, 1e-30))
    correlation = product / np.sqrt(one * other) if min(one, other) > 0 else 0.0
    return Sides(float(correlation), float(lost), empty)
