"""Rows that are a pending text and little else: the book-keeping that the built-in voice and the tone share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from models.backend import Frame, Line


@dataclass(slots=True)
class TextRow:
    """A row whose whole state is this value: to park it is to pick it up."""

    line: Line
    text: deque[str] = field(default_factory=deque)
    """What is still to be spoken, a step apiece."""
    ended: bool = False

    def frame(self, slot: int, pcm: bytes) -> Frame:
        """What a step made, and whether the row has ended with it or waits for text."""
        over = not self.text
        return Frame(slot, pcm, end="stop" if over and self.ended else None, dry=over and not self.ended)


R = TypeVar("R", bound=TextRow)


class TextRows(Generic[R]):
    """The part of a backend that needs to know no more of its rows than that they are text."""

    def __init__(self, new: Callable[[Line], R]) -> None:
        self._new = new
        self._rows: dict[int, R] = {}

    def join(self, slot: int, line: Line) -> None:
        """Start a row."""
        self._rows[slot] = self._new(line)

    def feed(self, slot: int, text: str) -> None:
        """Append a segment, in portions of a step each."""
        row = self._rows[slot]
        row.text.extend(self._portions(row, text))

    def end_text(self, slot: int) -> None:
        """The row ends with its text."""
        self._rows[slot].ended = True

    def park(self, slot: int) -> object:
        """The row is its own state."""
        return self._rows.pop(slot)

    def restore(self, slot: int, parked: object) -> None:
        """Go on where it was."""
        assert isinstance(parked, TextRow)
        self._rows[slot] = parked  # type: ignore[assignment]  # a row of this backend: nobody else's is parked here

    def _portions(self, row: R, text: str) -> Iterable[str]:
        """What one step after the other speaks of a segment: characters, unless the backend knows better."""
        return text

    def leave(self, slot: int) -> None:
        """Forget the row, if there is one."""
        self._rows.pop(slot, None)
