"""One utterance while it is spoken: its text goes in, its PCM comes out, and its run folder is filled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Final, Literal

from daemon.timing import Timing
from daemon.utterance import Utterance
from models.backend import Facts, FinishReason
from models.stream import Stream
from outputs.run import Run, StorageFailed
from outputs.tempo import Tempo
from voices.profile import Profile

_LOG = logging.getLogger(__name__)

Outcome = Literal["stop", "length", "runaway", "cancelled", "error"]

_STATES: Final[Mapping[Outcome, Literal["done", "cancelled", "failed"]]] = {
    "stop": "done", "length": "done", "runaway": "done", "cancelled": "cancelled", "error": "failed",
}  # fmt: skip


class Take:
    """Made by `Speech.open`. Iterate it once for s16le mono PCM at `sample_rate`."""

    def __init__(
        self, utterance: Utterance, stream: Stream, voice: Profile, language: str, facts: Facts, started: float,
        run: Run | None,
    ) -> None:  # fmt: skip
        self.utterance, self.voice, self.language, self.facts = utterance, voice, language, facts
        self.sample_rate = facts.sample_rate
        self.request_id = utterance.request_id
        self.run_id = run.id if run else None
        self.artifacts: list[str] = []
        self.storage_error: StorageFailed | None = None
        self.outcome: Outcome | None = None
        self.timing = Timing(started)
        self.characters = 0
        self._stream, self._run = stream, run
        self._tempo = Tempo(utterance.speed, facts.sample_rate) if utterance.speed != 1.0 else None
        self._first: bytes | None = None
        self._written: list[str] | None = [] if run and not utterance.text else None

    def speak(self, text: str) -> None:
        """Append to what is spoken: a sentence, or any piece where the model takes text as it is written."""
        self.characters += len(text)
        if self._written is not None:
            self._written.append(text)
        self._stream.feed(text)

    def end_text(self) -> None:
        """No more text will come."""
        self._stream.end_text()

    def fail(self, error: Exception) -> None:
        """Whoever reads this take gets `error` after the audio that was made."""
        self._stream.fail(error)

    async def begin(self) -> None:
        """Wait for the first audio, or for the end if there is none. Raises what kept it from being made."""
        if self._first is None:
            self._first = await self._next()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.chunks()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The PCM, once; use `aclosing` where the reader may stop early."""
        await self.begin()
        while self._first:
            pcm, self._first = self._first, None
            self.timing.hear(len(pcm) / 2 / self.sample_rate)
            yield pcm
            await self._keep(pcm)
            self._first = await self._next()
        await self.end(self.finish_reason or "stop")

    @property
    def seed(self) -> int:
        """The seed that is spoken with; after `begin` it does not change any more."""
        return self._stream.seed

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the voice stopped; None while it speaks."""
        return self._stream.finish_reason

    async def end(self, outcome: Outcome) -> None:
        """Leave the engine and close the run. The first outcome stays; safe to call twice."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        self._stream.close()
        self.timing.wall_ms = (time.monotonic() - self.timing.started) * 1000
        if self._run is not None:
            facts = {"timing": self.timing.as_dict(), "finish_reason": outcome, "seed": self.seed}
            joint = "" if self.facts.live_text else " "
            text = None if self._written is None else joint.join(self._written)
            try:
                await asyncio.shield(asyncio.to_thread(self._run.finish, _STATES[outcome], facts, text))
                self.artifacts = self._run.artifacts
            except StorageFailed as error:
                await self._lose(self._run, error)

    async def _next(self) -> bytes:
        """The next PCM at the wished speed; b"" at the end."""
        if self._tempo is None:
            return await self._stream.read()
        while pcm := await self._stream.read():
            if stretched := await asyncio.to_thread(self._tempo.feed, pcm):
                return stretched
        tempo, self._tempo = self._tempo, None
        return await asyncio.to_thread(tempo.finish)

    async def _keep(self, pcm: bytes) -> None:
        if self._run is not None:
            try:
                if self._run.fits(pcm):
                    self._run.write(pcm)
                else:
                    await asyncio.to_thread(self._run.write, pcm)
            except StorageFailed as error:
                await self._lose(self._run, error)

    async def _lose(self, run: Run, error: StorageFailed) -> None:
        """Whoever listens hears on; the run is given up and says so."""
        _LOG.error("run %s is lost: %s", run.id, error)
        self.storage_error = error
        self._run = self.run_id = None
        await asyncio.to_thread(run.abandon)  # a disk that fails may also be slow
