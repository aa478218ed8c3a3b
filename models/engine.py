"""Several models behind one lock, and the loop that serves every listener: plan, step, deliver."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Container, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from models.backend import (
    AudioCodec,
    Backend,
    EngineUnavailable,
    Facts,
    Imprinter,
    Line,
    OutOfMemory,
    RowFailed,
    Tokenizing,
)
from models.batch import Plan, Priority
from models.errands import Errands
from models.host import Host, ModelStatus, Status
from models.listeners import Listeners
from models.model import State, audio_codec, imprinter
from models.portions import Portions
from models.schedule import Round, Schedule
from models.stream import Stream
from models.turn import Made, Turn

if TYPE_CHECKING:
    from models.backend import Codes, Samples

__all__ = ["MAX_FAILED_STEPS", "Engine", "ModelStatus", "State", "Status"]

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")

# A step that fails takes its rows with it and the model is loaded anew; failing this often in a row without one good
# step means that loading anew does not help, and systemd should start a fresh process.
MAX_FAILED_STEPS: Final = 3
# How often a row is thought of that waits for a model in whose slots nobody moves.
_LOOK_AGAIN_S: Final = 0.5


class Engine:
    """Speaks lines with the models it is given, the default one first. `run` must be running while anything is spoken."""

    def __init__(
        self, *backends: Backend, queue: int = 64, idle_unload_s: float | None = None, model_cache: int = 1,
        tokenizers: Sequence[Backend] = (),
    ) -> None:  # fmt: skip
        """`model_cache` is how many models are kept in memory, the light ones aside. `tokenizers` code audio, and never speak."""
        self.facts: Facts = backends[0].facts
        self.models: dict[str, Facts] = {backend.facts.model: backend.facts for backend in backends}
        everything = [*backends, *tokenizers]
        self.codecs = {backend.facts.model: backend.facts for backend in everything if isinstance(backend, AudioCodec)}
        """What makes codes of audio and audio of codes: models that speak, then tokenizers."""
        self._idle_unload_s = idle_unload_s
        self._schedule = Schedule([backend.facts for backend in everything], queue, model_cache)
        self._lock = asyncio.Lock()
        self._errands = Errands(self._lock)
        self._wake = asyncio.Event()
        self._listeners = Listeners(self._schedule, self._wake.set)
        self._host = Host(everything, self._schedule, changed=self._wake.set)
        self._portions = Portions(self._host, self._schedule, self._errands)
        self._steps = self._failed_steps = 0
        self._closed: Exception | None = None

    # --- asked from outside -------------------------------------------------------------------------------------

    def add(self, backend: Backend, *, speaks: bool = True) -> None:
        """One more model from now on, behind all others, under an id that none of them has; nothing of it is loaded.

        One that does not speak codes audio alone. Which is the default one does not change. Raises what ended the engine.
        """
        if self._closed is not None:
            raise self._closed
        name = backend.facts.model
        if name in self._host.models:
            raise ValueError(f"there is a model {name!r} here already")
        self._schedule.add(backend.facts)
        self._host.add(backend)
        if speaks:
            self.models[name] = backend.facts
        if isinstance(backend, AudioCodec):
            self.codecs[name] = backend.facts

    def open(self, line: Line, *, priority: Priority = Priority.INTERACTIVE, deadline_s: float | None = None) -> Stream:
        """Queue a line. Raises QueueFull or EngineUnavailable at once; failures after that reach the stream's reader.

        `deadline_s` counts from the moment the first text is fed.
        """
        if self._closed is not None:
            raise self._closed
        model = self._known(line.model)
        if (reason := self._host.failing(model)) and self._schedule.crowd(model) != []:
            raise EngineUnavailable(reason)
        return self._listeners.open(line, model, priority, deadline_s)

    def facts_of(self, model: str) -> Facts:
        """What a model is; the default one for an empty name."""
        return self.models[self._known(model)]

    def able(self, model: str) -> bool:
        """Whether a model can be counted on: the last try to load it did not fail, or only for want of memory and long ago."""
        return self._host.able(self._known(model, self.codecs))

    def status(self) -> Status:
        """Plain numbers; never waits."""
        models = tuple(status for status in self._host.statuses() if status.model in self.models)
        shown = next((model for model in models if model.state is not State.FAILED), models[0])
        slots = sum(model.slots for model in models if model.state is State.READY) or models[0].slots
        speaking, waiting = sum(model.speaking for model in models), sum(model.waiting for model in models)
        return Status(shown.state, shown.reason, speaking, waiting, slots, self._steps, models)

    async def load(self, model: str = "") -> None:
        """Load and warm up now, in the place of whoever was used least recently. Raises EngineUnavailable."""
        await self._errands.run(partial(self._load, self._known(model)))

    async def unload(self, model: str = "") -> None:
        """Give the memory back as soon as the running step is over; whoever is speaking with this model fails."""
        await self._errands.run(partial(self._unload, self._known(model)))

    async def imprint(self, model: str, samples: Samples, sample_rate: int, transcript: str | None) -> bytes:
        """The voice prompt that a model makes of a recording. Raises QueueFull, EngineUnavailable, or what the model raises."""
        # Seconds the first time, in which whoever is spoken to goes on, if slowly; under the lock it would not.
        await asyncio.to_thread(imprinter(self._host.models[self._known(model)].backend).prepare)
        return await self._imprinted(model, lambda maker: maker.imprint(samples, sample_rate, transcript))

    async def blend(self, model: str, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        """The voice prompt of a mix of this model's speakers and prompts, each with its weight. Raises as `imprint`."""
        return await self._imprinted(model, lambda maker: maker.blend(parts))

    async def embedding(self, model: str, voice: str | bytes) -> list[float]:
        """The speaker embedding of a voice prompt, or of one of this model's speakers by name. Raises as `imprint`."""
        return await self._imprinted(model, lambda maker: maker.embedding(voice))

    async def encode(self, model: str, samples: Samples, sample_rate: int) -> Codes:
        """The codes [frames, 16] that a model's codec makes of a recording (mono, -1..1), which need not be loaded.

        Others speak in between. Raises EngineUnavailable, BadReference, or RowFailed where it has no codec.
        """
        codec = audio_codec(self._host.models[name := self._known(model, self.codecs)].backend)
        await asyncio.to_thread(codec.prepare_encoding)
        portions = self._portions.of(name, codec.encoding(samples, sample_rate), self._still_open)
        return [codes async for codes in portions if codes is not None][-1]

    async def decode(self, model: str, codes: Codes) -> AsyncGenerator[bytes, None]:
        """The sound of codes [frames, 16], s16le mono, as the model would speak them; others speak in between.

        Raises QueueFull, EngineUnavailable, or RowFailed.
        """
        codec = audio_codec(self._host.models[name := self._known(model, self.codecs)].backend)
        ready = partial(self._load, name)
        async with aclosing(self._portions.of(name, codec.decoding(codes), ready, self._listeners.visit)) as portions:
            async for pcm in portions:
                yield pcm

    def tokens(self, model: str, text: str) -> Sequence[str] | None:
        """What a model makes of a text, from any thread; None where it takes no tokens."""
        backend = self._host.models[self._known(model)].backend
        return backend.tokens(text) if isinstance(backend, Tokenizing) else None

    async def answers(self) -> bool:
        """Whether loop and engine thread both still work: what the watchdog asks."""
        return await self._host.answers()

    # --- the loop -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until cancelled. Raises when the engine cannot be saved."""
        try:
            while True:
                if not await self._turn():
                    await self._rest()
        finally:
            self._close(EngineUnavailable("the engine has stopped"))
            self._errands.cancel()
            await self._host.end()

    def close(self, error: Exception) -> None:
        """Refuse what comes and fail what is open, with this error."""
        self._close(error)
        self._wake.set()

    async def _turn(self) -> bool:
        """Plan, step, deliver; then change models where that is due. False when there was nothing to do."""
        async with self._lock:
            plans = self._schedule.plan(time.monotonic())
            self._listeners.expire(plans)
            if not plans:
                return False
            for model, plan in plans.plans.items():
                if plan:
                    self._listeners.deliver(await self._step(model, plan))
            await self._switch(plans)
        return True

    async def _step(self, model: str, plan: Plan) -> Made:
        """Carry a model's plan out in the engine's own thread; the caller holds the lock."""
        if not self._schedule.places[model].loaded:
            return []  # nobody speaks: what has left, left with the model
        turn, host = Turn(plan, self._listeners.streams), self._host.models[model]
        try:
            made = await host.do(lambda: turn.carry_out(host.backend))
        except Exception as error:  # noqa: BLE001 - the boundary of an engine step
            self._listeners.keep(turn)
            await self._recover(model, error)
            return []
        self._failed_steps = 0
        self._steps += 1
        self._listeners.keep(turn)
        return made

    async def _switch(self, plans: Round) -> None:
        """Unload who makes way, load who is wanted."""
        for model in plans.unload:
            if self._schedule.places[model].loaded:
                await self._host.unload(model, f"{', '.join(plans.load)} is wanted")
        for model in plans.load:
            try:
                await self._host.load(model)
            except EngineUnavailable as error:
                self._listeners.fail_model(model, error)
            except Exception as error:  # noqa: BLE001 - the boundary of an engine step
                _LOG.exception("%s could not be loaded", model, exc_info=error)
                self._listeners.fail_model(
                    model, EngineUnavailable(f"{model} could not be loaded; the daemon's log has the details")
                )
                self._count_failure(error)

    # --- rest ---------------------------------------------------------------------------------------------------

    async def _rest(self) -> None:
        """Sleep until something changes; unload what nobody has used for long enough."""
        self._wake.clear()
        try:
            async with asyncio.timeout(self._until()):
                await self._wake.wait()
        except TimeoutError:
            async with self._lock:
                if (idle := self._idle_unload_s) is not None:
                    for model in self._schedule.quiet(time.monotonic(), idle):
                        await self._host.unload(model, f"idle for {idle:.0f} s; the next request loads it")

    def _until(self) -> float | None:
        """Seconds until something changes by itself."""
        now = time.monotonic()
        dues = [row.deadline for row in self._schedule.rows if row.deadline is not None]
        if self._idle_unload_s is not None and (quiet := self._schedule.next_quiet(self._idle_unload_s)) is not None:
            dues.append(quiet)
        if self._schedule.keeps_out:
            dues.append(now + _LOOK_AGAIN_S)
        return max(0.0, min(dues) - now) if dues else None

    # --- voices -------------------------------------------------------------------------------------------------

    async def _imprinted(self, model: str, work: Callable[[Imprinter], _T]) -> _T:
        """What is made with the voices of a model: it waits for its turn, is loaded, and does it under the lock."""
        name = self._known(model)
        host = self._host.models[name]
        maker = imprinter(host.backend)

        async def locked() -> _T:
            await self._load(name)
            return await host.do(lambda: work(maker))

        async with self._listeners.visit(name):
            if reason := self._host.failing(name):
                raise EngineUnavailable(reason)
            return await self._errands.run(locked)

    # --- loading ------------------------------------------------------------------------------------------------

    def _known(self, model: str, also: Container[str] = ()) -> str:
        name = model or self.facts.model
        if name not in self.models and name not in also:
            raise EngineUnavailable(f"there is no model {name!r} here; there are {', '.join(self.models)}")
        return name

    async def _still_open(self) -> None:
        if self._closed is not None:
            raise self._closed

    async def _load(self, model: str) -> None:
        await self._still_open()
        await self._host.make_room(model)
        await self._host.load(model)

    async def _unload(self, model: str) -> None:
        self._listeners.fail_stateful(model, EngineUnavailable("the model was unloaded while this was spoken"))
        await self._host.unload(model, "unloaded on request")

    async def _recover(self, model: str, error: Exception) -> None:
        """A step failed: its rows fail, the model is given up and loaded anew for whoever waits."""
        if isinstance(error, OutOfMemory):
            self._listeners.fail_stateful(model, error)
            await self._host.shrink(model)
            return
        _LOG.exception("engine step failed", exc_info=error)
        self._listeners.fail_stateful(model, RowFailed("the engine failed while speaking this"))
        self._count_failure(error)
        await self._host.unload(model, "an engine step failed")

    def _count_failure(self, error: Exception) -> None:
        self._failed_steps += 1
        if self._failed_steps >= MAX_FAILED_STEPS:
            raise error

    def _close(self, error: Exception) -> None:
        if self._closed is None:
            self._closed = error
        self._listeners.fail_all(error)
