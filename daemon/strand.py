"""A stretch of a take: one voice's stream from the engine as it is delivered, or silence between two of them."""

from __future__ import annotations

import asyncio
from typing import Final

from daemon.delivery import Delivery
from daemon.roles import Role
from daemon.text.aloud import Reading
from daemon.timing import Heard
from models.backend import FinishReason
from models.stream import Stream
from outputs.gain import amplified
from outputs.tempo import Tempo

# What is there at once is given in pieces of this length, so that a listener who leaves is noticed.
_REST_S: Final = 0.5


class _Withdrawn(Exception):
    """Nothing will be said: to whoever waits for it already."""


class Strand:
    """Text goes in, PCM comes out at the voice's tempo, pitch and level."""

    def __init__(self, role: Role, stream: Stream, delivery: Delivery, reading: Reading | None = None) -> None:
        """`reading` is how its sentences are read aloud, where that is not as they are written."""
        self.role, self.reading = role, reading
        self._stream, self._gain, self._whole = stream, delivery.gain, False
        plain = delivery.speed == 1.0 and not delivery.pitch
        self._tempo = None if plain else Tempo(delivery.speed, role.facts.sample_rate, delivery.pitch)

    @property
    def live(self) -> bool:
        """Whether it takes its text as it is written, cut anywhere; else sentence by sentence."""
        return self.role.facts.live_text and self.reading is None

    @property
    def seed(self) -> int:
        """The seed that is spoken with; after the first audio it does not change any more."""
        return self._stream.seed

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the voice stopped; None while it speaks."""
        return self._stream.finish_reason

    def speak(self, text: str) -> None:
        """Append to what is spoken: a sentence, or any piece where the model takes text as it is written."""
        self._stream.feed(text)

    def end_text(self) -> None:
        """No more text will come."""
        self._whole = True
        self._stream.end_text()

    def fail(self, error: Exception) -> None:
        """Whoever reads gets `error` after the audio that was made; one that has all of its text says it."""
        if not self._whole:
            self._stream.fail(error)

    def withdraw(self) -> None:
        """Leave the engine without a word; whoever reads comes to the end."""
        self._stream.fail(_Withdrawn())
        self._stream.close()

    async def read(self) -> bytes:
        """The next PCM; b"" at the end. Raises what went wrong."""
        try:
            return amplified(await self._paced(), self._gain)
        except _Withdrawn:
            return b""

    async def _paced(self) -> bytes:
        if self._tempo is None:
            return await self._stream.read()
        while pcm := await self._stream.read():
            if stretched := await asyncio.to_thread(self._tempo.feed, pcm):
                return stretched
        return await asyncio.to_thread(self._tempo.finish)

    def heard(self) -> list[Heard]:
        """The sentences as far as they were read, in samples from its beginning; none where nobody asked for them."""
        return []

    def close(self) -> None:
        """Leave the engine. Safe to call twice."""
        self._stream.close()


class Replay(Strand):
    """What was spoken before, once more."""

    def __init__(
        self, role: Role, seed: int, pcm: bytes, sentences: list[Heard], finish_reason: FinishReason | None
    ) -> None:
        self.role, self.reading = role, None
        self._seed, self._pcm, self._sentences, self._reason = seed, pcm, sentences, finish_reason
        self._at, self._piece = 0, 2 * round(_REST_S * role.facts.sample_rate)

    @property
    def seed(self) -> int:
        """The seed that it was spoken with."""
        return self._seed

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the voice stopped then."""
        return self._reason

    async def read(self) -> bytes:
        """The next of it; b"" at the end."""
        await asyncio.sleep(0)  # an hour of it keeps nobody else waiting
        pcm = self._pcm[self._at : self._at + self._piece]
        self._at += len(pcm)
        return pcm

    def fail(self, error: Exception) -> None:
        """It is all there."""

    def heard(self) -> list[Heard]:
        """See Strand."""
        return [sentence for sentence in self._sentences if 2 * sentence.begin < self._at]

    def close(self) -> None:
        """Nothing is held."""


class Rest:
    """Silence of so many seconds."""

    finish_reason: FinishReason | None = None

    def __init__(self, seconds: float, sample_rate: int) -> None:
        self._left, self._piece = round(seconds * sample_rate), round(_REST_S * sample_rate)

    async def read(self) -> bytes:
        """The next of it; b"" at the end."""
        await asyncio.sleep(0)  # an hour of it keeps nobody else waiting
        samples = min(self._left, self._piece)
        self._left -= samples
        return bytes(2 * samples)

    def close(self) -> None:
        """Nothing is held."""
