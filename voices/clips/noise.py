"""What is heard where nobody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voices.clips.frames import CHUNK, RATE, SILENCE_DB, Numbers, Samples, framed, levels, mean_level
from voices.clips.hearing import Hearing

# A quarter of a second of pauses tells the noise; with less of them it is the quietest twentieth of the chunks.
_ENOUGH: Final = 8
_QUIETEST: Final = 0.05
# Below this a recorder writes zeros or the last bit: a gate or an editor was there, and the noise is elsewhere.
_DIGITAL_DB: Final = -85.0
# Mains and motors are below, and most of their power with them.
_HUM_HZ: Final = 350.0
_HUM_SHARE: Final = 0.8
# Below, a microphone on a table hears footsteps and traffic that no ear does; mains are heard by their harmonics.
_HEARD_HZ: Final = 80.0
# Better than any room; what is above is no news.
_BEST_SNR: Final = 90.0


@dataclass(frozen=True, slots=True)
class Noise:
    """Levels in decibels, relative to full scale."""

    speech_db: float
    floor_db: float
    low: bool
    """Whether it is a hum or a rumble rather than a hiss."""

    @property
    def snr(self) -> float:
        """How far speech is above the noise, in decibels."""
        return min(_BEST_SNR, self.speech_db - self.floor_db)


def noise(samples: Samples, hearing: Hearing) -> Noise:
    """Of mono samples at 16 kHz in which speech was found."""
    samples = _without_rumble(samples)
    decibels = levels(samples)
    pauses = hearing.pauses & (decibels > _DIGITAL_DB)
    if pauses.sum() >= _ENOUGH:
        floor = float(np.median(decibels[pauses]))
    else:
        floor = float(np.quantile(decibels, _QUIETEST)) if decibels.size else SILENCE_DB
    return Noise(mean_level(decibels[hearing.speech]), floor, _is_low(framed(samples, CHUNK, CHUNK)[pauses]))


def _without_rumble(samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples)
    spectrum[: int(_HEARD_HZ / RATE * len(samples))] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def _is_low(chunks: Samples) -> bool:
    if len(chunks) < _ENOUGH:
        return False
    power: Numbers = np.mean(np.abs(np.fft.rfft(chunks * np.hanning(CHUNK), axis=1)) ** 2, axis=0)
    return bool(power[: int(_HUM_HZ / RATE * CHUNK)].sum() > _HUM_SHARE * power.sum())
