"""One utterance while it is spoken: its text goes in, its PCM comes out, and its run folder is filled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Final, Literal

from daemon.journal import finish
from daemon.retakes import Attempt
from daemon.strand import Rest, Strand
from daemon.subtitled import subtitles
from daemon.timing import Heard, Timing
from daemon.utterance import Utterance
from models.backend import FinishReason
from outputs.recording import encode_json
from outputs.run import Run, StorageFailed

_LOG = logging.getLogger(__name__)

Outcome = Literal["stop", "length", "runaway", "cancelled", "error"]

_STATES: Final[Mapping[Outcome, Literal["done", "cancelled", "failed"]]] = {
    "stop": "done", "length": "done", "runaway": "done", "cancelled": "cancelled", "error": "failed",
}  # fmt: skip
# Strands that are made beside the one that is heard: the next voice is ready when its turn comes, and a text with a
# thousand tags takes no thousand places.
_AHEAD: Final = 1


class Take:
    """Made by `Speech.open`. Iterate it once for s16le mono PCM at `sample_rate`.

    It is one strand after the other: most texts are spoken in one, a change of voice or tempo begins the next.
    """

    def __init__(self, utterance: Utterance, first: Strand, started: float, run: Run | None) -> None:
        self.role = role = first.role
        self.utterance, self.voice, self.language, self.facts = utterance, role.voice, role.language, role.facts
        self.sample_rate = role.facts.sample_rate
        self.request_id = utterance.request_id
        self.run_id = run.id if run else None
        self.artifacts: list[str] = []
        self.speaking = role
        """Whose part it is now; `role` and all that follows from it are the first one's."""
        self.warnings: Sequence[str] = ()
        """What was passed over in the text, as far as it was read."""
        self.typed: Sequence[str] | None = None
        """The pieces of a text that is being written, as they came."""
        self.storage_error: StorageFailed | None = None
        self.outcome: Outcome | None = None
        self.timing = Timing(started)
        self.characters = 0
        self.said: list[str] = []
        """The text as it was given to the voices: without markup, with numbers in words where they are wanted so."""
        self.finish_reason: FinishReason | None = None
        """Why the speech stopped; None while it goes on."""
        self.attempts: Sequence[Attempt] = ()
        """Where it was judged before it was heard: all that was taken, this one among them."""
        self.sentences: list[Heard] = []
        """What was heard when, where subtitles are wanted; whole when the take is over."""
        self.rests: list[tuple[int, int]] = []
        """The pauses that the text asked for, from sample to sample."""
        self._run = run
        self._opened, self._last = first, first
        self._strands: deque[Strand | Rest] = deque([first])
        self._complete = False
        self._changed = asyncio.Event()
        self._error: Exception | None = None
        self._first: bytes | None = None
        self._made = self._begun = 0
        """Samples that there were, and those before the strand that is heard now."""

    # --- its text -----------------------------------------------------------------------------------------------

    @property
    def newest(self) -> Strand:
        """The newest voice, which takes the text that comes."""
        return self._last

    def speak(self, text: str) -> None:
        """Append to what the newest voice speaks: a sentence, or any piece where it takes text as it is written."""
        self.characters += len(text)
        self.said.append(text)
        if self._last.role.facts.live_text and not self._last.live:
            text += " "  # it takes text cut anywhere, and would read two sentences as one word
        self._last.speak(text)

    def precede(self, rest: Rest) -> None:
        """Silence before everything."""
        self._strands.appendleft(rest)

    def withdraw(self) -> None:
        """The newest voice has nothing to say."""
        self._last.withdraw()

    def follow(self, strand: Strand | Rest) -> None:
        """What comes after all there is; text goes to the newest voice. Nothing follows a take that is over."""
        if self.over:
            strand.close()
            return
        self._strands.append(strand)
        if isinstance(strand, Strand):
            self._last = strand
        self._changed.set()

    async def room(self, ahead: int = _AHEAD) -> None:
        """Wait until another strand may be begun, with so many before it."""
        while sum(isinstance(strand, Strand) for strand in self._strands) > ahead:
            self._changed.clear()
            await self._changed.wait()

    def end_text(self) -> None:
        """The newest voice has all of its text."""
        self._last.end_text()

    @property
    def over(self) -> bool:
        """Whether no strand follows any more: it has all of its text, or was cut off."""
        return self._complete

    def complete(self) -> None:
        """No strand follows any more."""
        self._complete = True
        self._changed.set()

    def fail(self, error: Exception) -> None:
        """Whoever reads this take gets `error` after the audio that was made."""
        self._error = error
        self._last.fail(error)
        self.complete()

    # --- its sound ----------------------------------------------------------------------------------------------

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
        return self._opened.seed

    async def _next(self) -> bytes:
        """The next PCM; b"" at the end."""
        while True:
            while not self._strands and not self._complete:
                self._changed.clear()
                await self._changed.wait()
            if not self._strands:
                if self._error is not None:
                    raise self._error
                self.finish_reason = self.finish_reason or "stop"
                return b""
            strand = self._strands[0]
            if isinstance(strand, Strand):
                self.speaking = strand.role
            if pcm := await strand.read():
                self._made += len(pcm) // 2
                return pcm
            self._over(strand)

    def _over(self, strand: Strand | Rest) -> None:
        """It has been heard to its end; one that was cut ends the take, for what follows would not fit."""
        strand.close()
        self._note(self._strands.popleft())
        self._begun = self._made
        self._changed.set()
        if strand.finish_reason not in (None, "stop"):
            self.finish_reason = strand.finish_reason
            self._leave()
            self.complete()

    def _note(self, strand: Strand | Rest) -> None:
        """Keep what was heard of it, and when."""
        if isinstance(strand, Rest):
            self.rests.append((self._begun, self._made))
        else:
            self.sentences += [sentence.later(self._begun) for sentence in strand.heard()]

    def _leave(self) -> None:
        """Give up the places of all that was not heard."""
        while self._strands:
            self._strands.popleft().close()
        self._changed.set()

    # --- its end ------------------------------------------------------------------------------------------------

    def subtitles(self) -> dict[str, bytes]:
        """The files that were asked for by their names, when it is over."""
        return subtitles(self.sentences, self._made, self.sample_rate, self.utterance.subtitles)

    @property
    def report(self) -> dict[str, object] | None:
        """What was thought of every attempt; None where nobody judged."""
        if not self.attempts:
            return None
        good = any(attempt.kept and attempt.verdict.good for attempt in self.attempts)
        return {"good": good, "takes": [attempt.as_dict() for attempt in self.attempts]}

    async def end(self, outcome: Outcome) -> None:
        """Leave the engine and close the run. The first outcome stays; safe to call twice."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        if self._strands:
            self._note(self._strands[0])
        self._leave()
        self.complete()
        self.timing.wall_ms = (time.monotonic() - self.timing.started) * 1000
        if self._run is not None:
            facts: dict[str, object] = {"timing": self.timing.as_dict(), "finish_reason": outcome, "seed": self.seed}
            if self.warnings:
                facts["warnings"] = list(self.warnings)
            text = None if self.typed is None else "".join(self.typed)
            ending = asyncio.to_thread(finish, self._run, _STATES[outcome], facts, text, self._files)
            try:
                self.artifacts = await asyncio.shield(ending)
            except StorageFailed as error:
                await self._lose(self._run, error)

    def _files(self) -> dict[str, bytes]:
        """What lies in the run folder beside the audio."""
        report = {} if self.report is None else {"report.json": encode_json(self.report)}
        return {**self.subtitles(), **report}

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
