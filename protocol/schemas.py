"""What REST, OpenAI and WebSocket clients may ask for. Every mistake is told at once, each with its path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic.json_schema import models_json_schema
from pydantic_core import ErrorDetails

from daemon.faults import Detail, Malformed
from daemon.utterance import KNOBS, MAX_TAKES, Door, Priority, Utterance
from protocol.halves import whole

# The range of OpenAI's `speed`, which is what the tempo stage can do.
MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
# Seeds are kept in 31 bits: JSON, JavaScript and every numeric library read them back exactly.
MAX_SEED: Final = 2**31 - 1
# What a picker can show in a line.
MAX_NAME: Final = 200
# OpenAI's own limit for `instructions`.
MAX_INSTRUCT: Final = 4096
# An hour: whoever can wait longer for the first audio wants a pipeline.
MAX_DEADLINE_MS: Final = 3_600_000
# Half of what the default queue holds, so that a list never keeps a spoken reply out.
MAX_TEXTS: Final = 32
# A minute of 48 kHz stereo in 16 bits, the longest that a model is given to listen to; 3 to 15 s are best.
MAX_REFERENCE_BYTES: Final = 12_000_000
# A body can hold a mistake in every byte; nobody reads more than this many.
MAX_DETAILS: Final = 50
# JSON from Windows programs may start with one; RFC 8259 lets us pass over it.
_BOM: Final = b"\xef\xbb\xbf"

# Before the name of one way to write a field; paths do without, for a caller knows which way it took.
UNION: Final = "|"

# Of a kept voice; and what holds a word at all.
VOICE_ID: Final = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
NOT_BLANK: Final = r"\S"
_WORDED: Final[Mapping[str, str]] = {
    VOICE_ID: "must be 1 to 64 small letters, digits and hyphens, with a letter or digit at either end",
    NOT_BLANK: "must hold more than blanks",
}

FORMATS: Final = ("mp3", "opus", "aac", "flac", "wav", "pcm")
SUBTITLES: Final = ("srt", "vtt", "words")
PRIORITIES: Final = ("reply", "interactive", "preview", "batch")


def whole_number(value: object) -> object:
    """JSON knows one kind of number: 7.0 is the whole number 7."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _voice(value: object) -> object:
    """OpenAI writes a voice as its name or as `{"id": name}`."""
    return value["id"] if isinstance(value, dict) and isinstance(value.get("id"), str) else value


_VOICE_OBJECT: Final = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
Voice = Annotated[
    str | None,
    BeforeValidator(_voice),
    WithJsonSchema({"anyOf": [{"type": "string"}, _VOICE_OBJECT, {"type": "null"}]}),
]
# An unknown format is well formed but cannot be spoken: the table of formats refuses it, with 422.
AudioFormat = Annotated[str | None, WithJsonSchema({"enum": [*FORMATS, None]})]
Speed = Annotated[float, Field(ge=MIN_SPEED, le=MAX_SPEED)]
# An octave; from what is hardly heard to what is all limiter.
Semitones = Annotated[float, Field(ge=-12, le=12, description="semitones")]
Decibels = Annotated[float, Field(ge=-40, le=20, description="decibels")]


def _kinds(value: object) -> object:
    """`true` is what every player reads."""
    return {True: ["srt", "vtt"], False: []}[value] if isinstance(value, bool) else value


_KINDS: Final = {"type": "array", "items": {"enum": list(SUBTITLES)}, "maxItems": len(SUBTITLES)}
SubtitleKinds = Annotated[
    Annotated[list[Literal["srt", "vtt", "words"]], Field(max_length=len(SUBTITLES))] | None,
    BeforeValidator(_kinds),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, _KINDS, {"type": "null"}]}),
]
Takes = Annotated[
    int,
    Field(
        ge=0, le=MAX_TAKES,
        description="takes at most until one is good, by the quality gate; it is answered when that is done",
    ),
    BeforeValidator(whole_number),
]  # fmt: skip
Seed = Annotated[int, Field(ge=0, le=MAX_SEED), BeforeValidator(whole_number)]
Milliseconds = Annotated[int, Field(ge=1, le=MAX_DEADLINE_MS), BeforeValidator(whole_number)]


