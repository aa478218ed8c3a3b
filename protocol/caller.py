"""One Wyoming caller: heard while it is answered, answered in order, and let go in one way."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from daemon.dictation import Writing
from daemon.faults import CallerMistake, describe, is_ours
from daemon.settings import Settings
from daemon.speech import Speech
from protocol import events
from protocol.info import info
from protocol.reply import Reply
from protocol.wire import Gone, Wire
from protocol.wyoming import (
    Connection,
    Describe,
    Ping,
    Plain,
    Request,
    StreamStart,
    StreamStop,
    StreamText,
    VoiceWish,
)

_LOG = logging.getLogger(__name__)

# Finished requests that wait behind the one that is spoken. Clients have one or two; a caller that is further
# ahead is left unread until there is room.
MAX_WAITING: Final = 8
# The longest text, a megabyte, takes a second on a slow home network; this is for those who never finish.
FRAME_S: Final = 30.0
# Home Assistant makes a connection for every request. Whoever keeps one may rest for this long.
IDLE_S: Final = 600.0
# The Assist pipeline gives up after this time: nobody finishes a text that has stood still for longer.
WRITER_S: Final = 300.0
# TCP cannot tell a caller that has only finished speaking from one that has left until something is sent to
# it: so `audio-start` goes out early, and the answer of the other side's kernel is looked for this often.
PROBE_S: Final = 0.1


class WriterSilent(CallerMistake):
    """The caller began to say something and does not go on."""


@dataclass(slots=True, eq=False)
class Dictation:
    """A streamed request: its text is still being written."""

    voice: VoiceWish
    writing: Writing = field(default_factory=Writing)
    broken: Exception | None = None
    """Why the rest of the text will never come."""


Job = Describe | Ping | Plain | Dictation | Exception | None


class Caller:
    """Serves one connection until it ends.

    Args:
        idle_s: how long it may rest with nothing to answer; None for ever.
    """

    def __init__(self, speech: Speech, settings: Settings, wire: Wire, name: str, *, idle_s: float | None) -> None:
        self.name = name
        self._speech, self._settings, self._wire, self._idle_s = speech, settings, wire, idle_s
        self._grammar = Connection(settings.max_text)
        self._frame: tuple[int | None, float] = (None, 0.0)
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(MAX_WAITING)
        self._owed, self._answered = 0, 0.0
        self._current: Job = None
        self._dictation: Dictation | None = None
        self._reply: Reply | None = None
        self._leash: asyncio.Timeout | None = None
        self._cause: Exception | None = None
        self._closing = False

    async def serve(self) -> None:
        """Until the caller has left, or has been told its last."""
        listening = asyncio.create_task(self._listen(), name=f"{self.name} listens")
        try:
            async with asyncio.timeout(0 if self._cause else None) as self._leash:
                await self._answer_all()
        except Exception as error:  # noqa: BLE001 - the boundary of a connection
            self._cause = self._cause or error
            await self._fail(self._cause)
        finally:
            self._cause = self._cause or Gone("served")
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await self._wire.hang_up()

    def finish(self) -> None:
        """End after what is being answered; at once if that is nothing. Safe to call twice."""
        self._closing = True
        if self._rests:
            self._jobs.put_nowait(None)

    def abort(self, cause: Exception) -> None:
        """Whatever is being answered fails with `cause`. The first one stays."""
        if self._cause is None:
            self._cause = cause
            if self._leash is not None:
                self._leash.reschedule(asyncio.get_running_loop().time())

    @property
    def _rests(self) -> bool:
        return self._owed == 0 and self._dictation is None and self._jobs.empty()

    # --- what the caller says -------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Take requests in until there are no more; a mistake is told after the answers it came behind."""
        try:
            try:
                while data := await self._read():
                    for request in self._grammar.receive(data):
                        await self._take(request)
                self._grammar.receive_eof()
                await self._jobs.put(None)
            except CallerMistake as mistake:
                await self._break(mistake)
            await self._watch()
        except Exception as error:  # noqa: BLE001 - the boundary of a connection
            self.abort(error)

    async def _read(self) -> bytes:
        """What has come; b"" when the caller has ended or rested too long. Raises WriterSilent or Gone."""
        while True:
            now, number = asyncio.get_running_loop().time(), self._grammar.unfinished
            if number is None or number != self._frame[0]:
                self._frame = number, now
            limit = FRAME_S if number is not None else WRITER_S if self._dictation else self._idle_s
            if limit is None:
                return await self._wire.read(None)
            try:
                return await self._wire.read(self._frame[1] + limit)
            except TimeoutError:
                if number is not None or self._dictation:
                    raise WriterSilent(f"the rest has not come within {limit:.0f} s") from None
                if self._rests and self._answered + limit <= asyncio.get_running_loop().time():
                    return b""

    async def _take(self, request: Request) -> None:
        match request:
            case StreamStart(voice):
                self._dictation = Dictation(voice)
                await self._owe(self._dictation)
            case StreamText(text) if self._dictation:
                self._dictation.writing.write(text)
            case StreamStop() if self._dictation:
                self._dictation.writing.end()
                self._dictation = None
            case Describe() | Ping() if self._dictation or not self._owed:
                # Not queued: nothing may wait for the end of a text that is still being written.
                await self._answer(request)
            case Describe() | Ping() | Plain():
                await self._owe(request)

    async def _owe(self, job: Job) -> None:
        self._owed += 1
        await self._jobs.put(job)

    async def _break(self, mistake: CallerMistake) -> None:
        """Nothing more can be understood: a text that was being written is given up, the rest is answered."""
        if self._dictation is None:
            await self._jobs.put(mistake)
        elif self._dictation is self._current:
            self.abort(mistake)
        else:
            self._dictation.broken = mistake

    async def _watch(self) -> None:
        """The caller says no more: is it still there to hear the answers? Raises Gone when it is not."""
        while True:
            await asyncio.sleep(PROBE_S)
            if self._reply is not None:
                await self._reply.begin()
            if self._wire.reset():
                raise Gone("the caller has left")

    # --- what it is told ------------------------------------------------------------------------------

    async def _answer_all(self) -> None:
        while (job := await self._jobs.get()) is not None:
            self._current = job
            await self._answer(job)
            self._current = None
            self._owed -= 1
            self._answered = asyncio.get_running_loop().time()
            if self._closing and self._rests:
                return

    async def _answer(self, job: Job) -> None:
        match job:
            case Describe():
                speech = self._speech
                voices, facts, models = speech.casting.profiles(), speech.engine.facts, speech.engine.models
                await self._wire.send(info(voices, facts, models, streaming=self._settings.streaming))
            case Ping(text):
                await self._wire.send(events.pong(text))
            case Plain(text, voice):
                await self._speak(voice, text, None)
            case Dictation(voice, writing, None):
                await self._speak(voice, "", writing)
            case Dictation(broken=Exception() as broken):
                raise broken
            case Exception():
                raise job

    async def _speak(self, wish: VoiceWish, text: str, writing: Writing | None) -> None:
        self._reply = Reply(self._speech, self._settings, self._wire)
        await self._reply.speak(wish, text, writing)
        self._reply = None

    async def _fail(self, error: Exception) -> None:
        """Say what went wrong, if anybody is there: Home Assistant waits for an event or the end for ever."""
        if isinstance(error, ConnectionError):
            _LOG.debug("%s: %s", self.name, error)
            return
        fault = describe(error)
        if is_ours(error):
            _LOG.error("%s failed", self.name, exc_info=error)
        else:
            _LOG.info("%s: %s: %s", self.name, fault.code, fault.message)
        with suppress(ConnectionError):
            await self._wire.send(events.error(fault))
