"""OpenAPI 3.1: what every route takes and answers, with the voices and languages that are here now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from daemon.casting import DEFAULT_NAMES
from daemon.core import Voiced
from outputs.audio import FORMATS
from protocol import answers
from protocol.schemas import OpenAISpeech, Speech, json_schemas
from protocol.tasks import CustomVoice, VoiceClone, VoiceDesign
from web.runs import MAX_LIMIT

Json = dict[str, Any]

_MESSAGES: Final = {
    message.__name__: message
    for message in (
        Speech, OpenAISpeech, CustomVoice, VoiceDesign, VoiceClone, answers.Spoken, answers.Batch, answers.Voices,
        answers.Voice, answers.Models, answers.Model, answers.Status, answers.Health, answers.Run, answers.RunList,
        answers.OpenAIModels, answers.OpenAIModel, answers.OpenAIVoices, answers.Error, answers.OpenAIError,
    )
}  # fmt: skip
# What a text needs to be speakable: one letter or digit of any script.
_WORD: Final = r"[\p{L}\p{N}]"
_ABOUT: Final = (
    "Speech from this machine. Audio is sent while it is made; a failure after that breaks the transfer. "
    "`GET /ws/speech` is a WebSocket: JSON text frames steer, binary frames carry PCM "
    "(`start`, `text`, `end_text`, `cancel`; `header`, `end`, `error`)."
)
_MEANINGS: Final[Mapping[int, str]] = {
    400: "Malformed: every mistake with its path",
    401: "A key is asked for and there is none",
    403: "A wrong key, or a page of another site",
    404: "There is no such thing here",
    408: "The rest of the body does not come",
    409: "It cannot be done as things are",
    413: "More text or more bytes than one request may hold",
    415: "The body is not JSON by its own account",
    416: "The file has no such range",
    422: "Well formed, but it cannot be spoken as asked",
    429: "The queue is full; try again after `Retry-After` seconds",
    500: "A failure of the daemon's own; its log has the details",
    503: "Nothing can be spoken now, and why",
    504: "No audio within the deadline",
}
_SPEECH_ERRORS: Final = (400, 404, 408, 413, 415, 422, 429, 500, 503, 504)


def openapi(voiced: Voiced) -> Json:
    """The document, for the daemon as it is now."""
    components: Json = {"schemas": _schemas(voiced)}
    document: Json = {
        "openapi": "3.1.0",
        "info": {"title": "voiced", "version": version("voiced"), "description": _ABOUT},
        "paths": {**_machine_paths(), **_openai_paths(), **_speech_paths(), **_model_paths(), **_run_paths()},
        "components": components,
    }
    if voiced.settings.api_keys is not None:
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"bearer": []}, {"header": []}]
    return document


def _schemas(voiced: Voiced) -> Json:
    """The messages, narrowed to what can be asked of this daemon."""
    schemas = json_schemas(_MESSAGES)
    profiles = voiced.casting.profiles()
    ids = ["", *(profile.id for profile in profiles)]
    languages = sorted({tag for profile in profiles for tag in profile.languages})
    for name, field, voices in (
        ("Speech", "text", ids),
        ("OpenAISpeech", "input", [*ids, *sorted(DEFAULT_NAMES - set(ids))]),
        ("CustomVoice", "text", ids),
        ("VoiceDesign", "text", ()),
        ("VoiceClone", "text", ()),
    ):
        properties = schemas[name]["properties"]
        _worded(properties[field])
        properties["language"] |= _or_null(["", "auto", *languages])
        for key in ("voice", "speaker") if voices else ():
            if key in properties:
                properties[key] = _enumerated(properties[key], voices)
    return schemas


def _worded(text: Json) -> None:
    """A text, or each of a list, has a word."""
    kinds = text.get("oneOf", [text])
    for kind in [way.get("items", way) for way in kinds]:
        kind |= {"minLength": 1, "pattern": _WORD}


def _or_null(names: Sequence[str]) -> Json:
    return {"anyOf": [{"enum": names}, {"type": "null"}]}


def _enumerated(schema: Json, names: Sequence[str]) -> Json:
    """A voice, written as its name or as an object with it."""
    ways: dict[str, Json] = {
        "string": {"enum": names},
        "object": {"type": "object", "required": ["id"], "properties": {"id": {"enum": names}}},
    }
    return {**schema, "anyOf": [ways.get(way["type"], way) for way in schema["anyOf"]]}


# --- the routes ---------------------------------------------------------------------------------------------


def _machine_paths() -> Json:
    text = {"description": "Prometheus exposition text", "content": {"text/plain": {}}}
    document: Json = {
        "description": "This document",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    return {
        "/healthz": {"get": _operation("Alive", {200: _json("Health")}, open_to_all=True)},
        "/readyz": {"get": _operation("Able to speak", {200: _json("Health"), 503: _json("Health")}, open_to_all=True)},
        "/metrics": {"get": _operation("Metrics", {200: text})},
        "/openapi.json": {"get": _operation("This document", {200: document})},
    }


def _openai_paths() -> Json:
    def operation(
        summary: str, ok: Json, errors: Iterable[int] = (), body: str | None = None, ids: bool = False
    ) -> Json:
        return _operation(summary, {200: ok}, errors, body, parameters=[_ID] if ids else [], error="OpenAIError")

    spoken = _audio("Audio, or server-sent events when `stream_format` is `sse`", ("text/event-stream",))
    return {
        "/v1/audio/speech": {"post": operation("Speak", spoken, _SPEECH_ERRORS, "OpenAISpeech")},
        "/v1/models": {"get": operation("Models", _json("OpenAIModels"))},
        "/v1/models/{id}": {"get": operation("One model", _json("OpenAIModel"), (404,), ids=True)},
        "/v1/audio/voices": {"get": operation("Voices", _json("OpenAIVoices"))},
    }


def _speech_paths() -> Json:
    spoken = _audio("Audio as it is made; JSON when `stream` is false", ())
    spoken["content"]["application/json"] = {"schema": _ref("Spoken")}
    errors = (*_SPEECH_ERRORS, 409)
    performed = _audio("Audio as it is made; JSON when `stream` is false or `text` is a list", ())
    performed["content"]["application/json"] = {"schema": {"anyOf": [_ref("Spoken"), _ref("Batch")]}}

    def task(summary: str, body: str) -> Json:
        return _operation(summary, {200: performed}, errors, body)

    return {
        "/api/v1/speech": {"post": _operation("Speak", {200: spoken}, errors, "Speech")},
        "/api/v1/custom-voice": {"post": task("Speak with a voice of a model's own", "CustomVoice")},
        "/api/v1/voice-design": {"post": task("Speak with a voice made of a description", "VoiceDesign")},
        "/api/v1/voice-clone": {"post": task("Speak with the voice of a recording", "VoiceClone")},
        "/api/v1/voices": {"get": _operation("Voices", {200: _json("Voices")})},
        "/api/v1/voices/{id}": {"get": _operation("One voice", {200: _json("Voice")}, (404,), parameters=[_ID])},
        "/api/v1/status": {"get": _operation("The engine now", {200: _json("Status")})},
    }


def _model_paths() -> Json:
    one, errors = {200: _json("Model")}, (404, 500, 503)
    return {
        "/api/v1/models": {"get": _operation("Models", {200: _json("Models")})},
        "/api/v1/models/{id}": {"get": _operation("One model", one, (404,), parameters=[_ID])},
        "/api/v1/models/{id}/load": {"post": _operation("Load", one, errors, parameters=[_ID])},
        "/api/v1/models/{id}/unload": {"post": _operation("Unload", one, errors, parameters=[_ID])},
    }


def _run_paths() -> Json:
    limit = _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50})
    wanted = _query("format", {"enum": list(FORMATS), "description": "a recording in another format"})
    path = {"name": "path", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    none: Json = {"description": _MEANINGS[416]}
    whole: Json = {"description": "The file", "content": {"*/*": {}}}
    part: Json = {"description": "The range asked for", "content": {"*/*": {}}}
    return {
        "/api/v1/runs": {"get": _operation("Runs", {200: _json("RunList")}, (400, 503), parameters=[limit])},
        "/api/v1/runs/{id}": {
            "get": _operation("One run", {200: _json("Run")}, (404, 503), parameters=[_ID]),
            "delete": _operation("Delete", {204: {"description": "Gone"}}, (404, 409, 503), parameters=[_ID]),
        },
        "/api/v1/runs/{id}/files/{path}": {
            "get": _operation(
                "A file of a run", {200: whole, 206: part, 416: none}, (404, 422, 503),
                parameters=[_ID, path, wanted],
            )
        },
    }  # fmt: skip


# --- their parts --------------------------------------------------------------------------------------------

_ID: Final[Json] = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}


def _operation(
    summary: str, ok: Mapping[int, Json], errors: Iterable[int] = (), body: str | None = None, *,
    parameters: Iterable[Json] = (), error: str = "Error", open_to_all: bool = False,
) -> Json:  # fmt: skip
    guarded = () if open_to_all else (401, 403)
    told = {status: _json(error, _MEANINGS[status]) for status in (*guarded, *errors)}
    operation: Json = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {str(status): answer for status, answer in sorted({**told, **ok}.items())},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    if open_to_all:
        operation["security"] = []
    return operation


def _json(schema: str, description: str | None = None) -> Json:
    return {"description": description or schema, "content": {"application/json": {"schema": _ref(schema)}}}


def _audio(description: str, others: Iterable[str]) -> Json:
    kinds = [*dict.fromkeys(audio.media_type for audio in FORMATS.values()), *others]
    names = ("X-Request-Id", "X-Run-Id", "X-Voice", "X-Seed", "X-Sample-Rate")
    headers = {name: {"schema": {"type": "string"}} for name in names}
    return {"description": description, "headers": headers, "content": {kind: {} for kind in kinds}}


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _ref(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}
