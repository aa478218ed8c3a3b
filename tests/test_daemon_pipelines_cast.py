"""Whether everybody in a plan is here."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.casting import Casting
from daemon.faults import Unspeakable
from daemon.pipelines.cast import check
from daemon.pipelines.plan import Plan, Segment
from models.tone import Tone

CASTING = Casting(Tone().facts)


def plan(*texts: str, language: str | None = None, **given: Any) -> Plan:
    segments = tuple(Segment(f"{number:04}", text, **given) for number, text in enumerate(texts, 1))
    return Plan(segments, language=language)


def test_everybody_who_is_not_here_is_told_once() -> None:
    with pytest.raises(Unspeakable) as error:
        check(Plan((*plan("One.", "Two.", voice="lily").segments, *plan("x", emotion="furious").segments)), CASTING)
    assert [one.path for one in error.value.details] == ["segments[0001]", "segments[0001]"]
    assert "'lily'" in str(error.value) and "furious" in str(error.value)


def test_who_is_missing_is_told_by_the_line_that_names_them() -> None:
    lines = (Segment("halt", "Halt!", "tone", line=2), Segment("pass", "Pass.", "lily", line=7))
    with pytest.raises(Unspeakable, match=r"^line 7: no voice is called 'lily'") as error:
        check(Plan(lines), CASTING)
    assert [one.path for one in error.value.details] == ["line 7"]
    with pytest.raises(Unspeakable, match=r"^no voice is called 'lily'"):  # asked for by an option, and by no line
        check(Plan((Segment("", "", "lily"),)), CASTING)


def test_a_chapter_in_a_script_that_nobody_reads_is_told_before_hours_are_spoken() -> None:
    book = plan("A lamp.", "— שלום לכולם, ערב טוב.", "Καλημέρα σε όλους σας.", "«שלום».")
    with pytest.raises(Unspeakable) as error:
        check(book, CASTING)
    assert [one.path for one in error.value.details] == ["segments[0002]", "segments[0003]"]
    assert "'he'" in str(error.value) and "'el'" in str(error.value)


@pytest.mark.parametrize("text", ["Αlpha comes first in all of these words.", "Größe, Übermut, Ærø", "12 …", ""])
def test_what_can_be_spoken_is_no_mistake(text: str) -> None:
    check(plan(text), CASTING)
