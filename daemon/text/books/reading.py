"""A file of any kind becomes a book."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final, Literal

from daemon.text.books.book import BadBook, Block, Book, Problem, chaptered
from daemon.text.books.charset import markup
from daemon.text.books.decoding import decoded
from daemon.text.books.epub import ZIP_MARK, epub
from daemon.text.books.hypertext import page
from daemon.text.books.marked import marked
from daemon.text.books.plain import plain

Format = Literal["text", "markdown", "html", "epub"]

_ENDINGS: Final[dict[str, Format]] = {
    ".epub": "epub", ".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown",
    ".txt": "text",
}  # fmt: skip
_PAGE: Final = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,400}-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE
)
# What people send instead of a book, by its first bytes.
_OTHERS: Final = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "RTF"),
    (b"\xd0\xcf\x11\xe0", "a Word document"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def read(
    data: bytes, name: str = "", *, form: Format | None = None, encoding: str | None = None, images: bool = False,
    level: int | None = None,
) -> Book:  # fmt: skip
    """The book in a file of this name. Raises BadBook.

    The format is told by content and name. `images` reads what pictures are described with; chapters begin at headings of
    `level` and greater ones, and where that is None as the table of contents says, or the headings that there are.
    """
    found = form or guessed(data, name)
    _see_book(data, found)
    if found == "epub":
        return epub(data, images=images, level=level)
    if found == "html":
        told = page(markup(data, encoding), images=images)
        return Book(chaptered(told.blocks, level), told.title, told.author, told.language, tuple(told.warnings))
    text = decoded(data, encoding)
    if found == "text":
        return Book(chaptered(plain(text), level))
    prose = marked(text, images=images)
    facts = prose.facts
    author = facts.get("author") or facts.get("authors") or facts.get("creator") or ""
    language = facts.get("lang") or facts.get("language") or None
    title = facts.get("title") or _title(prose.blocks)
    return Book(chaptered(prose.blocks, level), title, author, language, tuple(prose.warnings))


def guessed(data: bytes, name: str) -> Format:
    """By the first bytes, else by the ending of the name, else plain text."""
    if data.startswith(ZIP_MARK):
        return "epub"
    if ending := _ENDINGS.get(PurePath(name).suffix.lower()):
        return ending
    return "html" if _PAGE.match(data) else "text"


def _see_book(data: bytes, form: Format) -> None:
    """Raises BadBook for what is no book at all."""
    kind = next((kind for mark, kind in _OTHERS if data.startswith(mark)), None)
    if kind or (form == "epub" and not data.startswith(ZIP_MARK)) or (form != "epub" and data.startswith(ZIP_MARK)):
        told = kind or ("a zip" if form != "epub" else "no zip, and so no EPUB")
        raise BadBook(Problem("", f"this is {told}: a book is plain text, Markdown, HTML or EPUB"))


def _title(blocks: list[Block]) -> str:
    """A lone greatest heading at the beginning is the title."""
    headings = [block for block in blocks if block.kind == "heading"]
    if not headings or blocks[0] is not headings[0]:
        return ""
    return headings[0].text if sum(h.level <= headings[0].level for h in headings) == 1 else ""
