"""The picture on the front of an EPUB: where its package says, or the one on the page that it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from daemon.text.books.archive import Archive, inside
from daemon.text.books.book import BadBook, Problem
from daemon.text.books.charset import markup
from daemon.text.books.package import package
from daemon.text.books.tokens import Start, tokens

# A page says what it is before its first words.
_FAR: Final = 1024
_PAGE: Final = re.compile(rb"<html\b", re.IGNORECASE)
# Elements that show a picture, and the attributes that tell which.
_LINKS: Final = {"img": ("src",), "image": ("xlink:href", "href")}


def cover(data: bytes, see: Callable[[bytes], object]) -> tuple[bytes, tuple[str, ...]]:
    """The book's cover, empty where it has none, and a warning where it has one that cannot be used.

    Args:
        see: raises ValueError for what is no picture that can be shown.
    """
    refused: list[BadBook] = []
    try:
        archive = Archive(data)
        for name in package(archive).covers:
            try:
                return _picture(archive, name, see), ()
            except BadBook as error:
                refused.append(error)
    except BadBook as error:
        refused.append(error)
    return b"", tuple(f"the cover is left out: {error}" for error in refused[:1])


def _picture(archive: Archive, name: str, see: Callable[[bytes], object]) -> bytes:
    """A file that is one; of a page, the first on it. Raises BadBook."""
    data = archive.read(name)
    if _PAGE.search(data, 0, _FAR):
        name = _shown(name, markup(data, where=name))
        data = archive.read(name)
    try:
        see(data)
    except ValueError as error:
        raise BadBook(Problem(name, str(error))) from None
    return data


def _shown(name: str, page: str) -> str:
    """The file that the first picture on a page leads to. Raises BadBook."""
    links = (
        token.attributes.get(attribute, "")
        for token in tokens(page)
        if isinstance(token, Start)
        for attribute in _LINKS.get(token.name, ())
    )
    link = next(filter(None, links), None)
    if link is None:
        raise BadBook(Problem(name, "it is a page without a picture"))
    path = inside(name, link)
    if path is None:
        raise BadBook(Problem(name, f"its picture {link[:80]!r} is outside of the book"))
    return path
