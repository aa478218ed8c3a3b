"""What a model makes of a recording or of a mixture: computed once, kept, and spoken with as often as it is asked for."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from daemon.utterance import Reference
from models.backend import StalePrompt
from models.engine import Engine
from outputs.decoder import Recording, UnreadableAudio, decode
from voices.disk import StoreFailed
from voices.prompts import Prompts, key

_LOG = logging.getLogger(__name__)

# A prompt is 4 to 30 kB: a house full of voices is less than a megabyte.
KEPT: Final = 64
# All of a reference is read again before each utterance and takes memory with every row, as the encoder has it; below the
# shorter one there is hardly a syllable.
MIN_SECONDS: Final = 0.3
MAX_SECONDS: Final = 60.0
# After a recording that is gone on from: without it the last sound of the recording leaks into the first word.
SILENCE_S: Final = 0.5
# How a prompt is made. What an older version made is made again.
_VERSION: Final = 1

Part = tuple[str | bytes, float]
_T = TypeVar("_T")


class Imprints:
    """Voice prompts: the latest in memory, more of them in a folder that outlives the daemon."""

    def __init__(self, engine: Engine, prompts: Prompts) -> None:
        self._engine, self._prompts = engine, prompts
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, model: str, reference: Reference) -> bytes:
        """The voice prompt that this model makes of a recording as it was sent."""
        digest = await asyncio.to_thread(lambda: hashlib.sha256(reference.audio).hexdigest())

        async def audio() -> bytes:
            return reference.audio

        return await self.kept(model, digest, reference.transcript, audio)

    async def kept(
        self, model: str, digest: str, transcript: str | None, audio: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """That of a recording with this SHA-256, which is read only when it has to be.

        Raises UnreadableAudio, and what the engine raises.
        """

        async def make() -> bytes:
            heard = await asyncio.to_thread(_heard, await audio(), transcript is not None)
            return await self._engine.imprint(model, heard.samples, heard.sample_rate, transcript)

        mode = "embedding" if transcript is None else "in-context"
        return await self._once(self._key(model, digest, transcript, mode), make)

    async def blended(self, model: str, parts: Sequence[Part]) -> bytes:
        """That of a mixture of the model's own speakers and of prompts. Raises what the engine raises."""
        digest = hashlib.sha256()
        for who, weight in parts:
            name = who.encode() if isinstance(who, str) else hashlib.sha256(who).digest()
            digest.update(b"%d:%s=%r;" % (len(name), name, weight))

        async def make() -> bytes:
            return await self._known(self._engine.blend(model, parts), *(who for who, _ in parts))

        return await self._once(self._key(model, digest.hexdigest(), None, "mix"), make)

    async def embedding(self, model: str, voice: str | bytes) -> Sequence[float]:
        """Where a prompt, or one of the model's speakers, lies. Raises what the engine raises."""
        return await self._known(self._engine.embedding(model, voice), voice)

    async def _known(self, work: Awaitable[_T], *voices: str | bytes) -> _T:
        """What is made of these voices; none that the model does not know any more is taken again."""
        try:
            return await work
        except StalePrompt:
            for voice in voices:
                if isinstance(voice, bytes):
                    await self.forget(voice)
            raise

    async def forget(self, prompt: bytes) -> None:
        """The model does not know this prompt: it is made again when it is asked for next."""
        for name in [name for name, made in self._made.items() if made == prompt]:
            del self._made[name]
            with _cached():
                await asyncio.to_thread(self._prompts.forget, name)

    def name(self, model: str, digest: str, transcript: str | None) -> str:
        """Under which name the prompt of a recording is kept."""
        return self._key(model, digest, transcript, "embedding" if transcript is None else "in-context")

    def _key(self, model: str, digest: str, transcript: str | None, mode: str) -> str:
        return key(f"{self._engine.facts_of(model).voiceprint}/{_VERSION}", digest, transcript, mode)

    async def _once(self, name: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        async with self._making.setdefault(name, asyncio.Lock()):  # a list of texts in one voice computes it once
            prompt = self._made.get(name) or await asyncio.to_thread(self._prompts.get, name)
            if prompt is None:
                prompt = await make()
                with _cached():
                    await asyncio.to_thread(self._prompts.put, name, prompt)
            self._made[name] = prompt
            self._made.move_to_end(name)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return prompt


@contextmanager
def _cached() -> Iterator[None]:
    """A disk that refuses costs the time to make it again after a restart, and nobody the speech."""
    try:
        yield
    except StoreFailed as error:
        _LOG.warning("the prompt of a voice is not on the disk as it should be: %s", error)


def _heard(data: bytes, goes_on: bool) -> Recording:
    import numpy as np

    heard = decode(data, max_seconds=MAX_SECONDS)
    if (seconds := len(heard.samples) / heard.sample_rate) < MIN_SECONDS:
        raise UnreadableAudio(f"the recording lasts {seconds:.2f} s; 3 to 15 s of one voice are best")
    if not goes_on:
        return heard
    rest = int(min(SILENCE_S, MAX_SECONDS - seconds) * heard.sample_rate)
    return replace(heard, samples=np.concatenate((heard.samples, np.zeros(rest, np.float32))))
