"""The text of an utterance on its way into a take: part by part, whole or while it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Final

from daemon.faults import NothingToSay
from daemon.parts import Part, Pause, Whole, whole, written
from daemon.settings import Settings
from daemon.strand import Rest, Strand
from daemon.take import Take
from daemon.utterance import Markup

_NO_WORD: Final = "the text holds no word that could be spoken"

Enter = Callable[[Part, str], Awaitable[Strand]]


class Script:
    """A text that was not spoken yet."""

    def __init__(
        self, parts: AsyncGenerator[Part | Pause, None], known: Sequence[Whole | Pause] | None, warnings: Sequence[str],
        typed: Sequence[str], *, live: bool,
    ) -> None:  # fmt: skip
        """`known` is all of it, where it is not being written; `live` whether anybody here speaks a text as it is written.

        In `warnings` stands what was passed over, as far as the text was read, in `typed` what came of one that is written.
        """
        self._parts, self._known, self._live = parts, known, live
        self._warnings, self._typed = warnings, typed
        self._rests: list[Pause] = []
        self.first: Part

    async def begin(self, settled: Callable[[Part], bool], cast: Callable[[Part, str], object]) -> str:
        """Wait for the first part with a word, and give its opening; "" where a part that is being written is settled.

        Of a text that is there, every part is `cast` before the first is spoken. Raises NothingToSay when the text ends
        without a word, and what these two raise.
        """
        if self._known is not None and len(self._known) > 1:
            await asyncio.to_thread(self._rehearse, self._known, cast)
        async for part in self._parts:
            if isinstance(part, Pause):
                self._rests.append(part)
            elif not isinstance(part, Whole) and settled(part):
                self.first = part
                return ""
            elif said := await part.opening(live=self._live):
                self.first = part
                return said
        raise NothingToSay(_NO_WORD)

    def _rehearse(self, parts: Sequence[Whole | Pause], cast: Callable[[Part, str], object]) -> None:
        for part in parts:
            if not isinstance(part, Pause):
                cast(part, part.begins(live=self._live))

    @asynccontextmanager
    async def into(self, take: Take, enter: Enter) -> AsyncIterator[None]:
        """Hand it to the take, as its voices want it, while the context is open. What goes wrong reaches the listener."""
        take.warnings, take.typed = self._warnings, self._typed if self._known is None else None
        for rest in reversed(self._rests):
            take.precede(Rest(rest.seconds, take.sample_rate))
        if self._known is not None and len(self._known) == 1:
            await self._perform(take, enter)
            yield
            return
        feeding = asyncio.create_task(self._perform(take, enter), name=f"text of {take.request_id}")
        feeding.add_done_callback(partial(_tell, take))
        try:
            yield
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)

    async def _perform(self, take: Take, enter: Enter) -> None:
        await self._speak(take, self.first)
        async for part in self._parts:
            if isinstance(part, Pause):
                take.follow(Rest(part.seconds, take.sample_rate))
            elif said := await part.opening(live=self._live):
                await take.room()
                if take.over:  # a voice before was cut off
                    return
                take.follow(await enter(part, said))
                await self._speak(take, part)
        if not take.characters:
            raise NothingToSay(_NO_WORD)
        take.complete()

    async def _speak(self, take: Take, part: Part) -> None:
        """All of a part, to the newest voice; one without a word is taken back."""
        spoken = take.characters
        await part.into(take)
        if take.characters > spoken:
            take.end_text()
        else:
            take.withdraw()


@asynccontextmanager
async def script(
    text: str, pieces: AsyncIterable[str] | None, markup: Markup, settings: Settings, *, live: bool
) -> AsyncIterator[Script]:
    """`text`, or what is written in `pieces`. Raises BadMarkup where a whole text is not to be understood."""
    warnings, typed = list[str](), list[str]()
    known = await whole(text, markup, warnings) if pieces is None else None
    parts = _each(known or ()) if pieces is None else written(pieces, markup, warnings, typed, settings)
    async with aclosing(parts):
        yield Script(parts, known, warnings, typed, live=live)


async def _each(parts: Sequence[Whole | Pause]) -> AsyncGenerator[Part | Pause, None]:
    for part in parts:
        yield part


def _tell(take: Take, feeding: asyncio.Task[None]) -> None:
    if not feeding.cancelled() and isinstance(error := feeding.exception(), Exception):
        take.fail(error)
