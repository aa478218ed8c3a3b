"""What a marked text asks for, in order: words in a manner, pauses, and remarks on what could not be obeyed.

Both readers, of tags and of SSML, give these values, and the same ones however the text was cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Mode = Literal["off", "auto", "on", "strict"]


class BadMarkup(ValueError):
    """The markup cannot be obeyed; says what is wrong, where, and what would be right."""

    def __init__(self, message: str, at: int, where: str) -> None:
        """`where` is the place in words."""
        super().__init__(f"{where}: {message}")
        self.at = at
        """Characters before the place."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How words are to be said; None is as the request says."""

    voice: str | None = None
    rate: float | None = None
    """Times the request's own speed."""
    pitch: float | None = None
    """Semitones on top of the request's own."""
    gain: float | None = None
    """Decibels on top of the request's own."""
    language: str | None = None
    emotion: str | None = None
    hint: str | None = None
    """What the words are, as in `say as=date`: for whoever reads numbers."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that stand for `source[at:until]`; as many characters as there are they themselves."""

    text: str
    at: int
    until: int
    manner: Manner = Manner()

    @property
    def verbatim(self) -> bool:
        """Whether it is the source, character by character."""
        return len(self.text) == self.until - self.at


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float
    at: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What was passed over, and why."""

    message: str
    at: int


Event: TypeAlias = Said | Pause | Remark


class Reader(Protocol):
    """Feed text as it is written, take events. What stands before a mistake comes first, then BadMarkup is raised."""

    def feed(self, text: str) -> list[Event]:
        """What is certain now. Raises BadMarkup."""

    def flush(self) -> list[Event]:
        """The writer has fallen silent: a tag that is whole is obeyed, half a one is waited for. Raises BadMarkup."""

    def finish(self) -> list[Event]:
        """The rest. The reader is as new afterwards. Raises BadMarkup."""


def merged(events: Iterable[Event]) -> list[Event]:
    """The same with words that go on in the same manner joined: then it does not show how the text was cut."""
    joined: list[Event] = []
    run: list[Said] = []
    for event in events:
        if run and isinstance(event, Said) and _goes_on(run[-1], event):
            run.append(event)
            continue
        joined += _one(run)
        run = [event] if isinstance(event, Said) else []
        if not run:
            joined.append(event)
    return joined + _one(run)


def _goes_on(said: Said, event: Said) -> bool:
    return said.verbatim and event.verbatim and said.until == event.at and said.manner == event.manner


def _one(run: list[Said]) -> list[Event]:
    if len(run) < 2:
        return list(run)
    return [Said("".join(said.text for said in run), run[0].at, run[-1].until, run[0].manner)]
