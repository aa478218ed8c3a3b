"""A file of any kind becomes a book: told by its content and its name."""

from __future__ import annotations

import pytest

from daemon.text.books.book import BadBook, Block, chaptered
from daemon.text.books.reading import Format, guessed, read
from tests.epubs import third


@pytest.mark.parametrize(
    ("data", "name", "form"),
    [
        (b"a", "a.txt", "text"), (b"a", "", "text"), (b"# a", "A.MD", "markdown"), (b"a", "x.y.xhtml", "html"),
        (b" <!DOCTYPE html><p>", "", "html"), (b"<?xml version='1.0'?><html>", "book", "html"), (third(), "a.txt", "epub"),
    ],
)  # fmt: skip
def test_the_format(data: bytes, name: str, form: Format) -> None:
    assert guessed(data, name) == form


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"%PDF-1.7", "a.pdf", "a PDF"),
        (b"{\\rtf1", "a.rtf", "RTF"),
        (b"\xd0\xcf\x11\xe0", "a.doc", "a Word document"),
        (b"hello", "a.epub", "no zip, and so no EPUB"),
    ],
)
def test_what_is_no_book(data: bytes, name: str, told: str) -> None:
    with pytest.raises(BadBook, match=told):
        read(data, name)


def test_a_zip_that_is_said_to_be_text() -> None:
    with pytest.raises(BadBook, match="this is a zip: a book is"):
        read(third(), form="text")


def heads(levels: str) -> list[Block]:
    """A heading for each digit, words for each dash."""
    return [
        Block(f"{at}", "heading", int(mark)) if mark.isdigit() else Block(f"{at}") for at, mark in enumerate(levels)
    ]


@pytest.mark.parametrize(
    ("levels", "level", "titles"),
    [
        ("--", None, [""]),
        ("1-", None, ["0"]),
        ("-1-1-", None, ["", "1", "3"]),
        ("1-2-2-", None, ["0", "2", "4"]),
        ("1-2-1-2-2", None, ["0", "4"]),
        ("1-2-1-2-2", 2, ["0", "2", "4", "6", "8"]),
        ("", None, []),
    ],
)
def test_where_chapters_begin(levels: str, level: int | None, titles: list[str]) -> None:
    chapters = chaptered(heads(levels), level)
    assert [chapter.title for chapter in chapters] == titles
    assert [block for chapter in chapters for block in chapter.blocks] == heads(levels)


def test_the_title_of_markdown() -> None:
    assert read(b"# A\n\n## B\n\nx\n\n## C\n\ny", "a.md").title == "A"
    assert read(b"# A\n\nx\n\n# B\n\ny", "a.md").title == ""
    assert read(b"---\ntitle: T\n---\n# A\n\nx", "a.md").title == "T"
