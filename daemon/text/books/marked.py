"""Markdown: blocks by their lines, words by the daemon's own cleaner.

What stands between fences is code and is passed over; indented text is read, for most of it is prose. Notes, the addresses of
links and comments are passed over too, pictures are unless they are asked for.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.text.books.book import Block, Kind
from daemon.text.books.hypertext import is_scene
from daemon.text.clean import clean
from daemon.text.sentences import has_words

# A page of facts about a text is shorter than this; what is longer begins with a line across the page.
_LONGEST_FRONT: Final = 200

_FENCE: Final = re.compile(r" {0,3}(?:> ?)*(`{3,}|~{3,})([^`]*)$")
_ATX: Final = re.compile(r" {0,3}(#{1,6})(?=\s|$)")
_SETEXT: Final = re.compile(r" {0,3}(=+|-{2,})\s*")
_RULE: Final = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*")
_ITEM: Final = re.compile(r"\s*(?:[-*+•]|\d{1,9}[.)])\s+\S")
_FIRST: Final = re.compile(r"\s*1[.)]\s")
_DIVIDER: Final = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*|\s*\|\s*:?-+:?\s*\|\s*")
_NOTE: Final = re.compile(r" {0,3}\[\^[^\]\s]+\]:")
_TARGET: Final = re.compile(r" {0,3}\[[^\]\n]+\]:\s*(?:<[^>]*>|\S+)(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?\s*")
_QUOTE: Final = re.compile(r"(?: {0,3}> ?)+")
_PICTURE: Final = re.compile(r"!\[[^\[\]]{0,500}\](?:\([^()\s]{0,2000}(?:\s[^()]{0,500})?\)|\[[^\[\]]{0,80}\])")
_FACT: Final = re.compile(r"([A-Za-z][\w-]*)\s*:(?:\s+(.*))?")
_FRONT: Final = re.compile(r"[A-Za-z][\w-]*\s*:(?:\s.*)?|\s+.*|-\s.*|#.*|")


@dataclass(slots=True)
class Marked:
    """The blocks of a text, and the facts before them."""

    blocks: list[Block] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def marked(text: str, *, images: bool = False) -> Marked:
    """Everything that is read aloud of a text; `images` reads what pictures are described with."""
    lines = _uncommented(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    facts, begin = _front(lines)
    reader = _Reader(images)
    for line in lines[begin:]:
        reader.line(line)
    reader.end()
    warnings = (
        [f"a code block of {reader.code} lines is never closed, and nothing of it is read"] if reader.fence else []
    )
    return Marked(reader.blocks, facts, warnings)


class _Reader:
    """Takes line after line."""

    def __init__(self, images: bool) -> None:
        self.blocks: list[Block] = []
        self.fence = ""
        self.code = 0
        """Lines of the open code block."""
        self._images = images
        self._lines: list[str] = []
        self._kind: Kind = "prose"
        self._note = False
        """Inside a footnote: its further lines are indented."""
        self._table = False

    def line(self, line: str) -> None:
        fence = _FENCE.match(line)
        if self.fence:
            self.code += 1
            if fence and fence[1].startswith(self.fence) and not fence[2].strip():
                self.fence = ""
        elif fence:
            self.end()
            self.fence, self.code = fence[1], 0
        else:
            self._quoted(line)

    def _quoted(self, line: str) -> None:
        if mark := _QUOTE.match(line):
            line = line[mark.end() :]
        if not line.strip():
            self.end()
        elif self._note and line.startswith(("    ", "\t")):
            return
        elif not self._special(line):
            self._lines.append(line)
            self._note = False

    def _special(self, line: str) -> bool:
        """Deal with a line that is more than words."""
        if _NOTE.match(line):
            self.end()
            self._note = True
            return True
        if not self._lines and _TARGET.fullmatch(line):
            return True
        if self._lines and self._kind == "prose" and self._underlined(line):
            return True
        if _RULE.fullmatch(line) or is_scene(line.replace("\\", "")):
            self.end()
            self.blocks.append(Block("", "scene"))
            return True
        if heading := _ATX.match(line):
            self.end()
            self._say(line[heading.end() :].strip().rstrip("#"), "heading", len(heading[1]))
            return True
        return self._row(line) or self._item(line)

    def _underlined(self, line: str) -> bool:
        """The line under a heading, or under the head of a table."""
        if _DIVIDER.fullmatch(line) and "|" in self._lines[-1]:
            head = self._lines.pop()
            self.end()
            self._say(_cells(head), "row")
            self._table = True
            return True
        if mark := _SETEXT.fullmatch(line):
            self._kind = "heading"
            self.end(1 if mark[1][0] == "=" else 2)
            return True
        return False

    def _row(self, line: str) -> bool:
        if not (self._table and "|" in line):
            self._table = False
            return False
        self._say(_cells(line), "row")
        return True

    def _item(self, line: str) -> bool:
        if not _ITEM.match(line):
            return False
        if self._lines and self._kind == "prose" and line.lstrip()[0].isdigit() and not _FIRST.match(line):
            return False  # a year at the beginning of a wrapped line
        self.end()
        self._kind, self._lines = "item", [line]
        return True

    def end(self, level: int = 0) -> None:
        """The lines so far are a block."""
        lines, kind = self._lines, self._kind
        self._lines, self._kind, self._table = [], "prose", False
        if lines:
            self._say("\n".join(line.strip() for line in lines), kind, level)

    def _say(self, text: str, kind: Kind, level: int = 0) -> None:
        if not self._images:
            text = _PICTURE.sub(" ", text)
        said = " ".join(clean(html.unescape(text)).split())
        if has_words(said):
            self.blocks.append(Block(said, kind, level))


def _cells(line: str) -> str:
    """A row of a table as the cleaner knows it."""
    return f"| {line.strip().strip('|')} |"


def _uncommented(text: str) -> str:
    """Without comments; one that is not closed is text."""
    kept, at = list[str](), 0
    for start, end in _comments(text):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def _comments(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        at = end + 3
        yield start, at


def _front(lines: list[str]) -> tuple[Mapping[str, str], int]:
    """What the front matter says, and where the text begins."""
    if lines[0].rstrip() != "---":
        return {}, 0
    for at, line in enumerate(lines[1 : _LONGEST_FRONT + 1], 1):
        if line.rstrip() in ("---", "..."):
            return ({}, 0) if at == 1 else (_facts(lines[1:at]), at + 1)
        if not _FRONT.fullmatch(line):
            break
    return {}, 0


def _facts(lines: list[str]) -> Mapping[str, str]:
    """The plain ones: `key: value`, and of a list its items, one behind the other."""
    facts: dict[str, str] = {}
    key = ""
    for line in lines:
        if fact := _FACT.fullmatch(line.rstrip()):
            key = fact[1].lower()
            facts[key] = _unquoted(fact[2] or "")
        elif key and line.lstrip().startswith("- "):
            facts[key] = ", ".join(filter(None, [facts[key], _unquoted(line.lstrip()[2:])]))
    return facts


def _unquoted(value: str) -> str:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(_unquoted(part) for part in value[1:-1].split(",") if part.strip())
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
