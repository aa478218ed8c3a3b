"""PCM in any cut, out again in blocks of one size: an output then does not depend on how its input came."""

from __future__ import annotations

from typing import Final

SAMPLE_BYTES: Final = 2
"""s16le mono."""


class Blocks:
    """Cuts a stream of s16le mono into blocks of `samples`."""

    def __init__(self, samples: int) -> None:
        self._bytes = samples * SAMPLE_BYTES
        self._waiting = bytearray()

    def add(self, pcm: bytes) -> list[bytes]:
        """The blocks that are now whole."""
        self._waiting += pcm
        end = len(self._waiting) // self._bytes * self._bytes
        blocks = [bytes(self._waiting[at : at + self._bytes]) for at in range(0, end, self._bytes)]
        del self._waiting[:end]
        return blocks

    def rest(self) -> bytes:
        """The whole samples that are left, shorter than a block; half a sample at the very end is dropped."""
        rest = bytes(self._waiting[: len(self._waiting) // SAMPLE_BYTES * SAMPLE_BYTES])
        self._waiting.clear()
        return rest