class Message(BaseModel):
    """JSON's own types, nothing guessed; unknown fields are ignored, null is the same as not given."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore", protected_namespaces=())


def _range(name: str) -> FieldInfo:
    """What a number of the sampling may be, as the engine takes it."""
    knob = KNOBS[name]
    field: FieldInfo = Field(gt=knob.least, le=knob.most) if knob.above else Field(ge=knob.least, le=knob.most)
    return field


Heat = Annotated[float, _range("temperature")]
Count = Annotated[int, _range("top_k"), BeforeValidator(whole_number)]
Share = Annotated[float, _range("top_p")]


class Sampling(Message):
    """The package's own names and one of ours; another name is a mistake, for it would silently change nothing."""

    model_config = ConfigDict(extra="forbid")

    do_sample: bool | None = None
    temperature: Heat | None = None
    top_k: Count | None = None
    top_p: Share | None = None
    repetition_penalty: Annotated[float, _range("repetition_penalty")] | None = None
    subtalker_dosample: bool | None = None
    subtalker_temperature: Heat | None = None
    subtalker_top_k: Count | None = None
    subtalker_top_p: Share | None = None
    max_new_tokens: Annotated[int, _range("max_new_tokens"), BeforeValidator(whole_number)] | None = None
    non_streaming_mode: bool | None = None
    stop_guard: Annotated[bool | None, Field(description="ours: speech that does not end is cut; true by default")] = (
        None
    )


class Manner(Message):
    """What every request of our own doors may say of how it wants to be spoken."""

    language: Annotated[str | None, Field(description="BCP-47; found from the text when not given")] = None
    seed: Seed | None = None
    speed: Speed | None = None
    pitch: Annotated[Semitones | None, Field(description="on top of the voice's own")] = None
    gain: Annotated[Decibels | None, Field(description="on top of the voice's own")] = None
    emotion: Annotated[str | None, Field(max_length=MAX_NAME, description="a mood: the voice's own or the house's")] = (
        None
    )
    normalize: Annotated[
        Literal["off", "auto", "on"] | None, Field(description="numbers, dates and units in words")
    ] = None
    markup: Annotated[
        Literal["off", "auto", "on", "strict"] | None,
        Field(description="tags such as [pause 500ms], or SSML: obeyed, unknown ones dropped, or refused"),
    ] = None
    model: Annotated[str | None, Field(description="a model's id; the voice's own when not given")] = None
    priority: Literal["reply", "interactive", "preview", "batch"] | None = None
    deadline_ms: Milliseconds | None = None
    sampling: Sampling | None = None
    keep: Annotated[
        bool | None, Field(description="whether a run folder is kept; as `keep_runs` says when not given")
    ] = None
    subtitles: Annotated[
        SubtitleKinds,
        Field(description="`srt`, `vtt` and `words` into the run folder, which is kept then; true is srt and vtt"),
    ] = None

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        return Utterance(
            text=text,
            language=self.language,
            seed=self.seed,
            speed=self.speed,
            pitch=self.pitch,
            gain=self.gain,
            emotion=self.emotion,
            normalize=self.normalize,
            markup=self.markup,
            sampling=self.sampling.model_dump(exclude_none=True) if self.sampling else {},
            priority=Priority[(self.priority or "interactive").upper()],
            deadline_s=None if self.deadline_ms is None else self.deadline_ms / 1000,
            model=self.model,
            door=door,
            request_id=request_id,
            keep=self.keep,
            subtitles=tuple(dict.fromkeys(self.subtitles or ())),
            format=audio_format,
        )


class Wish(Manner):
    """With a voice that is here."""

    voice: Annotated[str | None, Field(description="a voice id or label; by language when not given")] = None
    instruct: Annotated[str | None, Field(max_length=MAX_INSTRUCT, description="how to speak, in words")] = None

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        spoken = super().utterance(text, audio_format, door, request_id)
        return replace(spoken, voice=self.voice, instruct=self.instruct)


