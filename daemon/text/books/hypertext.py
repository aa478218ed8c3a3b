"""HTML: what of a page is read aloud, block by block.

Scripts, styles, menus, code, pictures, notes and what points at them are passed over; where there is a `<main>`, so is what
stands outside of it. A link is its words, a table is read row by row, the cells with commas between them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.text.books.book import Block, Kind
from daemon.text.books.tokens import End, Start, Text, tokens
from daemon.text.sentences import has_words

_PARAGRAPHS: Final = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form
    frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu ol optgroup option p pre search section summary table
    tbody tfoot thead tr ul""".split()
)
_SILENT: Final = frozenset(
    """applet audio button canvas datalist embed iframe input map math nav noembed noframes noscript object rp rt rtc script
    select style svg template textarea video""".split()
)
_VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# The end tag of these may be left out: the next one of them ends it.
_OPEN_ENDED: Final = frozenset("p li dt dd tr td th option rt rp rtc".split())
_NOTES: Final = frozenset(
    """footnote footnotes endnote endnotes rearnote rearnotes noteref pagebreak doc-footnote doc-footnotes doc-endnote
    doc-endnotes doc-noteref doc-pagebreak doc-backlink footnote-ref
    footnoteref fnref fnanchor footnote-backref footnote-back reversefootnote
    pagenum page-number pageno""".split()
)
_CODE: Final = frozenset("code kbd samp".split())
_LISTINGS: Final = frozenset("code highlight programlisting listing sourcecode".split())
_SPECIAL: Final = frozenset("h1 h2 h3 h4 h5 h6 li tr".split())
# Old pages have all their text in one cell: it is no row any more, and its paragraphs are paragraphs.
_LONG_ROW: Final = 300
# "[12]", "3", "*": what a link to a note is written as.
_NOTE_MARK: Final = re.compile(r"\s*[\[(]?(?:\d{1,4}|[*†‡§¶]{1,4}|↩\ufe0e?|↑|\^)[\])]?\s*")
_SCENE: Final = re.compile(r"[\s*—–\-_~#•·⁂◇◆○●⁎.+=☆★❦❧✦✽§|]{1,40}")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """What a page says of itself and to its reader."""

    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    author: str = ""
    language: str | None = None
    warnings: list[str] = field(default_factory=list)


def page(source: str, *, images: bool = False) -> Page:
    """Everything that is read aloud of it; `images` reads what pictures are described with."""
    if "<main" in source.lower():
        found = _Reader(source, images, main=True).read()
        if any(block.kind != "scene" for block in found.blocks):
            return found
    return _Reader(source, images, main=False).read()


def is_scene(text: str) -> bool:
    """Whether a line is the mark between two scenes, such as `* * *`."""
    return _SCENE.fullmatch(text) is not None


