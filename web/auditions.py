"""Auditions over REST: a description heard several times, a take chosen, a voice locked."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import hdrs, web

from daemon.faults import Malformed
from protocol import voice_answers
from protocol.voices import AuditionAsked, LockAsked
from voices.auditions import Audition
from web.context import VOICED, answer, message
from web.voices import drafted, shown


async def hold(request: web.Request) -> web.Response:
    """`POST /api/v1/auditions`: answers when all takes are spoken."""
    asked = await message(request, AuditionAsked)
    held = await request.app[VOICED].auditions.hold(
        asked.description,
        text=asked.text,
        language=asked.language,
        takes=asked.takes,
        seed=asked.seed,
        model=asked.model,
    )
    response = answer(_shown(held), HTTPStatus.CREATED)
    response.headers[hdrs.LOCATION] = f"/api/v1/auditions/{held.id}"
    return response


async def auditions(request: web.Request) -> web.Response:
    """`GET /api/v1/auditions`."""
    held = await asyncio.to_thread(request.app[VOICED].auditions.auditions.all)
    return answer(voice_answers.Auditions(auditions=[_shown(one) for one in held]))


async def audition(request: web.Request) -> web.Response:
    """`GET /api/v1/auditions/{id}`."""
    return answer(
        _shown(await asyncio.to_thread(request.app[VOICED].auditions.auditions.find, request.match_info["id"]))
    )


async def take(request: web.Request) -> web.FileResponse:
    """`GET /api/v1/auditions/{id}/takes/{take}`: a WAV file."""
    number = request.match_info["take"]
    if not number.isdecimal() or len(number) > 3:
        raise Malformed(f"a take is a number, not {number[:40]!r}")
    audio = request.app[VOICED].auditions.auditions.audio
    path = await asyncio.to_thread(audio, request.match_info["id"], int(number))
    response = web.FileResponse(path, headers={hdrs.CACHE_CONTROL: "private, no-cache"})
    response.content_type = "audio/wav"
    return response


async def lock(request: web.Request) -> web.Response:
    """`POST /api/v1/auditions/{id}/lock`: the chosen take becomes a voice that stays as it is."""
    asked = await message(request, LockAsked)
    voiced = request.app[VOICED]
    made = await voiced.profiles.lock(request.match_info["id"], asked.take, drafted(asked))
    settled = next((one for one in voiced.casting.everyone() if one.id == made.id), made)
    response = answer(shown(settled), HTTPStatus.CREATED)
    response.headers[hdrs.LOCATION] = f"/api/v1/voices/{made.id}"
    return response


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/auditions/{id}`."""
    await asyncio.to_thread(request.app[VOICED].auditions.auditions.remove, request.match_info["id"])
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _shown(held: Audition) -> voice_answers.Audition:
    takes = [
        voice_answers.AuditionTake(**one.model_dump(), url=f"/api/v1/auditions/{held.id}/takes/{one.take}")
        for one in held.takes
    ]
    return voice_answers.Audition(**held.model_dump(exclude={"takes"}), takes=takes)
