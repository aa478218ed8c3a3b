"""Text that arrives in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import dictation
from daemon.dictation import Dictation, Writing, cleaned
from daemon.faults import TextTooLong
from daemon.text.clean import clean
from daemon.text.sentences import has_words
from models.stream import DeadlinePassed
from tests.feeding import cut

TEXT = "The kitchen light is on. It is **late**, is it not? Good night"
SAID = ["The kitchen light is on.", "It is late, is it not?", "Good night"]
Way = Callable[[Dictation], AsyncIterator[str]]


async def written(text: str, size: int) -> AsyncIterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


async def read(
    pieces: AsyncIterable[str], way: Way = Dictation.sentences, flush_s: float = 5.0, limit: int = 1000
) -> list[str]:
    async with aclosing(cleaned(pieces, flush_s=flush_s, limit=limit)) as text:
        return [said async for said in way(Dictation(text))]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_however_it_is_cut(size: int) -> None:
    assert await read(written(TEXT, size)) == SAID
    assert "".join(await read(written(TEXT, size), Dictation.live)) == clean(TEXT)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_the_opening_is_not_used_up(size: int, live: bool) -> None:
    async with aclosing(cleaned(written(TEXT, size), flush_s=5, limit=1000)) as text:
        dictated = Dictation(text)
        assert await dictated.opening(live=live) == SAID[0]
        rest = [said async for said in (dictated.live() if live else dictated.sentences())]
    assert ("".join(rest) == clean(TEXT)) if live else (rest == SAID)


@given(st.text("ab.! \n#*-`1|Я", max_size=60), st.lists(st.integers(0, 100), max_size=8))
def test_living_text_is_the_cleaned_text_itself(text: str, places: list[int]) -> None:
    async def parts() -> AsyncIterator[str]:
        for part in cut(text, places):
            yield part

    pieces = asyncio.run(read(parts(), Dictation.live))
    assert "".join(pieces) == (clean(text) if has_words(clean(text)) else "")
    assert all(pieces)


async def test_living_text_goes_on_at_once_and_what_is_held_back_with_the_silence() -> None:
    writing = Writing()
    async with aclosing(cleaned(writing, flush_s=0.05, limit=1000)) as text:
        pieces = Dictation(text).live()
        writing.write("# The kit")
        assert await asyncio.wait_for(anext(pieces), 20) == "The kit"
        writing.write("chen\n\n")
        assert await asyncio.wait_for(anext(pieces), 20) == "chen"
        writing.write("It lies at https://example.org/page!")
        assert await asyncio.wait_for(anext(pieces), 20) == "\n\nIt lies at"
        assert await asyncio.wait_for(anext(pieces), 20) == " example.org!"  # an address may go on until then
        writing.end()
        assert [piece async for piece in pieces] == []


async def test_a_finished_sentence_is_released_when_the_writer_falls_silent() -> None:
    writing = Writing()
    writing.write("The kitchen light is on.")
    async with aclosing(cleaned(writing, flush_s=0.05, limit=1000)) as text:
        said = Dictation(text).sentences()
        assert await asyncio.wait_for(anext(said), 20) == "The kitchen light is on."
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

    for way in (Dictation.sentences, Dictation.live):
        with pytest.raises(ConnectionResetError):
            await read(broken(), way)


async def test_leaving_early_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with aclosing(cleaned(Writing(), flush_s=1, limit=10)) as text:
        waiting = asyncio.create_task(anext(text), name="waiting")
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert asyncio.all_tasks() == before


async def test_nothing_but_marks_is_no_sentence() -> None:
    assert await read(written(" … 😀 *** ", 1)) == []
    assert await read(written(" … 😀 *** ", 1), Dictation.live) == []


async def test_a_writer_that_has_forgotten_its_stream_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictation, "WRITER_LIMIT_S", 0.05)
    with pytest.raises(DeadlinePassed, match="nothing was written"):
        await read(Writing(), flush_s=0.01)
