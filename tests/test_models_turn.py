"""A plan carried out in the engine's thread: what fails by itself, fails alone."""

from __future__ import annotations

import pytest

from models.backend import Frame, Line, ModelFault, RowFailed
from models.batch import Plan, Row
from models.stream import Stream
from models.tone import Tone
from models.turn import Turn


def fed(text: str) -> tuple[Row, Stream]:
    row = Row()
    stream = Stream(row, Line("tone", "en", 0), None, wake=lambda: None, leave=lambda _: None)
    stream.feed(text)
    stream.end_text()
    return row, stream


def test_a_row_that_left_since_the_plan_is_passed_over() -> None:
    (here, stream), (gone, _) = fed("ab"), fed("cd")
    both = [(here, 0), (gone, 1)]
    ((row, frame),) = Turn(Plan(join=both, step=both), {here: stream}).carry_out(Tone())
    assert (row, frame.slot) == (here, 0)


@pytest.mark.parametrize("method", ["join", "feed", "end_text", "restore"])
def test_a_row_that_cannot_start_fails_alone(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    tone = Tone()
    tone.join(5, Line("tone", "en", 0))
    right = getattr(tone, method)

    def fail(slot: int, *args: object) -> None:
        if slot == 1:
            raise RowFailed("planted")
        right(slot, *args)

    monkeypatch.setattr(tone, method, fail)
    (good, stream), (bad, failing) = fed("ab"), fed("ab")
    if method == "restore":
        failing.parked = tone.park(5)
    both = [(good, 0), (bad, 1)]
    made = dict(Turn(Plan(join=both, step=both), {good: stream, bad: failing}).carry_out(tone))
    assert isinstance(made[bad].error, RowFailed)
    assert made[good].pcm
    assert set(tone._rows) <= {0, 5}


def test_a_row_that_cannot_be_parked_fails_and_its_slot_is_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(slot: int) -> object:
        raise RowFailed("planted")

    tone = Tone()
    (old, old_stream), (new, new_stream) = fed("old"), fed("new")
    streams = {old: old_stream, new: new_stream}
    Turn(Plan(join=[(old, 0)], step=[(old, 0)]), streams).carry_out(tone)
    monkeypatch.setattr(tone, "park", fail)
    turn = Turn(Plan(park=[(old, 0)], join=[(new, 0)], step=[(new, 0)]), streams)
    made = dict(turn.carry_out(tone))
    assert isinstance(made[old].error, RowFailed)
    assert made[new].pcm
    assert made[new].error is None
    assert turn.parked == []


@pytest.mark.parametrize("frames", [[], [Frame(0), Frame(0)], [Frame(1)]])
def test_exactly_one_frame_a_slot_comes_back(monkeypatch: pytest.MonkeyPatch, frames: list[Frame]) -> None:
    tone = Tone()
    monkeypatch.setattr(tone, "step", lambda slots: frames)
    row, stream = fed("ab")
    with pytest.raises(ModelFault, match=r"slots \[0\] were stepped"):
        Turn(Plan(join=[(row, 0)], step=[(row, 0)]), {row: stream}).carry_out(tone)
