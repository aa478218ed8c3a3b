"""All models of the house and the one thread that moves them: loading, unloading, and what to do when memory runs out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from models.backend import Backend, EngineUnavailable, OutOfMemory
from models.model import Model, State
from models.schedule import Schedule
from models.worker import Worker

_LOG = logging.getLogger(__name__)

# The engine thread answers a probe between two steps; the slowest step seen (a long sentence of the built-in voice on a
# busy machine) is far under a second.
PROBE_TIMEOUT_S: Final = 10.0
# Loading reads gigabytes from a slow disk at worst; past this it hangs.
LOAD_TIMEOUT_S: Final = 900.0
# A running step and the memory get this long at the end; with the ten seconds of `drain` it stays far below systemd's 30.
END_TIMEOUT_S: Final = 5.0
# A model that could not be loaded is not tried again at another one's cost before callers are told to (`Retry-After`).
RETRY_S: Final = 10.0

# Memory that was short is looked for again after this long, where nobody insists.
MEMORY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model as it is now."""

    model: str
    state: State
    reason: str
    speaking: int
    waiting: int
    slots: int
    out_of_memory: int
    """How often it ran out of memory since the start."""
    memory_mb: int
    """What this process grew by when it was loaded last; 0 before."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the doors may tell of the engine, at once and without waiting for it."""

    state: State
    """Of the default model; where that has failed, of the first that has not."""
    reason: str
    speaking: int
    waiting: int
    slots: int
    """Of the models in memory, or of the default one when none is."""
    steps: int
    models: tuple[ModelStatus, ...] = ()
    """The default one first."""


class Host:
    """The models by id, the default one first. Whoever calls `load`, `unload` or `shrink` holds the engine's lock."""

    def __init__(self, backends: Sequence[Backend], schedule: Schedule, changed: Callable[[], None]) -> None:
        self._thread, self._changed = Worker("engine"), changed
        self.models: dict[str, Model] = {}
        self._schedule = schedule
        self._out_of_memory: dict[str, int] = {}
        for backend in backends:
            self.add(backend)

    def add(self, backend: Backend) -> None:
        """One more model, which the schedule knows already."""
        self.models[backend.facts.model] = Model(backend, self._thread, self._changed)
        self._out_of_memory[backend.facts.model] = 0

    async def load(self, name: str) -> None:
        """Load a model. When memory runs out the others that nobody speaks with are unloaded, and it is tried once more.

        Raises EngineUnavailable, or whatever the backend died of.
        """
        try:
            await self.models[name].load()
        except OutOfMemory as error:
            self._out_of_memory[name] += 1
            idle = [
                other for other, place in self._schedule.places.items() if place.loaded and not place.batch.speaking
            ]
            _LOG.warning("no memory to load %s (%s); unloading %s", name, error, ", ".join(idle) or "nobody: all speak")
            if not idle:
                raise
            for other in idle:
                await self.unload(other, f"to make room for {name}")
            await self.models[name].load()
        self._schedule.loaded(name, time.monotonic())

    async def make_room(self, name: str) -> None:
        """Unload who has to go before a model is loaded. Raises EngineUnavailable when all who could are speaking."""
        if self.models[name].state is State.READY:
            return
        crowd = self._schedule.crowd(name)
        if crowd is None:
            raise EngineUnavailable(
                f"{name} cannot be loaded while others speak; more at once is the setting model_cache"
            )
        for other in crowd:
            await self.unload(other, f"to make room for {name}")

    async def unload(self, name: str, reason: str) -> None:
        """Give a model's memory back; whoever holds a slot of it must have been parked or failed."""
        await self.models[name].unload(reason)
        self._schedule.unloaded(name)

    async def shrink(self, name: str) -> None:
        """A step ran out of memory: unload the model; it comes back with half as many slots, one at least."""
        self._out_of_memory[name] += 1
        await self.unload(name, "out of memory")
        batch = self._schedule.places[name].batch
        batch.halve()
        _LOG.error("%s ran out of memory while speaking; it goes on with %d slots", name, batch.slots)

    def failing(self, name: str) -> str:
        """Why a model is not worth a try now; empty when it is."""
        model = self.models[name]
        lately = model.state is State.FAILED and time.monotonic() - model.since < RETRY_S
        return model.reason if lately else ""

    def able(self, name: str) -> bool:
        """Whether a model is likely to speak: it is not broken, and did not lack memory a minute ago."""
        model = self.models[name]
        return model.state is not State.FAILED or (model.starved and time.monotonic() - model.since >= MEMORY_S)

    def statuses(self) -> list[ModelStatus]:
        """Every model, the default one first; never waits."""
        return [self._status(name, model) for name, model in self.models.items()]

    async def answers(self) -> bool:
        """Whether the thread still works; while it loads, whether that still may be."""
        loading = [model for model in self.models.values() if model.state is State.LOADING]
        if loading:
            return time.monotonic() - loading[0].since < LOAD_TIMEOUT_S
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
        for model in self.models.values():
            model.end("the engine has stopped")

    async def _give_back(self) -> None:
        for model in list(self.models.values()):
            if model.state in (State.READY, State.LOADING):
                await model.give_back()

    def _status(self, name: str, model: Model) -> ModelStatus:
        batch = self._schedule.places[name].batch
        told = (batch.speaking, batch.waiting, batch.slots)
        return ModelStatus(name, model.state, model.reason, *told, self._out_of_memory[name], model.size // 1_000_000)
