"""The three tasks of Qwen3-TTS as REST clients ask for them, each for one text or a list of texts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from daemon.faults import TextTooLong
from daemon.utterance import Door, Reference, Task, Utterance
from protocol.base64 import SCHEMA, decoded
from protocol.schemas import (
    MAX_INSTRUCT,
    MAX_REFERENCE_BYTES,
    MAX_TEXTS,
    NOT_BLANK,
    UNION,
    AudioFormat,
    Manner,
    Message,
    Takes,
)

FILE_ID: Final = "^file-[0-9a-f]{32}$"
# As every scheme, in letters of any size; what else a URL may be is for those to say who fetch from it.
_URL: Final = "^[Hh][Tt][Tt][Pp][Ss]?://"
# What every browser and proxy takes.
_MAX_URL: Final = 2048
# What a string may be, for OpenAPI.
_WRITTEN: Final = [
    SCHEMA,
    {"type": "string", "pattern": FILE_ID},
    {"type": "string", "format": "uri", "pattern": _URL, "maxLength": _MAX_URL},
]


_read = decoded("must be a WAV, FLAC, MP3 or Ogg file in base64, the id of an uploaded file (file-…) or a URL")


class KeptFile(Message):
    """A recording that was uploaded."""

    model_config = ConfigDict(extra="forbid")

    file_id: Annotated[str, Field(pattern=FILE_ID)]


class Address(Message):
    """A recording that lies on another machine."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(pattern=_URL, max_length=_MAX_URL)]


class OnDisk(Message):
    """A recording that lies on the daemon's own machine, in a folder of the setting `reference_dirs`."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1, max_length=_MAX_URL)]


def _spelt(value: object) -> object:
    """A file's id or a URL may stand alone."""
    if isinstance(value, str) and re.match(_URL, value):
        return {"url": value}
    return {"file_id": value} if isinstance(value, str) and re.match(FILE_ID, value) else value


def _way(value: object) -> str:
    """In which of its ways a recording is given."""
    if not isinstance(value, dict):
        return f"{UNION}base64"
    return f"{UNION}url" if "url" in value else f"{UNION}path" if "path" in value else f"{UNION}file"


Recording = Annotated[
    Annotated[
        bytes,
        BeforeValidator(_read),
        Field(max_length=MAX_REFERENCE_BYTES),
        WithJsonSchema({"anyOf": _WRITTEN}),
        Tag(f"{UNION}base64"),
    ]
    | Annotated[KeptFile, Tag(f"{UNION}file")]
    | Annotated[Address, Tag(f"{UNION}url")]
    | Annotated[OnDisk, Tag(f"{UNION}path")],
    Discriminator(_way),
    BeforeValidator(_spelt),
]


class Performance(Manner):
    """What the three have in common."""

    text: Annotated[
        Annotated[str, Tag(f"{UNION}one")]
        | Annotated[list[str], Field(min_length=1, max_length=MAX_TEXTS), Tag(f"{UNION}list")],
        Discriminator(lambda value: f"{UNION}list" if isinstance(value, list) else f"{UNION}one"),
        Field(description="what is spoken; a list is one batch, answered with JSON when all of it is done"),
    ]
    format: AudioFormat = None
    stream: Annotated[
        bool | None,
        Field(description="true (default for one text): audio as it is made; false: JSON with the run when it is done"),
    ] = None
    verify: Takes | None = None

    def utterances(self, task: Task, audio_format: str, door: Door, request_id: str, max_text: int) -> list[Utterance]:
        """One for each text, as the core takes them; a list is batch work unless it says otherwise.

        Raises TextTooLong for a list that holds more than one request may.
        """
        if isinstance(self.text, str):
            return [self._utterance(self.text, task, audio_format, door, request_id)]
        if (characters := sum(map(len, self.text))) > max_text:
            raise TextTooLong(f"the texts have {characters} characters together and one request holds {max_text}")
        manner = self if self.priority is not None else self.model_copy(update={"priority": "batch"})
        return [
            manner._utterance(text, task, audio_format, door, f"{request_id}-{number}")
            for number, text in enumerate(self.text, 1)
        ]

    def _utterance(self, text: str, task: Task, audio_format: str, door: Door, request_id: str) -> Utterance:
        return replace(self.utterance(text, audio_format, door, request_id), task=task, verify=self.verify or 0)


class CustomVoice(Performance):
    """`POST /api/v1/custom-voice`: a voice that a model has by itself."""

    voice: Annotated[str | None, Field(description="a voice id or label; by language when not given")] = None
    speaker: Annotated[str | None, Field(description="the same, as the package calls it")] = None
    instruct: Annotated[str | None, Field(max_length=MAX_INSTRUCT, description="how to speak, in words")] = None

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        spoken = super().utterance(text, audio_format, door, request_id)
        return replace(spoken, voice=self.voice or self.speaker, instruct=self.instruct)


class VoiceDesign(Performance):
    """`POST /api/v1/voice-design`: a voice made of a description."""

    instruct: Annotated[
        str, Field(min_length=1, max_length=MAX_INSTRUCT, pattern=NOT_BLANK, description="who speaks and how, in words")
    ]

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        return replace(super().utterance(text, audio_format, door, request_id), instruct=self.instruct)


class VoiceClone(Performance):
    """`POST /api/v1/voice-clone`: the voice of a recording."""

    ref_audio: Annotated[
        Recording,
        Field(
            description="a recording of the voice, 3 to 15 s are best: in base64, the id of an uploaded file, or a URL"
        ),
    ]
    ref_text: Annotated[
        str | None, Field(max_length=MAX_INSTRUCT, description="what is said in it; without, its sound alone is taken")
    ] = None
    x_vector_only_mode: Annotated[
        bool | None, Field(description="true takes the sound alone, though `ref_text` is given")
    ] = None

    def with_audio(self, audio: bytes) -> Self:
        """The same, with the recording in the place of where it lies."""
        return self.model_copy(update={"ref_audio": audio})

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it, once the recording is there."""
        assert isinstance(self.ref_audio, bytes), "a file that lies elsewhere is read first"
        transcript = None if self.x_vector_only_mode or not (self.ref_text or "").strip() else self.ref_text
        reference = Reference(self.ref_audio, transcript)
        return replace(super().utterance(text, audio_format, door, request_id), reference=reference)
