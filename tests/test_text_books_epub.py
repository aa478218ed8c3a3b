"""EPUB 2 and 3: order, titles, and everything that may be wrong with one."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.books import archive
from daemon.text.books.archive import inside
from daemon.text.books.book import BadBook, Book
from daemon.text.books.epub import epub
from tests import epubs
from tests.epubs import book, item, nav, ncx, opf, packed, point, ref, second, third, xhtml


def told(found: Book) -> list[tuple[str, list[str]]]:
    return [(chapter.title, [block.text for block in chapter.blocks]) for chapter in found.chapters]


def test_epub_3() -> None:
    found = epub(third())
    assert told(found) == [
        ("Chapter One", ["One", "She fell down.", "And down."]),
        ("Chapter Two", ["Two", "She wept."]),
    ]
    assert (found.title, found.author, found.language, found.warnings) == ("The Pool", "L. Carroll", "en", ())


def test_epub_2() -> None:
    assert told(epub(second())) == [("", ["Before."]), ("The first", ["I", "First."]), ("The last", ["II", "Last."])]


def simple(body: str = "<p>Hello.</p>", **more: str | bytes) -> bytes:
    return book({"OEBPS/a.xhtml": xhtml(body), **more}, item("a", "a.xhtml"), ref("a"))


def test_without_a_table_of_contents_headings_begin_chapters() -> None:
    assert told(epub(simple("<h1>A</h1><p>x</p><h1>B</h1><p>y</p>"))) == [("A", ["A", "x"]), ("B", ["B", "y"])]


def test_inner_lines_begin_a_chapter_in_a_document_of_their_own() -> None:
    files = {
        "OEBPS/a.xhtml": xhtml("<p>part</p>"), "OEBPS/b.xhtml": xhtml('<p>b</p><p id="s">s</p>'),
        "OEBPS/c.xhtml": xhtml("<p>c</p>"),
        "OEBPS/n.xhtml": nav(
            '<li><a href="a.xhtml">P</a><ol><li><a href="b.xhtml">B</a><ol><li><a href="b.xhtml#s">S</a></li></ol></li>'
            '<li><a href="c.xhtml#nowhere">C</a></li></ol></li>'
        ),
    }  # fmt: skip
    items = item("a", "a.xhtml") + item("b", "b.xhtml") + item("c", "c.xhtml") + item("n", "n.xhtml", properties="nav")
    assert told(epub(book(files, items, ref("a") + ref("b") + ref("c")))) == [("P", ["part"]), ("B", ["b", "s", "c"])]


def test_a_reading_order_with_holes() -> None:
    files = {"OEBPS/a.xhtml": xhtml("<p>a</p>"), "OEBPS/i.svg": "<svg/>"}
    items = (
        item("a", "a.xhtml")
        + item("i", "i.svg", "image/svg+xml")
        + item("gone", "gone.xhtml")
        + item("out", "../../x.xhtml")
    )
    found = epub(book(files, items, ref("a") + ref("i") + ref("no") + ref("gone") + ref("out") + ref("a")))
    assert told(found) == [("", ["a"])]
    warnings = "\n".join(found.warnings)
    for word in (
        "'../../x.xhtml' is outside",
        "i.svg: it is image/svg+xml",
        "names 'no'",
        "gone.xhtml: the reading order names it",
    ):
        assert word in warnings


def test_without_a_reading_order_the_manifest_is_one() -> None:
    files = {"OEBPS/b.xhtml": xhtml("<p>b</p>"), "OEBPS/a.xhtml": xhtml("<p>a</p>")}
    found = epub(book(files, item("b", "b.xhtml") + item("a", "a.xhtml"), ""))
    assert told(found) == [("", ["b", "a"])]
    assert "no reading order" in found.warnings[0]


def test_a_broken_table_of_contents_is_passed_over() -> None:
    files = {"OEBPS/a.xhtml": xhtml("<h1>A</h1><h1>B</h1>"), "OEBPS/t.ncx": "<ncx><navMap>"}
    found = epub(book(files, item("a", "a.xhtml") + item("t", "t.ncx", epubs.NCX), ref("a"), attributes='toc="t"'))
    assert [title for title, _ in told(found)] == ["A", "B"]
    assert "t.ncx: it is no XML: no element found, line 1" in found.warnings[0]


def bomb() -> bytes:
    return simple(**{"OEBPS/a.xhtml": "<p>" + "a " * 5_000_000})


LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><container>&b;</container>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rubbish", "no EPUB that can be read"),
        (packed({"a.txt": "x"}), "holds 0 of them: this is no EPUB"),
        (packed({"META-INF/container.xml": LAUGHS}), "container.xml: it declares a document type of its own"),
        (packed({"META-INF/container.xml": "<a" * 10}), "it is no XML: not well-formed"),
        (packed({"META-INF/container.xml": "<a>" * 200}), "nested deeper than 100"),
        (packed({"META-INF/container.xml": '<?xml version="1.0" encoding="klingon"?><a/>'}), "no XML"),
        (
            packed({"META-INF/container.xml": epubs.CONTAINER.replace("OEBPS/book.opf", "../../etc/passwd")}),
            "no package file",
        ),
        (simple(**{"OEBPS/a.xhtml": b"<p>\xff\xfe\xfd"}), "OEBPS/a.xhtml: byte 4 (0xFF, line 1) is not UTF-8"),
        (
            simple(
                **{
                    "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes256"/></e>',
                    "META-INF/rights.xml": "<r/>",
                }
            ),
            "the book is locked (Adobe ADEPT)",
        ),
        (
            simple(
                **{
                    "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes256"/></e>',
                    "META-INF/license.lcpl": "{}",
                }
            ),
            "the book is locked (Readium LCP)",
        ),
        (bomb(), "unpacks to more than"),
    ],
)
def test_what_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadBook) as caught:
        epub(data)
    assert message in str(caught.value)


def test_fonts_may_be_made_unreadable() -> None:
    method = '<e><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></e>'
    assert told(epub(simple(**{"META-INF/encryption.xml": method}))) == [("", ["Hello."])]


def test_all_of_a_book_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LONGEST_BOOK", 1000)
    with pytest.raises(BadBook, match="which no book needs"):
        epub(simple("<p>word</p>" * 100))


def test_a_zip_with_a_password() -> None:
    data = bytearray(simple())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        where = data.find(mark)
        while where >= 0:
            data[where + at] |= 1
            where = data.find(mark, where + 4)
    with pytest.raises(BadBook, match="encrypted in the zip"):
        epub(bytes(data))


def test_a_file_without_a_name() -> None:
    assert told(epub(simple(**{"": "x", "/": "y"}))) == [("", ["Hello."])]


def test_a_broken_document_is_told() -> None:
    data = bytearray(simple("<p>" + "Hello there, this is some text. " * 20))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as file:
        at = file.getinfo("OEBPS/a.xhtml").header_offset + 60
    data[at : at + 20] = b"\xff" * 20
    with pytest.raises(BadBook, match=r"OEBPS/a\.xhtml: it is broken in the zip"):
        epub(bytes(data))


@pytest.mark.parametrize(
    ("base", "link", "found"),
    [
        ("a/b.opf", "c.x", "a/c.x"),
        ("a/b.opf", "../c%20d.x#e?f", "c d.x"),
        ("a/b.opf", "#e", "a/b.opf"),
        ("a/b.opf", "../../c", None),
        ("b.opf", "..", None),
        ("b.opf", "..%2fx", None),
        ("b.opf", "..\\x", None),
        ("b.opf", "/etc/passwd", None),
        ("b.opf", "file:///etc/passwd", None),
        ("b.opf", "C:\\x", None),
    ],
)
def test_links_stay_in_the_book(base: str, link: str, found: str | None) -> None:
    assert inside(base, link) == found


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([third(), second()]), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4))
def test_a_damaged_book_is_read_or_refused(data: bytes, damage: list[tuple[int, int]]) -> None:
    broken = bytearray(data)
    for at, byte in damage:
        broken[at % len(broken)] = byte
    try:
        epub(bytes(broken))
    except BadBook as error:
        assert error.problems


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='<>/="& abxid#', max_size=60), st.sampled_from(["opf", "nav", "ncx", "container"]))
def test_any_package_is_read_or_refused(text: str, where: str) -> None:
    items = item("a", "a.xhtml") + item("n", "n.xhtml", properties="nav") + item("t", "t.ncx", epubs.NCX)
    files = {
        "META-INF/container.xml": epubs.CONTAINER, "OEBPS/a.xhtml": xhtml("<p>a</p>"),
        "OEBPS/n.xhtml": nav(text if where == "nav" else ""),
        "OEBPS/t.ncx": ncx(text if where == "ncx" else point("x", "a.xhtml")),
        "OEBPS/book.opf": opf(items, ref("a")),
    }  # fmt: skip
    if where == "opf":
        files["OEBPS/book.opf"] = files["OEBPS/book.opf"].replace("<metadata>", f"<metadata>{text}")
    if where == "container":
        files["META-INF/container.xml"] = text
    try:
        epub(packed(files))
    except BadBook as error:
        assert error.problems
