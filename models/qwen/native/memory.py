"""Memory for packed weights: aligned, in 2 MB pages where the system has them, given back when the last weight in it goes."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
from threading import Lock
from typing import Final
from weakref import ref

# Weights begin at whole cache lines.
LINE: Final = 64
PAGE: Final = 2 << 20
# Weights share pages: one alone would leave half of its last one empty.
CHUNK: Final = 32 << 20


class Room:
    """Bytes at `address`, zero at first, for as long as this object lives."""

    def __init__(self, chunk: _Chunk, start: int, size: int) -> None:
        self._chunk: Final = chunk
        self._start: Final = start
        self.size: Final = size
        self.address: Final = chunk.address + start

    def bytes(self) -> bytes:
        """A copy of them."""
        return ctypes.string_at(self.address, self.size)


def room(size: int) -> Room:
    """New memory of so many bytes; MemoryError where there is none."""
    global _open
    with _lock:
        chunk = _open() if _open else None
        start = chunk.take(size) if chunk else None
        if chunk is None or start is None:
            chunk = _Chunk(max(size, CHUNK))
            start = chunk.take(size)
            assert start is not None
            _open = ref(chunk)
        return Room(chunk, start, size)


class _Chunk:
    """One mapping, filled from its start; what was taken is never given back alone."""

    def __init__(self, size: int) -> None:
        whole = -(-size // PAGE) * PAGE
        try:
            # Private: what is shared gets no large pages.
            self._map: Final = mmap.mmap(-1, whole + PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError(f"{whole >> 20} MB for packed weights cannot be had") from error
        # The export keeps the mapping from being closed while its address is known.
        self._export: Final = ctypes.c_char.from_buffer(self._map)
        begin = ctypes.addressof(self._export)
        skipped = -begin % PAGE
        self.address: Final = begin + skipped
        self._size: Final = whole
        self._taken = 0
        _ask_for_large_pages(self._map, skipped, whole)

    def take(self, size: int) -> int | None:
        """Where so many bytes begin; None where they do not fit any more."""
        start = self._taken
        if size > self._size - start:
            return None
        self._taken = start + -(-size // LINE) * LINE
        return start


def _ask_for_large_pages(mapping: mmap.mmap, start: int, size: int) -> None:
    """4 KB pages cost a third of the speed; a system that has no others is used as it is."""
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):
            mapping.madvise(mmap.MADV_HUGEPAGE, start, size)


_lock: Final = Lock()
# The mapping that still has space, while any weight in it lives.
_open: ref[_Chunk] | None = None
