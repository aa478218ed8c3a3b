"""Threads that multiply together: opened once for each number of them, and closed with the process."""

from __future__ import annotations

from functools import cache
from typing import Final
from weakref import finalize

from models.qwen.native.library import library


class Pool:
    """So many threads, the caller being one of them; a process forked from this one has the caller alone."""

    def __init__(self, threads: int) -> None:
        native = library()
        self.pointer: Final[int | None] = native.vn_pool_open(threads)
        if not self.pointer:
            raise MemoryError("a pool of threads cannot be had")
        self._close: Final = finalize(self, native.vn_pool_close, self.pointer)

    @property
    def threads(self) -> int:
        """How many there are; fewer than were asked for where the system gives no more."""
        return int(library().vn_pool_threads(self.pointer))


@cache
def pool(threads: int) -> Pool:
    """The one pool of so many threads that everybody uses."""
    return Pool(threads)
