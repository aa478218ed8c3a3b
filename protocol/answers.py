"""What our own doors answer, apart from audio and errors: the other half of what OpenAPI shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Answer(BaseModel):
    model_config = ConfigDict(protected_namespaces=())


class Problem(_Answer):
    """One mistake and where it is: `sampling.top_k`; an empty path is the whole body."""

    path: str
    message: str


class ErrorBody(_Answer):
    """Why it did not work: a stable code, words for a person, and every mistake."""

    code: str
    message: str
    details: list[Problem]


class Error(_Answer):
    """The one shape of errors outside `/v1`."""

    error: ErrorBody


class OpenAIErrorBody(_Answer):
    """As OpenAI writes it; `param` is the path of the first mistake."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(_Answer):
    """The one shape of errors under `/v1`."""

    error: OpenAIErrorBody


class VoiceDefaults(_Answer):
    """How a voice speaks where a request does not say."""

    language: str | None
    instruct: str | None
    seed: int | None
    speed: float | None
    pitch: float | None
    gain: float | None
    sampling: dict[str, float | int | bool]


class VoiceReference(_Answer):
    """The recording of a clone."""

    digest: str
    transcript: str | None
    mode: Literal["in-context", "embedding"]
    consent: str


class VoiceShare(_Answer):
    """A part of a mix."""

    voice: str
    weight: float


class Voice(_Answer):
    """A voice; its id is the same at every door."""

    id: str
    label: str
    kind: Literal["preset", "design", "clone", "mix"]
    languages: list[str]
    model: str
    description: str
    installed: bool
    """Whether its model is here."""
    stored: bool
    """Whether it is kept in the house, and can be changed."""
    aliases: list[str]
    defaults: VoiceDefaults
    reference: VoiceReference | None
    shares: list[VoiceShare]
    emotions: dict[str, str]
    origin: str


class Finding(_Answer):
    """What was found in a recording, and what to do about it."""

    code: str
    level: Literal["error", "warning", "note"]
    message: str
    advice: str


class Lint(_Answer):
    """What is to be said of a recording."""

    usable: bool
    findings: list[Finding]
    facts: dict[str, float | int | None]
    heard: str | None


class MadeVoice(_Answer):
    """A voice that is kept now, and what was found in its recording."""

    voice: Voice
    lint: Lint | None


class BrokenVoice(_Answer):
    """A profile that cannot be read, and is left alone."""

    file: str
    reason: str


class AuditionTake(_Answer):
    """One try of a description."""

    take: int
    seed: int
    seconds: float
    url: str


class Audition(_Answer):
    """A description and what it sounded like."""

    id: str
    created: datetime
    description: str
    text: str
    language: str
    model: str
    takes: list[AuditionTake]


class Auditions(_Answer):
    """The newest first."""

    auditions: list[Audition]


class Embedding(_Answer):
    """As OpenAI shows its own: `data[0].embedding`."""

    object: Literal["list"] = "list"
    model: str
    data: list[dict[str, Any]]


class Similarity(_Answer):
    """The cosine between two voices: 1 is the same."""

    model: str
    similarity: float


class Voices(_Answer):
    """Every voice, in the order that pickers show; then those whose model is not here."""

    voices: list[Voice]
    broken: list[BrokenVoice]


class WordEntry(_Answer):
    """An entry of the lexicon."""

    word: str
    say: str
    language: str | None
    voice: str | None
    regex: bool
    case: bool


class Lexicon(_Answer):
    """What is said otherwise than it is written."""

    entries: list[WordEntry]
    problem: str
    """What is wrong with the file; empty when nothing is."""


class PreviewWord(_Answer):
    """What is said otherwise than it is written, and where it stands in the text as typed."""

    start: int
    end: int
    typed: str
    spoken: str


class PreviewStretch(_Answer):
    """Words of one language."""

    start: int
    end: int
    language: str


class PreviewSentence(_Answer):
    """One sentence: where it stands, what is left of it, and what is said."""

    start: int
    end: int
    cleaned: str
    spoken: str
    words: list[PreviewWord]
    stretches: list[PreviewStretch]
    tokens: list[str] | None


