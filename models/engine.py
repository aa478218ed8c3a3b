"""One loaded model behind one lock, and the loop that serves every listener: plan, step, deliver."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from models.backend import Backend, EngineUnavailable, Facts, Line, RowFailed
from models.batch import Batch, Plan, Priority, Row
from models.model import Model, State
from models.stream import Stream
from models.turn import Made, Turn

__all__ = ["MAX_FAILED_STEPS", "Engine", "State", "Status"]

_LOG = logging.getLogger(__name__)

# A step that fails takes its rows with it and the model is loaded anew; failing this often in a row without one good
# step means that loading anew does not help, and systemd should start a fresh process.
MAX_FAILED_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Status:
    """What the doors may tell of the engine, at once and without waiting for it."""

    state: State
    reason: str
    speaking: int
    waiting: int
    slots: int
    steps: int


class Engine:
    """Speaks lines with one backend. `run` must be running while anything is spoken."""

    def __init__(self, backend: Backend, *, queue: int = 64, idle_unload_s: float | None = None) -> None:
        self.facts: Facts = backend.facts
        self._idle_unload_s = idle_unload_s
        self._batch = Batch(self.facts.slots, self.facts.width, queue)
        self._streams: dict[Row, Stream] = {}
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._backend, self._model = backend, Model(backend, changed=self._wake.set)
        self._errands: set[asyncio.Task[None]] = set()
        self._steps = self._failed_steps = 0
        self._closed: Exception | None = None

    # --- asked from outside -------------------------------------------------------------------------------------

    def open(self, line: Line, *, priority: Priority = Priority.INTERACTIVE, deadline_s: float | None = None) -> Stream:
        """Queue a line. Raises QueueFull at once; failures after that reach the stream's reader.

        `deadline_s` counts from the moment the first text is fed.
        """
        if self._closed is not None:
            raise self._closed
        row = Row(priority=priority)
        self._batch.submit(row)
        stream = Stream(row, line, deadline_s, wake=self._wake.set, leave=self._leave)
        self._streams[row] = stream
        return stream

    def status(self) -> Status:
        """Plain numbers; never waits."""
        batch = self._batch
        return Status(self._model.state, self._model.reason, batch.speaking, batch.waiting, batch.slots, self._steps)

    async def load(self) -> None:
        """Load and warm up now. Raises EngineUnavailable. Does nothing when loaded."""
        await self._to_its_end(self._load)

    async def unload(self) -> None:
        """Give the memory back as soon as the running step is over; whoever is speaking fails."""
        await self._to_its_end(self._unload)

    async def answers(self) -> bool:
        """Whether loop and engine thread both still work: what the watchdog asks."""
        return await self._model.answers()

    # --- the loop -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled. Raises when the engine cannot be saved."""
        try:
            while True:
                if not await self._turn():
                    await self._rest()
        finally:
            self._close(EngineUnavailable("the engine has stopped"))
            for errand in self._errands:
                errand.cancel()
            await self._model.end()

    def close(self, error: Exception) -> None:
        """Refuse what comes and fail what is open, with this error."""
        self._close(error)
        self._wake.set()

    async def _rest(self) -> None:
        """Sleep until something changes; unload when nobody has come for long enough."""
        self._wake.clear()
        idle = self._idle_unload_s if self._model.state is State.READY and not self._batch.rows else None
        timeouts = [t for t in (idle, self._next_deadline()) if t is not None]
        try:
            async with asyncio.timeout(min(timeouts, default=None)):
                await self._wake.wait()
        except TimeoutError:
            async with self._lock:
                if idle is not None and not self._batch.rows:
                    await self._model.unload(f"idle for {idle:.0f} s; the next request loads it")

    def _next_deadline(self) -> float | None:
        deadlines = [row.deadline for row in self._batch.rows if row.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    async def _turn(self) -> bool:
        """Plan, step, deliver. False when there was nothing to do."""
        async with self._lock:
            plan = self._batch.plan(time.monotonic())
            self._expire(plan)
            if not plan:
                return False
            made = await self._step(plan)
        self._deliver(made)
        return True

    async def _step(self, plan: Plan) -> Made:
        """Carry the plan out in the engine's own thread; the caller holds the lock."""
        if self._model.state is not State.READY and not plan.join:
            return []  # nobody speaks: what has left, left with the model
        try:
            await self._model.load()
        except EngineUnavailable as error:
            self._fail_all(error)
            return []
        except Exception as error:  # noqa: BLE001 - the boundary of an engine step
            await self._recover(error)
            return []
        turn = Turn(plan, self._streams)
        try:
            made = await self._model.do(lambda: turn.carry_out(self._backend))
        except Exception as error:  # noqa: BLE001 - the boundary of an engine step
            await self._recover(error)
            return []
        self._failed_steps = 0
        self._steps += 1
        for row, parked in turn.parked:
            if row in self._streams:
                self._streams[row].parked = parked
        return made

    def _deliver(self, made: Made) -> None:
        for row, frame in made:
            stream = self._streams.get(row)
            if stream is None:
                continue  # its listener left while the step ran
            stream.deliver(frame)
            if frame.error is not None or frame.end is not None:
                self._leave(row)

    # --- loading ------------------------------------------------------------------------------------------------

    async def _to_its_end(self, work: Callable[[], Awaitable[None]]) -> None:
        """Under the lock, and on when the caller is cancelled: the thread cannot be stopped midway."""

        async def locked() -> None:
            async with self._lock:
                await work()

        errand = asyncio.create_task(locked(), name="engine errand")
        self._errands.add(errand)
        errand.add_done_callback(self._errand_over)
        await asyncio.wait([errand])
        if errand.cancelled():
            raise EngineUnavailable("the engine has stopped")
        errand.result()

    def _errand_over(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled():
            errand.exception()  # told to the caller, who may have gone

    async def _load(self) -> None:
        if self._closed is not None:
            raise self._closed
        await self._model.load()

    async def _unload(self) -> None:
        self._fail_stateful(EngineUnavailable("the model was unloaded while this was spoken"))
        await self._model.unload("unloaded on request")

    async def _recover(self, error: Exception) -> None:
        """A step failed: its rows fail, the model is given up and loaded anew for whoever waits."""
        _LOG.exception("engine step failed", exc_info=error)
        self._fail_stateful(RowFailed("the engine failed while speaking this"))
        self._failed_steps += 1
        if self._failed_steps >= MAX_FAILED_STEPS:
            raise error
        await self._model.unload("an engine step failed")

    # --- rows ---------------------------------------------------------------------------------------------------

    def _leave(self, row: Row) -> None:
        """The one way out of the batch, safe to call twice."""
        self._streams.pop(row, None)
        self._batch.remove(row)
        self._wake.set()

    def _expire(self, plan: Plan) -> None:
        for row in plan.expire:
            if stream := self._streams.pop(row, None):
                stream.expire()

    def _fail(self, rows: Iterable[Row], error: Exception) -> None:
        for row in list(rows):
            if stream := self._streams.get(row):
                stream.fail(error)
            self._leave(row)

    def _fail_all(self, error: Exception) -> None:
        self._fail(self._batch.rows, error)

    def _fail_stateful(self, error: Exception) -> None:
        """Fail the rows that have state in the backend; those that only wait lose nothing."""
        self._fail((row for row in self._batch.rows if row.slot is not None or row.parked), error)

    def _close(self, error: Exception) -> None:
        if self._closed is None:
            self._closed = error
        self._fail_all(error)
