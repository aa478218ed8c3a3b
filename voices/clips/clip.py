"""A recording of a voice, measured: everything that can be said of it without knowing what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voices.clips.bandwidth import bandwidth
from voices.clips.company import company
from voices.clips.frames import CHUNK, CHUNK_S, RATE, Samples, levels
from voices.clips.hearing import listen
from voices.clips.level import Clipping, clipped, loudness
from voices.clips.music import Tones, tones
from voices.clips.noise import Noise, noise
from voices.clips.sides import Sides, sides

# What is listened to closely: the detector of speech takes 40 ms for a second. Of a longer recording it is the beginning,
# the middle and the end.
CLOSELY_S: Final = 24.0
_STRETCHES: Final = 3
# Quieter is nothing that anyone meant to record.
_SOUND_DB: Final = -75.0


@dataclass(frozen=True, slots=True)
class Clip:
    """What was measured. Of a recording without sound most is nothing."""

    seconds: float
    """Of the whole recording, even where only its beginning was heard."""
    sample_rate: int
    channels: int
    sound_s: float
    """In which there is any sound at all."""
    offset: float
    """How far the middle of the wave is from zero, of full scale."""
    peak: float
    """1 is full scale."""
    loudness: float
    """LUFS."""
    clipping: Clipping
    sides: Sides | None
    speech_s: float
    """In which somebody speaks, with the short pauses; of a long recording an estimate."""
    lead_s: float
    tail_s: float
    """Before the first word and after the last."""
    noise: Noise | None
    """None where nobody speaks."""
    bandwidth: float
    """Hz up to which speech was recorded; 0 where nobody speaks."""
    apart: float
    """How different the voices in it are; see `company.APART`."""
    tones: Tones


def measure(planes: Samples, sample_rate: int, *, seconds: float | None = None, channels: int | None = None) -> Clip:
    """Measure [1 or 2, n] samples in -1..1, n at least 1. A minute takes a second and a half.

    Args:
        seconds: how long all of it is, where the samples are only its beginning.
        channels: how many the recording has, where they were averaged.
    """
    heard_s = planes.shape[1] / sample_rate
    whole_s = max(heard_s, seconds or 0.0)
    mixed = planes.mean(axis=0, dtype=np.float32)
    offset = float(mixed.mean(dtype=np.float64))
    mixed = mixed - np.float32(offset)
    wide = _closely(mixed, sample_rate)
    close = _resampled(wide, sample_rate)
    hearing = listen(close)
    spoken, scale = bool(hearing.speech.any()), whole_s * sample_rate / len(wide)
    return Clip(
        seconds=whole_s,
        sample_rate=sample_rate,
        channels=channels or len(planes),
        sound_s=float((levels(close) > _SOUND_DB).sum()) * CHUNK_S * scale,
        offset=offset,
        peak=float(np.abs(planes).max()),
        loudness=loudness(wide, sample_rate),
        clipping=_worst([clipped(plane) for plane in planes]),
        sides=sides(planes),
        speech_s=min(whole_s, hearing.seconds * scale),
        lead_s=hearing.lead,
        tail_s=hearing.tail if whole_s - heard_s < CHUNK_S else 0.0,
        noise=noise(close, hearing) if spoken else None,
        bandwidth=bandwidth(wide, sample_rate, hearing.speech) if spoken else 0.0,
        apart=company(close, hearing.speech),
        tones=tones(close, hearing),
    )


def _closely(samples: Samples, rate: int) -> Samples:
    """All of a short recording; the beginning, the middle and the end of a long one, joined."""
    if len(samples) <= CLOSELY_S * rate:
        return samples
    size = int(CLOSELY_S * rate / _STRETCHES)
    begins = (0, (len(samples) - size) // 2, len(samples) - size)
    return np.concatenate([samples[begin : begin + size] for begin in begins])


def _resampled(samples: Samples, rate: int) -> Samples:
    """At 16 kHz, a whole chunk at least."""
    if rate != RATE:
        import soxr

        samples = soxr.resample(samples, rate, RATE).astype(np.float32)
    return np.pad(samples, (0, max(0, CHUNK - len(samples))))


def _worst(found: list[Clipping]) -> Clipping:
    return max(found, key=lambda one: (one.share, one.pressed))
