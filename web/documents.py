"""OpenAPI 3.1: what every route takes and answers, with the voices and languages that are here now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Final

from pydantic import BaseModel

from daemon.casting import DEFAULT_NAMES
from daemon.core import Voiced
from protocol import answers, voice_answers
from protocol.codec import DecodeAsked, EncodeAsked, Encoded
from protocol.pipelines import GoOn, Pull, Work
from protocol.schemas import OpenAISpeech, Speech, json_schemas
from protocol.tasks import CustomVoice, VoiceClone, VoiceDesign
from protocol.voices import (
    AuditionAsked,
    EmbeddingAsked,
    LintAsked,
    LockAsked,
    NewVoice,
    SimilarityAsked,
    TextAsked,
    Tried,
    VoiceChange,
    Word,
)  # fmt: skip
from web.operations import Json
from web.paths import paths

_ASKED: Final = (
    Speech, OpenAISpeech, CustomVoice, VoiceDesign, VoiceClone, NewVoice, VoiceChange, Tried, LintAsked,
    AuditionAsked, LockAsked, EmbeddingAsked, SimilarityAsked, EncodeAsked, DecodeAsked, Encoded, TextAsked, Word,
    GoOn, Pull, Work,
)  # fmt: skip
_ANSWERED: Final = (
    answers.Spoken, answers.Batch, answers.File, answers.Models, answers.Model, answers.Status, answers.Health,
    answers.Run, answers.RunList, answers.OpenAIModels, answers.OpenAIModel, answers.OpenAIVoices, answers.Error,
    answers.OpenAIError, answers.Job, answers.Jobs, answers.Pipelines,
    voice_answers.Voices, voice_answers.Voice, voice_answers.MadeVoice, voice_answers.Lint, voice_answers.Audition,
    voice_answers.Auditions, voice_answers.Embedding, voice_answers.Similarity, voice_answers.TextPreview,
    voice_answers.Lexicon,
)  # fmt: skip
_MESSAGES: Final[Mapping[str, type[BaseModel]]] = {message.__name__: message for message in (*_ASKED, *_ANSWERED)}
# What a text needs to be speakable: one letter or digit of any script.
_WORD: Final = r"[\p{L}\p{N}]"
_ABOUT: Final = (
    "Speech from this machine. Audio is sent while it is made; a failure after that breaks the transfer. "
    "`GET /ws/speech` is a WebSocket: JSON text frames steer, binary frames carry PCM "
    "(`start`, `text`, `end_text`, `cancel`; `header`, `end`, `error`)."
)


def openapi(voiced: Voiced) -> Json:
    """The document, for the daemon as it is now."""
    components: Json = {"schemas": _schemas(voiced)}
    document: Json = {
        "openapi": "3.1.0",
        "info": {"title": "voiced", "version": version("voiced"), "description": _ABOUT},
        "paths": paths(),
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
