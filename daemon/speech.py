"""The one use case: an utterance in, PCM out. Every door and every pipeline comes through here."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from daemon.casting import Casting
from daemon.delivery import directed
from daemon.faults import Malformed, ShuttingDown, describe
from daemon.gate import Gate
from daemon.journal import Journal
from daemon.limits import MAX_SEED, check
from daemon.metrics import Metrics
from daemon.parts import Part
from daemon.pronunciation import Pronunciation
from daemon.recital import Recital, noted
from daemon.roles import Role, Roles
from daemon.script import Script, script
from daemon.settings import Settings
from daemon.strand import Replay, Strand
from daemon.take import Outcome, Take
from daemon.text.aloud import Reading
from daemon.text.score import Manner
from daemon.utterance import Priority, Utterance
from daemon.verifier import Verifier
from models.backend import Line, StalePrompt
from models.batch import QueueFull
from models.engine import Engine

_LOG = logging.getLogger(__name__)

# What doors get to tell whoever is left that the daemon stops; a listener that reads is told in milliseconds.
GOODBYE_S: Final = 1.0

Ready = Callable[[], Awaitable[None]]


class Speech:
    """Speaks utterances with one engine."""

    def __init__(
        self, engine: Engine, casting: Casting, roles: Roles, pronunciation: Pronunciation, settings: Settings,
        journal: Journal, metrics: Metrics, gate: Gate,
    ) -> None:  # fmt: skip
        """`gate` judges what is to be verified."""
        self.engine, self.casting, self.settings = engine, casting, settings
        self.journal, self.metrics = journal, metrics
        self._roles, self._pronunciation = roles, pronunciation
        self._verifier = Verifier(self.open, gate, settings.markup)
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
            if utterance.verify:
                take = await self._verified(utterance, pieces, started, ready)
                yield take
            else:
                markup = utterance.markup or self.settings.markup
                async with script(utterance.text, pieces, markup, self.settings, live=self._roles.live) as text:
                    take = await self._start(utterance, text, started)
                    if ready is not None:
                        await ready()
                    async with text.into(take, partial(self._follow, utterance, take, take.seed)):
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

    async def _verified(
        self, utterance: Utterance, pieces: AsyncIterable[str] | None, started: float, ready: Ready | None
    ) -> Take:
        """The best of several takes, to be heard once more."""
        if pieces is not None:
            raise Malformed("a text that is still being written cannot be verified before it is heard; send it whole")
        if ready is not None:
            await ready()
        chosen = await self._verifier.answer(utterance)
        sound, kept = chosen.take, chosen.take.take
        run = await self.journal.begin(utterance, kept.voice, kept.language, kept.seed, kept.facts)
        replay = Replay(kept.role, kept.seed, sound.pcm, list(kept.sentences), kept.finish_reason)
        take = Take(utterance, replay, started, run)
        take.characters, take.warnings, take.attempts = kept.characters, kept.warnings, chosen.attempts
        take.rests = kept.rests
        take.complete()
        return take

    # --- before the first frame ---------------------------------------------------------------------------------

    async def _start(self, utterance: Utterance, text: Script, started: float) -> Take:
        """The take, with the voice of its first part."""
        if not self.casting.prepared:
            await asyncio.to_thread(self.casting.prepare)
        opening = await text.begin(
            lambda part: self._roles.settled(directed(utterance, part.manner)),
            lambda part, opening: self._roles.cast(directed(utterance, part.manner), opening),
        )
        role = await self._roles.role(directed(utterance, text.first.manner), opening)
        seed = secrets.randbelow(MAX_SEED + 1) if role.delivery.seed is None else role.delivery.seed
        strand = await self._strand(utterance, role, text.first.manner, seed, self._deadline(utterance))
        try:
            run = await self.journal.begin(utterance, role.voice, role.language, seed, role.facts)
            return Take(utterance, strand, started, run)
        except BaseException:
            strand.close()
            raise

    async def _follow(self, utterance: Utterance, take: Take, seed: int, part: Part, opening: str) -> Strand:
        """The voice of a later part. It has no deadline after speech: it may have to wait until that was heard."""
        role = await self._roles.role(directed(utterance, part.manner), opening)
        seed = seed if role.delivery.seed is None else role.delivery.seed
        deadline = None if take.characters else self._deadline(utterance)
        try:
            return await self._strand(utterance, role, part.manner, seed, deadline)
        except QueueFull:  # the voice before may be the one too many
            await take.room(ahead=0)
            return await self._strand(utterance, role, part.manner, seed, deadline)

    def _deadline(self, utterance: Utterance) -> float | None:
        """Seconds from the first text to the first audio."""
        return utterance.deadline_s or (None if _patient(utterance) else self.settings.deadline)

    async def _strand(
        self, utterance: Utterance, role: Role, manner: Manner, seed: int, deadline_s: float | None
    ) -> Strand:
        how = role.delivery.directed(manner)
        reading = await self._pronunciation.reading(utterance, role, manner)
        line = Line(
            role.voice.speaker, role.language, seed, how.instruct, how.sampling, role.prompt, role.facts.model,
            live=not _patient(utterance),
        )  # fmt: skip

        def enter(first: bool = True, reading: Reading | None = None) -> Strand:
            within = deadline_s if first else None
            stream = self.engine.open(line, priority=utterance.priority, deadline_s=within)
            try:
                return Strand(role, stream, how, reading)
            except BaseException:
                stream.close()
                raise

        if not utterance.subtitles:
            return enter(reading=reading)
        gap = round(self.settings.sentence_gap / 1000 / how.speed * role.facts.sample_rate)
        return Recital(role, noted(reading, role.language, role.voice.id), enter, bytes(2 * gap))

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
                if isinstance(error, StalePrompt):
                    await self._roles.forget(take.speaking)  # it is made again for whoever asks next
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


def _patient(utterance: Utterance) -> bool:
    """Batch work waits for everybody else, however long."""
    return utterance.priority is Priority.BATCH
