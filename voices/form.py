"""What may stand in each field of a profile's JSON."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from voices.profile import DIGEST, REFERENCE_FILE, VOICE_ID, Defaults, Kind, Mode, Profile, Reference, Share

SCHEMA: Final = 1
# As long as OpenAI's `instructions`: a page of text, where a sentence does.
MAX_TEXT: Final = 4096
# What a picker can show in a line, and more than any name that was seen.
MAX_NAME: Final = 200
# A voice blended of more than a few is nobody's; every part is computed before the first word.
MAX_SHARES: Final = 32
# A list that people choose from.
MAX_EMOTIONS: Final = 64
# Every language there is a model for, ten times over; and more names than a voice is ever given.
MAX_TAGS: Final = 100
# Seeds are kept in 31 bits: JSON, JavaScript and every numeric library read them back exactly.
MAX_SEED: Final = 2**31 - 1
# What the tempo stage can do.
MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
# An octave: past it nobody is recognised.
MAX_SEMITONES: Final = 12.0
# Below, nothing is heard; above, nothing but clipping.
MIN_GAIN_DB: Final = -40.0
MAX_GAIN_DB: Final = 20.0

# BCP-47 as it is to be written: language, script, region, variants; nobody's voice needs its extensions.
_TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*")
_IDS: Final = "small letters, digits and hyphens, at most 64, such as 'my-grandmother'"


def _fits(pattern: re.Pattern[str], right: str) -> AfterValidator:
    """Text that a pattern describes; `right` says the same to people."""

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise PydanticCustomError("pattern", "{found} is not right here: {right}", _found(value, right))
        return value

    return AfterValidator(check)


def _found(value: str, right: str) -> dict[str, str]:
    return {"found": repr(value[:80]), "right": right}


def _whole(value: object) -> object:
    """JSON knows one kind of number: 7.0 is the whole number 7."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: object) -> object:
    """One field instead of three, so that a mistake is told once."""
    if not isinstance(value, bool | int | float) or not math.isfinite(value):
        raise PydanticCustomError("number", "should be a number, true or false")
    return value


Id = Annotated[str, _fits(VOICE_ID, _IDS)]
Tag = Annotated[str, Field(max_length=MAX_NAME), _fits(_TAG, "write a language such as 'en', 'en-US' or 'zh-CN'")]
Line = Annotated[str, Field(max_length=MAX_NAME), _fits(_LINE, "one line of text")]
Text = Annotated[str, Field(max_length=MAX_TEXT)]
Words = Annotated[Text, _fits(re.compile(r".*\S.*", re.DOTALL), "some text, or leave it out")]

Knob = Annotated[Any, AfterValidator(_number)]


