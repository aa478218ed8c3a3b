"""Timing: first audio, underruns, real-time factor; from where to where there is anything to hear."""

from __future__ import annotations

import time

import numpy as np
import pytest

from daemon.timing import Heard, Sounding, Timing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    now = {"s": 100.0}
    monkeypatch.setattr(time, "monotonic", lambda: now["s"])
    return now


def test_audio_that_comes_in_time_is_no_underrun(clock: dict[str, float]) -> None:
    timing = Timing(started=100.0)
    clock["s"] = 100.2
    timing.hear(1.0)
    clock["s"] = 101.1
    timing.hear(1.0)
    assert timing.underruns == 0
    assert timing.as_dict() == {
        "first_audio_ms": 200.0, "audio_ms": 2000.0, "wall_ms": 1100.0, "rtf": 0.55
    }  # fmt: skip


def test_a_player_that_stands_still_is_counted_once_and_waits(clock: dict[str, float]) -> None:
    timing = Timing(started=100.0)
    timing.hear(1.0)
    clock["s"] = 101.5
    timing.hear(1.0)
    clock["s"] = 102.4
    timing.hear(1.0)
    assert timing.underruns == 1
    assert timing.underrun_ms == pytest.approx(500)


def test_no_audio_at_all() -> None:
    assert Timing(started=0.0).as_dict() == {"first_audio_ms": None, "audio_ms": 0.0, "wall_ms": 0.0, "rtf": None}


def sound(*stretches: tuple[float, float], rate: int = 24_000) -> bytes:
    """Tones of so many seconds at such levels."""
    parts = [level * np.sin(np.arange(round(seconds * rate)) * 0.3) for seconds, level in stretches]
    return np.concatenate(parts).round().astype("<i2").tobytes()


@pytest.mark.parametrize("size", [1, 2, 999, 4800, 10**6])
def test_a_sentence_is_heard_from_its_first_sound_to_its_last(size: int) -> None:
    pcm = sound((0.1, 3), (0.5, 9000), (0.2, 0), (0.3, 900), (0.4, 5))
    sounding = Sounding(24_000)
    for at in range(0, len(pcm), size):
        sounding.feed(pcm[at : at + size])
    assert sounding.span() == (2400, 26_400)


def test_how_loud_it_is_changes_nothing() -> None:
    loud, quiet = (Sounding(24_000) for _ in range(2))
    loud.feed(sound((0.1, 30), (0.5, 20_000), (0.1, 30)))
    quiet.feed(sound((0.1, 0.3), (0.5, 200), (0.1, 0.3)))
    assert loud.span() == quiet.span() == (2400, 14_400)


def test_of_silence_nothing_is_heard() -> None:
    for pcm in (b"", b"\x00", bytes(9600), sound((0.5, 2))):
        silent = Sounding(24_000)
        silent.feed(pcm)
        assert silent.span() is None


def test_a_sentence_moves_with_what_comes_before_it() -> None:
    assert Heard("One.", 10, 20, "anna").later(5) == Heard("One.", 15, 25, "anna")
