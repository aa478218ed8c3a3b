"""Texts over REST: how one would be read aloud, and the lexicon of the house."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from http import HTTPStatus

from aiohttp import web

from daemon.faults import BadWord, NoSuchWord
from daemon.making.preview import Passage, Preview
from daemon.text.score import Pause
from daemon.utterance import Utterance
from protocol import voice_answers
from protocol.voices import TextAsked, Word
from voices.lexicon import Entry
from web.context import REQUEST_ID, VOICED, answer, door, message


async def preview(request: web.Request) -> web.Response:
    """`POST /api/v1/text/preview`."""
    asked = await message(request, TextAsked)
    utterance = Utterance(
        asked.text, asked.voice, asked.language, model=asked.model, normalize=asked.normalize, markup=asked.markup,
        door=door(request), request_id=request[REQUEST_ID],
    )  # fmt: skip
    return answer(_preview(asked.text, await request.app[VOICED].previewer.preview(utterance)))


async def lexicon(request: web.Request) -> web.Response:
    """`GET /api/v1/lexicon`."""
    words = request.app[VOICED].pronunciation.words
    entries, problem = await asyncio.to_thread(lambda: (words.entries(), words.problem()))
    return answer(
        voice_answers.Lexicon(
            entries=[voice_answers.WordEntry.model_validate(asdict(one)) for one in entries], problem=problem
        )
    )


async def put(request: web.Request) -> web.Response:
    """`PUT /api/v1/lexicon`: an entry, in the place of one for the same word, language and voice."""
    asked = await message(request, Word)
    words = request.app[VOICED].pronunciation.words
    entry = Entry(**asked.model_dump())
    try:
        await asyncio.to_thread(words.put, entry)
    except ValueError as error:
        raise BadWord(str(error)) from error
    return answer(voice_answers.WordEntry.model_validate(asdict(entry)))


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/lexicon?word=&language=&voice=`."""
    word, query = request.query.get("word", ""), request.query
    words = request.app[VOICED].pronunciation.words
    if not await asyncio.to_thread(words.remove, word, query.get("language"), query.get("voice")):
        raise NoSuchWord(f"the lexicon has no {word[:80]!r} for this language and voice")
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _preview(typed: str, made: Preview) -> voice_answers.TextPreview:
    parts: list[voice_answers.PreviewPassage | voice_answers.PreviewPause] = [
        voice_answers.PreviewPause(pause_ms=round(one.seconds * 1000)) if isinstance(one, Pause) else _passage(one)
        for one in made.passages
    ]
    return voice_answers.TextPreview(text=typed, parts=parts, warnings=list(made.warnings))


def _passage(made: Passage) -> voice_answers.PreviewPassage:
    told = asdict(made)
    told["manner"] = {name: value for name, value in told["manner"].items() if value is not None}
    return voice_answers.PreviewPassage.model_validate(told)
