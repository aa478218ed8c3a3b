"""What is asked for: the one value that goes down from every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from models.batch import Priority
from models.sampling import KNOBS, Knob

__all__ = [
    "KNOBS",
    "MAX_TAKES",
    "Door",
    "Knob",
    "Markup",
    "Normalize",
    "Priority",
    "Reference",
    "Subtitles",
    "Task",
    "Utterance",
]

Door = Literal["wyoming", "openai", "rest", "websocket", "studio", "say", "python"]
# What is done, as addresses and run folders name it; `speech` is whatever the voice needs.
Task = Literal["speech", "custom-voice", "voice-design", "voice-clone"]
# Numbers, dates and units in words: never, where the voice needs it, always.
Normalize = Literal["off", "auto", "on"]
# Tags in the text: text like any other; ours are obeyed; and unknown ones are dropped; or are a mistake.
Markup = Literal["off", "auto", "on", "strict"]
# Files of when what was heard: sentence by sentence, or word by word.
Subtitles = Literal["srt", "vtt", "words"]

# A sentence that is bad ten times is the text's fault, or the voice's.
MAX_TAKES: Final = 10


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording of the voice to speak with."""

    audio: bytes = field(repr=False)
    """A WAV, FLAC, MP3 or Ogg file as it was sent."""
    transcript: str | None = None
    """What is said in it; None takes the sound of the voice alone."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One wish to hear something. None means: as the settings and the voice say."""

    text: str = ""
    """Empty when the text arrives in pieces."""
    voice: str | None = None
    language: str | None = None
    """BCP-47, `-` or `_`, any case; None finds it from the text."""
    instruct: str | None = None
    """How to speak; for a designed voice, who."""
    seed: int | None = None
    speed: float | None = None
    """1.0 is the voice's own."""
    pitch: float | None = None
    """Semitones up or down."""
    gain: float | None = None
    """Decibels."""
    emotion: str | None = None
    """A mood by its name: one of the voice's own or of the house's."""
    normalize: Normalize | None = None
    markup: Markup | None = None
    sampling: Mapping[str, float | int | bool] = field(default_factory=dict)
    priority: Priority = Priority.INTERACTIVE
    deadline_s: float | None = None
    """Seconds from now by which the first audio must be there."""
    model: str | None = None
    door: Door = "python"
    request_id: str = ""
    keep: bool | None = None
    """Whether a run folder is kept; None is what the settings say of the door."""
    format: str = "wav"
    """What the caller gets; kept with the run, used by the door alone."""
    verify: int = 0
    """Takes at most until one is good, of which the best is heard; 0 is heard as it is made."""
    subtitles: tuple[Subtitles, ...] = ()
    """What is written of when each sentence was heard; then sentences are spoken each by itself."""
    task: Task = "speech"
    reference: Reference | None = None
    """The voice to clone, for the task `voice-clone`."""
