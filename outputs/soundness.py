"""What can be told of a take without its words: how long it speaks, how loud, where it is still, whether it goes in circles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Short enough for the gaps between words, long enough for the deepest voice.
_FRAME_S: Final = 0.02
# Of what cannot be heard any more; 16 bits end at -96 dB.
SILENCE_DB: Final = -100.0
# Whatever is spoken, what is this quiet is a still room.
_STILL_DB: Final = -60.0
_STILL: Final = 10 ** (_STILL_DB / 20)
# Speech has its level while it is within 20 dB of its loudest sound; 30 dB below that is the room, an echo, or a breath.
_LOUD_DB: Final = 20.0
_BELOW_DB: Final = 30.0
# Longer gaps are pauses; in shorter ones somebody is between two sounds ("p", "t") or two words.
_PAUSE_S: Final = 0.3
# How much of either end tells whether it was cut: speech takes longer to begin, and longer still to die away.
_BEGIN_S: Final = 0.005
_END_S: Final = 0.04
# Full scale; a sample on it was cut off, for the house's own limiter stays 1.5 dB below.
_FULL: Final = 0.999
# A click moves from one sample to the next by this much, and by so much more than the sound around it: the "s" of a bright
# voice moves by more than full scale, again and again.
_CLICK: Final = 0.1
_CLICK_RATIO: Final = 12.0
_CLICK_S: Final = 0.005
# Over two seconds everybody says something loud, so that their levels can be compared.
_LEVEL_S: Final = 2.0
# Circles are looked for in the last minute: the work grows with its square (0.3 s for it).
_CIRCLES_S: Final = 60.0
# A circle is no shorter than a word, and is told by a second that sounds as another one did. Of 60 sentences no two
# seconds were as alike as 0.5; the same second again, at any offset, is above 0.85.
_SHORTEST_CIRCLE_S: Final = 0.3
_WINDOW_S: Final = 1.0
_ALIKE: Final = 0.7
_BANDS: Final = 24
_LOWEST_HZ: Final = 80.0
_HIGHEST_HZ: Final = 7600.0


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was measured of a take. Decibels are relative to full scale where nothing else is said."""

    seconds: float
    speech_s: float
    """Of sound, with the short gaps in it."""
    lead_s: float
    """Silence at the beginning; all of it where there is no sound."""
    tail_s: float
    """Silence at the end; all of it where there is no sound."""
    pause_s: float
    """The longest silence in between."""
    level_db: float
    """While it sounds."""
    peak: float
    """From 0 to 1."""
    clipped: float
    """Share of the samples that are at full scale."""
    begins_db: float
    """The first 5 ms in relation to the level. Of 60 sentences all began 45 dB lower or more."""
    ends_db: float
    """The last 40 ms in relation to the level. All ended 50 dB lower or more."""
    falls_db: float
    """The same of the sound, without silence after it: what was cut first and then padded. All were 15 dB lower or more,
    while a voice may well begin a vowel at its full level."""
    swing_db: float
    """How much the level moves while it sounds: speech by 5 dB or more, a hiss or a hum by less than 2."""
    jump_db: float
    """Between the loudest and the quietest two seconds of speech."""
    clicks: int
    """Single samples that leave their place."""
    repeated_s: float
    """How long the end sounds as something before did: a voice that goes in circles. 0 below a second."""


