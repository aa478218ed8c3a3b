"""The three tasks over REST: one text is answered like `/api/v1/speech`, a list of texts when all of it is spoken."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from daemon.faults import Detail, Unspeakable, describe
from daemon.take import Take
from daemon.together import speak_together
from daemon.utterance import Task, Utterance
from protocol import answers
from protocol.tasks import CustomVoice, Performance, VoiceClone, VoiceDesign
from web.api import DEFAULT_FORMAT, check_folder, check_kept, spoken, whole
from web.context import REQUEST_ID, VOICED, answer, door, message
from web.recordings import recording, with_recordings
from web.speaking import note, stream


async def custom_voice(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/custom-voice`."""
    return await _perform(request, "custom-voice", await message(request, CustomVoice))


async def voice_design(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/voice-design`."""
    return await _perform(request, "voice-design", await message(request, VoiceDesign))


async def voice_clone(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/voice-clone`."""
    asked = await with_recordings(request, VoiceClone)
    if not isinstance(asked.ref_audio, bytes):
        request.app[VOICED].casting.model(asked.model)  # before anything is fetched for it
        asked = asked.with_audio(await recording(request, asked.ref_audio))
    return await _perform(request, "voice-clone", asked)


async def _perform(request: web.Request, task: Task, asked: Performance) -> web.StreamResponse:
    voiced, request_id = request.app[VOICED], request[REQUEST_ID]
    check_folder(asked)
    voiced.casting.model(asked.model)
    wanted = DEFAULT_FORMAT if asked.format is None else asked.format
    utterances = asked.utterances(task, wanted, door(request), request_id, voiced.settings.max_text)
    if isinstance(asked.text, str):
        (utterance,) = utterances
        return await whole(voiced, utterance) if asked.stream is False else await stream(request, utterance)
    if asked.stream:
        wrong = "a list of texts is answered with JSON; leave `stream` out, or send one text"
        raise Unspeakable(f"stream: {wrong}", [Detail("stream", wrong)])
    return await _batch(request, utterances)


async def _batch(request: web.Request, utterances: Sequence[Utterance]) -> web.Response:
    """Speak them together. Where none of them was spoken, the first one's failure is the answer."""
    voiced = request.app[VOICED]
    for utterance in utterances:
        check_kept(voiced, utterance)
    takes = await speak_together(voiced.speech, utterances)
    entries = [_entry(number, take, request[REQUEST_ID]) for number, take in enumerate(takes)]
    if isinstance(takes[0], Exception) and all(entry.spoken is None for entry in entries):
        raise takes[0]
    return answer(answers.Batch(request_id=request[REQUEST_ID], results=entries))


def _entry(index: int, take: Take | Exception, request_id: str) -> answers.Entry:
    try:
        if isinstance(take, Exception):
            raise take
        return answers.Entry(index=index, spoken=spoken(take), error=None)
    except Exception as error:  # noqa: BLE001 - the boundary of a job
        note(error, f"{request_id}-{index + 1}")
        fault = describe(error)
        details = [answers.Problem(path=detail.path, message=detail.message) for detail in fault.details]
        body = answers.ErrorBody(code=fault.code, message=fault.message, details=details)
        return answers.Entry(index=index, spoken=None, error=body)
