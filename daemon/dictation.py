"""Text that is still being written becomes sentences, as soon as they are sure or the writer falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from typing import Final

from daemon.faults import TextTooLong
from daemon.text.clean import Cleaner
from daemon.text.sentences import Splitter
from models.stream import DeadlinePassed

# The longest that a language model was seen to think between two words is a minute; a writer that has forgotten its stream
# gives its place back after five.
WRITER_LIMIT_S: Final = 300.0


async def sentences(pieces: AsyncIterable[str], *, flush_s: float, limit: int) -> AsyncGenerator[str, None]:
    """Yield each sentence of `pieces`; after `flush_s` seconds of silence a finished one is not held back any longer.

    Raises TextTooLong above `limit` characters and DeadlinePassed when the writer has forgotten its stream.
    Close it with `aclosing`: it runs a task that reads `pieces`.
    """
    cleaner, splitter = Cleaner(), Splitter()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    pump = asyncio.create_task(_pump(pieces, queue), name="text pump")
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
                for sentence in [*splitter.feed(cleaner.flush()), *splitter.flush()]:
                    yield sentence
                continue
            if piece is None:
                await pump  # raises what went wrong in the writer
                break
            seen += len(piece)
            if seen > limit:
                raise TextTooLong(f"the text passes {limit} characters; longer work is a job for a pipeline")
            waiting = True
            for sentence in splitter.feed(cleaner.feed(piece)):
                yield sentence
        for sentence in [*splitter.feed(cleaner.finish()), *splitter.finish()]:
            yield sentence
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


async def _pump(pieces: AsyncIterable[str], queue: asyncio.Queue[str | None]) -> None:
    """Move pieces into the queue, None after the last one or a failure."""
    try:
        async for piece in pieces:
            queue.put_nowait(piece)
    finally:
        queue.put_nowait(None)
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


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
