"""How long, how fast, how high, how loud: as people write it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from daemon.text import amounts
from outputs import gain, tempo


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (amounts.seconds, "500ms", 0.5),
        (amounts.seconds, "1.5s", 1.5),
        (amounts.seconds, "2 S", 2.0),
        (amounts.seconds, ".5s", 0.5),
        (amounts.seconds, "+1s", 1.0),
        (amounts.times, "0.9", 0.9),
        (amounts.times, "90%", 0.9),
        (amounts.times, "+10%", 1.1),
        (amounts.times, "-10%", 0.9),
        (amounts.times, "Slow", 0.8),
        (amounts.semitones, "+2", 2.0),
        (amounts.semitones, "-1.5st", -1.5),
        (amounts.semitones, "+100%", 12.0),
        (amounts.semitones, "50%", -12.0),
        (amounts.semitones, "high", 2.0),
        (amounts.decibels, "-3dB", -3.0),
        (amounts.decibels, "+6 db", 6.0),
        (amounts.decibels, "silent", -40.0),
    ],
)
def test_an_amount(read: Callable[[str], float], written: str, value: float) -> None:
    assert read(written) == pytest.approx(value)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (amounts.seconds, "5"),
        (amounts.seconds, "-5s"),
        (amounts.seconds, "1e9s"),
        (amounts.seconds, "٥s"),
        (amounts.times, "0"),
        (amounts.times, "4.1"),
        (amounts.times, "+2"),
        (amounts.times, "-100%"),
        (amounts.times, "nan"),
        (amounts.semitones, "13"),
        (amounts.semitones, "-100%"),
        (amounts.semitones, "0%"),
        (amounts.semitones, "200Hz"),
        (amounts.decibels, "21dB"),
        (amounts.decibels, "loudly"),
        (amounts.decibels, ""),
    ],
)
def test_what_is_none_says_what_would_be_right(read: Callable[[str], float], written: str) -> None:
    with pytest.raises(ValueError, match=r"is no .*: write "):
        read(written)


def test_a_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(ValueError) as error:
        amounts.seconds("9" * 10_000)
    assert len(str(error.value)) < 120


def test_the_ranges_are_those_of_the_effects() -> None:
    assert (amounts.MIN_RATE, amounts.MAX_RATE) == (tempo.MIN_SPEED, tempo.MAX_SPEED)
    assert amounts.MAX_PITCH == tempo.MAX_PITCH
    assert (amounts.MIN_GAIN, amounts.MAX_GAIN) == (gain.MIN_GAIN, gain.MAX_GAIN)


def test_every_name_is_in_range() -> None:
    assert all(amounts.times(name) == value for name, value in amounts.RATES.items())
    assert all(amounts.MIN_RATE <= value <= amounts.MAX_RATE for value in amounts.RATES.values())
    assert all(abs(value) <= amounts.MAX_PITCH for value in amounts.PITCHES.values())
    assert all(amounts.MIN_GAIN <= value <= amounts.MAX_GAIN for value in amounts.GAINS.values())
    assert all(value <= amounts.MAX_PAUSE_S for value in amounts.STRENGTHS.values())
