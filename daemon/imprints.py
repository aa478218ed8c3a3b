"""What a model makes of a recording: computed once, kept, and spoken with as often as it is asked for."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from typing import Final

from daemon.utterance import Reference
from models.engine import Engine
from outputs.decoder import UnreadableAudio, decode

# A prompt is 4 to 30 kB: a house full of voices is less than a megabyte.
KEPT: Final = 64
# All of a reference is read again before each utterance and takes memory with every row, as the encoder has it; below the
# shorter one there is hardly a syllable.
MIN_SECONDS: Final = 0.3
MAX_SECONDS: Final = 60.0


class Imprints:
    """The voices of recordings, the latest ones kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._lock = asyncio.Lock()

    async def of(self, model: str, reference: Reference) -> bytes:
        """The voice prompt that this model makes of it. Raises UnreadableAudio, and what the engine raises."""
        key = (model, _digest(reference))
        async with self._lock:  # a list of texts in one voice computes it once
            if key not in self._made:
                self._made[key] = await self._make(model, reference)
            self._made.move_to_end(key)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return self._made[key]

    async def _make(self, model: str, reference: Reference) -> bytes:
        heard = await asyncio.to_thread(decode, reference.audio, max_seconds=MAX_SECONDS)
        if (seconds := len(heard.samples) / heard.sample_rate) < MIN_SECONDS:
            raise UnreadableAudio(f"the recording lasts {seconds:.2f} s; 3 to 15 s of one voice are best")
        return await self._engine.imprint(model, heard.samples, heard.sample_rate, reference.transcript)


def _digest(reference: Reference) -> bytes:
    digest = hashlib.sha256(reference.audio)
    if reference.transcript is not None:
        digest.update(b"\0" + reference.transcript.encode("utf-8", "replace"))
    return digest.digest()
