"""A stretch that is spoken sentence by sentence, each by itself: when each was heard is known to the sample."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from daemon.roles import Role
from daemon.strand import Strand
from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon
from daemon.timing import Heard, Sounding
from models.backend import FinishReason
from models.batch import QueueFull

# The next sentence is made while one is heard.
_AHEAD: Final = 2
# Between two sentences a full queue is waited for: whoever stands in it leaves in seconds.
_PATIENCE_S: Final = 10.0
_AGAIN_S: Final = 0.05

Enter = Callable[[bool], Strand]


@dataclass(frozen=True, slots=True)
class NotedReading(Reading):
    """A reading that keeps which sentence, as it was written, became how many pieces that are said."""

    notes: deque[tuple[str, int]] = field(default_factory=deque, compare=False)

    def sentence(self, sentence: str) -> list[str]:
        """See Reading."""
        said = Reading.sentence(self, sentence)
        if said:
            self.notes.append((sentence, len(said)))
        return said


def noted(reading: Reading | None, language: str, voice: str) -> NotedReading:
    """The same reading, noted; None reads everything as it is written."""
    if reading is None:
        return NotedReading(language, voice, Lexicon(()), normalize=False)
    return NotedReading(reading.language, reading.voice, reading.lexicon, reading.normalize)


@dataclass(slots=True)
class _Sentence:
    """One sentence on its way."""

    written: str
    pieces: list[str]
    """As it is said."""
    begin: int = 0
    """Samples before it."""
    sounding: Sounding | None = None
    """None before its first audio."""


class Recital(Strand):
    """Sentences go in, PCM comes out, and what was heard when is told."""

    def __init__(self, role: Role, reading: NotedReading, enter: Enter, gap: bytes) -> None:
        """`enter` opens a voice for one sentence, and is told whether it is the first; `gap` is heard between two.

        The first is opened now: a queue that is full says so before there is a take.
        """
        self.role, self.reading = role, reading
        self._notes, self._enter, self._gap = reading.notes, enter, gap
        self._first = enter(True)
        self._spare: Strand | None = self._first
        """Opened, and without a sentence."""
        self._pieces: list[str] = []
        self._waiting: deque[_Sentence] = deque()
        self._spoken: deque[tuple[Strand, _Sentence]] = deque()
        self._heard: list[Heard] = []
        self._at = 0
        self._whole = False
        self._error: Exception | None = None
        self._cut: FinishReason | None = None
        self._changed = asyncio.Event()

    @property
    def live(self) -> bool:
        """Sentence by sentence, whatever the model takes."""
        return False

    @property
    def seed(self) -> int:
        """See Strand; that of the first sentence."""
        return self._first.seed

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why a sentence stopped before its end; None for all else."""
        return self._cut

    def heard(self) -> list[Heard]:
        """The sentences as far as they were read, in samples from the beginning of this stretch."""
        open_ = [self._told(sentence) for _, sentence in list(self._spoken)[:1]]
        return [*self._heard, *(told for told in open_ if told is not None)]

    # --- its text -----------------------------------------------------------------------------------------------

    def speak(self, text: str) -> None:
        """Append a piece of what the reading has made of a sentence."""
        self._pieces.append(text.strip())
        written, count = self._notes[0]
        if len(self._pieces) == count:
            self._notes.popleft()
            self._waiting.append(_Sentence(written, self._pieces))
            self._pieces = []
            if self._spare is not None:
                self._begin()
            self._changed.set()

    def end_text(self) -> None:
        """No more text will come."""
        self._whole = True
        self._changed.set()

    def fail(self, error: Exception) -> None:
        """Whoever reads gets `error` after the audio that was made; one that has all of its text says it."""
        if not self._whole:
            self._error = self._error or error
            self._waiting.clear()
            self._changed.set()

    def withdraw(self) -> None:
        """Leave the engine without a word; whoever reads comes to the end."""
        self.end_text()
        self.close()

    # --- its sound ----------------------------------------------------------------------------------------------

    async def read(self) -> bytes:
        """The next PCM; b"" at the end. Raises what went wrong."""
        while (now := await self._next()) is not None:
            voice, sentence = now
            if pcm := await voice.read():
                return self._noted(pcm, sentence)
            self._over()
        return b""

    def close(self) -> None:
        """Leave the engine. Safe to call twice."""
        for voice in [*(voice for voice, _ in self._spoken), *filter(None, [self._spare])]:
            voice.close()
        self._waiting.clear()

    async def _next(self) -> tuple[Strand, _Sentence] | None:
        """Who is heard now; None at the end. Raises what kept the text from coming, and QueueFull."""
        patience = time.monotonic() + _PATIENCE_S
        while True:
            try:
                while self._waiting and len(self._spoken) < _AHEAD:
                    self._begin()
            except QueueFull:
                if not self._spoken:
                    if time.monotonic() > patience:
                        raise
                    await asyncio.sleep(_AGAIN_S)
                    continue
            if self._spoken:
                return self._spoken[0]
            if self._error is not None:
                raise self._error
            if self._whole or self._cut:
                self._leave()
                return None
            self._changed.clear()
            await self._changed.wait()

    def _begin(self) -> None:
        """Give the next sentence to a voice. Raises QueueFull."""
        voice = self._enter(False) if self._spare is None else self._spare
        self._spare = None
        sentence = self._waiting.popleft()
        for piece in sentence.pieces:
            voice.speak(piece)
        voice.end_text()
        self._spoken.append((voice, sentence))

    def _noted(self, pcm: bytes, sentence: _Sentence) -> bytes:
        """The PCM as it is heard, with the gap before it where a sentence begins after another."""
        gap = b""
        if sentence.sounding is None:
            gap = self._gap if self._heard else b""
            sentence.begin = self._at + len(gap) // 2
            sentence.sounding = Sounding(self.role.facts.sample_rate)
        sentence.sounding.feed(pcm)
        self._at += (len(gap) + len(pcm)) // 2
        return gap + pcm

    def _over(self) -> None:
        """A sentence has been heard to its end; one that was cut ends the stretch."""
        voice, sentence = self._spoken.popleft()
        if told := self._told(sentence):
            self._heard.append(told)
        voice.close()
        if voice.finish_reason not in (None, "stop"):
            self._cut = voice.finish_reason
            self._leave()

    def _leave(self) -> None:
        """Give up the places of all that will not be heard."""
        self.close()
        self._spoken.clear()

    def _told(self, sentence: _Sentence) -> Heard | None:
        span = sentence.sounding and sentence.sounding.span()
        if not span:
            return None
        end = min(sentence.begin + span[1], self._at)
        return Heard(sentence.written, sentence.begin + span[0], end, self.role.voice.id)
