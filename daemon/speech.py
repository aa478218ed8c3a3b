"""The one use case: an utterance in, PCM out. Every door and every pipeline comes through here."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from daemon.casting import Casting
from daemon.dictation import sentences
from daemon.faults import Malformed, NothingToSay, ShuttingDown, TextTooLong, describe
from daemon.journal import Journal
from daemon.metrics import Metrics
from daemon.settings import Settings
from daemon.take import Outcome, Take
from daemon.text.clean import clean
from daemon.text.sentences import split
from daemon.utterance import Priority, Utterance
from models.backend import Line
from models.engine import Engine
from outputs.tempo import MAX_SPEED, MIN_SPEED

_LOG = logging.getLogger(__name__)

# Seeds are kept in 31 bits: JSON, JavaScript and every numeric library read them back exactly.
MAX_SEED: Final = 2**31 - 1
# What doors get to tell whoever is left that the daemon stops; a listener that reads is told in milliseconds.
GOODBYE_S: Final = 1.0
# Cleaning and cutting this much takes about a millisecond; more goes to a thread so that the loop stays free.
INLINE_TEXT: Final = 5_000


class Speech:
    """Speaks utterances with one engine."""

    def __init__(
        self, engine: Engine, casting: Casting, settings: Settings, journal: Journal, metrics: Metrics
    ) -> None:
        self.engine, self.casting, self.settings = engine, casting, settings
        self.journal, self.metrics = journal, metrics
        self._open = 0
        self._closing = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    @asynccontextmanager
    async def open(self, utterance: Utterance, pieces: AsyncIterable[str] | None = None) -> AsyncIterator[Take]:
        """Speak `utterance`, or the text in `pieces` as it is written. Leaving before the end cancels.

        Raises a CallerMistake, QueueFull, ShuttingDown or EngineUnavailable before there is a take; reading the take
        raises what happens later.
        """
        started = time.monotonic()
        utterance = replace(utterance, request_id=utterance.request_id or secrets.token_hex(8))
        take: Take | None = None
        self._enter()
        try:
            self._check(utterance)
            async with self._cast(utterance, pieces, started) as take:
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

    def _check(self, utterance: Utterance) -> None:
        if self._closing:
            raise ShuttingDown("the daemon is shutting down")
        if not MIN_SPEED <= utterance.speed <= MAX_SPEED:
            raise Malformed(f"speed must be from {MIN_SPEED} to {MAX_SPEED}, not {utterance.speed}")
        if utterance.deadline_s is not None and not 0 < utterance.deadline_s < math.inf:
            raise Malformed(f"a deadline is a number of seconds above 0, not {utterance.deadline_s}")
        if utterance.seed is not None and not 0 <= utterance.seed <= MAX_SEED:
            raise Malformed(f"seed must be a whole number from 0 to {MAX_SEED}")
        if len(utterance.text) > self.settings.max_text:
            raise TextTooLong(
                f"the text has {len(utterance.text)} characters and one request holds {self.settings.max_text}; "
                "longer work is a job for a pipeline"
            )

    @asynccontextmanager
    async def _cast(
        self, utterance: Utterance, pieces: AsyncIterable[str] | None, started: float
    ) -> AsyncIterator[Take]:
        if pieces is None:
            script = await prepare(utterance.text)
            take = await self._start(utterance, script[0], started)
            for sentence in script:
                take.speak(sentence)
            take.end_text()
            yield take
            return
        settings = self.settings
        async with aclosing(sentences(pieces, flush_s=settings.flush, limit=settings.max_text)) as written:
            first = None
            if utterance.voice is None and utterance.language is None:
                first = await anext(written, None)
                if first is None:
                    raise NothingToSay("the text holds no word that could be spoken")
            take = await self._start(utterance, first or "", started)
            feeding = asyncio.create_task(_feed(take, first, written), name=f"text of {take.request_id}")
            feeding.add_done_callback(partial(_tell, take))
            try:
                yield take
            finally:
                feeding.cancel()
                await asyncio.gather(feeding, return_exceptions=True)

    async def _start(self, utterance: Utterance, sample: str, started: float) -> Take:
        if not self.casting.prepared:
            await asyncio.to_thread(self.casting.prepare)
        voice, language = self.casting.cast(utterance.voice, utterance.language, sample)
        seed = secrets.randbelow(MAX_SEED + 1) if utterance.seed is None else utterance.seed
        line = Line(voice.speaker, language, seed, utterance.instruct, utterance.sampling)
        patient = utterance.priority is Priority.BATCH  # it waits for everybody else, however long
        deadline = utterance.deadline_s or (None if patient else self.settings.deadline)
        stream = self.engine.open(line, priority=utterance.priority, deadline_s=deadline)
        try:
            run = await self.journal.begin(utterance, voice, language, seed, self.engine.facts)
            return Take(utterance, stream, voice, language, seed, self.engine.facts.sample_rate, started, run)
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
            "%s voice=%s chars=%d first_audio_ms=%s total_ms=%.0f rtf=%s outcome=%s",
            utterance.door,
            take.voice.id if take else ascii((utterance.voice or "")[:80]),  # whatever was sent: no line of its own
            take.characters if take else len(utterance.text),
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


async def prepare(text: str) -> list[str]:
    """The sentences of a whole text, cleaned; at least one. Raises NothingToSay."""
    if len(text) > INLINE_TEXT:
        script = await asyncio.to_thread(lambda: split(clean(text)))
    else:
        script = split(clean(text))
    if not script:
        raise NothingToSay("the text holds no word that could be spoken")
    return script


async def _feed(take: Take, first: str | None, written: AsyncIterator[str]) -> None:
    """Hand sentences on as they are written."""
    if first is not None:
        take.speak(first)
    async for sentence in written:
        take.speak(sentence)
    if not take.characters:
        raise NothingToSay("the text holds no word that could be spoken")
    take.end_text()


def _tell(take: Take, feeding: asyncio.Task[None]) -> None:
    """What went wrong with the text reaches whoever listens."""
    if not feeding.cancelled() and isinstance(error := feeding.exception(), Exception):
        take.fail(error)
