"""One model: its backend, and where it is between unloaded and ready."""

from __future__ import annotations

import enum
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from models import ram
from models.backend import AudioCodec, Backend, EngineUnavailable, Facts, Imprinter, OutOfMemory, RowFailed
from models.worker import Worker

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")


class State(enum.Enum):
    """Where the model is."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


def imprinter(backend: Backend) -> Imprinter:
    """The backend as one that makes voice prompts. Raises RowFailed where it is none."""
    if not isinstance(backend, Imprinter):
        raise RowFailed(f"{backend.facts.model} makes no voices of recordings or of other voices")
    return backend


def audio_codec(backend: Backend) -> AudioCodec:
    """The backend as one that codes audio. Raises RowFailed where it does not."""
    if not isinstance(backend, AudioCodec):
        raise RowFailed(f"{backend.facts.model} speaks without codes, so it has none for audio")
    return backend


class Model:
    """A backend and the thread that it shares. Whoever calls `load`, `unload` or `do` holds the engine's lock."""

    def __init__(self, backend: Backend, thread: Worker, changed: Callable[[], None]) -> None:
        self.state, self.reason = State.UNLOADED, "not loaded yet; the first request loads it"
        self.since = time.monotonic()
        """When it came to be so."""
        self.starved = False
        """Whether the last load failed for want of memory."""
        self.size = 0
        """Bytes that the process grew by when it was loaded last."""
        self.backend, self._thread, self._changed = backend, thread, changed

    @property
    def facts(self) -> Facts:
        """What its backend says of itself."""
        return self.backend.facts

    async def load(self) -> None:
        """Load and warm up; nothing when that is done. Raises EngineUnavailable, or whatever the backend died of."""
        if self.state is State.READY:
            return
        self._set(State.LOADING, "the model is being loaded")
        before = ram.resident()
        try:
            await self.do(self.backend.load)
            await self.do(self.backend.warm_up)
            await self.do(ram.give_back)  # what packing the weights took, hundreds of megabytes
        except Exception as error:
            await self.give_back()
            self.starved = isinstance(error, OutOfMemory)
            known = isinstance(error, EngineUnavailable)
            self._set(State.FAILED, str(error) if known else f"loading failed: {type(error).__name__}")
            raise
        took, self.size = time.monotonic() - self.since, max(0, ram.resident() - before)
        _LOG.info("loaded %s in %.2f s, %d MB", self.facts.model, took, self.size // 1_000_000)
        self._set(State.READY, "")

    async def unload(self, reason: str) -> None:
        """Give the memory back, when there is any."""
        if self.state is State.READY:
            before = ram.resident()
            await self.give_back()
            self._set(State.UNLOADED, reason)
            freed = max(0, before - ram.resident())
            _LOG.info("unloaded %s: freed %d MB (%s)", self.facts.model, freed // 1_000_000, reason)

    async def do(self, work: Callable[[], _T]) -> _T:
        """What `work` makes of the loaded backend, in its thread. Raises OutOfMemory for Python's own MemoryError."""
        try:
            return await self._thread.do(work)
        except MemoryError as error:
            raise OutOfMemory(f"there was not enough memory for {self.facts.model}") from error

    async def give_back(self) -> None:
        """What the backend holds. When that fails, loading anew is what can still be tried."""
        try:
            await self._thread.do(self.backend.unload)
            await self._thread.do(ram.give_back)
        except Exception:  # noqa: BLE001 - the boundary of an engine step
            _LOG.exception("the model could not be unloaded cleanly")

    def end(self, reason: str) -> None:
        """Its memory goes with the process, if it has not gone before."""
        self._set(State.UNLOADED, reason)

    def _set(self, state: State, reason: str) -> None:
        self.state, self.reason, self.since = state, reason, time.monotonic()
        self._changed()
