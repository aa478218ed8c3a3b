"""Text that is still being written: cleaned as it comes, and handed on as the voice takes it.

A voice of living text takes it as it is, cut anywhere; the others take sentences, as soon as they are sure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from typing import Final

from daemon.faults import TextTooLong
from daemon.opening import Opening
from daemon.text.clean import Cleaner
from daemon.text.sentences import Splitter, has_words
from models.stream import DeadlinePassed

# The longest that a language model was seen to think between two words is a minute; a writer that has forgotten its stream
# gives its place back after five.
WRITER_LIMIT_S: Final = 300.0
# Instead of a piece of text: the writer has fallen silent.
SILENCE: Final = ""


async def cleaned(pieces: AsyncIterable[str], *, flush_s: float, limit: int) -> AsyncGenerator[str, None]:
    """Yield what can be said of `pieces`, and SILENCE after `flush_s` seconds in which nothing was written.

    Raises TextTooLong above `limit` characters and DeadlinePassed when the writer has forgotten its stream.
    Close it with `aclosing`: it runs a task that reads `pieces`.
    """
    cleaner = Cleaner()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    pumping = asyncio.create_task(pump(pieces, queue), name="text pump")
    seen, waiting = 0, False
    try:
        while True:
            try:
                async with asyncio.timeout(flush_s if waiting else WRITER_LIMIT_S):
                    piece = await queue.get()
            except TimeoutError:
                if not waiting:
                    raise DeadlinePassed(f"nothing was written for {WRITER_LIMIT_S:.0f} s") from None
                waiting = False
                if said := cleaner.flush():
                    yield said
                yield SILENCE
                continue
            if piece is None:
                await pumping  # raises what went wrong in the writer
                break
            seen += len(piece)
            if seen > limit:
                raise TextTooLong(f"the text passes {limit} characters; longer work is a job for a pipeline")
            waiting = True
            if said := cleaner.feed(piece):
                yield said
        if said := cleaner.finish():
            yield said
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)


async def pump(pieces: AsyncIterable[str], queue: asyncio.Queue[str | None]) -> None:
    """Move pieces into the queue, None after the last one or a failure."""
    try:
        async for piece in pieces:
            queue.put_nowait(piece)
    finally:
        queue.put_nowait(None)
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


class Dictation:
    """A cleaned text while it is written: its opening may be looked at, then all of it is read once."""

    def __init__(self, text: AsyncGenerator[str, None]) -> None:
        """`text` is what `cleaned` yields; whoever made it closes it."""
        self._text = text
        self._begun: list[str] = []

    async def opening(self, *, live: bool) -> str:
        """How the text begins, as soon as that is known; "" when it ends without a word. It is not used up."""
        begun = Opening(live=live)
        async for said in self._text:
            self._begun.append(said)
            if found := begun.flush() if said == SILENCE else begun.feed(said):
                return found
        return begun.finish()

    async def sentences(self) -> AsyncGenerator[str, None]:
        """Each sentence; after a silence a finished one is not held back any longer."""
        splitter = Splitter()
        async with aclosing(self._all()) as text:
            async for said in text:
                for sentence in splitter.flush() if said == SILENCE else splitter.feed(said):
                    yield sentence
        for sentence in splitter.finish():
            yield sentence

    async def live(self) -> AsyncGenerator[str, None]:
        """The text itself, as it comes: joined it is what `clean` makes of the whole. Nothing without a word in it."""
        held, worded = [""], False
        async with aclosing(self._all()) as text:
            async for said in text:
                held.append(said)
                worded = worded or has_words(said)
                if worded:
                    joined = "".join(held)
                    ready = joined.rstrip()  # a text does not end in white space
                    held = [joined[len(ready) :]]
                    if ready:
                        yield ready

    async def _all(self) -> AsyncGenerator[str, None]:
        begun, self._begun = self._begun, []
        for said in begun:
            yield said
        async for said in self._text:
            yield said


class Writing:
    """A text that somebody writes piece by piece: `write` and `end` from a door, iterated by the reader."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._ended = False

    def write(self, piece: str) -> None:
        """Append a piece, cut anywhere."""
        if not self._ended:
            self._queue.put_nowait(piece)

    def end(self) -> None:
        """No more will come. Safe to call twice."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    def __aiter__(self) -> AsyncIterator[str]:
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[str]:
        while (piece := await self._queue.get()) is not None:
            yield piece
