"""The Wyoming conversation of one caller, as a value: bytes in, requests out. No socket, no clock."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from daemon.faults import CallerMistake, TextTooLong
from protocol.frames import Frame, Frames, ProtocolMistake
from protocol.halves import whole

# A character beyond the basic plane, written as two JSON escapes, is the longest way to send one.
_BYTES_PER_CHARACTER: Final = 12
# Voice, format and context besides the text: as much as a header line may hold.
_BYTES_BESIDES_TEXT: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class VoiceWish:
    """Who should speak. A name outweighs a language, and a speaker stands only next to a name."""

    name: str | None = None
    speaker: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """Who are you?"""


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """Speak this whole text."""

    text: str
    voice: VoiceWish = field(default_factory=VoiceWish)


@dataclass(frozen=True, slots=True)
class StreamStart:
    """A text begins that is still being written."""

    voice: VoiceWish = field(default_factory=VoiceWish)


@dataclass(frozen=True, slots=True)
class StreamText:
    """A piece of it, cut anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class StreamStop:
    """It is complete."""


Request = Describe | Ping | Plain | StreamStart | StreamText | StreamStop


class State(enum.Enum):
    """Where a conversation stands."""

    IDLE = "idle"
    STREAMING = "streaming"
    BROKEN = "broken"


# (state, event) -> next state. What is missing is a mistake: who sends it waits for what never comes.
# An event that stands in no row (`select-program`, what a later version brings) is ignored.
MOVES: Final[Mapping[tuple[State, str], State]] = {
    (State.IDLE, "describe"): State.IDLE,
    (State.IDLE, "ping"): State.IDLE,
    (State.IDLE, "synthesize"): State.IDLE,
    (State.IDLE, "synthesize-start"): State.STREAMING,
    (State.STREAMING, "describe"): State.STREAMING,
    (State.STREAMING, "ping"): State.STREAMING,
    (State.STREAMING, "synthesize"): State.STREAMING,  # the same text once more, for old servers
    (State.STREAMING, "synthesize-chunk"): State.STREAMING,
    (State.STREAMING, "synthesize-stop"): State.IDLE,
}
_KNOWN: Final = frozenset(event for _, event in MOVES)


class Connection:
    """What one caller says.

    Args:
        max_text: characters that one request may hold, however they are cut.
    """

    def __init__(self, max_text: int) -> None:
        self.state = State.IDLE
        self._max_text = max_text
        self._frames = Frames(_BYTES_BESIDES_TEXT + _BYTES_PER_CHARACTER * max_text)
        self._characters = 0
        self._half = ""
        self._readers: Mapping[str, Callable[[Mapping[str, Any]], Request | None]] = {
            "describe": lambda data: Describe(),
            "ping": lambda data: Ping(_string(data, "text", required=False)),
            "synthesize": self._plain,
            "synthesize-start": self._start,
            "synthesize-chunk": self._chunk,
            "synthesize-stop": lambda data: StreamStop(),
        }

    @property
    def unfinished(self) -> int | None:
        """The number of the frame that has begun and not ended."""
        return self._frames.finished if self._frames.unfinished else None

    def receive(self, data: bytes) -> Iterator[Request]:
        """Yield the requests that `data` completes, then raise a CallerMistake if what follows is broken."""
        if self.state is State.BROKEN:
            raise ProtocolMistake("this conversation is over")
        try:
            for frame in self._frames.receive(data):
                if (request := self._read(frame)) is not None:
                    yield request
        except CallerMistake:
            self.state = State.BROKEN
            raise

    def receive_eof(self) -> None:
        """The caller will say no more. Raises ProtocolMistake when it stopped in the middle."""
        state, self.state = self.state, State.BROKEN
        if self._frames.unfinished:
            raise ProtocolMistake("the connection ended inside an event")
        if state is State.STREAMING:
            raise ProtocolMistake("the connection ended before synthesize-stop")

    def _read(self, frame: Frame) -> Request | None:
        if frame.type not in _KNOWN:
            return None
        if (self.state, frame.type) not in MOVES:
            raise ProtocolMistake(f"{frame.type} makes no sense here: the conversation is {self.state.value}")
        streaming = self.state is State.STREAMING
        self.state = MOVES[self.state, frame.type]
        if streaming and frame.type == "synthesize":
            return None
        return self._readers[frame.type](frame.data)

    def _plain(self, data: Mapping[str, Any]) -> Plain:
        text = _string(data, "text") or ""
        self._count(len(text))
        return Plain(whole(text), _voice(data))

    def _start(self, data: Mapping[str, Any]) -> StreamStart:
        self._characters, self._half = 0, ""
        return StreamStart(_voice(data))

    def _chunk(self, data: Mapping[str, Any]) -> StreamText | None:
        """A piece; an empty one says nothing. A character that was cut in two waits for its other half."""
        text = self._half + (_string(data, "text") or "")
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        text = text[: len(text) - len(self._half)]
        self._characters += len(text)
        self._count(self._characters)
        return StreamText(whole(text)) if text else None

    def _count(self, characters: int) -> None:
        if characters > self._max_text:
            raise TextTooLong(f"the text passes {self._max_text} characters; longer work is a job for a pipeline")


def _string(data: Mapping[str, Any], key: str, *, required: bool = True) -> str | None:
    value = data.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str):
        raise ProtocolMistake(f"{key} must be a string")
    return value


def _voice(data: Mapping[str, Any]) -> VoiceWish:
    voice = data.get("voice")
    if voice is None:
        return VoiceWish()
    if not isinstance(voice, dict):
        raise ProtocolMistake("voice must be an object with a name, a speaker or a language")
    name, speaker, language = (_string(voice, key, required=False) for key in ("name", "speaker", "language"))
    if name and name.strip():
        return VoiceWish(name, speaker or None)
    return VoiceWish(language=language)
