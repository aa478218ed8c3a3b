"""Lines become segments."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.pipelines.design.lines import Pauses, lines, segments

HARBOUR = Path(__file__).parent / "data" / "lines" / "harbour.txt"
PAUSES = Pauses(sentence=1, line=2, paragraph=3)


def test_each_line_is_one_and_blank_lines_part_paragraphs() -> None:
    said, warnings = lines(HARBOUR.read_text("utf-8"))
    assert [(line.number, line.text, line.paragraph) for line in said] == [
        (1, "Ahoy there! You are late.", True),
        (2, "The tide waits for nobody, and neither do I.", False),
        (4, "Have you seen the lamp on the pier?", True),
        (6, "It went out at midnight. Nobody has lit it since.", False),
    ]
    assert warnings == ["line 5, '***', holds no word and is left out"]
    found = list(segments(said, 400, PAUSES))
    assert [(one.id, one.name, one.line, one.pause_ms, one.paragraph) for one in found] == [
        ("0001", "0001", 1, 2, True), ("0002", "0002", 2, 3, False), ("0003", "0004", 4, 2, True),
        ("0004", "0006", 6, 0, False),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_lines_end_as_on_any_system(end: str) -> None:
    said, _ = lines(end.join(["One.", "", "Two.", ""]))
    assert [(line.number, line.text, line.paragraph) for line in said] == [(1, "One.", True), (3, "Two.", True)]


def test_a_line_that_is_too_long_is_cut_at_its_sentences() -> None:
    long = "This is a sentence of forty letters now. " * 6
    said, _ = lines(f"{long}\nShort.")
    found = list(segments(said, 130, PAUSES))
    assert " ".join(one.text for one in found[:-1]) == long.strip()
    assert all(len(one.text) <= 130 for one in found)
    assert [(one.name, one.pause_ms) for one in found] == [("0001", 1), ("0001", 2), ("0002", 0)]
    assert [one.paragraph for one in found] == [True, False, False]


def test_within_a_sentence_that_is_cut_is_no_silence() -> None:
    said, _ = lines("word " * 60)
    found = list(segments(said, 100, PAUSES))
    assert len(found) > 2
    assert {one.pause_ms for one in found} == {0}


def test_what_holds_no_word() -> None:
    assert lines("") == ([], [])
    assert lines("...\n\n—\n")[0] == []
    assert len(lines("...\n\n—\n")[1]) == 2
