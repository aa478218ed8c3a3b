"""Plain text: paragraphs and headings without any markup."""

from __future__ import annotations

import pytest

from daemon.text.books.plain import plain


def read(text: str) -> list[str]:
    return [f"{block.kind[0]}:{block.text}" for block in plain(text)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo\n\nthree\r\n \r\nfour", ["p:one two", "p:three", "p:four"]),
        ("One is here.\nTwo is here.\nThree is here.", ["p:One is here.", "p:Two is here.", "p:Three is here."]),
        ("  One begins\nand ends\n  Two begins\nand goes", ["p:One begins and ends", "p:Two begins and goes"]),
        (
            "Er kam an\nund sprach:\n— Ja, so\nist es.\n— Nein,\nsagte sie",
            ["p:Er kam an und sprach:", "p:— Ja, so ist es.", "p:— Nein, sagte sie"],
        ),
        ("a" * 120 + "\nb" * 2, ["p:" + "a" * 120, "p:b", "p:b"]),
        ("one\n* * *\ntwo\n\n***\n\n—\n\nthree", ["p:one", "s:", "p:two", "s:", "s:", "p:three"]),
        ("one\ftwo", ["p:one", "p:two"]),
        ("", []),
        ("\n \n", []),
    ],
)  # fmt: skip
def test_paragraphs(text: str, said: list[str]) -> None:
    assert read(text) == said


@pytest.mark.parametrize(
    "line",
    ["Chapter 1", "CHAPTER IV. The Mouse", "CHAPTER IV.", "Kapitel 12: Der Weg", "Глава 3", "Глава первая", "Chapter One",
     "Chapter Twenty-One", "第十二章 風", "제3장", "Prologue", "Epilog.", "PART TWO: The Sea"],
)  # fmt: skip
def test_headings(line: str) -> None:
    assert read(f"before\n\n{line}\n\nafter")[1] == f"h:{line}"


@pytest.mark.parametrize(
    "line", ["Part of me knew.", "Book one more, please!", "Part I played in it was small.", "Chapters", "I"]
)
def test_sentences_that_are_none(line: str) -> None:
    assert read(f"before\n\n{line}\n\nafter")[1] == f"p:{line}"
