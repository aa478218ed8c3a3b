"""Pauses become shorter, words stay as they are, and no cut clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outputs.pauses import KEPT_S, shortened

RATE = 24_000


def tone(seconds: float, level: float = 8000.0) -> bytes:
    """A word, as loud as one."""
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 220 * at)).astype("<i2").tobytes()


def hush(seconds: float, level: float = 3.0) -> bytes:
    """A pause with the hiss of a quiet room."""
    made = np.random.default_rng(1).normal(0, level, round(seconds * RATE))
    return made.astype("<i2").tobytes()


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / RATE


TAKE = hush(0.5) + tone(0.7) + hush(0.1) + tone(0.3) + hush(0.8) + tone(0.5) + hush(0.3)


def test_no_pause_is_longer_than_it_may_be() -> None:
    made = shortened(TAKE, RATE)
    assert seconds(made) == pytest.approx(0.7 + 0.1 + 0.3 + 0.5 + 3 * KEPT_S, abs=0.021)
    assert shortened(made, RATE) == made or seconds(made) - seconds(shortened(made, RATE)) < 0.021


def test_words_stay_as_they_are() -> None:
    made = shortened(TAKE, RATE)
    for word in (tone(0.7), tone(0.3), tone(0.5)):
        assert word[2000:-2000] in made
    assert tone(0.7) + hush(0.1) + tone(0.3) in made


def test_pauses_are_cut_no_further_than_it_takes() -> None:
    for wanted in (3.1, 2.8, 2.3):
        made = shortened(TAKE, RATE, wanted_s=wanted)
        assert wanted - 0.001 < seconds(made) <= wanted
    assert shortened(TAKE, RATE, wanted_s=3.2) is TAKE
    assert len(shortened(TAKE, RATE, wanted_s=0.5)) == len(shortened(TAKE, RATE))


def test_what_has_no_pause_is_left_alone() -> None:
    for pcm in (b"", b"\0\0", tone(1.0), tone(0.5) + hush(0.1) + tone(0.5)):
        assert shortened(pcm, RATE) is pcm


def test_a_quiet_take_is_not_taken_for_a_pause() -> None:
    quiet = tone(0.5, 200) + hush(0.5, 0.3) + tone(0.5, 200)
    assert seconds(shortened(quiet, RATE)) == pytest.approx(1.0 + KEPT_S, abs=0.011)


def test_a_cut_does_not_click() -> None:
    """A pause that drifts, as a microphone's zero does: what comes together at a cut is blended."""
    drift = np.linspace(-40, 40, RATE).astype("<i2").tobytes()
    made = np.frombuffer(shortened(tone(0.5) + drift + tone(0.5), RATE), "<i2").astype(int)
    pause = made[RATE // 2 + 10 : -RATE // 2 - 10]
    assert len(pause) < 0.13 * RATE
    assert np.abs(np.diff(pause)).max() <= 2


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9000)), max_size=8), st.integers(0, 3))
@settings(deadline=None, max_examples=80)
def test_any_take_gets_no_longer_and_loses_no_more_than_pauses(parts: list[tuple[bool, int]], wanted: int) -> None:
    pcm = b"".join((tone if loud else hush)(samples / RATE) for loud, samples in parts)
    made = shortened(pcm, RATE, wanted_s=float(wanted))
    loud = sum(samples for loud, samples in parts if loud)
    assert min(loud, len(pcm) // 2) <= len(made) // 2 + 1 <= len(pcm) // 2 + 1
    if len(made) < len(pcm):
        assert len(made) // 2 >= wanted * RATE - len(parts)
