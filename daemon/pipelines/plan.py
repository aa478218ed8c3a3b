"""What a pipeline is going to say, segment by segment: written down before the first one is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.text.wordtimes import Word

# What of a segment is heard; a pause, a chapter, a file's name or a further column makes no other speech.
_HEARD: Final = ("text", "voice", "language", "instruct", "emotion", "seed", "speed", "pitch", "gain")


@dataclass(frozen=True, slots=True)
class Segment:
    """What is spoken in one go and kept as one file. None is as the job, the voice and the settings say."""

    id: str
    """Unique in its plan; a plain file name of small letters, digits and hyphens, such as `0001`."""
    text: str
    """As typed."""
    voice: str | None = None
    language: str | None = None
    instruct: str | None = None
    emotion: str | None = None
    seed: int | None = None
    speed: float | None = None
    pitch: float | None = None
    gain: float | None = None
    pause_ms: int = 0
    """Silence after it."""
    chapter: str = ""
    """The title of the chapter that begins with it."""
    paragraph: bool = False
    """It begins a paragraph."""
    speaker: str = ""
    """Who says it, as the input names them."""
    start_ms: int | None = None
    end_ms: int | None = None
    """Its place on a timeline, where there is one."""
    overlaps: bool = False
    """It begins while the one before is still heard."""
    name: str = ""
    """Of the file that it becomes, without ending, where each becomes one."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Whatever else the input says of it."""
    line: int | None = None
    """Of the input, on which it begins; None where nobody counts lines, as in a book."""
    spoken: str | None = None
    """As it will be read aloud; None before that is looked at, and where it is as typed."""

    @property
    def where(self) -> str:
        """Its place, as mistakes are told."""
        return f"line {self.line}" if self.line else f"segments[{self.id}]" if self.id else ""

    def sounds_like(self, other: Segment) -> bool:
        """Whether both are spoken alike, so that a take of one is a take of the other."""
        return all(getattr(self, name) == getattr(other, name) for name in _HEARD)


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it, in order."""

    segments: tuple[Segment, ...]
    title: str = ""
    author: str = ""
    language: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A segment that has been spoken."""

    segment: Segment
    file: str
    """Its FLAC file, relative to the run folder."""
    seconds: float
    seed: int
    voice: str
    language: str
    reason: str = "stop"
    """Why the voice stopped."""
    words: tuple[Word, ...] = ()
    """As a recogniser heard them, counted from the beginning of the file; none where nobody has listened."""
