"""The three tasks of Qwen3-TTS as REST clients ask for them, each for one text or a list of texts."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Annotated, Final

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from daemon.faults import TextTooLong
from daemon.utterance import Door, Reference, Task, Utterance
from protocol.schemas import MAX_INSTRUCT, MAX_REFERENCE_BYTES, MAX_TEXTS, UNION, AudioFormat, Manner

# Under `data:audio/wav;base64,`, which browsers put before a file that they have read.
_DATA_URL: Final = "data:"
_URL_SAFE: Final = str.maketrans("-_", "+/")
_BASE64: Final = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


def _decoded(value: object) -> object:
    """Base64 with or without padding, of either alphabet, in lines or not, maybe as a data URL."""
    if not isinstance(value, str):
        return value
    text = value.partition(",")[2] if value.startswith(_DATA_URL) else value
    text = "".join(text.translate(_URL_SAFE).split()).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise PydanticCustomError("base64", "must be a WAV, FLAC, MP3 or Ogg file in base64") from None


Recording = Annotated[
    bytes,
    BeforeValidator(_decoded),
    Field(max_length=MAX_REFERENCE_BYTES),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "pattern": f"^{_BASE64}$"}),
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
        return replace(self.utterance(text, audio_format, door, request_id), task=task)


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
        str, Field(min_length=1, max_length=MAX_INSTRUCT, pattern=r"\S", description="who speaks and how, in words")
    ]

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        return replace(super().utterance(text, audio_format, door, request_id), instruct=self.instruct)


class VoiceClone(Performance):
    """`POST /api/v1/voice-clone`: the voice of a recording."""

    ref_audio: Annotated[Recording, Field(description="a recording of the voice, 3 to 15 s are best")]
    ref_text: Annotated[
        str | None, Field(max_length=MAX_INSTRUCT, description="what is said in it; without, its sound alone is taken")
    ] = None
    x_vector_only_mode: Annotated[
        bool | None, Field(description="true takes the sound alone, though `ref_text` is given")
    ] = None

    def utterance(self, text: str, audio_format: str, door: Door, request_id: str = "") -> Utterance:
        """As the core takes it."""
        transcript = None if self.x_vector_only_mode or not (self.ref_text or "").strip() else self.ref_text
        reference = Reference(self.ref_audio, transcript)
        return replace(super().utterance(text, audio_format, door, request_id), reference=reference)
