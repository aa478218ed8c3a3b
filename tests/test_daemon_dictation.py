"""Text that arrives in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from daemon import dictation
from daemon.dictation import Writing, sentences
from daemon.faults import TextTooLong
from models.stream import DeadlinePassed

TEXT = "The kitchen light is on. It is **late**, is it not? Good night"
SAID = ["The kitchen light is on.", "It is late, is it not?", "Good night"]


async def written(text: str, size: int) -> AsyncIterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


async def read(pieces: AsyncIterator[str] | Writing, flush_s: float = 5.0, limit: int = 1000) -> list[str]:
    async with aclosing(sentences(pieces, flush_s=flush_s, limit=limit)) as said:
        return [sentence async for sentence in said]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_however_it_is_cut(size: int) -> None:
    assert await read(written(TEXT, size)) == SAID


async def test_a_finished_sentence_is_released_when_the_writer_falls_silent() -> None:
    writing = Writing()
    writing.write("The kitchen light is on.")
    async with aclosing(sentences(writing, flush_s=0.05, limit=1000)) as said:
        assert await asyncio.wait_for(anext(said), 1) == "The kitchen light is on."
        writing.write(" And now")
        rest = asyncio.create_task(anext(said), name="rest")
        await asyncio.sleep(0.15)
        assert not rest.done()
        writing.write(" it is off.")
        writing.end()
        writing.end()
        assert await rest == "And now it is off."
        with pytest.raises(StopAsyncIteration):
            await anext(said)


async def test_too_much_text_is_refused_where_it_passes_the_limit() -> None:
    with pytest.raises(TextTooLong, match="100 characters"):
        await read(written("word " * 50, 10), limit=100)


async def test_what_goes_wrong_in_the_writer_reaches_the_reader() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "One sentence. Another"
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        await read(broken())


async def test_leaving_early_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with aclosing(sentences(Writing(), flush_s=1, limit=10)) as said:
        waiting = asyncio.create_task(anext(said), name="waiting")
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_nothing_but_marks_is_no_sentence() -> None:
    assert await read(written(" … 😀 *** ", 1)) == []


async def test_a_writer_that_has_forgotten_its_stream_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictation, "WRITER_LIMIT_S", 0.05)
    with pytest.raises(DeadlinePassed, match="nothing was written"):
        await read(Writing(), flush_s=0.01)
