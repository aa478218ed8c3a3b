"""Whether there is music: tones that stay where they are, which no voice keeps up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voices.clips.frames import CHUNK, RATE, Mask, Samples, framed, levels, mean_level
from voices.clips.hearing import Hearing

# 128 ms tell neighbouring notes apart. Below 300 Hz the lowest harmonics of a voice stay as well; above 5 kHz is little.
_WINDOW: Final = 2048
_LOW: Final = 300 * _WINDOW // RATE
_HIGH: Final = 5000 * _WINDOW // RATE
# A tone stands 12 dB above what is around it and stays within a bin, 8 Hz, for six steps: 0.2 s.
_ABOVE_DB: Final = 12.0
_AROUND: Final = 12
_STAYS: Final = 6
_HEARD_DB: Final = -40.0
# A tone that is there nearly all the time is a hum or a whistle of the wiring.
_ALWAYS: Final = 0.8
# What is quieter, in relation to the loudest, is not what the recording is of; and music under a voice is not as quiet.
_LOUD_DB: Final = 25.0
_UNDER_DB: Final = 40.0
# A quarter of a second of pauses, for what can be said of them.
_ENOUGH: Final = 8


@dataclass(frozen=True, slots=True)
class Tones:
    """How many tones stay, on average."""

    throughout: float
    """While anything is loud. Speech has 0.2, at most 2.0 in 356 readings of LibriSpeech; songs and orchestras have 4 to 20."""
    in_pauses: float
    """While nobody speaks; 0 where there are too few pauses. Of those readings one in a hundred is above 2, none above 3.5."""


def tones(samples: Samples, hearing: Hearing) -> Tones:
    """Of mono samples at 16 kHz."""
    decibels = levels(samples)
    staying = _staying(samples)[: len(decibels)]
    if not staying.size:
        return Tones(0.0, 0.0)
    loud = decibels > np.quantile(decibels, 0.95) - _LOUD_DB
    reference = mean_level(decibels[hearing.speech]) if hearing.speech.any() else float(decibels.max())
    pauses = hearing.pauses & (decibels > reference - _UNDER_DB)
    return Tones(float(staying[loud].mean()), float(staying[pauses].mean()) if pauses.sum() >= _ENOUGH else 0.0)


def _staying(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many tones stay, for each chunk."""
    frames = framed(np.pad(samples, _WINDOW // 2), _WINDOW, CHUNK)
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32), axis=1))
    decibels = 20 * np.log10(spectrum[:, _LOW - _AROUND : _HIGH + _AROUND] + 1e-5)
    around = np.median(np.lib.stride_tricks.sliding_window_view(decibels, 2 * _AROUND + 1, axis=1), axis=2)
    here, below, above = (decibels[:, _AROUND + n : n - _AROUND or None] for n in (0, -1, 1))
    peaks = (here >= below) & (here >= above) & (here > around + _ABOVE_DB) & (here > _HEARD_DB)
    stays: np.ndarray[tuple[int], np.dtype[np.int64]] = (_long(peaks) & ~_always(peaks)).sum(axis=1)
    return stays


def _long(peaks: Mask) -> Mask:
    """Peaks that have a neighbour, within a bin, in each of several frames in a row."""
    near = _near(peaks)
    kept = np.zeros_like(near)
    if len(near) >= _STAYS:
        whole = np.all(np.lib.stride_tricks.sliding_window_view(near, _STAYS, axis=0), axis=-1)
        for step in range(_STAYS):
            kept[step : step + len(whole)] |= whole
    return kept & peaks


def _near(peaks: Mask) -> Mask:
    near = peaks.copy()
    near[:, 1:] |= peaks[:, :-1]
    near[:, :-1] |= peaks[:, 1:]
    return near


def _always(peaks: Mask) -> Mask:
    """Places where there is a peak nearly all the time."""
    always: Mask = _near(peaks).mean(axis=0) > _ALWAYS
    return always
