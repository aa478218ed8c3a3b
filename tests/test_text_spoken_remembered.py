"""Answers that are kept: as right as new ones, and never more than so many."""

from __future__ import annotations

from daemon.text.spoken.remembered import KEPT, remembered


def test_an_answer_is_made_once_as_long_as_it_is_kept() -> None:
    made = list[tuple[int, str]]()

    @remembered
    def said(number: int, gender: str = "") -> str:
        made.append((number, gender))
        return f"{number}{gender}"

    assert [said(1), said(1, "f"), said(1), said(1, "f")] == ["1", "1f", "1", "1f"]
    assert made == [(1, ""), (1, "f")]
    assert [said(number, "m") for number in range(KEPT)] == [f"{number}m" for number in range(KEPT)]
    assert said(1) == "1" and made.count((1, "")) == 2
