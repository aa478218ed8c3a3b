"""The parts of a text: what is said in one manner, and the pauses between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import groupby
from typing import Final, Protocol, TypeVar

from daemon.dictation import WRITER_LIMIT_S, Dictation, cleaned, pump
from daemon.faults import TextTooLong
from daemon.opening import opening
from daemon.settings import Settings
from daemon.take import Take
from daemon.text.clean import clean
from daemon.text.reading import read, reader
from daemon.text.score import Event, Manner, Pause, Remark, Said
from daemon.text.sentences import has_words, split
from daemon.utterance import Markup
from models.stream import DeadlinePassed

__all__ = ["Part", "Pause", "Whole", "marked", "whole", "written"]

# Cleaning and cutting this much takes about a millisecond; more goes to a thread so that the loop stays free.
INLINE_TEXT: Final = 5_000
# Silence is made at once: without an end, a page of pauses would be gigabytes.
MAX_SILENCE_S: Final = 1800.0
_T = TypeVar("_T")


class Part(Protocol):
    """What is said in one manner."""

    @property
    def manner(self) -> Manner:
        """What its tags say of it."""

    async def opening(self, *, live: bool) -> str:
        """What tells its language: its first sentence, or the first words where it may be spoken as it is written.

        "" when it holds no word.
        """

    async def into(self, take: Take) -> None:
        """Say it with the newest voice of the take, as that wants its text."""


class Whole:
    """A part that is there."""

    def __init__(self, text: str, manner: Manner) -> None:
        """`text` is cleaned."""
        self._text, self.manner = text, manner

    def begins(self, *, live: bool) -> str:
        """Its opening, as it is there."""
        return opening(self._text, live=live)

    async def opening(self, *, live: bool) -> str:
        """At once."""
        return self.begins(live=live)

    async def into(self, take: Take) -> None:
        """All of it."""
        voice = take.newest
        if voice.live:
            take.speak(self._text)
            return
        reading = voice.reading
        for sentence in await aside(split if reading is None else reading.text, self._text):
            take.speak(sentence)


class Written:
    """A part that is being written."""

    def __init__(self, manner: Manner, settings: Settings) -> None:
        self.manner = manner
        self._queue: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self._cleaned = cleaned(self._pieces(), flush_s=settings.flush, limit=settings.max_text)
        self._text = Dictation(self._cleaned)

    def write(self, piece: str | Exception | None) -> None:
        """The next piece, what kept it from being written, or its end."""
        self._queue.put_nowait(piece)

    async def _pieces(self) -> AsyncGenerator[str, None]:
        while (piece := await self._queue.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def opening(self, *, live: bool) -> str:
        """Waits for it."""
        return await self._text.opening(live=live)

    async def into(self, take: Take) -> None:
        """As it comes."""
        voice = take.newest
        reading = voice.reading
        async with aclosing(self._text.live() if voice.live else self._text.sentences()) as text:
            async for piece in text:
                for said in [piece] if reading is None else reading.sentence(piece):
                    take.speak(said)

    async def close(self) -> None:
        """Nobody reads it any more."""
        await self._cleaned.aclose()


# --- a text that is there -----------------------------------------------------------------------------------------


async def whole(text: str, markup: Markup, warnings: list[str]) -> Sequence[Whole | Pause]:
    """The parts of a text that hold a word, and its pauses. Raises BadMarkup."""
    parts = await aside(lambda typed: marked(typed, markup, warnings), text)
    return [part if isinstance(part, Pause) else Whole(*part) for part in parts]


def marked(text: str, markup: Markup, warnings: list[str]) -> Sequence[tuple[str, Manner] | Pause]:
    """What is said in one manner, cleaned, and the pauses between. Raises BadMarkup."""
    events = read(text, markup)
    warnings += [event.message for event in events if isinstance(event, Remark)]
    parts: list[tuple[str, Manner] | Pause] = []
    silence = _Silence(warnings)
    for kind, run in groupby((event for event in events if not isinstance(event, Remark)), _kind):
        if isinstance(kind, Manner):
            said = clean("".join(event.text for event in run if isinstance(event, Said)))
            parts += [(said, kind)] if has_words(said) else []
        else:
            parts += [silence.cut(event) for event in run if isinstance(event, Pause)]
    return parts


class _Silence:
    """The silence of one text."""

    def __init__(self, warnings: list[str]) -> None:
        self._left, self._warnings, self._told = MAX_SILENCE_S, warnings, False

    def cut(self, pause: Pause) -> Pause:
        """The pause, or what is left for it."""
        seconds = min(pause.seconds, self._left)
        if seconds < pause.seconds and not self._told:
            self._warnings.append(f"the pauses are longer than {MAX_SILENCE_S:.0f} s in all; what follows is left out")
            self._told = True
        self._left -= seconds
        return replace(pause, seconds=seconds)


def _kind(event: Event) -> Manner | None:
    return event.manner if isinstance(event, Said) else None


# --- a text that is being written ---------------------------------------------------------------------------------


async def written(
    pieces: AsyncIterable[str], markup: Markup, warnings: list[str], typed: list[str], settings: Settings
) -> AsyncGenerator[Part | Pause, None]:
    """The parts of a text while it is written; the first is there at once, whatever it will hold.

    What comes is noted in `warnings` and `typed`. Raises what goes wrong between two parts; what goes wrong inside one, the
    part raises. Close it with `aclosing`.
    """
    desk = _Desk(markup, warnings, typed, settings)
    task = asyncio.create_task(desk.sort(pieces), name="text parts")
    try:
        while (part := await desk.next()) is not None:
            try:
                yield part
            finally:
                if isinstance(part, Written):
                    await part.close()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Desk:
    """Sorts what is written into parts."""

    def __init__(self, markup: Markup, warnings: list[str], typed: list[str], settings: Settings) -> None:
        self._settings, self._warnings, self._typed = settings, warnings, typed
        self._reader = reader(markup)
        self._parts: asyncio.Queue[Part | Pause | None] = asyncio.Queue()
        self._open: Written | None = None
        self._silence = _Silence(warnings)
        self._seen = 0
        self._waiting = False
        """Something was written, and the writer may fall silent."""
        self._part(Manner())

    async def next(self) -> Part | Pause | None:
        """The next part, None after the last. Raises DeadlinePassed when the writer has forgotten its stream."""
        try:
            async with asyncio.timeout(WRITER_LIMIT_S):
                return await self._parts.get()
        except TimeoutError:
            raise DeadlinePassed(f"nothing was written for {WRITER_LIMIT_S:.0f} s") from None

    async def sort(self, pieces: AsyncIterable[str]) -> None:
        """Until the text ends. What goes wrong goes into the open part."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        reading = asyncio.create_task(pump(pieces, queue), name="text pump")
        try:
            while (piece := await self._piece(queue)) is not None:
                self._note(piece)
                self._take(self._reader.feed(piece) if piece else self._reader.flush())
            await reading  # raises what went wrong in the writer
            self._take(self._reader.finish())
        except Exception as error:  # noqa: BLE001 - whoever reads the part gets it
            (self._open or self._part(Manner())).write(error)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            self._close()
            self._parts.put_nowait(None)

    async def _piece(self, queue: asyncio.Queue[str | None]) -> str | None:
        """The next piece; "" where the writer has fallen silent."""
        try:
            async with asyncio.timeout(self._settings.flush if self._waiting else None):
                piece = await queue.get()
        except TimeoutError:
            self._waiting = False
            return ""
        self._waiting = True
        return piece

    def _note(self, piece: str) -> None:
        """Raises TextTooLong."""
        self._typed.append(piece)
        self._seen += len(piece)
        if self._seen > self._settings.max_text:
            raise TextTooLong(
                f"the text passes {self._settings.max_text} characters; longer work is a job for a pipeline"
            )

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Said():
                    part = self._open if self._open and self._open.manner == event.manner else self._part(event.manner)
                    part.write(event.text)
                case Pause():
                    self._close()
                    self._parts.put_nowait(self._silence.cut(event))
                case Remark():
                    self._warnings.append(event.message)

    def _part(self, manner: Manner) -> Written:
        self._close()
        part = self._open = Written(manner, self._settings)
        self._parts.put_nowait(part)
        return part

    def _close(self) -> None:
        if self._open is not None:
            self._open.write(None)
        self._open = None


async def aside(work: Callable[[str], _T], text: str) -> _T:
    """In a thread where it would hold up the loop."""
    return await asyncio.to_thread(work, text) if len(text) > INLINE_TEXT else work(text)
