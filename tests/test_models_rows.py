"""The book-keeping of rows that are text."""

from __future__ import annotations

from models.backend import Line
from models.rows import TextRow, TextRows

LINE = Line("x", "en", seed=0)


def test_a_row_is_its_own_state_and_goes_where_it_is_put() -> None:
    rows = TextRows(TextRow)
    rows.join(0, LINE)
    rows.feed(0, "ab")
    parked = rows.park(0)
    rows.join(0, LINE)
    rows.feed(0, "z")
    rows.restore(1, parked)
    rows.end_text(1)
    assert ["".join(row.text) for row in rows._rows.values()] == ["z", "ab"]
    assert [row.ended for row in rows._rows.values()] == [False, True]
    rows.leave(0)
    rows.leave(0)
    assert list(rows._rows) == [1]


def test_a_frame_says_whether_text_is_over_or_only_late() -> None:
    row = TextRow(LINE)
    assert row.frame(3, b"").dry
    row.text.extend("ab")
    assert not row.frame(3, b"pcm").dry
    row.text.clear()
    row.ended = True
    last = row.frame(3, b"pcm")
    assert (last.slot, last.pcm, last.end, last.dry) == (3, b"pcm", "stop", False)
