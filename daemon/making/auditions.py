"""Auditions: one description spoken with several seeds, so that a voice is heard before it is kept."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from daemon.faults import Detail, Malformed
from daemon.limits import MAX_SEED
from daemon.making.samples import sample
from daemon.speech import Speech
from daemon.take import Take
from daemon.text.clean import clean
from daemon.utterance import Priority, Utterance
from outputs.audio import whole
from voices.auditions import Audition, Auditions, AuditionTake, new_id

# Each take is eight seconds of speech, made one after the other on a small machine.
MAX_TAKES: Final = 8
TAKES: Final = 3


class AuditionRoom:
    """Holds auditions and keeps them."""

    def __init__(self, speech: Speech, auditions: Auditions) -> None:
        self._speech, self.auditions = speech, auditions

    async def hold(
        self, description: str, *, text: str | None = None, language: str | None = None, takes: int = TAKES,
        seed: int | None = None, model: str | None = None,
    ) -> Audition:  # fmt: skip
        """Speak `text` as the description sounds with `takes` seeds, from `seed` on.

        Raises Malformed, Unspeakable, what speaking raises, and StoreFailed.
        """
        if not description.strip():
            raise Malformed(
                "a voice is designed from its description, and that is empty", [Detail("description", "is empty")]
            )
        if not 1 <= takes <= MAX_TAKES:
            raise Malformed(
                f"an audition has 1 to {MAX_TAKES} takes, not {takes}", [Detail("takes", f"1 to {MAX_TAKES}")]
            )
        first = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
        # A locked take is gone on from with these words, so they are no more than what is said.
        said = clean(text) if text and text.strip() else sample(language or self._speech.settings.language)
        wish = Utterance(
            said, language=language, instruct=description, model=model, task="voice-design", keep=False,
            priority=Priority.PREVIEW, markup="off",
        )  # fmt: skip
        made = await self._all([replace(wish, seed=(first + number) % (MAX_SEED + 1)) for number in range(takes)])
        (one, _), *_ = made
        heard = [
            AuditionTake(take=number, seed=take.seed, seconds=len(pcm) / 2 / take.sample_rate)
            for number, (take, pcm) in enumerate(made, 1)
        ]
        audition = Audition(
            id=new_id(), created=datetime.now(UTC), description=description, text=said, language=one.language,
            model=one.facts.model, takes=tuple(heard),
        )  # fmt: skip
        await asyncio.to_thread(
            self.auditions.keep, audition, [whole("wav", pcm, take.sample_rate) for take, pcm in made]
        )
        return audition

    async def _all(self, wishes: Sequence[Utterance]) -> list[tuple[Take, bytes]]:
        """All of them at once; the first that fails ends the others."""
        tasks = [asyncio.create_task(self._take(wish), name="audition") for wish in wishes]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, wish: Utterance) -> tuple[Take, bytes]:
        async with self._speech.open(wish) as take, aclosing(take.chunks()) as chunks:
            return take, b"".join([pcm async for pcm in chunks])
