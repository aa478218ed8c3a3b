"""What our own doors answer, apart from audio and errors: the other half of what OpenAPI shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """What every answer is."""

    model_config = ConfigDict(protected_namespaces=())


class Problem(Answer):
    """One mistake and where it is: `sampling.top_k`; an empty path is the whole body."""

    path: str
    message: str


class ErrorBody(Answer):
    """Why it did not work: a stable code, words for a person, and every mistake."""

    code: str
    message: str
    details: list[Problem]


class Error(Answer):
    """The one shape of errors outside `/v1`."""

    error: ErrorBody


class OpenAIErrorBody(Answer):
    """As OpenAI writes it; `param` is the path of the first mistake."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(Answer):
    """The one shape of errors under `/v1`."""

    error: OpenAIErrorBody


class Model(Answer):
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


class Models(Answer):
    """Every model."""

    models: list[Model]


class Status(Answer):
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


class Health(Answer):
    """`ok`, or why not."""

    status: Literal["ok", "unavailable"]
    reason: str = ""


class Timing(Answer):
    """Milliseconds from the request; `rtf` is seconds of work a second of audio."""

    first_audio_ms: float | None
    audio_ms: float
    wall_ms: float
    rtf: float | None


class Attempt(Answer):
    """A take that was judged before anybody heard it."""

    seed: int
    kept: bool
    """Whether it is the one that is heard."""
    good: bool
    score: float
    """The higher the better: above 1 for a good take."""
    reasons: list[str]
    """Why it is not good, each a key, a colon and what was found."""
    heard: str | None
    """Its words, where a recogniser listened."""
    word_error_rate: float | None
    notes: list[str]
    """What could not be looked at, and why."""
    facts: dict[str, float]
    """What was measured of its sound."""


class Verified(Answer):
    """What was thought of every take; `good` is the one that is heard."""

    good: bool
    takes: list[Attempt]


class Spoken(Answer):
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
    verified: Verified | None = None
    """Where `verify` was asked for."""


class Entry(Answer):
    """What became of one text of a list: it was spoken, or why not."""

    index: int
    """Its place in the list, from 0."""
    spoken: Spoken | None
    error: ErrorBody | None


class Batch(Answer):
    """What a list of texts is answered with when all of it is done, in the order of the list."""

    request_id: str
    results: list[Entry]


class File(Answer):
    """An uploaded file that is kept."""

    file_id: str
    bytes: int
    seconds: float
    sample_rate: int
    channels: int
    format: Literal["wav", "flac", "mp3", "ogg"]
    expires_at: datetime | None
    """When it is forgotten unless it is used before; null is never."""


class Job(Answer):
    """Long work and how far it is."""

    run_id: str
    pipeline: str
    title: str
    """Of what it makes, else of what it is made of."""
    state: Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
    phase: str
    segments: int
    done: int
    seconds: float
    """Of audio that is spoken."""
    left_s: float | None
    """How long it will still take, as far as can be told."""
    error: str
    share: float | None
    """How much of this phase is done, from 0 to 1, where that is known and segments do not tell."""
    question: str
    """What has to be chosen before it goes on; `resume` takes the answer."""
    links: dict[str, str]


class Run(Answer):
    """A run folder; `meta` is its meta.json."""

    run_id: str
    name: str
    task: str
    state: str
    created: datetime
    finished: datetime | None
    meta: dict[str, Any]
    links: dict[str, str]
    job: Job | None
    """How far it is, while it is long work that has not ended."""


class RunList(Answer):
    """The newest runs, newest first."""

    runs: list[Run]


class OpenAIModel(Answer):
    """A model as OpenAI lists it."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class OpenAIModels(Answer):
    """A list as OpenAI writes it."""

    object: Literal["list"] = "list"
    data: list[OpenAIModel]


class OpenAIVoice(Answer):
    """A voice as the clients of OpenAI-like servers read it."""

    id: str
    object: Literal["voice"] = "voice"
    name: str
    languages: list[str]


class OpenAIVoices(Answer):
    """`data` as OpenAI lists things, `voices` as Open WebUI and its like look for them."""

    object: Literal["list"] = "list"
    data: list[OpenAIVoice]
    voices: list[OpenAIVoice]


class Pipeline(Answer):
    """A kind of long work."""

    name: str
    about: str
    options: dict[str, Any]
    """Their JSON schema."""


class Pipelines(Answer):
    """Every kind of long work."""

    pipelines: list[Pipeline]


class Jobs(Answer):
    """All long work that has not ended, the first begun first."""

    jobs: list[Job]
