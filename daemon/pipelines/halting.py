"""Long work in a thread that ends when nobody wants it any more: a thread cannot be cancelled, so it asks now and then."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Event
from typing import Final, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_ASKED: Final[ContextVar[Event | None]] = ContextVar("asked", default=None)
_TELL: Final[ContextVar[Callable[[float], None] | None]] = ContextVar("tell", default=None)
# What is done in less needs no share told; and nobody looks more often.
_TELL_S: Final = 0.5


class Halted(Exception):
    """Nobody wants what this thread is making."""


def see(_: int = 0) -> None:
    """Raises Halted in a thread of `in_thread` whose task was cancelled. For work that takes more than a second."""
    asked = _ASKED.get()
    if asked is not None and asked.is_set():
        raise Halted


def counted(whole: int) -> Callable[[int], None]:
    """As `see`, for each of so many samples in all: tells now and then how much of them there was."""
    tell, seen, told = _TELL.get(), 0, time.monotonic()

    def count(samples: int) -> None:
        nonlocal seen, told
        see()
        seen += samples
        if tell is not None and whole and time.monotonic() - told >= _TELL_S:
            told = time.monotonic()
            tell(min(1.0, seen / whole))

    return count


@contextmanager
def telling(tell: Callable[[float], None]) -> Iterator[None]:
    """What is begun in this context `tell`s, from its thread, how much of it is done, from 0 to 1."""
    mark = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(mark)


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """As `asyncio.to_thread`; cancelled, it returns when the thread has ended, so that nobody writes where another begins."""
    asked = Event()
    mark = _ASKED.set(asked)
    try:
        thread = asyncio.create_task(asyncio.to_thread(work, *args, **kwargs), name="work that may be halted")
    finally:
        _ASKED.reset(mark)
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        asked.set()
        await asyncio.wait({thread})
        with suppress(Exception):
            thread.result()
        raise
