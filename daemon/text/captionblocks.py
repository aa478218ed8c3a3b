"""The blocks of SRT and VTT: a timing line, what stands above it, and the lines below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from daemon.text.timings import Times, shown, times, wants_to_be

Kind = Literal["srt", "vtt"]

_BLOCK: Final = re.compile(r"(NOTE|STYLE|REGION)(?:\s|$)")
_NUMBER: Final = re.compile(r"\s*(\d{1,9})\s*")


class Mistake(NamedTuple):
    """What is wrong, and in which line; the first is 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(slots=True)
class Block:
    """A timing line and the lines below it."""

    line: int
    id: str
    times: Times | None
    """None where the line could not be read."""
    lines: list[str] = field(default_factory=list)


class Scanner:
    """Goes through the lines of a file once."""

    def __init__(self, lines: Sequence[str], kind: Kind) -> None:
        self._lines, self._kind = lines, kind
        self.blocks: list[Block] = []
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self._fresh = True
        """An empty line is above."""
        self._id = ""
        self._count = 0
        """The last number above a timing line."""

    def run(self) -> None:
        at = self._header() if self._kind == "vtt" else 0
        while at < len(self._lines):
            at = self._line(at)

    def _header(self) -> int:
        """How many lines there are above the first empty one or the first times."""
        for at, line in enumerate(self._lines):
            if at and (not line.strip() or "-->" in line) and any(map(str.strip, self._lines[:at])):
                return at
        return len(self._lines)

    def _line(self, at: int) -> int:
        """Take in a line; where to go on."""
        line = self._lines[at]
        if not line or line.isspace():
            self._fresh = True
            return at + 1
        if wants_to_be(line, expected=self._fresh or bool(self._id)):
            self._timing(at)
        elif self._kind == "vtt" and self._fresh and _BLOCK.match(line):
            return self._skipped(at)
        elif not self._name(at):
            self._words(at)
        self._fresh = False
        return at + 1

    def _timing(self, at: int) -> None:
        block = Block(at + 1, self._id, None)
        try:
            block.times = times(self._lines[at])
        except ValueError as error:
            self.mistakes.append(Mistake(at + 1, str(error)))
        self.blocks.append(block)
        self._count = int(self._id) if _NUMBER.fullmatch(self._id) else self._count
        self._id = ""

    def _name(self, at: int) -> bool:
        """Whether the line is the number or name of a caption: times are below it, or ought to be."""
        line, number = self._lines[at], _NUMBER.fullmatch(self._lines[at])
        below = self._below(at, blanks=1 if number and self._fresh else 0)
        if wants_to_be(below, expected=self._fresh) and (number or self._fresh):
            self._id = line.strip()
            return True
        if self._fresh and (self._kind == "vtt" or (number and int(number[1]) == self._count + 1)):
            where = f"below {line.strip()[:40]!r}" if below.strip() else f"{line.strip()[:40]!r} stands alone:"
            self.mistakes.append(Mistake(at + 1, f"{where} a line such as {example(self._kind)} is missing"))
            self.blocks.append(Block(at + 1, line.strip(), None))
            self._count = int(number[1]) if number else self._count
            return True
        return False

    def _below(self, at: int, *, blanks: int) -> str:
        """The line below, with so many empty ones between at most; "" at the end."""
        for line in self._lines[at + 1 : at + 2 + blanks]:
            if line.strip():
                return line
        return ""

    def _words(self, at: int) -> None:
        if not self.blocks:
            self.mistakes.append(
                Mistake(at + 1, f"words stand above the first times: {self._lines[at].strip()[:40]!r}")
            )
            self.blocks.append(Block(at + 1, "", None))
        block = self.blocks[-1]
        if self._fresh and block.lines and block.times:
            self.warnings.append(
                Mistake(at + 1, f"stands below an empty line, and is said by the caption of line {block.line}")
            )
        block.lines.append(self._lines[at])

    def _skipped(self, at: int) -> int:
        """The end of a block that holds no words."""
        while at < len(self._lines) and self._lines[at].strip() and "-->" not in self._lines[at]:
            at += 1
        return at


def example(kind: Kind) -> str:
    """How a timing line is written."""
    return f"{shown(1000, kind)} --> {shown(3500, kind)}"