class PreviewPassage(_Answer):
    """What one voice says in one manner."""

    voice: str
    language: str
    model: str
    manner: dict[str, str | float]
    sentences: list[PreviewSentence]


class PreviewPause(_Answer):
    """Silence between two passages."""

    pause_ms: int


class TextPreview(_Answer):
    """How a text would be read aloud."""

    text: str
    parts: list[PreviewPassage | PreviewPause]
    warnings: list[str]


class Model(_Answer):
    """A model and what it can do."""

    id: str
    engine: str
    task: Literal["preset", "design", "clone"]
    """Whether it speaks with voices of its own, of every description, or of a recording."""
    dtype: str
    default: bool
    state: Literal["unloaded", "loading", "ready", "failed"]
    reason: str
    speaking: int
    waiting: int
    slots: int
    out_of_memory: int
    """How often it ran out of memory since the start."""
    memory_mb: int
    """What it took when it was loaded last; 0 before."""
    sample_rate: int
    voices: list[str]
    languages: list[str]
    revision: str
    licence: str
    attribution: str
    url: str


class Models(_Answer):
    """Every model."""

    models: list[Model]


class Status(_Answer):
    """The engine now: what speaks, why it was chosen, and how busy it is."""

    version: str
    engine: str
    reason: str
    """Why this engine speaks."""
    model: str
    state: Literal["unloaded", "loading", "ready", "failed"]
    state_reason: str
    speaking: int
    waiting: int
    slots: int
    queue: int
    steps: int
    sample_rate: int


class Health(_Answer):
    """`ok`, or why not."""

    status: Literal["ok", "unavailable"]
    reason: str = ""


class Timing(_Answer):
    """Milliseconds from the request; `rtf` is seconds of work a second of audio."""

    first_audio_ms: float | None
    audio_ms: float
    wall_ms: float
    rtf: float | None


class Spoken(_Answer):
    """What `"stream": false` answers when the speech is done."""

    request_id: str
    run_id: str
    voice: str
    language: str
    seed: int
    sample_rate: int
    finish_reason: str
    timing: Timing
    links: dict[str, str]


class Entry(_Answer):
    """What became of one text of a list: it was spoken, or why not."""

    index: int
    """Its place in the list, from 0."""
    spoken: Spoken | None
    error: ErrorBody | None


class Batch(_Answer):
    """What a list of texts is answered with when all of it is done, in the order of the list."""

    request_id: str
    results: list[Entry]


class File(_Answer):
    """An uploaded file that is kept."""

    file_id: str
    bytes: int
    seconds: float
    sample_rate: int
    channels: int
    format: Literal["wav", "flac", "mp3", "ogg"]
    expires_at: datetime | None
    """When it is forgotten unless it is used before; null is never."""


class Run(_Answer):
    """A run folder; `meta` is its meta.json."""

    run_id: str
    name: str
    task: str
    state: str
    created: datetime
    finished: datetime | None
    meta: dict[str, Any]
    links: dict[str, str]


class RunList(_Answer):
    """The newest runs, newest first."""

    runs: list[Run]


class OpenAIModel(_Answer):
    """A model as OpenAI lists it."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class OpenAIModels(_Answer):
    """A list as OpenAI writes it."""

    object: Literal["list"] = "list"
    data: list[OpenAIModel]


class OpenAIVoice(_Answer):
    """A voice as the clients of OpenAI-like servers read it."""

    id: str
    object: Literal["voice"] = "voice"
    name: str
    languages: list[str]


class OpenAIVoices(_Answer):
    """`data` as OpenAI lists things, `voices` as Open WebUI and its like look for them."""

    object: Literal["list"] = "list"
    data: list[OpenAIVoice]
    voices: list[OpenAIVoice]


class Pipeline(_Answer):
    """A kind of long work."""

    name: str
    about: str
    options: dict[str, Any]
    """Their JSON schema."""


class Pipelines(_Answer):
    """Every kind of long work."""

    pipelines: list[Pipeline]


class Job(_Answer):
    """Long work and how far it is."""

    run_id: str
    pipeline: str
    state: Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
    phase: str
    segments: int
    done: int
    seconds: float
    """Of audio that is spoken."""
    left_s: float | None
    """How long it will still take, as far as can be told."""
    error: str
    links: dict[str, str]
