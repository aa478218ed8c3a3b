"""Every route as OpenAPI shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from daemon.pipelines.table import RECIPES
from outputs.audio import FORMATS
from web.operations import ID, MEANINGS, Json, audio, json_of, operation, query, ref
from web.runs import MAX_LIMIT, SHOWN

_SPEECH_ERRORS: Final = (400, 404, 408, 413, 415, 422, 429, 500, 503, 504)
# A recording is in the body, and a model may be at work.
_MADE_ERRORS: Final = (400, 404, 408, 413, 415, 422, 429, 500, 503)
_CHANGED_ERRORS: Final = (400, 404, 408, 409, 413, 415, 503)
_GONE: Final[dict[int, Json]] = {204: {"description": "Gone"}}
_NEW_ID: Final = query("id", {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"})


def paths() -> Json:
    """All of them."""
    return {
        **_machine_paths(),
        **_openai_paths(),
        **_speech_paths(),
        **_voice_paths(),
        **_audition_paths(),
        **_codec_paths(),
        **_text_paths(),
        **_file_paths(),
        **_model_paths(),
        **_run_paths(),
        **_pipeline_paths(),
    }


def _machine_paths() -> Json:
    text = {"description": "Prometheus exposition text", "content": {"text/plain": {}}}
    document: Json = {
        "description": "This document",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    return {
        "/healthz": {"get": operation("Alive", {200: json_of("Health")}, open_to_all=True)},
        "/readyz": {
            "get": operation("Able to speak", {200: json_of("Health"), 503: json_of("Health")}, open_to_all=True)
        },
        "/metrics": {"get": operation("Metrics", {200: text})},
        "/openapi.json": {"get": operation("This document", {200: document})},
    }


def _openai_paths() -> Json:
    def openai(summary: str, ok: Json, errors: Iterable[int] = (), body: str | None = None, ids: bool = False) -> Json:
        return operation(summary, {200: ok}, errors, body, parameters=[ID] if ids else [], error="OpenAIError")

    spoken = audio("Audio, or server-sent events when `stream_format` is `sse`", ("text/event-stream",))
    return {
        "/v1/audio/speech": {"post": openai("Speak", spoken, _SPEECH_ERRORS, "OpenAISpeech")},
        "/v1/audio/embeddings": {
            "post": openai("The embedding of a voice", json_of("Embedding"), _MADE_ERRORS, "EmbeddingAsked")
        },
        "/v1/audio/embeddings/similarity": {
            "post": openai("How near two voices are", json_of("Similarity"), _MADE_ERRORS, "SimilarityAsked")
        },
        "/v1/models": {"get": openai("Models", json_of("OpenAIModels"))},
        "/v1/models/{id}": {"get": openai("One model", json_of("OpenAIModel"), (404,), ids=True)},
        "/v1/audio/voices": {"get": openai("Voices", json_of("OpenAIVoices"))},
    }


def _speech_paths() -> Json:
    spoken = audio("Audio as it is made; JSON when `stream` is false", ())
    spoken["content"]["application/json"] = {"schema": ref("Spoken")}
    errors = (*_SPEECH_ERRORS, 409)
    performed = audio("Audio as it is made; JSON when `stream` is false or `text` is a list", ())
    performed["content"]["application/json"] = {"schema": {"anyOf": [ref("Spoken"), ref("Batch")]}}

    def task(summary: str, body: str) -> Json:
        return operation(summary, {200: performed}, errors, body)

    return {
        "/api/v1/speech": {"post": operation("Speak", {200: spoken}, errors, "Speech")},
        "/api/v1/custom-voice": {"post": task("Speak with a voice of a model's own", "CustomVoice")},
        "/api/v1/voice-design": {"post": task("Speak with a voice made of a description", "VoiceDesign")},
        "/api/v1/voice-clone": {"post": task("Speak with the voice of a recording", "VoiceClone")},
        "/api/v1/status": {"get": operation("The engine now", {200: json_of("Status")})},
    }


def _model_paths() -> Json:
    one, errors = {200: json_of("Model")}, (404, 500, 503)
    pull = operation(
        "Bring a model from a hub", {202: json_of("Job")}, (400, 404, 408, 409, 413, 415, 422, 503), "Pull",
        parameters=[{**ID, "description": "a release's name, or OWNER/NAME"}],
    )  # fmt: skip
    pull["requestBody"]["required"] = False
    return {
        "/api/v1/models": {"get": operation("Models", {200: json_of("Models")})},
        "/api/v1/models/{id}": {"get": operation("One model", one, (404,), parameters=[ID])},
        "/api/v1/models/{id}/load": {"post": operation("Load", one, errors, parameters=[ID])},
        "/api/v1/models/{id}/unload": {"post": operation("Unload", one, errors, parameters=[ID])},
        "/api/v1/models/{id}/pull": {"post": pull},
    }


def _run_paths() -> Json:
    limit = query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50})
    task = query("task", {"type": "array", "items": {"type": "string", "minLength": 1}})
    state = query("state", {"type": "array", "items": {"enum": list(SHOWN)}})
    wanted = query("format", {"enum": list(FORMATS), "description": "a recording in another format"})
    path = {"name": "path", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    none: Json = {"description": MEANINGS[416]}
    whole: Json = {"description": "The file", "content": {"*/*": {}}}
    part: Json = {"description": "The range asked for", "content": {"*/*": {}}}
    return {
        "/api/v1/runs": {"get": operation("Runs", {200: json_of("RunList")}, (400, 503), parameters=[limit, task, state])},
        "/api/v1/runs/{id}": {
            "get": operation("One run", {200: json_of("Run")}, (404, 503), parameters=[ID]),
            "delete": operation("Delete", {204: {"description": "Gone"}}, (404, 409, 503), parameters=[ID]),
        },
        "/api/v1/runs/{id}/files/{path}": {
            "get": operation(
                "A file of a run", {200: whole, 206: part, 416: none}, (404, 422, 503),
                parameters=[ID, path, wanted],
            )
        },
    }  # fmt: skip


def _file_paths() -> Json:
    binary = {"schema": {"type": "string", "format": "binary"}}
    kinds = ("audio/wav", "audio/flac", "audio/mpeg", "audio/ogg")
    form = {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {"file": binary["schema"]},
    }
    taken = {"multipart/form-data": {"schema": form}, **dict.fromkeys(("application/octet-stream", *kinds), binary)}
    upload = operation("Keep a recording", {201: json_of("File")}, (400, 408, 413, 415, 422, 503))
    upload["requestBody"] = {"required": True, "content": taken}
    heard: Json = {kind: {} for kind in kinds}
    given: dict[int, Json] = {
        200: {"description": "The file", "content": heard},
        206: {"description": "The range asked for", "content": heard},
        416: {"description": MEANINGS[416]},
    }
    return {
        "/api/v1/files/upload": {"post": upload},
        "/api/v1/files/{id}": {
            "get": operation("One file", {200: json_of("File")}, (404, 503), parameters=[ID]),
            "delete": operation("Delete", {204: {"description": "Gone"}}, (404, 409, 503), parameters=[ID]),
        },
        "/api/v1/files/{id}/content": {"get": operation("Its bytes", given, (404, 503), parameters=[ID])},
    }


def _voice_paths() -> Json:
    made = {201: json_of("MadeVoice")}
    one = {200: json_of("Voice")}
    kept = {201: json_of("Voice")}
    zipped = {"schema": {"type": "string", "format": "binary"}}
    bring = operation(
        "Keep the voice of an exported file", kept, (400, 408, 409, 413, 415, 422, 503), parameters=[_NEW_ID]
    )
    bring["requestBody"] = {
        "required": True,
        "content": dict.fromkeys(("application/octet-stream", "application/zip"), zipped),
    }
    file: Json = {"description": "The voice as one file", "content": {"application/zip": {}}}
    return {
        "/api/v1/voices": {
            "get": operation("Voices", {200: json_of("Voices")}, (503,)),
            "post": operation("Keep a voice", made, (*_MADE_ERRORS, 409), "NewVoice"),
        },
        "/api/v1/voices/lint": {
            "post": operation("Look at a recording", {200: json_of("Lint")}, _MADE_ERRORS, "LintAsked")
        },
        "/api/v1/voices/import": {"post": bring},
        "/api/v1/voices/{id}": {
            "get": operation("One voice", one, (404,), parameters=[ID]),
            "put": operation("Change a kept voice", one, (*_CHANGED_ERRORS, 422), "VoiceChange", parameters=[ID]),
            "delete": operation("Throw a kept voice away", _GONE, (404, 409, 503), parameters=[ID]),
        },
        "/api/v1/voices/{id}/export": {"get": operation("Hand on", {200: file}, (404, 409, 503), parameters=[ID])},
        "/api/v1/voices/{id}/preview": {
            "post": operation(
                "Hear it", {200: audio("Audio as it is made", ())}, _SPEECH_ERRORS, "Tried", parameters=[ID]
            )
        },
    }


def _audition_paths() -> Json:
    held, errors = {201: json_of("Audition")}, (*_SPEECH_ERRORS, 409)
    take = {"name": "take", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 8}}
    sound: Json = {"description": "A take", "content": {"audio/wav": {}}}
    ranged: dict[int, Json] = {200: sound, 206: sound, 416: {"description": MEANINGS[416]}}
    return {
        "/api/v1/auditions": {
            "get": operation("Auditions", {200: json_of("Auditions")}),
            "post": operation("Hear a description with several seeds", held, errors, "AuditionAsked"),
        },
        "/api/v1/auditions/{id}": {
            "get": operation("One audition", {200: json_of("Audition")}, (404,), parameters=[ID]),
            "delete": operation("Forget it", _GONE, (404,), parameters=[ID]),
        },
        "/api/v1/auditions/{id}/takes/{take}": {"get": operation("A take", ranged, (400, 404), parameters=[ID, take])},
        "/api/v1/auditions/{id}/lock": {
            "post": operation(
                "Keep a take as a voice", {201: json_of("Voice")}, (*_CHANGED_ERRORS, 422), "LockAsked", parameters=[ID]
            )
        },
    }


def _codec_paths() -> Json:
    binary: Json = {"schema": {"type": "string", "format": "binary"}}
    npz = "application/octet-stream"
    made = json_of("Encoded", "The codes: JSON, or a .npz file")
    made["content"][npz] = binary
    wishes = [query("model", {"type": "string", "minLength": 1}), query("format", {"enum": list(FORMATS)})]
    errors = (*_MADE_ERRORS, 409)
    decode = operation(
        "Codes to audio", {200: audio("Audio as it is made", ())}, errors, "DecodeAsked", parameters=wishes
    )
    decode["requestBody"]["content"][npz] = binary
    return {
        "/api/v1/codec/encode": {"post": operation("Audio to codes", {200: made}, errors, "EncodeAsked")},
        "/api/v1/codec/decode": {"post": decode},
    }


def _text_paths() -> Json:
    word = {"name": "word", "in": "query", "required": True, "schema": {"type": "string", "minLength": 1}}
    scopes = [query(name, {"type": "string", "minLength": 1}) for name in ("language", "voice")]
    errors = (400, 404, 408, 413, 415, 422)
    return {
        "/api/v1/text/preview": {
            "post": operation("How a text would be read", {200: json_of("TextPreview")}, errors, "TextAsked")
        },
        "/api/v1/lexicon": {
            "get": operation("The lexicon", {200: json_of("Lexicon")}),
            "put": operation(
                "Say a word otherwise", {200: json_of("WordEntry")}, (400, 408, 409, 413, 415, 422, 503), "Word"
            ),
            "delete": operation("Say it as it is written", _GONE, (404, 409, 503), parameters=[word, *scopes]),
        },
    }


def _pipeline_paths() -> Json:
    names = {"name": "name", "in": "path", "required": True, "schema": {"enum": sorted(RECIPES)}}
    start = operation(
        "Begin long work", {202: json_of("Job")}, (400, 404, 408, 413, 415, 422, 503), "Work", parameters=[names]
    )
    told: Json = {"description": "Server-sent events, until it ends", "content": {"text/event-stream": {}}}

    def change(summary: str) -> Json:
        return {"post": operation(summary, {200: json_of("Job")}, (404, 409, 422, 503), parameters=[ID])}

    go_on = operation(
        "Go on with it", {200: json_of("Job")}, (400, 404, 408, 409, 413, 415, 422, 503), "GoOn", parameters=[ID]
    )
    go_on["requestBody"]["required"] = False

    return {
        "/api/v1/jobs": {"get": operation("Long work that has not ended", {200: json_of("Jobs")})},
        "/api/v1/pipelines": {"get": operation("Kinds of long work", {200: json_of("Pipelines")})},
        "/api/v1/pipelines/{name}": {"post": start},
        "/api/v1/runs/{id}/events": {"get": operation("How far it is", {200: told}, (404, 503), parameters=[ID])},
        "/api/v1/runs/{id}/pause": change("Let it rest"),
        "/api/v1/runs/{id}/cancel": change("End it"),
        "/api/v1/runs/{id}/resume": {"post": go_on},
    }
