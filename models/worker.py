"""The engine's own thread: one, in order, and never in the way of the process's exit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

_T = TypeVar("_T")


class Worker:
    """Does what it is given, one at a time. Its thread starts with the first work.

    A ThreadPoolExecutor's threads are joined when the interpreter ends: a model that hangs would keep the process for ever.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def do(self, work: Callable[[], _T]) -> _T:
        """The result of `work`, or what it raises. Cancelled before its turn, it is not done at all."""
        future: Future[_T] = Future()
        self._work.put(lambda: _settle(future, work))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        return await asyncio.wrap_future(future)

    def stop(self) -> None:
        """End the thread when it has done what it was given; nobody waits for it."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            del work  # what was computed is not kept alive until there is more to do


def _settle(future: Future[_T], work: Callable[[], _T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except StopIteration as error:
        # asyncio refuses it, and whoever waits would never wake
        future.set_exception(RuntimeError(f"StopIteration: {error}"))
    except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
        future.set_exception(error)
