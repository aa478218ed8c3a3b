"""Work in a thread that ends when its task is cancelled."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest

from daemon.pipelines import halting
from daemon.pipelines.halting import Halted, counted, in_thread, see, telling


def work(begun: threading.Event, ended: list[str]) -> None:
    """Ten seconds of it, unless it is halted."""
    begun.set()
    try:
        for _ in range(1000):
            see()
            time.sleep(0.01)
        ended.append("whole")
    except Halted:
        time.sleep(0.1)
        ended.append("halted")
        raise


async def cancelled(job: Callable[[threading.Event, list[str]], None]) -> list[str]:
    begun, ended = threading.Event(), list[str]()
    task = asyncio.create_task(in_thread(job, begun, ended))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return list(ended)


async def test_a_cancelled_task_has_no_thread_left_behind() -> None:
    assert await cancelled(work) == ["halted"]


async def test_one_that_fails_while_it_is_halted_is_cancelled_all_the_same() -> None:
    def failing(begun: threading.Event, ended: list[str]) -> None:
        try:
            work(begun, ended)
        except Halted:
            raise OSError("the folder is gone") from None

    assert await cancelled(failing) == ["halted"]


async def test_what_is_made_comes_back_and_nobody_else_is_halted() -> None:
    await cancelled(work)
    see()
    assert await in_thread(_three) == 3
    with pytest.raises(OSError, match="full"):
        await in_thread(_full)


def _three() -> int:
    see()
    return 3


def _full() -> None:
    raise OSError("full")


async def test_how_much_there_was_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now, shares = [0.0], list[float]()
    monkeypatch.setattr(halting.time, "monotonic", lambda: now[0])

    def counting() -> None:
        count = counted(8)
        for _ in range(8):
            count(1)
            now[0] += 0.25

    with telling(shares.append):
        await in_thread(counting)
    await in_thread(counting)
    assert shares == [3 / 8, 5 / 8, 7 / 8]
