"""The WebSocket conversation: frames in, events out, and the frames to send. It has no socket and no clock.

    client  {"type": "start", "text": …?, "voice": …, "format": "pcm16", …}     one at a time
            {"type": "text", "text": …}…  {"type": "end_text"}                  when start had no text
            {"type": "cancel"}
    server  {"type": "header", …}  <binary>…  {"type": "end", "reason": …, …}
            {"type": "error", …}                                                then end with reason error

A mistake while an utterance runs is an error frame alone, and disturbs nobody.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from daemon.faults import CallerMistake, Fault, Malformed, describe
from daemon.utterance import Utterance
from protocol.schemas import AudioFormat, Message, Wish, parse

# What the contract calls s16le; the table of formats calls it pcm.
PCM16: Final = "pcm16"
EndReason = Literal["stop", "cancelled", "length", "runaway", "error"]


class Busy(CallerMistake):
    """One utterance at a time on one connection."""


class State(enum.Enum):
    """Where the conversation is."""

    FRESH = "nothing was asked yet"
    WRITING = "speaking, and the text is still being written"
    SPEAKING = "speaking a text that is complete"
    ENDED = "the last utterance is over"


class Move(enum.Enum):
    """What a client does; a start with its text is another move than one without."""

    START = "start"
    START_WRITING = "start without text"
    TEXT = "text"
    END_TEXT = "end_text"
    CANCEL = "cancel"


# State and move to state. What is missing is a mistake. Text, end_text and cancel after the end have crossed
# it on the wire: they are legal and mean nothing.
MOVES: Final[Mapping[State, Mapping[Move, State]]] = {
    State.FRESH: {Move.START: State.SPEAKING, Move.START_WRITING: State.WRITING},
    State.WRITING: {Move.TEXT: State.WRITING, Move.END_TEXT: State.SPEAKING, Move.CANCEL: State.WRITING},
    State.SPEAKING: {Move.CANCEL: State.SPEAKING},
    State.ENDED: {
        Move.START: State.SPEAKING,
        Move.START_WRITING: State.WRITING,
        Move.TEXT: State.ENDED,
        Move.END_TEXT: State.ENDED,
        Move.CANCEL: State.ENDED,
    },
}


@dataclass(frozen=True, slots=True)
class Start:
    """Speak this; when `writing`, its text comes in pieces."""

    utterance: Utterance
    writing: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the text, cut anywhere."""

    piece: str


@dataclass(frozen=True, slots=True)
class EndText:
    """The text is complete."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop speaking, then send the end."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The client's mistake: send these frames."""

    frames: Sequence[str]


Event = Start | Text | EndText | Cancel | Refused


class _Typed(Message):
    type: str


class StartMessage(Wish):
    """`{"type": "start"}`."""

    text: str | None = None
    format: Annotated[AudioFormat, Field(description="pcm16, or one of the six encoded formats")] = None
    client: str | None = None


class TextMessage(Message):
    """`{"type": "text"}`."""

    text: str


class Conversation:
    """One connection. Give it what arrives, do what it says, and send what it builds."""

    def __init__(self, max_text: int) -> None:
        self.state = State.FRESH
        self._max_text = max_text
        self._written = 0

    @property
    def speaking(self) -> bool:
        """Whether an end is still owed."""
        return self.state in (State.WRITING, State.SPEAKING)

    def receive(self, frame: str | bytes) -> Event | None:
        """What a frame from the client means; None when it means nothing (any more)."""
        try:
            if isinstance(frame, bytes):
                raise Malformed("binary frames are not understood here; what steers is JSON in text frames")
            return self._read(frame)
        except CallerMistake as error:
            return Refused(self.fail(error))

    # --- what is sent ---------------------------------------------------------------------------------------

    def header(self, facts: Mapping[str, object]) -> str:
        """Before the first audio."""
        return _frame("header", facts)

    def end(self, reason: EndReason, facts: Mapping[str, object] | None = None) -> str:
        """The last frame of an utterance; the next one may start."""
        if self.speaking:
            self.state = State.ENDED
        nothing: dict[str, object] = {"run_id": None, "seed": None, "timing": None, "artifacts": []}
        return _frame("end", {"reason": reason, **nothing, **(facts or {})})

    def fail(self, error: Exception) -> Sequence[str]:
        """An error frame, and the end that a waiting client needs unless an utterance goes on."""
        fault = Fault("busy", 409, str(error)) if isinstance(error, Busy) else describe(error)
        details = [{"path": detail.path, "message": detail.message} for detail in fault.details]
        told = _frame("error", {"code": fault.code, "message": fault.message, "details": details})
        return [told] if self.speaking else [told, self.end("error")]

    # --- what arrived ---------------------------------------------------------------------------------------

    def _read(self, frame: str) -> Event | None:
        kind = parse(_Typed, frame).type
        match kind:
            case "start":
                return self._start(frame)
            case "text":
                return self._text(parse(TextMessage, frame).text)
            case "end_text":
                return EndText() if self._move(Move.END_TEXT) else None
            case "cancel":
                return Cancel() if self._move(Move.CANCEL) else None
        raise Malformed(f"unknown type {kind[:40]!r}; there are start, text, end_text and cancel")

    def _start(self, frame: str) -> Start:
        if self.speaking:
            raise Busy("an utterance is running on this connection; cancel it or wait for its end")
        message = parse(StartMessage, frame)
        writing = message.text is None
        audio_format = "pcm" if message.format is None or message.format == PCM16 else message.format
        door: Literal["studio", "websocket"] = "studio" if message.client == "studio" else "websocket"
        self._move(Move.START_WRITING if writing else Move.START)
        self._written = 0
        return Start(message.utterance(message.text or "", audio_format, door), writing)

    def _text(self, piece: str) -> Text | None:
        """The core fails an utterance whose text gets too long; what comes after that is not kept."""
        if not self._move(Move.TEXT) or self._written > self._max_text:
            return None
        self._written += len(piece)
        return Text(piece)

    def _move(self, move: Move) -> bool:
        """Make a move; whether it means anything. Raises Malformed for one that is not in the table."""
        if move not in MOVES[self.state]:
            legal = ", ".join(sorted({m.value for m in MOVES[self.state]}))
            raise Malformed(f"{move.value!r} does not fit here: {self.state.value}; what fits: {legal}")
        late = self.state is MOVES[self.state][move] is State.ENDED
        self.state = MOVES[self.state][move]
        return not late


def _frame(kind: str, facts: Mapping[str, object]) -> str:
    return json.dumps({"type": kind, **facts}, ensure_ascii=False, separators=(",", ":"))
