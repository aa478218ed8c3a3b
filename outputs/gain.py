"""Louder or quieter, as a stream; what would be clipped is bent instead."""

from __future__ import annotations

from typing import Final

import numpy as np

# Decibels: below, nothing is heard; above, a whisper is bent into noise.
MIN_GAIN: Final = -40.0
MAX_GAIN: Final = 20.0
# From here on samples are bent towards full scale, 1.5 dB below it: speech at the house's loudness hardly gets there.
_KNEE: Final = 0.84


def amplified(pcm: bytes, gain: float) -> bytes:
    """s16le with `gain` decibels, sample by sample: however it is cut, it is the same."""
    if not gain:
        return pcm
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(10 ** (gain / 20) / 32768)
    if gain > 0:
        over = np.abs(samples) > _KNEE
        room = 1.0 - _KNEE
        samples[over] = np.sign(samples[over]) * (_KNEE + room * np.tanh((np.abs(samples[over]) - _KNEE) / room))
    return (samples * 32767.0).round().astype("<i2").tobytes()
