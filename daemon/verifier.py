"""What is judged before anybody hears it, and taken again while it is bad: segments of long work, and single requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from typing import Final

from daemon.faults import Malformed, TextTooLong
from daemon.gate import Gate, Verdict
from daemon.parts import Pause, aside, marked
from daemon.retakes import Chosen, best_of
from daemon.take import Take
from daemon.utterance import MAX_TAKES, Markup, Utterance
from models.stream import DeadlinePassed

# Two minutes of English, eight of Chinese: whoever would wait for several takes of more wants a pipeline.
MAX_CHARACTERS: Final = 2000

Open = Callable[[Utterance], AbstractAsyncContextManager[Take]]


@dataclass(frozen=True, slots=True)
class Sound:
    """What was spoken, to its end."""

    pcm: bytes
    take: Take

    @property
    def said(self) -> bytes:
        """Without the pauses that the text asks for: nobody is to blame for them."""
        kept, at = [], 0
        for begin, end in self.take.rests:
            kept.append(self.pcm[2 * at : 2 * begin])
            at = end
        return b"".join([*kept, self.pcm[2 * at :]])


class Verifier:
    """Speaks utterances, and judges them."""

    def __init__(self, speak: Open, gate: Gate, markup: Markup) -> None:
        """`speak` opens a take of an utterance; `markup` is what the settings say of texts."""
        self._speak, self._gate, self._markup = speak, gate, markup

    async def sound(self, utterance: Utterance) -> Sound:
        """One take, whole. Raises what speaking does."""
        pcm = bytearray()
        async with self._speak(utterance) as take, aclosing(take.chunks()) as chunks:
            async for piece in chunks:
                pcm += piece
        return Sound(bytes(pcm), take)

    async def best(self, utterance: Utterance, tries: int) -> Chosen[Sound]:
        """The best of so many takes; none is made after a good one. Raises what speaking does."""
        words, rate = await aside(lambda text: _words(text, utterance.markup or self._markup), utterance.text)

        async def judged(sound: Sound) -> Verdict:
            take = sound.take
            return await self._gate.judge(
                sound.said, take.sample_rate, words, take.language, take.finish_reason or "stop",
                speed=take.role.delivery.speed * rate,
            )  # fmt: skip

        return await best_of(
            lambda seed: self.sound(replace(utterance, seed=seed)), judged,
            seed=utterance.seed, tries=tries, seed_of=lambda sound: sound.take.seed,
        )  # fmt: skip

    async def answer(self, utterance: Utterance) -> Chosen[Sound]:
        """The same for somebody who waits for it; a deadline is for all of the takes.

        Raises Malformed, TextTooLong, DeadlinePassed, and what speaking does.
        """
        if not 1 <= utterance.verify <= MAX_TAKES:
            raise Malformed(f"verify is a number of takes from 0 to {MAX_TAKES}, not {utterance.verify}")
        if len(utterance.text) > MAX_CHARACTERS:
            raise TextTooLong(
                f"the text has {len(utterance.text)} characters, and one request is verified up to {MAX_CHARACTERS}, for all "
                "of it is spoken again where a word is bad; the pipeline long_form verifies longer texts segment by segment"
            )
        attempt = replace(utterance, verify=0, keep=False, door="python")
        try:
            async with asyncio.timeout(utterance.deadline_s) as limit:
                return await self.best(attempt, utterance.verify)
        except TimeoutError:
            if not limit.expired():
                raise
            raise DeadlinePassed(f"no take was good and ready within {utterance.deadline_s:.1f} s") from None


def _words(text: str, markup: Markup) -> tuple[str, float]:
    """What is to be heard of a text, without its tags, and at how many times the speed as a whole."""
    parts = [part for part in marked(text, markup, []) if not isinstance(part, Pause)]
    words = " ".join(said for said, _ in parts)
    time = sum(len(said) / (manner.rate or 1.0) for said, manner in parts)
    return words, sum(len(said) for said, _ in parts) / time if time else 1.0
