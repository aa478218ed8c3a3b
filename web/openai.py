"""OpenAI's routes, for everything that already speaks to OpenAI."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from daemon.take import Take
from protocol import answers
from protocol.schemas import OpenAISpeech
from web.context import REQUEST_ID, VOICED, answer, message
from web.speaking import stream

# A token of speech is a codec frame of 12.5 Hz.
_MS_A_TOKEN: Final = 80
_STARTED: Final = int(time.time())


async def speech(request: web.Request) -> web.StreamResponse:
    """`POST /v1/audio/speech`: audio in chunks as it is made, or server-sent events."""
    voiced, asked = request.app[VOICED], await message(request, OpenAISpeech)
    voiced.casting.model(asked.model)
    utterance = asked.utterance(request[REQUEST_ID])
    if asked.stream_format != "sse":
        return await stream(request, utterance)
    return await stream(request, utterance, media_type="text/event-stream", wrap=_delta, last=_done)


async def models(request: web.Request) -> web.Response:
    """`GET /v1/models`: those that are here; OpenAI's own names mean any of them, but are not listed."""
    return answer(answers.OpenAIModels(data=[_model(name) for name in request.app[VOICED].engine.models]))


async def model(request: web.Request) -> web.Response:
    """`GET /v1/models/{id}`."""
    wanted = request.match_info["id"]
    request.app[VOICED].casting.model(wanted)
    return answer(_model(wanted))


async def voices(request: web.Request) -> web.Response:
    """`GET /v1/audio/voices`: not OpenAI's own, but what many of its clients ask for."""
    known = [
        answers.OpenAIVoice(id=profile.id, name=profile.label, languages=list(profile.languages))
        for profile in request.app[VOICED].casting.profiles()
    ]
    return answer(answers.OpenAIVoices(data=known, voices=known))


def _model(name: str) -> answers.OpenAIModel:
    return answers.OpenAIModel(id=name, created=_STARTED, owned_by="voiced")


def _delta(data: bytes) -> bytes:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode("ascii")})


def _done(take: Take) -> bytes:
    """Tokens as near as there are any here: characters in, codec frames out."""
    spoken, made = take.characters, math.ceil(take.timing.audio_ms / _MS_A_TOKEN)
    usage = {"input_tokens": spoken, "output_tokens": made, "total_tokens": spoken + made}
    return _event({"type": "speech.audio.done", "usage": usage})


def _event(event: Mapping[str, object]) -> bytes:
    return b"data: " + json.dumps(event).encode("ascii") + b"\n\n"
