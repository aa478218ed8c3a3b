"""Amounts as people write them in markup: how long, how fast, how high, how loud. ValueError says what would be right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

# Between two thoughts nobody waits longer; whoever wants more silence writes several.
MAX_PAUSE_S: Final = 10.0
# As fast, high and loud as speech can be made: the same ranges that a request has.
MIN_RATE: Final = 0.25
MAX_RATE: Final = 4.0
MAX_PITCH: Final = 12.0
MIN_GAIN: Final = -40.0
MAX_GAIN: Final = 20.0

# A clause, a breath, a paragraph; the middle one is a pause of which nothing is said.
STRENGTHS: Final = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.5, "strong": 0.8, "x-strong": 1.2}
RATES: Final = {"x-slow": 0.5, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
PITCHES: Final = {"x-low": -4.0, "low": -2.0, "medium": 0.0, "default": 0.0, "high": 2.0, "x-high": 4.0}
GAINS: Final = {
    "silent": MIN_GAIN, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 4.0, "x-loud": 8.0,
}  # fmt: skip

_NUMBER: Final = r"([+-]?)(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})"
_TIME: Final = re.compile(rf"\+?{_NUMBER.removeprefix('([+-]?)')}\s?(ms|s)", re.IGNORECASE | re.ASCII)
_RATE: Final = re.compile(rf"{_NUMBER}(%?)", re.ASCII)
_PITCH: Final = re.compile(rf"{_NUMBER}\s?(st|%)?", re.IGNORECASE | re.ASCII)
_GAIN: Final = re.compile(rf"{_NUMBER}\s?(?:dB)?", re.IGNORECASE | re.ASCII)


def seconds(text: str) -> float:
    """A length of time: `500ms`, `1.5s`. It may be longer than the longest pause."""
    if match := _TIME.fullmatch(text.strip()):
        return float(match[1]) / (1000.0 if match[2].lower() == "ms" else 1.0)
    raise ValueError(f"{_shown(text)} is no length of time: write 500ms or 1.5s")


def times(text: str) -> float:
    """A speed: `0.9`, `90%`, `+10%`, `slow`."""
    if (named := _named(text, RATES)) is not None:
        return named
    if match := _RATE.fullmatch(text.strip()):
        rate = float(match[2]) / (100.0 if match[3] else 1.0)
        if match[1] and match[3]:
            rate = 1.0 + rate if match[1] == "+" else 1.0 - rate
        elif match[1]:
            rate = -1.0
        if MIN_RATE <= rate <= MAX_RATE:
            return rate
    raise ValueError(
        f"{_shown(text)} is no rate: write a number from {MIN_RATE} to {MAX_RATE:g}, such as 0.9, or 90%, +10%,"
        f" {_names(RATES)}"
    )


def semitones(text: str) -> float:
    """A shift of the voice: `+2`, `-1.5st`, `+10%`, `high`."""
    if (named := _named(text, PITCHES)) is not None:
        return named
    if match := _PITCH.fullmatch(text.strip()):
        shift = float(match[1] + match[2])
        if match[3] == "%":  # of the frequency; without a sign it is the frequency itself
            ratio = shift / 100.0 + (1.0 if match[1] else 0.0)
            shift = 12.0 * math.log2(ratio) if ratio > 0.0 else -math.inf
        if -MAX_PITCH <= shift <= MAX_PITCH:
            return shift
    raise ValueError(
        f"{_shown(text)} is no pitch: write semitones from -{MAX_PITCH:g} to +{MAX_PITCH:g}, such as +2 or -1.5st,"
        f" or +10%, {_names(PITCHES)}"
    )


def decibels(text: str) -> float:
    """A level: `-3dB`, `+6`, `soft`."""
    if (named := _named(text, GAINS)) is not None:
        return named
    if match := _GAIN.fullmatch(text.strip()):
        gain = float(match[1] + match[2])
        if MIN_GAIN <= gain <= MAX_GAIN:
            return gain
    raise ValueError(
        f"{_shown(text)} is no volume: write decibels from {MIN_GAIN:g} to +{MAX_GAIN:g}, such as -3dB,"
        f" or {_names(GAINS)}"
    )


def _named(text: str, names: Mapping[str, float]) -> float | None:
    return names.get(text.strip().lower())


def _names(names: Mapping[str, float]) -> str:
    return ", ".join(names)


def _shown(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:39] + "…")
