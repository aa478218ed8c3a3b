"""The voices of the house over REST: listed, made, changed, heard, handed on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from aiohttp import hdrs, web

from daemon.making.linting import Report
from daemon.making.profiles import Draft
from daemon.making.samples import sample
from daemon.utterance import Priority, Utterance
from protocol import voice_answers
from protocol.schemas import parse
from protocol.voices import ImportAsked, LintAsked, LockAsked, NewVoice, Tried, VoiceChange, VoiceShare
from protocol.voices import VoiceDefaults as Wished
from voices.bundle import MAX_BUNDLE_BYTES
from voices.profile import Defaults, Profile, Share
from web.api import DEFAULT_FORMAT
from web.context import REQUEST_ID, VOICED, answer, body, door, message
from web.problems import UnsupportedMediaType
from web.recordings import READING, recording, with_recordings
from web.speaking import stream

BUNDLE_TYPE: Final = "application/zip"
_BUNDLES: Final = frozenset({BUNDLE_TYPE, "application/octet-stream", "application/x-zip-compressed"})


async def voices(request: web.Request) -> web.Response:
    """`GET /api/v1/voices`."""
    voiced = request.app[VOICED]
    broken = await asyncio.to_thread(voiced.store.broken)
    told = voice_answers.Voices(
        voices=[shown(profile) for profile in voiced.casting.everyone()],
        broken=[voice_answers.BrokenVoice(file=one.file, reason=one.reason) for one in broken],
    )
    return answer(told)


async def voice(request: web.Request) -> web.Response:
    """`GET /api/v1/voices/{id}`: by its id or a former one, unlike a request to speak."""
    return answer(shown(_named(request)))


async def create(request: web.Request) -> web.Response:
    """`POST /api/v1/voices`."""
    asked = await with_recordings(request, NewVoice)
    audio = None if asked.audio is None else await recording(request, asked.audio)
    made, report = await request.app[VOICED].profiles.create(_draft(asked), audio, force=asked.force)
    told = voice_answers.MadeVoice(
        voice=shown(_settled(request, made)), lint=None if report is None else linted(report)
    )
    response = answer(told, HTTPStatus.CREATED)
    response.headers[hdrs.LOCATION] = f"/api/v1/voices/{made.id}"
    return response


async def update(request: web.Request) -> web.Response:
    """`PUT /api/v1/voices/{id}`."""
    asked, profiles = await message(request, VoiceChange), request.app[VOICED].profiles
    old = await profiles.get(request.match_info["id"])
    made = await profiles.update(old.id, _changes(asked, old), asked.id)
    return answer(shown(_settled(request, made)))


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/voices/{id}`."""
    await request.app[VOICED].profiles.delete(request.match_info["id"])
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def preview(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/voices/{id}/preview`: the voice says something now."""
    asked, profile = await message(request, Tried), _named(request)
    language = asked.language or profile.defaults.language or profile.languages[0]
    utterance = Utterance(
        asked.text or sample(language), profile.id, asked.language, asked.instruct, asked.seed, emotion=asked.emotion,
        priority=Priority.PREVIEW, door=door(request), request_id=request[REQUEST_ID], keep=False,
        format=asked.format or DEFAULT_FORMAT,
    )  # fmt: skip
    return await stream(request, utterance)


async def lint(request: web.Request) -> web.Response:
    """`POST /api/v1/voices/lint`."""
    asked = await with_recordings(request, LintAsked)
    audio = await recording(request, asked.audio)
    languages = () if asked.language is None else (asked.language,)
    return answer(linted(await request.app[VOICED].profiles.lint(audio, asked.transcript, languages)))


async def export(request: web.Request) -> web.Response:
    """`GET /api/v1/voices/{id}/export`: the voice as one file."""
    profile = _named(request)
    data = await request.app[VOICED].profiles.export(profile.id)
    disposition = f"attachment; filename*=UTF-8''{quote(profile.id)}.voice.zip"
    return web.Response(body=data, content_type=BUNDLE_TYPE, headers={hdrs.CONTENT_DISPOSITION: disposition})


async def bring(request: web.Request) -> web.Response:
    """`POST /api/v1/voices/import?id=`: a file that `export` made, as the body."""
    asked = parse(ImportAsked, json.dumps(dict(request.query)))
    if request.content_type not in _BUNDLES:
        raise UnsupportedMediaType(f"the body must be a .voice.zip file, with Content-Type: {BUNDLE_TYPE}")
    async with request.app[READING]:
        data = await body(request, MAX_BUNDLE_BYTES)
        made = await request.app[VOICED].profiles.bring(data, asked.id)
    response = answer(shown(_settled(request, made)), HTTPStatus.CREATED)
    response.headers[hdrs.LOCATION] = f"/api/v1/voices/{made.id}"
    return response


# --- from and to the core's own -------------------------------------------------------------------------------------


def _named(request: web.Request) -> Profile:
    wanted = request.match_info["id"]
    for profile in request.app[VOICED].casting.everyone():
        if wanted == profile.id or wanted in profile.aliases:
            return profile
    raise web.HTTPNotFound


def _settled(request: web.Request, made: Profile) -> Profile:
    """A voice that was written just now, with the model that it has here."""
    return next((one for one in request.app[VOICED].casting.everyone() if one.id == made.id), made)


def drafted(asked: NewVoice | LockAsked, **more: Any) -> Draft:
    """What both ways to make a voice say of it."""
    return Draft(
        kind=more.pop("kind", "clone"),
        id=asked.id,
        label=asked.label,
        languages=tuple(asked.languages or ()),
        defaults=_defaults(asked.defaults),
        mode=asked.mode,
        consent=asked.consent or "",
        emotions=asked.emotions or {},
        **more,
    )


def _draft(asked: NewVoice) -> Draft:
    return drafted(
        asked,
        kind=asked.kind,
        model=asked.model or "",
        speaker=asked.speaker or "",
        description=asked.description or "",
        transcript=asked.transcript,
        shares=_shares(asked.shares),
    )


def _changes(asked: VoiceChange, old: Profile) -> Mapping[str, object]:
    """The fields of a profile that are to be others."""
    changes: dict[str, object] = {}
    if asked.label is not None:
        changes["label"] = asked.label
    if asked.description is not None:
        changes["description"] = asked.description
    if asked.languages is not None:
        changes["languages"] = tuple(asked.languages)
    if asked.defaults is not None:
        changes["defaults"] = _defaults(asked.defaults)
    if asked.emotions is not None:
        changes["emotions"] = asked.emotions
    if asked.shares is not None:
        changes["shares"] = _shares(asked.shares)
    if old.reference is not None:
        changes["reference"] = replace(
            old.reference,
            transcript=old.reference.transcript if asked.transcript is None else asked.transcript,
            mode=asked.mode or old.reference.mode,
            consent=old.reference.consent if asked.consent is None else asked.consent,
        )
    return changes


def _shares(shares: Sequence[VoiceShare] | None) -> tuple[Share, ...]:
    return tuple(Share(share.voice, share.weight) for share in shares or ())


def _defaults(asked: Wished | None) -> Defaults:
    if asked is None:
        return Defaults()
    sampling = asked.sampling.model_dump(exclude_none=True) if asked.sampling else {}
    return Defaults(asked.language, asked.instruct, asked.seed, asked.speed, asked.pitch, asked.gain, sampling)


def shown(profile: Profile) -> voice_answers.Voice:
    """A voice for a client."""
    return voice_answers.Voice.model_validate(asdict(profile))


def linted(report: Report) -> voice_answers.Lint:
    """What was found in a recording, for a client."""
    return voice_answers.Lint.model_validate(report.as_dict())
