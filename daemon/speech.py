"""The one use case: an utterance in, PCM out. Every door and every pipeline comes through here."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from daemon.casting import Casting
from daemon.faults import ShuttingDown, describe
from daemon.journal import Journal
from daemon.limits import MAX_SEED, check
from daemon.metrics import Metrics
from daemon.roles import Roles
from daemon.script import Script, script
from daemon.settings import Settings
from daemon.take import Outcome, Take
from daemon.utterance import Priority, Utterance
from models.backend import Line
from models.engine import Engine

_LOG = logging.getLogger(__name__)

# What doors get to tell whoever is left that the daemon stops; a listener that reads is told in milliseconds.
GOODBYE_S: Final = 1.0

Ready = Callable[[], Awaitable[None]]


class Speech:
    """Speaks utterances with one engine."""

    def __init__(
        self, engine: Engine, casting: Casting, settings: Settings, journal: Journal, metrics: Metrics
    ) -> None:
        self.engine, self.casting, self.settings = engine, casting, settings
        self.journal, self.metrics = journal, metrics
        self._roles = Roles(casting, engine)
        self._open = 0
        self._closing = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def open(
        self, utterance: Utterance, pieces: AsyncIterable[str] | None = None, *, ready: Ready | None = None
    ) -> AsyncIterator[Take]:
        """Speak `utterance`, or the text in `pieces` as it is written. Leaving before the end cancels.

        `ready` is awaited when its row stands in the queue and before it is given text.
        Raises a CallerMistake, QueueFull, ShuttingDown or EngineUnavailable before there is a take; reading the take
        raises what happens later.
        """
        started = time.monotonic()
        utterance = replace(utterance, request_id=utterance.request_id or secrets.token_hex(8))
        take: Take | None = None
        self._enter()
        try:
            if self._closing:
                raise ShuttingDown("the daemon is shutting down")
            check(utterance, self.settings.max_text)
            async with script(utterance.text, pieces, self.settings) as text:
                take = await self._start(utterance, await self._opening(utterance, text, pieces is None), started)
                if ready is not None:
                    await ready()
                async with text.into(take):
                    yield take
        except BaseException as error:
            await self._settle(utterance, take, started, error)
            raise
        else:
            await self._settle(utterance, take, started, None)
        finally:
            self._leave()

    async def close(self, patience_s: float) -> None:
        """Refuse new utterances, wait for the open ones, then fail what is left with ShuttingDown."""
        self._closing = True
        if not await self._is_quiet(patience_s):
            _LOG.warning("%d streams were still open after %.1f s", self._open, patience_s)
        self.engine.close(ShuttingDown("the daemon is shutting down"))
        await self._is_quiet(GOODBYE_S)

    async def _is_quiet(self, patience_s: float) -> bool:
        try:
            async with asyncio.timeout(patience_s):
                await self._quiet.wait()
        except TimeoutError:
            return False
        return True

    # --- before the first frame ---------------------------------------------------------------------------------

    async def _opening(self, utterance: Utterance, text: Script, there: bool) -> str:
        """How the text begins; nothing where that has no say and would have to be waited for."""
        if not self.casting.prepared:
            await asyncio.to_thread(self.casting.prepare)
        if not there and self._roles.settled(utterance):
            return ""
        return await text.opening(live=self._roles.live)

    async def _start(self, utterance: Utterance, opening: str, started: float) -> Take:
        role = await self._roles.role(utterance, opening)
        seed = secrets.randbelow(MAX_SEED + 1) if utterance.seed is None else utterance.seed
        patient = utterance.priority is Priority.BATCH  # it waits for everybody else, however long
        line = Line(
            role.voice.speaker, role.language, seed, utterance.instruct, utterance.sampling, role.prompt, role.facts.model,
            live=not patient,
        )  # fmt: skip
        deadline = utterance.deadline_s or (None if patient else self.settings.deadline)
        stream = self.engine.open(line, priority=utterance.priority, deadline_s=deadline)
        try:
            run = await self.journal.begin(utterance, role.voice, role.language, seed, role.facts)
            return Take(utterance, stream, role.voice, role.language, role.facts, started, run)
        except BaseException:
            stream.close()
            raise

    # --- afterwards ---------------------------------------------------------------------------------------------

    async def _settle(
        self, utterance: Utterance, take: Take | None, started: float, error: BaseException | None
    ) -> None:
        """End the take, count it, and write its one line into the log."""
        left = error is None or isinstance(error, asyncio.CancelledError | GeneratorExit | ConnectionError)
        outcome: Outcome = "cancelled" if left else "error"
        try:
            if take is not None:
                await take.end(outcome)
        finally:  # cancelled once more, it is counted all the same
            self._note(utterance, take, started, error, outcome)

    def _note(
        self, utterance: Utterance, take: Take | None, started: float, error: BaseException | None, outcome: Outcome
    ) -> None:
        if take is not None:
            outcome = take.outcome or outcome
        code = describe(error).code if error is not None and outcome == "error" else ""
        self.metrics.note(utterance, take, code or outcome)
        timing = take.timing.as_dict() if take else {}
        _LOG.info(
            "%s voice=%s chars=%d seed=%s first_audio_ms=%s total_ms=%.0f rtf=%s outcome=%s",
            utterance.door,
            take.voice.id if take else ascii((utterance.voice or "")[:80]),  # whatever was sent: no line of its own
            take.characters if take else len(utterance.text),
            take.seed if take else utterance.seed,
            timing.get("first_audio_ms"),
            (time.monotonic() - started) * 1000,
            timing.get("rtf"),
            code or outcome,
            extra={"request_id": utterance.request_id},
        )

    def _enter(self) -> None:
        self._open += 1
        self._quiet.clear()

    def _leave(self) -> None:
        self._open -= 1
        if not self._open:
            self._quiet.set()
