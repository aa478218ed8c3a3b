"""The table of contents of an EPUB: which places begin a chapter, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from daemon.text.books.archive import Archive, inside
from daemon.text.books.book import BadBook
from daemon.text.books.decoding import decoded
from daemon.text.books.tokens import End, Start, Text, tokens
from daemon.text.books.xml import Element, tree


class Entry(NamedTuple):
    """A line of the table."""

    title: str
    path: str
    anchor: str
    """Empty for the beginning of the document."""
    depth: int
    """1 for the outermost."""


def entries(archive: Archive, nav: str | None, ncx: str | None) -> list[Entry]:
    """The lines of the navigation document, else of the NCX. Raises BadBook where neither can be read."""
    problem: BadBook | None = None
    for name, read in ((nav, _nav), (ncx, _ncx)):
        if name is None:
            continue
        try:
            if found := read(archive.read(name), name):
                return found
        except BadBook as error:
            problem = problem or error
    if problem:
        raise problem
    return []


def chapters(table: list[Entry]) -> dict[tuple[str, str], str]:
    """Place to title: every outermost line begins a chapter, and an inner one does where it leads to another document."""
    places: dict[tuple[str, str], str] = {}
    seen: set[str] = set()
    for entry in table:
        if entry.depth == 1 or entry.path not in seen:
            places.setdefault((entry.path, entry.anchor), entry.title)
        seen.add(entry.path)
    return places


def _nav(data: bytes, name: str) -> list[Entry]:
    """EPUB 3: lists of links in `<nav epub:type="toc">`."""
    found: list[Entry] = []
    depth, inside_toc, link, words = 0, False, None, list[str]()
    for token in tokens(decoded(data, where=name)):
        match token:
            case Start("nav", given):
                inside_toc = "toc" in given.get("epub:type", "").split() or given.get("role") == "doc-toc"
            case End("nav"):
                inside_toc = False
            case Start("ol"):
                depth += 1
            case End("ol"):
                depth -= 1
            case Start("a", given) if inside_toc:
                link, words = given.get("href", ""), []
            case Text(text):
                words.append(text)
            case End("a") if link is not None:
                found += _entry("".join(words), name, link, depth)
                link = None
            case _:
                pass
    return found


def _ncx(data: bytes, name: str) -> list[Entry]:
    """EPUB 2."""
    return [entry for table in tree(data, name).every("navMap") for entry in _points(table, name, 1)]


def _points(parent: Element, name: str, depth: int) -> Iterator[Entry]:
    for point in parent.children:
        if point.name == "navPoint":
            label, content = point.child("navLabel"), point.child("content")
            words = (label.child("text") if label else None) or Element("")
            if content:
                yield from _entry(words.text, name, content.attributes.get("src", ""), depth)
            yield from _points(point, name, depth + 1)


def _entry(title: str, base: str, link: str, depth: int) -> list[Entry]:
    """None for a link that leads nowhere in the book."""
    path, title = inside(base, link), " ".join(title.split())
    return [Entry(title, path, link.partition("#")[2], depth)] if path and title else []
