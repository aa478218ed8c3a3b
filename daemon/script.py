"""The text of an utterance on its way into a take: whole, or while it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import partial
from typing import Final, Protocol, TypeVar

from daemon.dictation import Dictation, cleaned
from daemon.faults import NothingToSay
from daemon.opening import opening
from daemon.settings import Settings
from daemon.take import Take
from daemon.text.clean import clean
from daemon.text.sentences import has_words, split

# Cleaning and cutting this much takes about a millisecond; more goes to a thread so that the loop stays free.
INLINE_TEXT: Final = 5_000
_NO_WORD: Final = "the text holds no word that could be spoken"
_T = TypeVar("_T")


class Script(Protocol):
    """A text that was not spoken yet."""

    async def opening(self, *, live: bool) -> str:
        """What tells its language: its first sentence, or the first words where it may be spoken as it is written."""

    def into(self, take: Take) -> AbstractAsyncContextManager[None]:
        """Hand it to the take, as its voice wants it, while the context is open."""


class Whole:
    """A text that is there."""

    def __init__(self, text: str) -> None:
        """`text` is cleaned and holds a word."""
        self._text = text

    async def opening(self, *, live: bool) -> str:
        """At once."""
        return opening(self._text, live=live)

    @asynccontextmanager
    async def into(self, take: Take) -> AsyncIterator[None]:
        """All of it, before anything is read."""
        for part in [self._text] if take.facts.live_text else await _aside(split, self._text):
            take.speak(part)
        take.end_text()
        yield


class Written:
    """A text that is being written."""

    def __init__(self, text: Dictation) -> None:
        self._text = text

    async def opening(self, *, live: bool) -> str:
        """Waits for it. Raises NothingToSay when the text ends without a word."""
        if said := await self._text.opening(live=live):
            return said
        raise NothingToSay(_NO_WORD)

    @asynccontextmanager
    async def into(self, take: Take) -> AsyncIterator[None]:
        """As it comes; what goes wrong with it reaches whoever listens."""
        feeding = asyncio.create_task(self._feed(take), name=f"text of {take.request_id}")
        feeding.add_done_callback(partial(_tell, take))
        try:
            yield
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)

    async def _feed(self, take: Take) -> None:
        text = self._text.live() if take.facts.live_text else self._text.sentences()
        async with aclosing(text) as pieces:
            async for piece in pieces:
                take.speak(piece)
        if not take.characters:
            raise NothingToSay(_NO_WORD)
        take.end_text()


@asynccontextmanager
async def script(text: str, pieces: AsyncIterable[str] | None, settings: Settings) -> AsyncIterator[Script]:
    """`text`, or what is written in `pieces`. Raises NothingToSay where a whole text holds no word."""
    if pieces is None:
        yield Whole(await prepare(text))
        return
    async with aclosing(cleaned(pieces, flush_s=settings.flush, limit=settings.max_text)) as written:
        yield Written(Dictation(written))


async def prepare(text: str) -> str:
    """A whole text, cleaned. Raises NothingToSay."""
    said = await _aside(clean, text)
    if not has_words(said):
        raise NothingToSay(_NO_WORD)
    return said


async def _aside(work: Callable[[str], _T], text: str) -> _T:
    """In a thread where it would hold up the loop."""
    return await asyncio.to_thread(work, text) if len(text) > INLINE_TEXT else work(text)


def _tell(take: Take, feeding: asyncio.Task[None]) -> None:
    if not feeding.cancelled() and isinstance(error := feeding.exception(), Exception):
        take.fail(error)
