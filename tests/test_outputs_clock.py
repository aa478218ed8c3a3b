"""The time of day: it goes on, whatever is done to the clock."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outputs import clock
from outputs.clock import now

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
# Where the time of day is asked for itself: to date what is kept, to tell clients, to compare it with that of files.
PLACES = {
    "outputs/clock.py", "daemon/logs.py", "daemon/making/auditions.py", "daemon/pipelines/design/audition.py",
    "voices/auditions.py", "voices/files/uploads.py", "voices/folder.py", "voices/lexicon.py", "web/openai.py",
}  # fmt: skip


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The last one is what the machine's clock shows."""
    shown = [NOON]
    monkeypatch.setattr(clock, "_wall", lambda: shown[-1])
    monkeypatch.setattr(clock, "_last", NOON - timedelta(days=400))
    yield shown


def test_it_goes_with_the_machine(wall: list[datetime]) -> None:
    assert now() == NOON
    assert now().utcoffset() == NOON.astimezone().utcoffset()
    wall.append(NOON + timedelta(days=3))
    assert now() == NOON + timedelta(days=3)


@pytest.mark.parametrize("back_s", [0, 0.001, 1, 3600, 86_399])
def test_a_clock_that_is_set_back_is_waited_for(wall: list[datetime], back_s: float) -> None:
    first = now()
    wall.append(NOON - timedelta(seconds=back_s))
    told = [now() for _ in range(100)]
    assert sorted({first, *told}) == [first, *told], "each is later than the one before"
    assert told[-1] - first < timedelta(seconds=0.001)
    wall.append(NOON + timedelta(seconds=5))
    assert now() == wall[-1]


def test_a_clock_that_was_wrong_altogether_is_forgotten(wall: list[datetime]) -> None:
    wall.append(NOON + timedelta(days=30_000))
    assert now() == wall[-1]
    wall.append(NOON)
    assert now() == NOON


def test_threads_are_told_different_moments(wall: list[datetime]) -> None:
    told: list[datetime] = []
    threads = [threading.Thread(target=lambda: told.extend(now() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(told)) == 2000


def test_nobody_else_measures_by_the_time_of_day() -> None:
    asks = re.compile(r"\btime\.time\(|\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\bfromtimestamp\(|\btime_ns\(")
    root = Path(clock.__file__).parents[1]
    rooms = [root / name for name in ("daemon", "protocol", "web", "models", "voices", "outputs")]
    found = {
        path.relative_to(root).as_posix()
        for room in rooms
        for path in room.rglob("*.py")
        if asks.search(path.read_text(encoding="utf-8"))
    }
    assert found <= PLACES, "durations and deadlines are measured with time.monotonic"
