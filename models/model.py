"""The one model: its backend, the thread that moves it, and where it is between unloaded and ready."""

from __future__ import annotations

import asyncio
import enum
import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from models.backend import Backend, EngineUnavailable
from models.worker import Worker

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

# The engine thread answers a probe between two steps; the slowest step seen (a long sentence of the built-in voice on a
# busy machine) is far under a second.
PROBE_TIMEOUT_S: Final = 10.0
# Loading reads gigabytes from a slow disk at worst; past this it hangs.
LOAD_TIMEOUT_S: Final = 900.0
# A running step and the memory get this long at the end; with the ten seconds of `drain` it stays far below systemd's 30.
END_TIMEOUT_S: Final = 5.0


class State(enum.Enum):
    """Where the model is."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class Model:
    """A backend in its own thread. Whoever calls `load`, `unload` or `do` holds the engine's lock."""

    def __init__(self, backend: Backend, changed: Callable[[], None]) -> None:
        self.state, self.reason = State.UNLOADED, "not loaded yet; the first request loads it"
        self._backend, self._changed = backend, changed
        self._thread = Worker("engine")
        self._since = time.monotonic()

    async def load(self) -> None:
        """Load and warm up; nothing when that is done. Raises EngineUnavailable, or whatever the backend died of."""
        if self.state is State.READY:
            return
        self._set(State.LOADING, "the model is being loaded")
        try:
            await self._thread.do(self._backend.load)
            await self._thread.do(self._backend.warm_up)
        except Exception as error:
            await self._give_back()
            known = isinstance(error, EngineUnavailable)
            self._set(State.FAILED, str(error) if known else f"loading failed: {type(error).__name__}")
            raise
        _LOG.info("loaded %s in %.2f s", self._backend.facts.model, time.monotonic() - self._since)
        self._set(State.READY, "")

    async def unload(self, reason: str) -> None:
        """Give the memory back, when there is any."""
        if self.state is State.READY:
            await self._give_back()
            self._set(State.UNLOADED, reason)
            _LOG.info("unloaded %s: %s", self._backend.facts.model, reason)

    async def do(self, work: Callable[[], _T]) -> _T:
        """What `work` makes of the loaded backend, in its thread."""
        return await self._thread.do(work)

    async def answers(self) -> bool:
        """Whether the thread still works; while it loads, whether that still may be."""
        if self.state is State.LOADING:
            return time.monotonic() - self._since < LOAD_TIMEOUT_S
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await self._thread.do(time.monotonic)
        except TimeoutError:
            return False
        return True

    async def end(self) -> None:
        """Give everything back; a thread that hangs is left to the end of the process."""
        giving_back = asyncio.create_task(self._give_back(), name="engine gives back")
        if not (await asyncio.wait([giving_back], timeout=END_TIMEOUT_S))[0]:
            giving_back.cancel()
            _LOG.error("the engine's thread hangs and is left behind")
        self._thread.stop()
        self._set(State.UNLOADED, "the engine has stopped")

    async def _give_back(self) -> None:
        """What the backend holds. When that fails, loading anew is what can still be tried."""
        try:
            await self._thread.do(self._backend.unload)
        except Exception:  # noqa: BLE001 - the boundary of an engine step
            _LOG.exception("the model could not be unloaded cleanly")

    def _set(self, state: State, reason: str) -> None:
        self.state, self.reason, self._since = state, reason, time.monotonic()
        self._changed()
