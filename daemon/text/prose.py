"""Words as they go out: one blank between them, a blank line between sentences that no full stop ends."""

from __future__ import annotations


class Prose:
    """Collects pieces of text; what stands between two of them is decided when the second one comes."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._last = ""
        """The last character of the paragraph."""
        self.gap = False
        """A blank goes out before the next piece."""
        self.comma = False
        """A table's cell is over: a comma goes out, after a word."""
        self.factor = False
        """A star stood after a digit: a blank goes out before another digit."""

    @property
    def before(self) -> str:
        """The character that the next piece touches, or nothing."""
        return "" if self.gap or self.comma else self._last

    def say(self, piece: str) -> None:
        """Append a piece, which is not empty."""
        if self._last:
            if self.comma and self._last.isalnum():
                self._pieces.append(", ")
            elif self.gap or self.comma or (self.factor and piece[0].isdigit()):
                self._pieces.append(" ")
        self._pieces.append(piece)
        self._last = piece[-1]
        self.gap = self.comma = self.factor = False

    def end_sentence(self) -> None:
        """The next piece starts a new sentence."""
        if self._last:
            self._pieces.append("\n\n")
        self._last = ""
        self.gap = self.comma = self.factor = False

    def take(self) -> str:
        """What came since the last call."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text
