"""Long work in a thread that ends when nobody wants it any more: a thread cannot be cancelled, so it asks now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from threading import Event
from typing import Final, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_ASKED: Final[ContextVar[Event | None]] = ContextVar("asked", default=None)


class Halted(Exception):
    """Nobody wants what this thread is making."""


def see(_: int = 0) -> None:
    """Raises Halted in a thread of `in_thread` whose task was cancelled. For work that takes more than a second."""
    asked = _ASKED.get()
    if asked is not None and asked.is_set():
        raise Halted


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
