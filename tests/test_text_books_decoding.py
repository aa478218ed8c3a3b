"""Bytes to text: nothing is guessed, and what is wrong is told with its place."""

from __future__ import annotations

import codecs

import pytest

from daemon.text.books.book import BadBook
from daemon.text.books.charset import markup
from daemon.text.books.decoding import ENCODINGS, decoded


@pytest.mark.parametrize(
    "data",
    [
        "Grüße".encode(),
        codecs.BOM_UTF8 + "Grüße".encode(),
        codecs.BOM_UTF16_LE + "Grüße".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "Grüße".encode("utf-32-le"),
    ],
)
def test_utf_8_and_what_a_mark_says(data: bytes) -> None:
    assert decoded(data) == "Grüße"


def test_an_encoding_that_is_told() -> None:
    assert decoded("Привет".encode("cp1251"), "cp1251") == "Привет"
    assert decoded(codecs.BOM_UTF8 + b"a", "cp1251") == "a"  # the mark is certain
    assert all(codecs.lookup(name)._is_text_encoding for name in ENCODINGS)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"one\ntw\xf6", "byte 7 (0xF6, line 2) is not UTF-8: save the file as UTF-8, or say with `encoding`"),
        (b"ab\xc3", "byte 3 (0xC3, line 1) is not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a\0b", "byte 5 (0x62) is not UTF-16-LE"),
        ("a\nb".encode("utf-16-le"), "character 2 (line 1) is NUL"),
    ],
)
def test_what_is_wrong_has_a_place_and_a_remedy(data: bytes, told: str) -> None:
    with pytest.raises(BadBook) as caught:
        decoded(data, where="a.txt")
    (problem,) = caught.value.problems
    assert problem.where == "a.txt"
    assert problem.message.startswith(told)
    assert "`encoding`" in problem.message


@pytest.mark.parametrize(
    "page",
    [
        '<meta charset="windows-1251"><p>Привет',
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Привет',
        '<?xml version="1.0" encoding="windows-1251"?><p>Привет',
    ],
)
def test_a_page_says_what_it_is(page: str) -> None:
    assert markup(page.encode("cp1251")) == page


def test_a_page_that_says_nothing_is_utf_8_and_latin_1_is_what_browsers_mean() -> None:
    assert markup("<p>Grüße".encode()) == "<p>Grüße"
    assert markup(b"<meta charset=iso-8859-1>\x93a\x94").endswith("“a”")
    with pytest.raises(BadBook, match="not known: save it as UTF-8"):
        markup(b"<meta charset=klingon>")