class Speech(Wish):
    """`POST /api/v1/speech`."""

    text: Annotated[str, Field(description="what is spoken; one request holds up to `max_text` characters")]
    format: AudioFormat = None
    stream: Annotated[
        bool | None,
        Field(description="true (default): audio as it is made; false: JSON with the run when it is done"),
    ] = None
    verify: Takes | None = None

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        return replace(super().utterance(text, audio_format, door, request_id), verify=self.verify or 0)


class OpenAISpeech(Message):
    """`POST /v1/audio/speech`: OpenAI's fields, `language`, `seed` and `verify`; model and voice may be left out."""

    input: Annotated[str, Field(description="the text that is spoken")]
    model: Annotated[str | None, Field(description="the loaded model's id or one of OpenAI's speech models")] = None
    voice: Voice = None
    instructions: Annotated[str | None, Field(max_length=MAX_INSTRUCT)] = None
    response_format: AudioFormat = None
    speed: Speed | None = None
    stream_format: Literal["audio", "sse"] | None = None
    language: str | None = None
    seed: Seed | None = None
    verify: Takes | None = None

    def utterance(self, request_id: str = "") -> Utterance:
        """As the core takes it."""
        return Utterance(
            text=self.input,
            voice=self.voice,
            language=self.language,
            instruct=self.instructions,
            seed=self.seed,
            speed=self.speed,
            model=self.model,
            door="openai",
            request_id=request_id,
            format="mp3" if self.response_format is None else self.response_format,
            verify=self.verify or 0,
        )


_M = TypeVar("_M", bound=BaseModel)


def parse(message: type[_M], body: bytes | str) -> _M:
    """The message in a body of JSON. Raises Malformed with every mistake and its path."""
    if isinstance(body, bytes):
        body = body.removeprefix(_BOM)
    try:
        return _validated(message, body)
    except ValidationError as error:
        raise malformed(error) from None


def _validated(message: type[_M], body: bytes | str) -> _M:
    try:
        return message.model_validate_json(body)
    except ValidationError as error:
        # A program that cuts a text by its UTF-16 units, as JavaScript does, sends halves of characters.
        if error.errors()[0]["type"] != "json_invalid":
            raise
        try:
            text = body.decode() if isinstance(body, bytes) else body
            mended = whole(json.dumps(json.loads(text), ensure_ascii=False))
        except (ValueError, RecursionError):
            raise error from None
        return message.model_validate_json(mended)


def malformed(error: ValidationError) -> Malformed:
    """What pydantic found, as the contract tells it."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    details = [Detail(path(problem["loc"]), _text(problem)) for problem in found[:MAX_DETAILS]]
    told = "; ".join(f"{detail.path}: {detail.message}" if detail.path else detail.message for detail in details)
    return Malformed(told if len(told) <= 500 else f"the request has {len(found)} mistakes", details)


def path(loc: Sequence[str | int]) -> str:
    """`sampling.top_k`, `items[3].text`; empty for the whole body."""
    named = (part for part in loc if isinstance(part, int) or not part.startswith(UNION))
    parts = (f"[{part}]" if isinstance(part, int) else f".{part[:80]}" for part in named)
    return "".join(parts).removeprefix(".")


def _text(problem: ErrorDetails) -> str:
    if problem["type"] == "json_invalid":
        return problem["msg"].replace("Invalid JSON", "the body is not JSON")
    if problem["type"] == "extra_forbidden":
        return "there is no such field"
    if problem["type"] == "string_pattern_mismatch":  # pydantic quotes the pattern, which is no message to a person
        return next(
            (told for pattern, told in _WORDED.items() if problem["msg"].endswith(f"'{pattern}'")), problem["msg"]
        )
    return problem["msg"]


def json_schemas(messages: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The JSON schemas of these messages and all they hold, for OpenAPI's `components`."""
    _, schema = models_json_schema(
        [(message, "validation") for message in messages.values()],
        ref_template="#/components/schemas/{model}",
    )
    definitions: dict[str, Any] = schema["$defs"]
    return definitions
