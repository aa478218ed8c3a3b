"""One listener's end of the engine: text goes in, PCM comes out, between two water marks."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from models.backend import FinishReason, Frame, Line
from models.batch import Priority, Row

# Four seconds at 24 kHz: what a player on a bad network may fall behind without a gap. 192 kB a listener.
HIGH_WATER_BYTES: Final = 4 * 48_000
# Speech resumes with two seconds still in hand.
LOW_WATER_BYTES: Final = 2 * 48_000
# Half a second a read: few enough writes for a fast network, small enough ones for a slow one.
READ_BYTES: Final = 24_000
# Home Assistant has no time-out of its own: an engine that owes audio for this long has failed its listener.
QUIET_LIMIT_S: Final = 60.0


class DeadlinePassed(Exception):
    """The audio was not there in time."""


class Stream:
    """Made by `Engine.open`. Read it with `read`, end it with `close`; both from the event loop."""

    def __init__(
        self, row: Row, line: Line, deadline_s: float | None, *, wake: Callable[[], None], leave: Callable[[Row], None]
    ) -> None:
        self.line = line
        self.seed = line.seed
        """The seed that is spoken with, true from the first audio on: a voice that runs away unheard takes the next."""
        self.finish_reason: FinishReason | None = None
        self.parked: object | None = None
        self._row, self._deadline_s = row, deadline_s
        self._wake, self._leave = wake, leave
        self._text: list[str] = []
        self._text_ended = self._end_taken = False
        self._pcm: deque[bytes] = deque()
        self._size = 0
        self._started = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    # --- the listener's side ------------------------------------------------------------------------------------

    def feed(self, segment: str) -> None:
        """Append text. The deadline for the first audio starts with the first of it, and anew where it was too little."""
        self._text.append(segment)
        self._ready()

    def end_text(self) -> None:
        """No more text will come."""
        self._text_ended = True
        self._ready()

    async def read(self) -> bytes:
        """The PCM that is there, about half a second at most; b"" at the end. Raises what went wrong.

        Audio that was made before a failure is heard first.
        """
        while not self._pcm:
            if self._error is not None:
                raise self._error
            if self.finish_reason is not None:
                return b""
            await self._wait()
        pcm = self._take()
        if self._row.held and self._size <= LOW_WATER_BYTES:
            self._row.held = False
            self._wake()
        return pcm

    def close(self) -> None:
        """Leave; the slot is free at the next plan. Safe to call twice."""
        self._leave(self._row)

    # --- the engine's side --------------------------------------------------------------------------------------

    def deliver(self, frame: Frame) -> None:
        """Take in what a step made of this row."""
        if frame.seed is not None:
            self.seed = frame.seed
        if frame.pcm:
            self._row.deadline = self._deadline_s = None
            self._pcm.append(frame.pcm)
            self._size += len(frame.pcm)
            self._row.held = self._size >= HIGH_WATER_BYTES
        if frame.dry and not self._text and not self._text_ended:
            self._row.dry = True
            self._row.deadline, self._started = None, False  # the writer owes text now, not the engine audio
        if frame.error is not None:
            self.fail(frame.error)
        self.finish_reason = frame.end
        self._changed.set()

    def fail(self, error: Exception) -> None:
        """End with an error; the first one stays."""
        if self._error is None and self.finish_reason is None:
            self._error = error
        self._changed.set()

    def expire(self) -> None:
        """The first audio was not there in time."""
        self.fail(DeadlinePassed(f"no audio within {self._deadline_s:.1f} s; the daemon is busy or the model is slow"))

    def take_text(self) -> tuple[list[str], bool] | None:
        """The segments that the backend has not seen, and whether the text ends here (told once)."""
        ended = self._text_ended and not self._end_taken
        if not self._text and not ended:
            return None
        self._end_taken = self._end_taken or ended
        text, self._text = self._text, []
        return text, ended

    def take_parked(self) -> object | None:
        """The state to restore, handed over once."""
        parked, self.parked = self.parked, None
        return parked

    def _take(self) -> bytes:
        frames, size = [], 0
        while self._pcm and size < READ_BYTES:
            frames.append(self._pcm.popleft())
            size += len(frames[-1])
        self._size -= size
        return frames[0] if len(frames) == 1 else b"".join(frames)

    def _ready(self) -> None:
        if not self._started and self._deadline_s is not None:
            self._row.deadline = time.monotonic() + self._deadline_s
        self._started = True
        self._row.dry = False
        self._wake()

    async def _wait(self) -> None:
        """Until something changes; an engine that owes audio may not stay quiet for ever.

        The scheduler expires rows in its turns; while a model loads there are none, so the deadline is watched here too.
        """
        self._changed.clear()
        due = self._row.deadline
        patience = self._quiet_limit() if due is None else max(0.0, due - time.monotonic())
        try:
            async with asyncio.timeout(patience):
                await self._changed.wait()
        except TimeoutError:
            if due is not None and due == self._row.deadline:
                self.expire()
                self._leave(self._row)
            elif due is None and not self._row.dry:
                self.fail(DeadlinePassed(f"the engine made no audio for {QUIET_LIMIT_S:.0f} s"))

    def _quiet_limit(self) -> float | None:
        """Batch work may be paused for as long as others speak; whoever listens now may not be kept waiting."""
        return None if self._row.priority is Priority.BATCH else QUIET_LIMIT_S