def measure(pcm: bytes, sample_rate: int) -> Soundness:
    """Of s16le mono."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
    decibels = _levels(samples, int(_FRAME_S * sample_rate))
    level = _level(decibels)
    sounding = decibels > max(level - _BELOW_DB, _STILL_DB)
    lead, tail = (_silence(mask) for mask in (sounding, sounding[::-1]))
    gaps = _gaps(sounding) * _FRAME_S
    seconds = len(samples) / sample_rate
    peaks = np.abs(samples)
    first, last = samples[: int(_BEGIN_S * sample_rate)], int(_END_S * sample_rate)
    edges = (first, samples[-last:], _sound(samples)[-last:])
    begins, ends, falls = (_power(edge) - level if decibels.size else SILENCE_DB for edge in edges)
    return Soundness(
        seconds=seconds,
        speech_s=float(sounding.sum()) * _FRAME_S + float(gaps[gaps <= _PAUSE_S].sum()),
        lead_s=lead * _FRAME_S if sounding.any() else seconds,
        tail_s=tail * _FRAME_S if sounding.any() else seconds,
        pause_s=float(gaps.max(initial=0.0)),
        level_db=level,
        peak=float(peaks.max(initial=0.0)),
        clipped=float((peaks >= _FULL).mean()) if samples.size else 0.0,
        begins_db=begins,
        ends_db=ends,
        falls_db=falls,
        swing_db=float(np.std(decibels[sounding])) if sounding.any() else 0.0,
        jump_db=_jump(decibels, sounding),
        clicks=_clicks(samples, sample_rate),
        repeated_s=_repeated(samples, sounding, sample_rate),
    )


def _power(samples: Samples) -> float:
    if not samples.size:
        return SILENCE_DB
    return float(10 * np.log10(max(float(np.mean(np.square(samples, dtype=np.float64))), 10 ** (SILENCE_DB / 10))))


def _sound(samples: Samples) -> Samples:
    """Without the silence at both ends."""
    heard = np.flatnonzero(np.abs(samples) > _STILL)
    return samples[heard[0] : heard[-1] + 1] if heard.size else samples[:0]


def _levels(samples: Samples, size: int) -> Numbers:
    """Decibels of each whole frame."""
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    decibels: Numbers = 10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10)))
    return decibels


def _level(decibels: Numbers) -> float:
    """Of what is loud in it."""
    loud = decibels[decibels > decibels.max(initial=SILENCE_DB) - _LOUD_DB]
    return float(10 * np.log10(np.mean(10 ** (loud / 10)))) if loud.size else SILENCE_DB


def _silence(sounding: Mask) -> int:
    return int(np.argmax(sounding)) if sounding.any() else len(sounding)


def _gaps(sounding: Mask) -> Numbers:
    """How many frames each silence between two sounds has."""
    places = np.flatnonzero(sounding)
    apart: Numbers = (np.diff(places) - 1).astype(np.float64)
    return apart[apart > 0]


def _jump(decibels: Numbers, sounding: Mask) -> float:
    """Decibels between the loudest and the quietest stretch, each with half of it sounding at least."""
    size = int(_LEVEL_S / _FRAME_S)
    if len(decibels) < 2 * size:
        return 0.0
    stretches = [slice(n, n + size) for n in range(0, len(decibels) - size + 1, size // 2)]
    found = [_level(decibels[part]) for part in stretches if sounding[part].sum() * 2 >= size]
    return max(found) - min(found) if found else 0.0


def _clicks(samples: Samples, sample_rate: int) -> int:
    """Steps between two samples that stand alone."""
    reach = int(_CLICK_S * sample_rate)
    steps = np.abs(np.diff(samples.astype(np.float64)))
    places = np.flatnonzero(steps > _CLICK)
    # all steps before each one; those next to a click belong to it
    total = np.concatenate(([0.0], np.cumsum(np.square(steps))))
    first, last = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(steps))
    left, right = np.maximum(places - 2, first), np.minimum(places + 3, last)
    power = total[left] - total[first] + total[last] - total[right]
    usual = np.sqrt(np.maximum(power, 0.0) / np.maximum(left - first + last - right, 1))
    alone = places[steps[places] > _CLICK_RATIO * usual]
    return int((np.diff(alone, prepend=-2 * reach) > reach).sum())


def _repeated(samples: Samples, sounding: Mask, sample_rate: int) -> float:
    """Seconds of the longest stretch that sounds as another one did, in the last minute."""
    most = int(_CIRCLES_S / _FRAME_S)
    whole = samples[: len(sounding) * int(_FRAME_S * sample_rate)]
    sounds = _sounds(whole[-most * int(_FRAME_S * sample_rate) :], sounding[-most:], sample_rate)
    window, longest = int(_WINDOW_S / _FRAME_S), 0
    for lag in range(int(_SHORTEST_CIRCLE_S / _FRAME_S), len(sounds) - window):
        alike = np.einsum("nb,nb->n", sounds[lag:], sounds[:-lag])
        both = np.abs(sounds[lag:]).any(axis=1) | np.abs(sounds[:-lag]).any(axis=1)
        total = np.convolve(alike, np.ones(window), "valid")
        heard = np.convolve(both.astype(np.float64), np.ones(window), "valid")
        longest = max(longest, _longest((total > _ALIKE * heard) & (heard * 2 > window)))
    return (longest + window - 1) * _FRAME_S if longest else 0.0


def _longest(mask: Mask) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _sounds(samples: Samples, sounding: Mask, sample_rate: int) -> Numbers:
    """[frames, bands]: which sound each frame is, as a vector of length 1; nothing for silence."""
    hop = int(_FRAME_S * sample_rate)
    size = 2 * hop  # so that a circle need not be whole frames long to be told
    padded = np.pad(samples[: len(sounding) * hop], (hop // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][: len(sounding)]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)))
    bands = np.log(power @ _filters(size, sample_rate) + 1e-9)
    bands -= bands[sounding].mean(axis=0) if sounding.any() else 0.0
    bands[~sounding] = 0.0
    sounds: Numbers = bands / np.maximum(np.linalg.norm(bands, axis=1, keepdims=True), 1e-9)
    return sounds


def _filters(size: int, sample_rate: int) -> Numbers:
    """[bins, bands]: bands as wide as the ear's, side by side."""
    hertz = np.fft.rfftfreq(size, 1 / sample_rate)
    mel = 2595 * np.log10(1 + hertz / 700)
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (_LOWEST_HZ, min(_HIGHEST_HZ, sample_rate / 2)))
    place = (mel - low) / (high - low) * (_BANDS + 1)
    filters: Numbers = np.maximum(0.0, 1 - np.abs(place[:, None] - np.arange(1, _BANDS + 1)))
    return filters