class _Reader:
    """Goes through the tokens once."""

    def __init__(self, source: str, images: bool, *, main: bool) -> None:
        self._source, self._images, self._main = source, images, main
        self._page = Page()
        self._words: list[str] = []
        self._worded = 0
        """Characters of the block so far."""
        self._row = False
        """Inside a row of a table."""
        self._kind: Kind = "prose"
        self._level = 0
        self._anchors: list[str] = []
        self._silenced: Start | None = None
        self._depth = 0
        """Elements of the silenced one's name inside of it."""
        self._inside = 0
        """Open `<main>`."""
        self._links: list[tuple[int, bool]] = []
        """Where the words of the open links begin, and whether they may be marks of notes."""
        self._code = ""
        """`pre`, while one is open."""
        self._title: list[str] | None = None

    def read(self) -> Page:
        for token in tokens(self._source):
            if isinstance(token, Text):
                self._text(token.text)
            elif self._silenced is not None:
                self._silent(token)
            elif isinstance(token, Start):
                self._start(token)
            else:
                self._end(token.name)
        self._break()
        if self._silenced is not None and self._silenced.name not in _OPEN_ENDED:
            line = self._source.count("\n", 0, self._silenced.at) + 1
            self._page.warnings.append(
                f"line {line}: <{self._silenced.name}> is never closed, and nothing behind it is read"
            )
        return self._page

    def _text(self, text: str) -> None:
        if self._title is not None:
            self._title.append(text)
        elif self._silenced is None and (self._inside or not self._main):
            self._words.append(text)
            self._worded += len(text.strip())

    def _silent(self, token: Start | End) -> None:
        """Wait for the end of what is not read."""
        assert self._silenced is not None
        name = self._silenced.name
        if isinstance(token, Start) and token.name == name:
            if name in _OPEN_ENDED:
                self._silenced = None
                self._start(token)
            elif not token.closed:
                self._depth += 1
        elif isinstance(token, Start) and name == "p" and token.name in _PARAGRAPHS:
            self._silenced = None
            self._start(token)
        elif isinstance(token, End) and token.name == name:
            self._depth -= 1
            if self._depth < 0:
                self._silenced = None
        elif isinstance(token, End) and name in _OPEN_ENDED and token.name in _PARAGRAPHS:
            self._silenced = None
            self._end(token.name)

    def _start(self, tag: Start) -> None:
        name = tag.name
        if _is_silent(tag) or (name in _CODE and self._code):
            if name in _PARAGRAPHS:
                self._break()
            if name not in _VOID and not tag.closed:
                self._silenced, self._depth = tag, 0
            return
        if name in _PARAGRAPHS:
            self._paragraph(name)
        self._named(tag)
        if name == "a":
            self._links.append((len(self._words), "#" in tag.attributes.get("href", "")))
        elif name == "br":
            self._words.append("\n")
        elif name == "hr" and (self._inside or not self._main):
            self._add(Block("", "scene"))
        elif name == "img" and self._images:
            self._text(f" {tag.attributes.get('alt', '')} ")
        elif name in ("td", "th") and self._worded:
            self._words.append(", ")
        self._manner(name)

    def _manner(self, name: str) -> None:
        """What the words behind the tag are."""
        if len(name) == 2 and name[0] == "h" and name[1] in "123456":
            self._kind, self._level = "heading", int(name[1])
        elif name == "li":
            self._kind = "item"
        elif name == "tr":
            self._kind, self._row = "row", True
        elif name == "pre":
            self._code = name
        elif name == "main":
            self._inside += 1
        elif name == "title":
            self._title = []

    def _named(self, tag: Start) -> None:
        """What the page says of itself, and the names of places in it."""
        given, told = tag.attributes, self._page
        self._anchors += [given[key] for key in ("id", "name") if given.get(key) and tag.name != "meta"]
        if tag.name == "html":
            told.language = given.get("lang") or given.get("xml:lang") or None
        elif tag.name == "meta" and given.get("name", "").lower() in ("author", "dc.creator", "dcterms.creator"):
            told.author = told.author or " ".join(given.get("content", "").split())

    def _end(self, name: str) -> None:
        if name == "a" and self._links:
            start, noted = self._links.pop()
            if noted and len(self._words) <= start + 4 and _NOTE_MARK.fullmatch("".join(self._words[start:])):
                del self._words[start:]
        elif name == "title" and self._title is not None:
            self._page.title = self._page.title or " ".join("".join(self._title).split())
            self._title = None
        elif name == "br":
            self._words.append("\n")
        elif name in _PARAGRAPHS:
            self._paragraph(name)
            if name in _SPECIAL:
                self._kind, self._level = "prose", 0
        if name == "pre":
            self._code = ""
        elif name == "main":
            self._inside = max(0, self._inside - 1)

    def _paragraph(self, name: str) -> None:
        """A paragraph begins or ends, and with it a block, but for short ones in a row of a table."""
        if name in ("tr", "table"):
            self._row = False
        if self._row and self._worded < _LONG_ROW:
            self._words.append(" ")
        else:
            self._break()

    def _break(self) -> None:
        """The words so far are a block."""
        text, self._words, self._links, self._worded = " ".join("".join(self._words).split()), [], [], 0
        kind, level, self._kind, self._level = self._kind, self._level, "prose", 0
        if kind == "row":
            text = text.replace(" ,", ",").strip(", ")
        if has_words(text):
            self._add(Block(text, kind, level))
        elif text and is_scene(text):
            self._add(Block("", "scene"))
        elif kind in ("item", "row", "heading"):  # `<li><p>`: the words are still to come
            self._kind, self._level = kind, level

    def _add(self, block: Block) -> None:
        self._page.blocks.append(Block(block.text, block.kind, block.level, tuple(self._anchors)))
        self._anchors = []


def _is_silent(tag: Start) -> bool:
    given = tag.attributes
    if tag.name in _SILENT or "hidden" in given or _HIDDEN.search(given.get("style", "")):
        return True
    told = _told(given)
    return bool(told & _NOTES) or (tag.name == "pre" and bool(told & _LISTINGS))


def _told(given: Mapping[str, str]) -> set[str]:
    """What an element is for, as EPUB, ARIA and the classes of most makers of books say it."""
    return set(f"{given.get('epub:type', '')} {given.get('role', '')} {given.get('class', '')}".lower().split())
