"""Samples in short pieces, as every measure of a recording looks at them."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# What speech is judged at: all that tells voices apart is below 8 kHz, and the detector of speech knows no other rate.
RATE: Final = 16_000
# A chunk of 32 ms: what the detector takes, and short enough for the pauses between words.
CHUNK: Final = 512
CHUNK_S: Final = CHUNK / RATE
# Of what cannot be heard any more: 24 bits end at -144 dB.
SILENCE_DB: Final = -120.0


def framed(samples: Samples, size: int, hop: int) -> npt.NDArray[np.float32]:
    """[n, size] without a copy, one every `hop` samples; what is left at the end is left out."""
    if len(samples) < size:
        return np.zeros((0, size), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::hop]


def levels(samples: Samples) -> Numbers:
    """Decibels of each whole chunk, relative to full scale; SILENCE_DB at least."""
    chunks = samples[: len(samples) // CHUNK * CHUNK].reshape(-1, CHUNK)
    power = np.mean(np.square(chunks, dtype=np.float64), axis=1)
    decibels: Numbers = 10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10)))
    return decibels


def mean_level(decibels: Numbers) -> float:
    """The level of several chunks together; SILENCE_DB for none."""
    return float(10 * np.log10(np.mean(10 ** (decibels / 10)))) if decibels.size else SILENCE_DB


def widened(mask: Mask, before: int, after: int) -> Mask:
    """True as many places earlier and later as well."""
    reach = np.ones(before + after + 1)
    full = np.convolve(mask.astype(float), reach)[before : before + len(mask)]
    wide: Mask = full > 0.5
    return wide


def runs(mask: Mask) -> npt.NDArray[np.int64]:
    """[n, 2]: where each run of True begins and where it has ended."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return edges.reshape(-1, 2)
