"""The covers of EPUBs, wherever they are told of; those that cannot be used, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.books import archive
from daemon.text.books.cover import cover
from daemon.text.books.epub import epub
from tests.epubs import CONTAINER, item, packed, ref, xhtml
from tests.pictures import picture

JPEG, PNG = picture("mjpeg"), picture("png")
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><circle r='9'/></svg>"
FRONT = item("front", "img/front.jpg", "image/jpeg")
META = '<meta name="cover" content="front"/>'


def see(data: bytes) -> None:
    """Takes what these tests know for pictures."""
    if data not in (JPEG, PNG):
        raise ValueError("it is no picture")


def made(items: str = "", facts: str = "", guide: str = "", **files: str | bytes) -> bytes:
    """A book of one word, with a picture in it."""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf">'
        f"<metadata>{facts}</metadata><manifest>{item('a', 'a.xhtml')}{items}</manifest><spine>{ref('a')}</spine>"
        f"<guide>{guide}</guide></package>"
    )
    return packed({
        "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, "OEBPS/a.xhtml": xhtml("<p>Word.</p>"),
        "OEBPS/img/front.jpg": JPEG, **{f"OEBPS/{name.replace('__', '.')}": data for name, data in files.items()},
    })  # fmt: skip


def place(href: str, kind: str = "cover") -> str:
    return f'<reference type="{kind}" title="Cover" href="{href}"/>'


def test_epub_3() -> None:
    data = made(item("front", "img/front.jpg", "image/jpeg", "svg cover-image"))
    assert cover(data, see) == (JPEG, ())
    assert epub(data).warnings == ()


@pytest.mark.parametrize("content", ["front", "img/front.jpg", " front "])
def test_epub_2(content: str) -> None:
    assert cover(made(FRONT, f'<meta content="{content}" name="Cover"/>'), see) == (JPEG, ())


@pytest.mark.parametrize("shown", [
    '<img src="img/front.jpg"/>',
    '<img alt="no place"/><img src="img/front.jpg"/><img src="img/other.jpg"/>',
    '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image width="9" xlink:href="img/front.jpg"/></svg>',
    '<svg><image href="./img/fr%6Fnt.jpg"/></svg>',
])  # fmt: skip
def test_the_page_that_the_guide_names(shown: str) -> None:
    data = made(guide=place("a.xhtml", "text") + place("cover.xhtml#top", "Cover"), cover__xhtml=xhtml(shown))
    assert cover(data, see) == (JPEG, ())


def test_the_guide_may_name_the_picture_itself() -> None:
    assert cover(made(guide=place("img/front.jpg")), see) == (JPEG, ())


def test_meta_may_name_the_page() -> None:
    page = item("front", "cover.xhtml")
    assert cover(made(page, META, cover__xhtml=xhtml('<img src="img/front.jpg"/>')), see) == (JPEG, ())


def test_the_surest_is_taken() -> None:
    both = FRONT + item("new", "new.png", "image/png", "cover-image")
    assert cover(made(both, META, place("img/front.jpg"), new__png=PNG), see) == (PNG, ())


@pytest.mark.parametrize("new", [SVG, b"", b"GIF89a"])
def test_the_next_is_taken_for_one_that_cannot_be_used(new: bytes) -> None:
    both = FRONT + item("new", "new.svg", "image/svg+xml", "cover-image")
    assert cover(made(both, META, new__svg=new), see) == (JPEG, ())


@pytest.mark.parametrize("data", [made(), made(FRONT), made(FRONT, '<meta name="generator" content="front"/>')])
def test_a_book_without_a_cover(data: bytes) -> None:
    assert cover(data, see) == (b"", ())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (made(item("c", "c.svg", "image/svg+xml", "cover-image"), c__svg=SVG), "OEBPS/c.svg: it is no picture"),
        (made(item("c", "c.jpg", "image/jpeg", "cover-image")), "OEBPS/c.jpg: the book names this file and does not"),
        (made(FRONT, '<meta name="cover" content="nobody"/>'), "OEBPS/nobody: the book names this file and does not"),
        (made(guide=place("c.xhtml"), c__xhtml=xhtml("Cover")), "OEBPS/c.xhtml: it is a page without a picture"),
        (made(guide=place("c.xhtml"), c__xhtml=xhtml("<p>\xe9</p>").encode("latin-1")), "OEBPS/c.xhtml: byte "),
        (
            made(guide=place("c.xhtml"), c__xhtml=xhtml('<img src="../../front.jpg"/>')),
            "OEBPS/c.xhtml: its picture '../../front.jpg' is outside of the book",
        ),
        (
            made(guide=place("c.xhtml"), c__xhtml=xhtml('<img src="data:image/png;base64,AAAA"/>')),
            "OEBPS/c.xhtml: its picture 'data:image/png;base64,AAAA' is outside",
        ),
        (made(guide=place("c.xhtml"), c__xhtml=xhtml('<img src="c.xhtml"/>')), "OEBPS/c.xhtml: it is no picture"),
        (made(FRONT, META, **{"img/front.jpg": bytes(5_000_000)}), "OEBPS/img/front.jpg: it unpacks to more than"),
        (b"PK\x03\x04rubbish", "no EPUB"),
    ],
)
def test_what_is_left_out_is_told(data: bytes, told: str) -> None:
    found, warnings = cover(data, see)
    assert (found, len(warnings)) == (b"", 1)
    assert warnings[0].startswith("the cover is left out: ")
    assert told in warnings[0]


@pytest.mark.parametrize("link", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "..%2f..%2fx", "", "#x"])
def test_what_leads_out_of_the_book_is_passed_over_and_told(link: str) -> None:
    data = made(FRONT, f'<meta name="cover" content="{link}"/>', place(link))
    assert cover(data, see) == (b"", ())
    assert epub(data).warnings == (f"OEBPS/book.opf: the cover {link!r} is outside of the book and is passed over",) * 2


def test_covers_without_end_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LONGEST_BOOK", 100_000)
    names = [f"c{number}" for number in range(200)]
    items = "".join(item(name, f"{name}.jpg", "image/jpeg", "cover-image") for name in names)
    data = made(items, **{f"{name}__jpg": bytes(5000) for name in names})
    seen = list[int]()

    def refuse(data: bytes) -> None:
        seen.append(len(data))
        raise ValueError("no")

    assert cover(data, refuse) == (b"", ("the cover is left out: OEBPS/c0.jpg: no",))
    assert sum(seen) < 100_000


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4), st.text(max_size=30))
def test_any_book_has_a_cover_or_not(damage: list[tuple[int, int]], link: str) -> None:
    broken = bytearray(made(FRONT, META, place("c.xhtml"), c__xhtml=xhtml(f'<img src="{link}"/>')))
    for at, byte in damage:
        broken[at % len(broken)] = byte
    found, warnings = cover(bytes(broken), see)
    assert (found == JPEG or not found) and len(warnings) <= 1
