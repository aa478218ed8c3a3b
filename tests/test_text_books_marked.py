"""Markdown: blocks, and what of it is not read."""

from __future__ import annotations

import pytest

from daemon.text.books.marked import marked


def read(text: str, *, images: bool = False) -> list[str]:
    return [f"{block.kind[0]}{block.level or ''}:{block.text}" for block in marked(text, images=images).blocks]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# One #\ntext *a*\n__b__\n\nmore", ["h1:One", "p:text a b", "p:more"]),
        ("Title\n=====\nSub\n---\ntext", ["h1:Title", "h2:Sub", "p:text"]),
        ("a\n\n***\n\n* * *\n\n---\nb", ["p:a", "s:", "s:", "s:", "p:b"]),
        ("a\n```py\nb\n```\nc\n~~~\nd\n```\n~~~\ne", ["p:a", "p:c", "p:e"]),
        ("> a\n> b\n>\n> c\n>> d", ["p:a b", "p:c d"]),
        ("- a\n  b\n* c\n1. d\n2. e", ["i:a b", "i:c", "i:1. d", "i:2. e"]),
        ("In the year\n1984. That was.", ["p:In the year 1984. That was."]),
        ("| a | b |\n|---|:-:|\n| c | d |\n\ne | f", ["r:a, b", "r:c, d", "p:e f"]),
        ("a[^1] b\n\n[^1]: note\n    more\n\nc", ["p:a b", "p:c"]),
        ("[a](http://x.y) [b][r] <http://z.org>\n\n[r]: http://w 'T'", ["p:a b z.org"]),
        ("a <!-- b\n\nc --> d &amp; e <!-- f", ["p:a d & e <!-- f"]),
        ("a `b` **c**", ["p:a b c"]),
        ("#hash and text", ["p:#hash and text"]),
    ],
)
def test_blocks(text: str, said: list[str]) -> None:
    assert read(text) == said


def test_pictures_where_they_are_wanted() -> None:
    assert read("a ![b c](d.png) e ![f][g]") == ["p:a e"]
    assert read("a ![b c](d.png) e", images=True) == ["p:a b c e"]


def test_front_matter() -> None:
    told = marked('---\ntitle: "A: b"\nauthors:\n  - One\n  - Two\nlang: de\n# note\n---\ntext')
    assert told.facts == {"title": "A: b", "authors": "One, Two", "lang": "de"}
    assert [block.text for block in told.blocks] == ["text"]


def test_a_line_across_the_page_is_no_front_matter() -> None:
    assert read("---\nShe went away, and never came.\n---\nEnd") == ["s:", "h2:She went away, and never came.", "p:End"]


def test_code_that_never_ends_is_told() -> None:
    told = marked("a\n\n```\nb\nc")
    assert [block.text for block in told.blocks] == ["a"]
    assert told.warnings == ["a code block of 2 lines is never closed, and nothing of it is read"]
