"""Timing: first audio, underruns, real-time factor."""

from __future__ import annotations

import time

import pytest

from daemon.timing import Timing


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