class _Part(BaseModel):
    """JSON's own types, nothing guessed; another name is a mistake, for it would silently change nothing."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid", protected_namespaces=())


class DefaultsForm(_Part):
    """How a voice speaks where a request does not say."""

    language: Tag | None = None
    instruct: Words | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED), BeforeValidator(_whole)] | None = None
    speed: Annotated[float, Field(ge=MIN_SPEED, le=MAX_SPEED)] | None = None
    pitch: Annotated[float, Field(ge=-MAX_SEMITONES, le=MAX_SEMITONES)] | None = None
    gain: Annotated[float, Field(ge=MIN_GAIN_DB, le=MAX_GAIN_DB)] | None = None
    # Which names there are, and their ranges, is known to whoever speaks with them.
    sampling: Annotated[dict[Line, Knob], Field(max_length=MAX_TAGS)] = {}


class ReferenceForm(_Part):
    """The recording of a clone."""

    file: Annotated[str, _fits(REFERENCE_FILE, "the name of a file in `refs`, such as '0123456789abcdef.wav'")]
    digest: Annotated[str, _fits(DIGEST, "the file's SHA-256, 64 digits of small hex")]
    transcript: Words | None = None
    mode: Annotated[Mode, Field(validate_default=True)] = "in-context"
    consent: Text = ""

    @field_validator("mode")
    @classmethod
    def _has_words(cls, mode: Mode, info: ValidationInfo) -> Mode:
        if mode == "in-context" and "transcript" in info.data and info.data["transcript"] is None:
            raise PydanticCustomError("mode", "'in-context' needs the transcript, and without one it is 'embedding'")
        return mode


class ShareForm(_Part):
    """A part of a mixed voice."""

    voice: Id
    weight: Annotated[float, Field(gt=0)]


# What makes a voice one of its kind; the last two are no other kind's.
_FACTS: Final[dict[str, Kind]] = {"speaker": "preset", "description": "design", "reference": "clone", "shares": "mix"}
_OWN: Final = frozenset({"reference", "shares"})


class Form(_Part):
    """A profile's JSON: its fields in the order in which they are checked, a fact after what it depends on."""

    # Underscores are for private names; `schema` is a method of pydantic's.
    schema_: Annotated[int, Field(alias="schema", ge=SCHEMA, le=SCHEMA)]
    id: Id
    label: Line
    kind: Kind
    languages: Annotated[list[Tag], Field(min_length=1, max_length=MAX_TAGS)]
    model: Annotated[str, Field(max_length=MAX_NAME, validate_default=True)] = ""
    speaker: Annotated[str, Field(max_length=MAX_NAME, validate_default=True)] = ""
    description: Annotated[Text, Field(validate_default=True)] = ""
    aliases: Annotated[list[Id], Field(max_length=MAX_TAGS)] = []
    defaults: DefaultsForm = DefaultsForm()
    reference: Annotated[ReferenceForm | None, Field(validate_default=True)] = None
    shares: Annotated[list[ShareForm], Field(max_length=MAX_SHARES, validate_default=True)] = []
    emotions: Annotated[dict[Line, Words], Field(max_length=MAX_EMOTIONS)] = {}
    origin: Text = ""

    @field_validator("model")
    @classmethod
    def _model(cls, value: str, info: ValidationInfo) -> str:
        """A clone and a design are spoken by any model that can; the others are of one model."""
        if not value.strip() and (kind := info.data.get("kind")) in ("preset", "mix"):
            raise PydanticCustomError("facts", "a {kind} names the model it is of", {"kind": kind})
        return value

    @field_validator(*_FACTS)
    @classmethod
    def _facts(cls, value: Any, info: ValidationInfo) -> Any:
        """What makes the voice one of its kind is there, and nothing that makes it one of another."""
        name, kind = str(info.field_name), info.data.get("kind")
        there = bool(value.strip() if isinstance(value, str) else value)
        owner = _FACTS[name]
        if kind == owner and not there:
            raise PydanticCustomError("facts", "a {kind} needs it: {what}", {"kind": kind, "what": _WHAT[name]})
        if kind not in (None, owner) and there and name in _OWN:
            raise PydanticCustomError(
                "facts", "a {kind} has none, for it makes a {owner}", {"kind": kind, "owner": owner}
            )
        return value

    @field_validator("aliases")
    @classmethod
    def _others(cls, aliases: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("id") in aliases or len(set(aliases)) < len(aliases):
            raise PydanticCustomError("aliases", "each is another name, once, and none is the id")
        return aliases

    @field_validator("defaults")
    @classmethod
    def _spoken(cls, defaults: DefaultsForm, info: ValidationInfo) -> DefaultsForm:
        spoken = info.data.get("languages")
        if defaults.language and spoken and not _among(defaults.language, spoken):
            raise PydanticCustomError(
                "language",
                "the language {found} is none of the voice's own, {right}",
                {"found": repr(defaults.language), "right": ", ".join(spoken)},
            )
        return defaults

    def profile(self) -> Profile:
        """The same as the house knows it."""
        reference = Reference(**self.reference.model_dump()) if self.reference else None
        return Profile(
            self.id, self.label, self.kind, tuple(self.languages), self.model, self.speaker, self.description,
            aliases=tuple(self.aliases), defaults=Defaults(**self.defaults.model_dump()), reference=reference,
            shares=tuple(Share(one.voice, one.weight) for one in self.shares), emotions=dict(self.emotions),
            origin=self.origin,
        )  # fmt: skip


_WHAT: Final = {
    "speaker": "the model's own name for it",
    "description": "who is to be heard",
    "reference": "its recording",
    "shares": "the voices it is mixed of",
}


def _among(tag: str, spoken: list[str]) -> bool:
    """Whether it is one of them, in whatever region."""
    return tag.split("-")[0] in {one.split("-")[0] for one in spoken}
