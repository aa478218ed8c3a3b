"""Our own REST routes: speech, voices, models and how the engine is."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict
from importlib.metadata import version
from typing import Final

from aiohttp import web

from daemon.cards import ModelCard
from daemon.core import Voiced
from daemon.faults import Detail, Unspeakable
from daemon.take import Take
from daemon.utterance import Utterance
from outputs import audio
from outputs.recording import AUDIO
from outputs.run import StorageFailed
from protocol import answers
from protocol.schemas import Manner, Speech
from web.addresses import url
from web.context import REQUEST_ID, VOICED, answer, door, message
from web.problems import Conflict
from web.speaking import stream, verdict

DEFAULT_FORMAT: Final = "wav"


async def speech(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/speech`: audio as it is made, or a run and its links when it is done."""
    voiced, asked = request.app[VOICED], await message(request, Speech)
    check_folder(asked)
    voiced.casting.model(asked.model)
    wanted = DEFAULT_FORMAT if asked.format is None else asked.format
    utterance = asked.utterance(asked.text, wanted, door(request), request[REQUEST_ID])
    return await whole(voiced, utterance) if asked.stream is False else await stream(request, utterance)


async def whole(voiced: Voiced, utterance: Utterance) -> web.Response:
    """Speak into a run folder and tell where it is."""
    check_kept(voiced, utterance)
    async with voiced.speech.open(utterance) as take, aclosing(take.chunks()) as chunks:
        async for _ in chunks:
            pass
    told = spoken(take)
    response = answer(told)
    response.headers.update({"X-Voice": told.voice, "X-Seed": str(told.seed), "X-Run-Id": told.run_id, **verdict(take)})
    return response


def check_folder(asked: Manner) -> None:
    """Whether there is a place for the subtitles. Raises Unspeakable."""
    if asked.subtitles and asked.keep is False:
        wrong = 'subtitles lie in the run folder, which "keep": false does not leave'
        raise Unspeakable(f"subtitles: {wrong}", [Detail("subtitles", wrong)])


def check_kept(voiced: Voiced, utterance: Utterance) -> None:
    """Whether there will be a run to link to. Raises Conflict or UnknownFormat."""
    audio.find(utterance.format)
    if not voiced.journal.keeps(utterance):
        raise Conflict(
            f"speech from {utterance.door} is not kept, so there would be nothing to link to; "
            'leave "stream" out to get the audio itself, or ask with "keep": true'
        )


def spoken(take: Take) -> answers.Spoken:
    """What became of a take that has ended. Raises StorageFailed when it could not be kept."""
    run_id, audio_format = take.run_id, take.utterance.format
    if take.storage_error is not None or run_id is None:
        raise take.storage_error or StorageFailed("the speech could not be kept; the daemon's log says why")
    more = {name: url(run_id, name) for name in take.artifacts if name != AUDIO}
    wanted = "" if audio_format == DEFAULT_FORMAT else f"?format={audio_format}"
    return answers.Spoken(
        request_id=take.request_id,
        run_id=run_id,
        voice=take.voice.id,
        language=take.language,
        seed=take.seed,
        sample_rate=take.sample_rate,
        finish_reason=take.outcome or "stop",
        timing=answers.Timing.model_validate(take.timing.as_dict()),
        links={"run": url(run_id), "audio": url(run_id, AUDIO) + wanted, **more},
        verified=None if take.report is None else answers.Verified.model_validate(take.report),
    )


# --- models and the engine ----------------------------------------------------------------------------------


async def models(request: web.Request) -> web.Response:
    """`GET /api/v1/models`."""
    return answer(answers.Models(models=[_model(card) for card in request.app[VOICED].models()]))


async def model(request: web.Request) -> web.Response:
    """`GET /api/v1/models/{id}`."""
    return answer(_named(request))


async def load(request: web.Request) -> web.Response:
    """`POST /api/v1/models/{id}/load`: answers when it is loaded."""
    await request.app[VOICED].load(_named(request).id)
    return answer(_named(request))


async def unload(request: web.Request) -> web.Response:
    """`POST /api/v1/models/{id}/unload`: whoever is speaking with it fails."""
    await request.app[VOICED].unload(_named(request).id)
    return answer(_named(request))


async def status(request: web.Request) -> web.Response:
    """`GET /api/v1/status`: what the studio's first page shows."""
    voiced = request.app[VOICED]
    now, facts = voiced.engine.status(), voiced.engine.facts
    told = answers.Status(
        version=version("voiced"),
        engine=facts.name,
        reason=voiced.reason,
        model=facts.model,
        state=now.state.value,
        state_reason=now.reason,
        speaking=now.speaking,
        waiting=now.waiting,
        slots=now.slots,
        queue=voiced.settings.queue,
        steps=now.steps,
        sample_rate=facts.sample_rate,
    )
    return answer(told)


def _named(request: web.Request) -> answers.Model:
    """The model in the address as it is now. Raises UnknownModel."""
    voiced = request.app[VOICED]
    wanted = voiced.casting.model(request.match_info["id"]) or voiced.engine.facts.model
    return next(_model(card) for card in voiced.models() if card.id == wanted)


def _model(card: ModelCard) -> answers.Model:
    return answers.Model.model_validate(asdict(card))
