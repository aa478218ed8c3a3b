"""Plain text: paragraphs, and the headings that one sees without any markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from daemon.text.books.book import Block
from daemon.text.books.hypertext import is_scene
from daemon.text.sentences import has_words

# Editors and Project Gutenberg wrap lines at 80 characters at most; a longer one is a paragraph by itself.
_WRAPPED: Final = 100
# A heading is one line.
_LONGEST_HEADING: Final = 90

_PART: Final = (
    "chapter|book|part|volume|canto|act|scene|kapitel|teil|buch|akt|szene|chapitre|livre|partie|acte|capítulo|libro|parte|capitolo"
    "|atto|глава|часть|книга|том|действие"
)
_ALONE: Final = (
    "prologue|epilogue|preface|foreword|afterword|introduction|prolog|epilog|vorwort|nachwort|einleitung|prólogo|epílogo|prologo"
    "|epilogo|épilogue|préface|avant-propos|prefacio|prefazione|introducción|пролог|эпилог|предисловие|послесловие"
)
_NUMBERED: Final = re.compile(
    rf"(?:{_PART})\s+(?:\d{{1,4}}|[ivxlcdm]{{1,8}})\b.*|(?:{_ALONE})[.:]?"
    r"|第\s*[\d〇零一二三四五六七八九十百千]{1,8}\s*[章回部幕卷節节話话].*|제\s*\d{1,4}\s*[장부막].*",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(rf"(?:{_PART})\s+[^\W\d_]{{2,20}}(?:[ -][^\W\d_]{{2,20}})?(?:\s*[.:—–].*)?", re.IGNORECASE)
_ENDED: Final = re.compile(r"[.!?…。！？:;,\"'”’»“\]\)—–-]\s*$")
_INDENTED: Final = re.compile(r"(?: {2,}|\t|\u3000)\S")
_DASHED: Final = re.compile(r"\s*[—–―]\s?\S")


def plain(text: str) -> list[Block]:
    """The blocks of a text: paragraphs are parted by blank lines, indentation or, where no line is wrapped, by lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n").split("\n")
    return [block for lines in _groups(lines) if (block := _block(lines))]


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """The lines of each paragraph."""
    wrapped = _is_wrapped(lines)
    group: list[str] = []
    for line in lines:
        if group and (not line.strip() or not wrapped or _begins(line, group[-1])):
            yield group
            group = []
        if line.strip():
            group.append(line)
    if group:
        yield group


def _is_wrapped(lines: Iterable[str]) -> bool:
    """Whether a line's end means nothing."""
    filled = [line for line in lines if line.strip()]
    if any(len(line.rstrip()) > _WRAPPED for line in filled):
        return False
    ended = sum(_ENDED.search(line[-8:]) is not None for line in filled)
    return ended * 10 < len(filled) * 9


def _begins(line: str, before: str) -> bool:
    """Whether a line begins a paragraph though none that is blank stands before it."""
    if is_scene(line) or is_scene(before):
        return True
    if _INDENTED.match(line):
        return not _INDENTED.match(before)
    return bool(_DASHED.match(line) and _ENDED.search(before[-8:]))


def _block(lines: list[str]) -> Block | None:
    text = " ".join(" ".join(lines).split())
    if not has_words(text):
        return Block("", "scene") if is_scene(text) else None
    if len(lines) <= 2 and len(text) <= _LONGEST_HEADING and _is_heading(lines[0].strip(), text):
        return Block(text, "heading", 1)
    return Block(text)


def _is_heading(first: str, text: str) -> bool:
    """A sentence may begin like a heading, and ends otherwise: "Part I played in it."."""
    sentence = text.endswith((".", "!", "?", ",", ";"))
    if _NUMBERED.fullmatch(first):
        return not sentence or len(text.split()) <= 2
    return not sentence and _NAMED.fullmatch(first) is not None
