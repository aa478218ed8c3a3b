"""What an EPUB says of itself: its facts, the order of its documents, and where its table of contents is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from daemon.text.books.archive import Archive, inside
from daemon.text.books.book import BadBook, Problem
from daemon.text.books.xml import Element, tree

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
# Fonts that are made unreadable for others; the text is not touched.
_FONTS_ONLY: Final = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
# The file that gives away who has locked a book.
_LOCKS: Final = {
    "META-INF/license.lcpl": "Readium LCP",
    "META-INF/sinf.xml": "Apple FairPlay",
    "META-INF/rights.xml": "Adobe ADEPT",
}
_DOCUMENTS: Final = frozenset({"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"})


@dataclass(slots=True)
class Package:
    """The names are those of files in the archive."""

    title: str = ""
    author: str = ""
    language: str | None = None
    spine: list[str] = field(default_factory=list)
    """The documents in the order in which they are read."""
    nav: str | None = None
    ncx: str | None = None
    covers: list[str] = field(default_factory=list)
    """What is said to be the picture on its front, or the page that shows it; the surest first."""
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Item:
    path: str
    media: str
    properties: frozenset[str]


def package(archive: Archive) -> Package:
    """Read container and package. Raises BadBook."""
    _see_unlocked(archive)
    name = _root(archive)
    root = tree(archive.read(name), name)
    found = Package(_fact(root, "title"), ", ".join(_facts(root, "creator")), _fact(root, "language") or None)
    items = _items(root, name, found)
    _spine(root, name, items, found)
    found.nav = next((item.path for item in items.values() if "nav" in item.properties), None)
    spine = next(root.every("spine"), Element(""))
    ncx = items.get(spine.attributes.get("toc", ""))
    found.ncx = (
        ncx.path if ncx else next((i.path for i in items.values() if i.media == "application/x-dtbncx+xml"), None)
    )
    found.covers = list(dict.fromkeys(_covers(root, name, items, found)))
    return found


def _see_unlocked(archive: Archive) -> None:
    """Raises BadBook, with the name of the lock, where the text itself is encrypted."""
    if _ENCRYPTION not in archive:
        return
    methods = [
        m.attributes.get("Algorithm", "")
        for m in tree(archive.read(_ENCRYPTION), _ENCRYPTION).every("EncryptionMethod")
    ]
    if set(methods) <= _FONTS_ONLY:
        return
    lock = next((name for file, name in _LOCKS.items() if file in archive), "digital rights management")
    raise BadBook(Problem(_ENCRYPTION, f"the book is locked ({lock}): only one without a lock can be read"))


def _root(archive: Archive) -> str:
    """The package's file."""
    if _CONTAINER in archive:
        for file in tree(archive.read(_CONTAINER), _CONTAINER).every("rootfile"):
            name = inside("", file.attributes.get("full-path", ""))
            if name and name in archive:
                return name
    packages = [name for name in archive.names if name.lower().endswith(".opf")]
    if len(packages) != 1:
        told = f"it names no package file that is there, and the book holds {len(packages)} of them: this is no EPUB"
        raise BadBook(Problem(_CONTAINER, told))
    return packages[0]


def _facts(root: Element, name: str) -> list[str]:
    return list(dict.fromkeys(fact.text for data in root.every("metadata") for fact in data.every(name) if fact.text))


def _fact(root: Element, name: str) -> str:
    return next(iter(_facts(root, name)), "")


def _items(root: Element, base: str, found: Package) -> dict[str, _Item]:
    """What the manifest names, by its id there."""
    items: dict[str, _Item] = {}
    for item in (item for manifest in root.every("manifest") for item in manifest.every("item")):
        given = item.attributes
        path = inside(base, given.get("href", ""))
        if path is None or path == base:
            found.warnings.append(f"{base}: {given.get('href', '')[:80]!r} is outside of the book and is passed over")
            continue
        media = given.get("media-type", "").strip().lower()
        items.setdefault(given.get("id", ""), _Item(path, media, frozenset(given.get("properties", "").split())))
    return items


def _spine(root: Element, base: str, items: dict[str, _Item], found: Package) -> None:
    """The documents in order, each once; where there is no order, that of the manifest."""
    for entry in (entry for spine in root.every("spine") for entry in spine.every("itemref")):
        name = entry.attributes.get("idref", "")
        item = items.get(name)
        if entry.attributes.get("linear", "").strip().lower() == "no":
            continue
        if item is None:
            found.warnings.append(f"{base}: the reading order names {name[:80]!r}, which the manifest does not")
        elif item.media not in _DOCUMENTS:
            found.warnings.append(f"{item.path}: it is {item.media[:80] or 'of no kind'}, not text, and is passed over")
        elif item.path not in found.spine:
            found.spine.append(item.path)
    if not found.spine:
        found.spine = list(dict.fromkeys(item.path for item in items.values() if item.media in _DOCUMENTS))
        found.warnings.append(f"{base}: there is no reading order; the documents are read as the manifest lists them")


def _covers(root: Element, base: str, items: dict[str, _Item], found: Package) -> Iterator[str]:
    """As EPUB 3, EPUB 2 by custom, and EPUB 2 by its guide say it."""
    yield from (item.path for item in items.values() if "cover-image" in item.properties)
    for told in _said(root, "metadata", "meta", "name", "content"):
        yield from [items[told].path] if told in items else _there(base, told, found)  # some name the file itself
    for told in _said(root, "guide", "reference", "type", "href"):
        yield from _there(base, told, found)


def _said(root: Element, parent: str, child: str, key: str, value: str) -> Iterator[str]:
    """What is said of the cover in such elements."""
    for element in (element for outer in root.every(parent) for element in outer.every(child)):
        if element.attributes.get(key, "").strip().lower() == "cover":
            yield element.attributes.get(value, "").strip()


def _there(base: str, link: str, found: Package) -> list[str]:
    """The file that is meant; none for one outside of the book."""
    path = inside(base, link)
    if path is None or path == base:
        found.warnings.append(f"{base}: the cover {link[:80]!r} is outside of the book and is passed over")
        return []
    return [path]
