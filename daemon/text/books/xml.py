"""XML as a tree of plain values: no entities but XML's own, nothing fetched, nothing deep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from daemon.text.books.book import BadBook, Problem

# Tables of contents nest five deep; whoever walks a tree may do so by calling itself.
_DEEPEST: Final = 100


@dataclass(slots=True)
class Element:
    """Names are without their namespace."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """The text directly in it."""

    @property
    def text(self) -> str:
        """All its own text, in single blanks."""
        return " ".join("".join(self.words).split())

    def every(self, name: str) -> Iterator[Element]:
        """All elements of this name in it, in the order of the document."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.every(name)

    def child(self, name: str) -> Element | None:
        """The first of this name directly in it."""
        return next((child for child in self.children if child.name == name), None)


class _Tree:
    """Builds the elements, and refuses what no part of a book needs."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.open = [Element("")]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > _DEEPEST:
            raise BadBook(Problem(self.where, f"its elements are nested deeper than {_DEEPEST}"))
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _name: str) -> None:
        self.open.pop()

    def text(self, text: str) -> None:
        self.open[-1].words.append(text)

    def doctype(self, _name: str, _system: str | None, _public: str | None, internal: int) -> None:
        """A mere name of a DTD is usual in EPUB 2, and is not looked at."""
        if internal:
            raise BadBook(Problem(self.where, "it declares a document type of its own, which is refused"))


def tree(data: bytes, where: str) -> Element:
    """The root element. Raises BadBook."""
    builder = _Tree(where)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        told = f"it is no XML: {expat.ErrorString(error.code)}, line {error.lineno} column {error.offset + 1}"
        raise BadBook(Problem(where, told)) from None
    except (LookupError, ValueError) as error:  # an encoding that there is not
        raise BadBook(Problem(where, f"it is no XML that can be read: {error}")) from None
    return builder.open[0].children[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
