"""Where a parser of bytes is in a text of characters, which comes in pieces and is not kept."""

from __future__ import annotations

import re
from typing import Final
from xml.parsers.expat import XMLParserType

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_TAG: Final = re.compile(r"""<[^"'>]*+(?:"[^"]*+"[^"'>]*+|'[^']*+'[^"'>]*+)*+>""")
# What was parsed is forgotten in portions: cutting it off each time would take the square of the length.
_PORTION: Final = 65_536


class Source:
    """The text that a parser is in the middle of. Places only ever go on."""

    def __init__(self) -> None:
        self.end = 0
        """Characters so far."""
        self._kept = ""
        self._start = 0
        """Characters before what is kept."""
        self._char = self._byte = 0
        """A place in both measures, the latest that was asked for; bytes as the parser counts them."""
        self._line, self._line_start, self._counted = 1, 0, 0

    def skip(self, text: str) -> int:
        """Text that the parser does not get. Where it ends."""
        self._kept += text
        self.end += len(text)
        self._char = self.end
        return self.end

    def feed(self, text: str) -> bytes:
        """More text; what the parser is to get of it. Half a character out of two is one that cannot be shown."""
        text = _SURROGATE.sub("\ufffd", text)
        if self._char - self._start > _PORTION:
            self._count(self._char)
            self._kept, self._start = self._kept[self._char - self._start :], self._char
        self._kept += text
        self.end += len(text)
        return text.encode()

    def place(self, parser: XMLParserType) -> int:
        """Where the parser is, in characters."""
        byte = parser.CurrentByteIndex
        if byte - self._byte == 1:
            self._char, self._byte = self._char + 1, byte
            return self._char
        return self._place(byte)

    def place_of_error(self, parser: XMLParserType) -> int:
        """Where the parser gave up."""
        return self._place(parser.ErrorByteIndex)

    def _place(self, byte: int) -> int:
        ahead = byte - self._byte
        if ahead > 0:
            # at most so many characters, of which a part is decoded again: text between two places is short
            piece = self._kept[self._char - self._start : self._char - self._start + ahead]
            self._char += ahead if piece.isascii() else len(piece.encode()[:ahead].decode(errors="ignore"))
            self._byte = byte
        return self._char

    def until(self, at: int, data: str, literal: bool) -> int:
        """Where the source of this character data ends, which begins at `at`: an entity is longer than what it means."""
        place = at - self._start
        first = self._kept[place : place + 1]
        if first == "&" and not literal:
            end = self._kept.find(";", place)
            return self._start + end + 1
        if first == "\r" and data == "\n" and self._kept.startswith("\r\n", place):
            return at + 2
        return at + len(data)

    def between(self, start: int, end: int) -> str:
        """A stretch of the text that the parser has not passed, or has only just."""
        return self._kept[start - self._start : end - self._start]

    def end_of_tag(self, at: int) -> int:
        """Where the tag at `at` ends; one that is its own end, `<s/>`, ends twice, and the second time there is none."""
        tag = _TAG.match(self._kept, at - self._start)
        return self._start + tag.end() if tag else at

    def where(self, at: int) -> str:
        """The place in words, as editors count."""
        self._count(at)
        return f"line {self._line}, column {at - self._line_start + 1}"

    def _count(self, at: int) -> None:
        """Count lines up to there."""
        text = self._kept[self._counted - self._start : at - self._start]
        if breaks := text.count("\n"):
            self._line += breaks
            self._line_start = self._counted + text.rindex("\n") + 1
        self._counted = max(self._counted, at)
