"""EPUB 2 and 3: the documents in the order of the spine, chapters as the table of contents names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from daemon.text.books.archive import Archive
from daemon.text.books.book import BadBook, Block, Book, Chapter, Problem, chaptered
from daemon.text.books.charset import markup
from daemon.text.books.contents import chapters, entries
from daemon.text.books.hypertext import page
from daemon.text.books.package import package

ZIP_MARK: Final = b"PK\x03\x04"


def epub(data: bytes, *, images: bool = False, level: int | None = None) -> Book:
    """The whole book; `level` begins chapters at headings instead. Raises BadBook, with every document that is broken."""
    archive = Archive(data)
    about = package(archive)
    warnings, problems = list(about.warnings), list[Problem]()
    documents: dict[str, list[Block]] = {}
    for name in about.spine:
        if name not in archive:
            warnings.append(f"{name}: the reading order names it, the book does not hold it, and it is passed over")
            continue
        try:
            found = page(markup(archive.read(name), where=name), images=images)
        except BadBook as error:
            problems += error.problems
            continue
        documents[name] = found.blocks
        warnings += [f"{name}: {warning}" for warning in found.warnings]
        about.language = about.language or found.language
    if problems:
        raise BadBook(*problems)
    places: Mapping[tuple[str, str], str] = {}
    if level is None:
        try:
            places = chapters(entries(archive, about.nav, about.ncx))
        except BadBook as error:
            warnings.append(f"the table of contents is not used: {error}")
    found_chapters = _placed(documents, places)
    return Book(found_chapters if len(found_chapters) > 1 else chaptered([b for d in documents.values() for b in d], level),
                about.title, about.author, about.language, tuple(warnings))  # fmt: skip


def _placed(documents: Mapping[str, list[Block]], places: Mapping[tuple[str, str], str]) -> tuple[Chapter, ...]:
    """The chapters that begin where the table of contents says."""
    found: list[Chapter] = []
    title, begun = "", list[Block]()
    for entitled, block in _entitled(documents, places):
        if entitled is not None:
            if begun:
                found.append(Chapter(title, tuple(begun)))
            title, begun = entitled, []
        begun.append(block)
    return (*found, Chapter(title, tuple(begun))) if begun else tuple(found)


def _entitled(
    documents: Mapping[str, list[Block]], places: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str | None, Block]]:
    """Every block, and the title of the chapter that begins with it."""
    for name, blocks in documents.items():
        title = places.get((name, ""))
        for block in blocks:
            named = (places[name, anchor] for anchor in block.anchors if (name, anchor) in places)
            yield next(named, title), block
            title = None
