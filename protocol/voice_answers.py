"""What is answered of voices, auditions and texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from protocol.answers import Answer


class VoiceDefaults(Answer):
    """How a voice speaks where a request does not say."""

    language: str | None
    instruct: str | None
    seed: int | None
    speed: float | None
    pitch: float | None
    gain: float | None
    sampling: dict[str, float | int | bool]


class VoiceReference(Answer):
    """The recording of a clone."""

    digest: str
    transcript: str | None
    mode: Literal["in-context", "embedding"]
    consent: str


class VoiceShare(Answer):
    """A part of a mix."""

    voice: str
    weight: float


class Voice(Answer):
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


class Finding(Answer):
    """What was found in a recording, and what to do about it."""

    code: str
    level: Literal["error", "warning", "note"]
    message: str
    advice: str


class Lint(Answer):
    """What is to be said of a recording."""

    usable: bool
    findings: list[Finding]
    facts: dict[str, float | int | None]
    heard: str | None


class MadeVoice(Answer):
    """A voice that is kept now, and what was found in its recording."""

    voice: Voice
    lint: Lint | None


class BrokenVoice(Answer):
    """A profile that cannot be read, and is left alone."""

    file: str
    reason: str


class AuditionTake(Answer):
    """One try of a description."""

    take: int
    seed: int
    seconds: float
    url: str


class Audition(Answer):
    """A description and what it sounded like."""

    id: str
    created: datetime
    description: str
    text: str
    language: str
    model: str
    takes: list[AuditionTake]


class Auditions(Answer):
    """The newest first."""

    auditions: list[Audition]


class Embedding(Answer):
    """As OpenAI shows its own: `data[0].embedding`."""

    object: Literal["list"] = "list"
    model: str
    data: list[dict[str, Any]]


class Similarity(Answer):
    """The cosine between two voices: 1 is the same."""

    model: str
    similarity: float


class Voices(Answer):
    """Every voice, in the order that pickers show; then those whose model is not here."""

    voices: list[Voice]
    broken: list[BrokenVoice]


class WordEntry(Answer):
    """An entry of the lexicon."""

    word: str
    say: str
    language: str | None
    voice: str | None
    regex: bool
    case: bool


class Lexicon(Answer):
    """What is said otherwise than it is written."""

    entries: list[WordEntry]
    problem: str
    """What is wrong with the file; empty when nothing is."""


class PreviewWord(Answer):
    """What is said otherwise than it is written, and where it stands in the text as typed."""

    start: int
    end: int
    typed: str
    spoken: str


class PreviewStretch(Answer):
    """Words of one language."""

    start: int
    end: int
    language: str


class PreviewSentence(Answer):
    """One sentence: where it stands, what is left of it, and what is said."""

    start: int
    end: int
    cleaned: str
    spoken: str
    words: list[PreviewWord]
    stretches: list[PreviewStretch]
    tokens: list[str] | None


class PreviewPassage(Answer):
    """What one voice says in one manner."""

    voice: str
    language: str
    model: str
    manner: dict[str, str | float]
    sentences: list[PreviewSentence]


class PreviewPause(Answer):
    """Silence between two passages."""

    pause_ms: int


class TextPreview(Answer):
    """How a text would be read aloud."""

    text: str
    parts: list[PreviewPassage | PreviewPause]
    warnings: list[str]
