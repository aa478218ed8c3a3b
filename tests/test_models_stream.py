"""One listener: water marks, order, the first error."""

from __future__ import annotations

import asyncio

import pytest

from models import stream as stream_module
from models.backend import Frame, Line, RowFailed
from models.batch import Priority, Row
from models.stream import HIGH_WATER_BYTES, LOW_WATER_BYTES, READ_BYTES, DeadlinePassed, Stream


def make(deadline_s: float | None = None) -> tuple[Stream, Row, list[str]]:
    row, calls = Row(rank=1), list[str]()
    stream = Stream(
        row, Line("tone", "en", 0), deadline_s, wake=lambda: calls.append("wake"), leave=lambda _: calls.append("leave")
    )
    return stream, row, calls


async def test_held_above_high_water_and_free_again_at_low_water() -> None:
    stream, row, calls = make()
    chunk = bytes(READ_BYTES)
    for _ in range(HIGH_WATER_BYTES // READ_BYTES):
        assert not row.held
        stream.deliver(Frame(0, chunk))
    assert row.held
    left = HIGH_WATER_BYTES
    while row.held:
        left -= len(await stream.read())
    assert left <= LOW_WATER_BYTES
    assert left > LOW_WATER_BYTES - READ_BYTES
    assert calls == ["wake"]


async def test_audio_made_before_a_failure_is_heard_first() -> None:
    stream, _, _ = make()
    stream.deliver(Frame(0, b"ab"))
    stream.fail(RowFailed("planted"))
    stream.fail(RowFailed("a second one"))
    assert await stream.read() == b"ab"
    with pytest.raises(RowFailed, match="planted"):
        await stream.read()


async def test_a_failure_after_the_end_changes_nothing() -> None:
    stream, _, _ = make()
    stream.deliver(Frame(0, b"ab", end="stop"))
    stream.fail(RowFailed("too late"))
    assert await stream.read() == b"ab"
    assert await stream.read() == b""


async def test_an_engine_that_owes_audio_may_not_stay_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "QUIET_LIMIT_S", 0.05)
    stream, _, _ = make()
    stream.feed("text")
    with pytest.raises(DeadlinePassed, match="no audio for"):
        await stream.read()


async def test_a_writer_may_stay_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "QUIET_LIMIT_S", 0.02)
    stream, _, _ = make()
    reading = asyncio.create_task(stream.read(), name="reader")
    await asyncio.sleep(0.1)
    assert not reading.done()
    stream.deliver(Frame(0, b"ab"))
    assert await reading == b"ab"


async def test_text_and_its_end_are_taken_once() -> None:
    stream, row, _ = make()
    assert stream.take_text() is None
    stream.feed("one")
    stream.feed("two")
    assert not row.dry
    assert stream.take_text() == (["one", "two"], False)
    stream.end_text()
    assert stream.take_text() == ([], True)
    assert stream.take_text() is None


async def test_a_row_is_dry_only_when_no_text_has_come_meanwhile() -> None:
    stream, row, _ = make()
    stream.feed("one")
    stream.take_text()
    stream.feed("two")
    stream.deliver(Frame(0, b"ab", dry=True))
    assert not row.dry
    stream.take_text()
    stream.deliver(Frame(0, b"ab", dry=True))
    assert row.dry


async def test_batch_work_may_be_paused_for_as_long_as_others_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "QUIET_LIMIT_S", 0.02)
    stream, row, _ = make()
    row.priority = Priority.BATCH
    stream.feed("text")
    reading = asyncio.create_task(stream.read(), name="reader")
    await asyncio.sleep(0.1)
    stream.deliver(Frame(0, b"ab"))
    assert await reading == b"ab"
