"""What is asked of kept voices over REST: made, changed, auditioned, locked, and of how texts are read."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from protocol.schemas import (
    MAX_INSTRUCT,
    MAX_NAME,
    NOT_BLANK,
    VOICE_ID,
    Decibels,
    Message,
    Sampling,
    Seed,
    Semitones,
    Speed,
    whole_number,
)
from protocol.tasks import Recording

MAX_SHARES: Final = 32
MAX_TAKES: Final = 8
# A sentence or two are heard before a voice is kept; two thousand characters are two minutes.
MAX_TRIED: Final = 2000
# A house's words are names and a few abbreviations.
MAX_WORD: Final = 200

Text = Annotated[str, Field(max_length=MAX_INSTRUCT)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Id = Annotated[str, Field(pattern=VOICE_ID, description="small letters, digits, hyphens")]
Mode = Literal["in-context", "embedding"]
Takes = Annotated[int, Field(ge=1, le=MAX_TAKES), BeforeValidator(whole_number)]


class Strict(Message):
    """A profile is kept for ever: a field that is not known is a mistake, and not ignored."""

    model_config = ConfigDict(extra="forbid")


class VoiceDefaults(Strict):
    """How a voice speaks where a request does not say."""

    language: Name | None = None
    instruct: Text | None = None
    seed: Seed | None = None
    speed: Speed | None = None
    pitch: Semitones | None = None
    gain: Decibels | None = None
    sampling: Sampling | None = None


class VoiceShare(Strict):
    """A part of a mix."""

    voice: Name
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0


class _Told(Strict):
    """What may be said of every voice."""

    label: Name | None = None
    languages: Annotated[list[Name], Field(min_length=1, max_length=100)] | None = None
    defaults: VoiceDefaults | None = None
    emotions: Annotated[dict[str, Text], Field(max_length=64)] | None = None
    consent: Annotated[Text | None, Field(description="the licence of the recording, or who has agreed")] = None


class NewVoice(_Told):
    """`POST /api/v1/voices`: `clone` has `audio`, `design` a `description`, `mix` its `shares`, `preset` a `speaker`."""

    kind: Literal["preset", "design", "clone", "mix"]
    id: Annotated[Id | None, Field(description="made of the label when not given")] = None
    description: Text | None = None
    model: Annotated[Name | None, Field(description="of a design or clone; whichever is here when not given")] = None
    speaker: Annotated[Name | None, Field(description="of a preset: the voice it is another manner of")] = None
    shares: Annotated[list[VoiceShare], Field(min_length=1, max_length=MAX_SHARES)] | None = None
    audio: Annotated[Recording | None, Field(description="of a clone: 3 to 15 s are best")] = None
    transcript: Annotated[Text | None, Field(description="what is said in it; without, its sound alone is taken")] = (
        None
    )
    mode: Mode | None = None
    force: Annotated[bool, Field(description="keep it whatever is wrong with the recording")] = False


class VoiceChange(_Told):
    """`PUT /api/v1/voices/{id}`: what is given takes the place of what was there; another `id` renames."""

    id: Id | None = None
    description: Text | None = None
    transcript: Text | None = None
    mode: Mode | None = None
    shares: Annotated[list[VoiceShare], Field(min_length=1, max_length=MAX_SHARES)] | None = None


class Tried(Message):
    """`POST /api/v1/voices/{id}/preview`: a sentence of the voice, at once."""

    text: Annotated[str | None, Field(max_length=MAX_TRIED, description="a sample of its language when not given")] = (
        None
    )
    language: str | None = None
    instruct: Text | None = None
    emotion: Name | None = None
    seed: Seed | None = None
    format: str | None = None


class LintAsked(Message):
    """`POST /api/v1/voices/lint`: what is to be said of a recording before a voice is made of it."""

    audio: Recording
    transcript: Text | None = None
    language: str | None = None


class AuditionAsked(Message):
    """`POST /api/v1/auditions`: a description spoken with several seeds."""

    description: Annotated[str, Field(min_length=1, max_length=MAX_INSTRUCT, pattern=NOT_BLANK)]
    text: Annotated[str | None, Field(max_length=MAX_TRIED, description="a sample of the language when not given")] = (
        None
    )
    language: str | None = None
    takes: Takes = 3
    seed: Annotated[Seed | None, Field(description="of the first take; the others have the next ones")] = None
    model: str | None = None


class LockAsked(_Told):
    """`POST /api/v1/auditions/{id}/lock`: the chosen take becomes a voice that stays as it is."""

    take: Takes
    id: Id | None = None
    mode: Mode | None = None


class ImportAsked(Message):
    """What `POST /api/v1/voices/import` takes in its query."""

    id: Id | None = None


class EmbeddingAsked(Message):
    """`POST /v1/audio/embeddings`: where a voice lies among all that a model can speak with."""

    input: Annotated[Recording | None, Field(description="a recording")] = None
    voice: Annotated[str | None, Field(description="or a voice that is here")] = None
    model: str | None = None


class SimilarityAsked(Message):
    """`POST /v1/audio/embeddings/similarity`."""

    a: EmbeddingAsked
    b: EmbeddingAsked
    model: str | None = None


class TextAsked(Message):
    """`POST /api/v1/text/preview`: how a text would be read aloud."""

    text: Annotated[str, Field(max_length=100_000)]
    voice: str | None = None
    language: str | None = None
    model: str | None = None
    normalize: Literal["off", "auto", "on"] | None = None
    markup: Literal["off", "auto", "on", "strict"] | None = None


class Word(Message):
    """An entry of the lexicon: a word, or a pattern, and how it is said."""

    word: Annotated[str, Field(min_length=1, max_length=MAX_WORD)]
    say: Annotated[str, Field(max_length=MAX_WORD)]
    language: str | None = None
    voice: str | None = None
    regex: bool = False
    case: Annotated[bool, Field(description="whether capitals matter")] = False
