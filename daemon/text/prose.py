"""Words as they go out: one blank between them, a blank line between sentences that no full stop ends."""

from __future__ import annotations

from typing import Final

from daemon.text.traced import Run

# Between sentences that no full stop ends.
SENTENCE_END: Final = "\n\n"


class Prose:
    """Collects pieces of text; what stands between two of them is decided when the second one comes."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.at = 0
        """Where in the source stands what is dealt with."""
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

    def say(self, piece: str, inset: int = 0) -> int:
        """Append a piece, which is not empty; it stands so far inside of what is dealt with. How much is put before it."""
        between = ""
        if self._last:
            if self.comma and self._last.isalnum():
                between = ", "
            elif self.gap or self.comma or (self.factor and piece[0].isdigit()):
                between = " "
            if between:
                self._pieces.append(between)
        self._pieces.append(piece)
        self._last = piece[-1]
        self.gap = self.comma = self.factor = False
        return len(between)

    def end_sentence(self) -> None:
        """The next piece starts a new sentence."""
        if self._last:
            self._pieces.append(SENTENCE_END)
        self._last = ""
        self.gap = self.comma = self.factor = False

    def take(self) -> str:
        """What came since the last call."""
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class TracedProse(Prose):
    """Prose that knows where its pieces stood."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Run] = []
        """Where what was taken last stood."""
        self._runs: list[Run] = []
        self._begins = self._ends = self._origin = -1
        """The last run, which may still grow: where it begins and ends here, and where it begins in the source; -1 for none."""
        self._until = 0
        """Where the last piece ended in the source."""
        self._length = 0
        """Of the pieces since the last call."""

    def say(self, piece: str, inset: int = 0) -> int:
        """Append a piece, which is not empty and stands in the source so far behind `at`. How much is put before it."""
        between, origin, size = super().say(piece, inset), self.at + inset, len(piece)
        lead = 1 if between == 1 and origin == self._until + 1 else 0  # one blank that stands for one character
        start = self._length + between - lead
        if between != lead or start != self._ends or self._until != origin - lead:
            self._close()
            self._begins, self._origin = start, origin - lead
        self._until = origin + size
        self._length = self._ends = start + lead + size
        return between

    def _close(self) -> None:
        """The last run grows no more."""
        if self._begins >= 0:
            self._runs.append(Run(self._begins, self._ends, self._origin, self._until))
            self._begins = self._ends = -1

    def end_sentence(self) -> None:
        """The next piece starts a new sentence."""
        if self._last:
            self._length += len(SENTENCE_END)
        super().end_sentence()

    def take(self) -> str:
        """What came since the last call; its runs are in `taken`."""
        self._close()
        self.taken, self._runs = self._runs, []
        self._length = 0
        return super().take()
