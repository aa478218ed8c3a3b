"""Words as they go out: one blank between them, a blank line between sentences that no full stop ends."""

from __future__ import annotations

from daemon.text.traced import Run


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

    def say(self, piece: str, inset: int = 0) -> None:
        """Append a piece, which is not empty; it stands so far inside of what is dealt with."""
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


class TracedProse(Prose):
    """Prose that knows where its pieces stood."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        """Where in the source stands what is dealt with."""
        self.taken: list[Run] = []
        """Where what was taken last stood."""
        self._runs: list[Run] = []
        self._until = 0
        """Where the last piece ended in the source."""
        self._length = self._measured = 0
        """Of the pieces since the last call: their length, and how many were counted."""

    def say(self, piece: str, inset: int = 0) -> None:
        """Append a piece, which is not empty and stands in the source so far behind `at`."""
        super().say(piece)
        before = self._length
        for new in self._pieces[self._measured :]:
            self._length += len(new)
        self._measured = len(self._pieces)
        size, origin, runs = len(piece), self.at + inset, self._runs
        between = self._length - before - size
        lead = 1 if between == 1 and origin == self._until + 1 else 0  # one blank that stands for one character
        end, self._until = self._length, origin + size
        if runs and between == lead and (last := runs[-1]).until == origin - lead:
            runs[-1] = Run(last.start, end, last.origin, self._until)
        else:
            runs.append(Run(end - size - lead, end, origin - lead, self._until))

    def take(self) -> str:
        """What came since the last call; its runs are in `taken`."""
        self.taken, self._runs = self._runs, []
        self._length = self._measured = 0
        return super().take()
