"""What a reader of markup makes of a text, in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from daemon.text.score import BadMarkup, Event, Pause, Reader, Remark, Said, merged


def heard(reader: Reader, parts: Sequence[str]) -> tuple[list[Event], str]:
    """The events of a text that comes in these parts, and the mistake that ended it."""
    events: list[Event] = []
    try:
        for part in parts:
            events += reader.feed(part)
        events += reader.finish()
    except BadMarkup as error:
        return merged(events), f"{error} @{error.at}"
    return merged(events), ""


def short(events: Sequence[Event]) -> list[str]:
    """Words as they are, with what is special about their manner before them; pauses and remarks in brackets."""
    return [_short(event) for event in events]


def words(events: Sequence[Event]) -> str:
    """All that is said."""
    return "".join(event.text for event in events if isinstance(event, Said))


def _short(event: Event) -> str:
    match event:
        case Said(text=text, manner=manner):
            special = [f"{name}={value}" for name, value in asdict(manner).items() if value is not None]
            return " ".join(special) + "|" + text if special else text
        case Pause(seconds=seconds):
            return f"({seconds:g} s)"
        case Remark(message=message):
            return f"({message})"
