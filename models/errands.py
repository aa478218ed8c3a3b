"""Work that is done to its end under a lock, even when whoever asked for it has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from models.backend import EngineUnavailable

_T = TypeVar("_T")


class Errands:
    """Loading and unloading on request: the engine's thread cannot be stopped midway."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self.open: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do it under the lock, and on when the caller is cancelled. Raises EngineUnavailable when the engine ends first."""

        async def locked() -> _T:
            async with self._lock:
                return await work()

        errand = asyncio.create_task(locked(), name="engine errand")
        self.open.add(errand)
        errand.add_done_callback(self._over)
        await asyncio.wait([errand])
        if errand.cancelled():
            raise EngineUnavailable("the engine has stopped")
        return errand.result()

    def cancel(self) -> None:
        """Nobody will do them any more."""
        for errand in self.open:
            errand.cancel()

    def _over(self, errand: asyncio.Task[Any]) -> None:
        self.open.discard(errand)
        if not errand.cancelled():
            errand.exception()  # told to the caller, who may have gone
