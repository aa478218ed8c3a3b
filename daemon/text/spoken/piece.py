"""A stretch of a text and what is said for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Piece(NamedTuple):
    """`text[start:end]` is said as `said`."""

    start: int
    end: int
    said: str

    def shifted(self, by: int) -> Piece:
        """The same in a text that stands `by` characters further on."""
        return Piece(self.start + by, self.end + by, self.said)


def joined(text: str, pieces: Iterable[Piece]) -> str:
    """The text with these pieces said; they are in order, none over another."""
    parts, at = list[str](), 0
    for piece in pieces:
        parts += (text[at : piece.start], piece.said)
        at = piece.end
    return "".join((*parts, text[at:]))
