"""Several utterances as one submission: they stand in the queue together before any of them begins."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace

from daemon.limits import MAX_SEED
from daemon.speech import Ready, Speech
from daemon.take import Take
from daemon.utterance import Utterance


class StartingLine:
    """Nobody starts before all are at the line or have given up."""

    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._clear = asyncio.Event()

    @contextmanager
    def place(self) -> Iterator[Ready]:
        """One of those expected: it waits with what it is given, or leaves."""
        arrived = False

        def arrive() -> None:
            nonlocal arrived
            if not arrived:
                arrived = True
                self._missing -= 1
                if not self._missing:
                    self._clear.set()

        async def ready() -> None:
            arrive()
            await self._clear.wait()

        try:
            yield ready
        finally:
            arrive()


async def speak_together(speech: Speech, utterances: Sequence[Utterance]) -> list[Take | Exception]:
    """Speak all of them to the end, into their run folders; for each its take, or what kept it from being spoken.

    With one seed for all where none is named. Cancelled, all are.
    """
    line, seed = StartingLine(len(utterances)), secrets.randbelow(MAX_SEED + 1)

    async def speak(utterance: Utterance) -> Take | Exception:
        with line.place() as ready:
            try:
                async with speech.open(utterance, ready=ready) as take, aclosing(take.chunks()) as chunks:
                    async for _ in chunks:
                        pass
            except Exception as error:  # noqa: BLE001 - the boundary of a job
                return error
        return take

    seeded = (replace(utterance, seed=seed if utterance.seed is None else utterance.seed) for utterance in utterances)
    return await asyncio.gather(*map(speak, seeded))
