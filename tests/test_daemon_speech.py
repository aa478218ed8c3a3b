"""The one use case, on the tone."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.faults import Malformed, NothingToSay, ShuttingDown, TextTooLong, UnknownVoice
from daemon.take import Take
from daemon.utterance import Priority, Utterance
from models.batch import QueueFull
from models.stream import DeadlinePassed
from outputs.run import Run, StorageFailed

Start = Callable[..., Awaitable[Voiced]]
FRAME = 3840
BAD = {"sampling": {"temperature": 0}}


async def hear(take: Take) -> bytes:
    return b"".join([pcm async for pcm in take])


async def say(
    voiced: Voiced, text: str = "", pieces: AsyncIterator[str] | Writing | None = None, **wishes: object
) -> bytes:
    async with voiced.speech.open(Utterance(text=text, **wishes), pieces) as take:  # type: ignore[arg-type]
        return await hear(take)


async def test_a_text_becomes_pcm_with_its_facts(start: Start) -> None:
    voiced = await start()
    async with voiced.speech.open(Utterance(text="Hello there.", seed=7)) as take:
        pcm = await hear(take)
    assert len(pcm) == len("Hello there.") * FRAME
    assert (take.voice.id, take.seed, take.sample_rate, take.outcome) == ("tone", 7, 24_000, "stop")
    assert take.timing.audio_ms == pytest.approx(len("Hello there.") * 80)
    assert take.timing.first_audio_ms is not None


async def test_pieces_are_the_same_audio_as_the_whole(start: Start) -> None:
    voiced = await start()
    text = "One two three. Four five six. Seven"

    async def pieces() -> AsyncIterator[str]:
        for character in text:
            yield character

    assert await say(voiced, pieces=pieces()) == await say(voiced, text)
    assert await say(voiced, pieces=pieces(), voice="tone", language="en") == await say(voiced, text)


async def test_audio_comes_before_the_text_has_ended(start: Start) -> None:
    voiced = await start(flush=0.05)
    writing = Writing()
    writing.write("The first sentence.")
    async with voiced.speech.open(Utterance(voice="tone"), writing) as take:
        await asyncio.wait_for(take.begin(), 20)
        writing.end()
        assert len(await hear(take)) == len("The first sentence.") * FRAME


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "😀🎉", "...!?", "```\ncode\n```", "\x00\x07", "\ud800"])
async def test_a_text_without_words_is_said_so(start: Start, text: str) -> None:
    voiced = await start()
    with pytest.raises(NothingToSay):
        await say(voiced, text)
    writing = Writing()
    writing.write(text)
    writing.end()
    with pytest.raises(NothingToSay):
        await say(voiced, pieces=writing, voice="tone")


async def test_limits_are_told(start: Start) -> None:
    voiced = await start(max_text=50)
    with pytest.raises(TextTooLong, match="one request holds 50"):
        await say(voiced, "word " * 20)
    for wish in ({"speed": 9.0}, {"speed": float("nan")}, {"speed": 0.0}, {"seed": -1}, {"seed": 2**40}, BAD):
        with pytest.raises(Malformed):
            await say(voiced, "Hello.", **wish)
    with pytest.raises(UnknownVoice):
        await say(voiced, "Hello.", voice="nobody")


async def test_a_million_characters_do_not_hold_the_loop(start: Start) -> None:
    voiced = await start(max_text=2_000_000)
    held = 0.0

    async def watch() -> None:
        nonlocal held
        while True:
            worked = time.thread_time()  # what the loop itself works at a stretch, however busy the machine is
            await asyncio.sleep(0.01)
            held = max(held, time.thread_time() - worked)

    watching = asyncio.create_task(watch(), name="watch")
    async with voiced.speech.open(Utterance(text="a word or two, " * 66_000)) as take:
        await take.begin()
    watching.cancel()
    assert held < 1.0


async def test_speed_changes_the_length_and_nothing_is_lost(start: Start) -> None:
    voiced = await start()
    plain = await say(voiced, "a sentence to stretch.")
    fast = await say(voiced, "a sentence to stretch.", speed=2.0)
    assert len(fast) == pytest.approx(len(plain) / 2, abs=2 * 24_000 * 0.03)


async def test_leaving_early_frees_the_slot_and_says_cancelled(start: Start) -> None:
    voiced = await start(slots=1, tone_step_ms=1.0)
    async with voiced.speech.open(Utterance(text="x" * 300)) as take:
        await take.begin()
    assert take.outcome == "cancelled"
    assert voiced.engine.status().speaking == 0
    assert await asyncio.wait_for(say(voiced, "next"), 20)


async def test_full_late_and_closing_are_told_apart(start: Start) -> None:
    voiced = await start(slots=1, queue=0, tone_step_ms=5.0)
    async with voiced.speech.open(Utterance(text="x" * 300)) as take:
        await take.begin()
        with pytest.raises(QueueFull):
            await say(voiced, "one too many")
        with pytest.raises(DeadlinePassed):
            await say(voiced, "late", priority=Priority.REPLY, deadline_s=1e-9)
    closing = asyncio.create_task(voiced.speech.close(1.0), name="closing")
    await asyncio.sleep(0)
    with pytest.raises(ShuttingDown):
        await say(voiced, "too late")
    await closing


async def test_closing_waits_for_who_speaks_and_then_fails_them(start: Start) -> None:
    voiced = await start(tone_step_ms=2.0)
    short = asyncio.create_task(say(voiced, "short"), name="short")
    long = asyncio.create_task(say(voiced, "x" * 2000), name="long")
    async with asyncio.timeout(20):
        while voiced.engine.status().speaking < 2:
            await asyncio.sleep(0.001)
    await voiced.speech.close(1.5)
    assert len(await short) == 5 * FRAME
    with pytest.raises(ShuttingDown):
        await long


async def test_a_run_folder_is_left_where_the_door_keeps_them(start: Start, tmp_path: Path) -> None:
    voiced = await start()
    async with voiced.speech.open(Utterance(text="Keep this.", door="rest", seed=3)) as take:
        await hear(take)
    assert take.run_id is not None
    assert take.artifacts == ["audio.wav"]
    info = voiced.runs.find(take.run_id)
    assert info.state == "done"
    assert json.loads((info.path / "input.json").read_text())["text"] == "Keep this."
    meta = json.loads((info.path / "meta.json").read_text())
    assert (meta["voice"], meta["seed"], meta["engine"], meta["finish_reason"]) == ("tone", 3, "tone", "stop")
    assert meta["timing"]["audio_ms"] == 800.0
    await say(voiced, "Not this.", door="wyoming")
    await say(voiced, "Nor this.", door="rest", keep=False)
    assert len(voiced.runs.list(10)) == 1


async def test_the_text_that_was_written_in_pieces_is_in_the_run(start: Start) -> None:
    voiced = await start()
    writing = Writing()
    for piece in ("Written ", "in pie", "ces."):
        writing.write(piece)
    writing.end()
    async with voiced.speech.open(Utterance(door="websocket"), writing) as take:
        await hear(take)
    assert take.run_id is not None
    assert voiced.runs.find(take.run_id).input["text"] == "Written in pieces."


async def test_a_run_that_is_left_early_or_fails_says_so(start: Start) -> None:
    voiced = await start(tone_step_ms=1.0)
    async with voiced.speech.open(Utterance(text="x" * 300, door="rest")) as take:
        await take.begin()
    assert take.run_id is not None
    assert voiced.runs.find(take.run_id).state == "cancelled"


async def test_each_request_is_one_line_in_the_log_and_in_the_metrics(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    voiced = await start()
    with caplog.at_level(logging.INFO, logger="daemon.speech"):
        await say(voiced, "One line.", door="wyoming")
        with pytest.raises(UnknownVoice):
            await say(voiced, "Another.", door="wyoming", voice="nobody")
    lines = [record.getMessage() for record in caplog.records if record.name == "daemon.speech"]
    assert len(lines) == 2
    assert "voice=tone chars=9" in lines[0]
    assert "outcome=stop" in lines[0]
    assert "outcome=unknown_voice" in lines[1]
    page = voiced.metrics.page(voiced.engine).decode()
    assert 'voiced_requests_total{door="wyoming",outcome="stop"} 1.0' in page
    assert 'voiced_requests_total{door="wyoming",outcome="unknown_voice"} 1.0' in page


async def test_the_python_way_in(start: Start) -> None:
    voiced = await start()
    pcm = b"".join([chunk async for chunk in voiced.speak("Straight to the ear.", voice="tone")])
    assert len(pcm) == len("Straight to the ear.") * FRAME


async def test_batch_work_has_no_deadline_of_its_own(start: Start) -> None:
    voiced = await start(slots=1, tone_step_ms=2.0, deadline=0.05)
    reply = asyncio.create_task(say(voiced, "x" * 100, priority=Priority.REPLY, deadline_s=20), name="reply")
    await asyncio.sleep(0.02)
    book = asyncio.create_task(say(voiced, "book", priority=Priority.BATCH), name="book")
    assert len(await reply) == 100 * FRAME
    assert len(await book) == 4 * FRAME


@pytest.mark.parametrize("deadline", [0.0, -1.0, float("nan"), float("inf")])
async def test_a_deadline_that_is_none_is_told(start: Start, deadline: float) -> None:
    with pytest.raises(Malformed, match="deadline"):
        await say(await start(), "Hello.", deadline_s=deadline)


async def test_a_take_that_cannot_be_made_leaves_no_row(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ImportError("planted: PyAV is broken")

    voiced = await start()
    monkeypatch.setattr("daemon.strand.Tempo", fail)
    with pytest.raises(ImportError):
        await say(voiced, "Hello.", speed=2.0)
    status = voiced.engine.status()
    assert (status.speaking, status.waiting) == (0, 0)


async def test_who_is_cancelled_twice_is_counted_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = await start(tone_step_ms=1.0)
    finish = Run.finish

    finishing, go_on = threading.Event(), threading.Event()

    def slow(*args: Any) -> None:
        finishing.set()
        go_on.wait(20)
        finish(*args)

    monkeypatch.setattr(Run, "finish", slow)
    speaking = asyncio.create_task(say(voiced, "x" * 500, door="rest"), name="speaking")
    async with asyncio.timeout(20):
        while not voiced.engine.status().speaking:
            await asyncio.sleep(0.001)
    speaking.cancel()
    await asyncio.to_thread(finishing.wait, 20)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking
    page = voiced.metrics.page(voiced.engine).decode()
    assert 'voiced_requests_total{door="rest",outcome="cancelled"} 1.0' in page
    go_on.set()
    async with asyncio.timeout(20):
        while [info.state for info in voiced.runs.list(10)] != ["cancelled"]:
            await asyncio.sleep(0.01)


async def test_a_wish_cannot_write_lines_into_the_log(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    voiced = await start()
    with caplog.at_level(logging.INFO, logger="daemon.speech"), pytest.raises(UnknownVoice):
        await say(voiced, "Hello.", voice="x\n2026-01-01 ERROR planted")
    assert all("\n" not in record.getMessage() for record in caplog.records)


async def test_an_iterator_that_nobody_closes_frees_its_slot(start: Start) -> None:
    voiced = await start(tone_step_ms=1.0)
    async for _ in voiced.speak("x" * 500):
        break
    gc.collect()
    async with asyncio.timeout(20):
        while voiced.engine.status().speaking:
            await asyncio.sleep(0.01)
    assert len(await say(voiced, "next")) == 4 * FRAME


@pytest.mark.parametrize("at", ["begin", "write", "finish"])
@pytest.mark.parametrize("speed", [1.0, 2.0])
async def test_a_disk_that_fails_at_any_time_takes_the_run_and_not_the_speech(
    start: Start, monkeypatch: pytest.MonkeyPatch, at: str, speed: float
) -> None:
    def fail(*_: object) -> None:
        raise StorageFailed("planted: no space left")

    voiced = await start()
    wanted = await say(voiced, "x" * 100, speed=speed)
    monkeypatch.setattr(*((voiced.runs, "begin") if at == "begin" else (Run, at)), fail)
    async with voiced.speech.open(Utterance(text="x" * 100, speed=speed, door="rest")) as take:
        assert await hear(take) == wanted
    assert (take.outcome, take.run_id, take.artifacts) == ("stop", None, [])
    assert (take.storage_error is None) is (at == "begin")
    assert [info.state for info in voiced.runs.list(10)] in ([], ["failed"])


async def test_a_disk_that_fails_slowly_holds_nobody(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageFailed("planted: the disk is gone")

    voiced, where = await start(), list[threading.Thread]()
    abandon = Run.abandon

    def slow(run: Run) -> None:
        where.append(threading.current_thread())
        abandon(run)

    monkeypatch.setattr(Run, "write", fail)
    monkeypatch.setattr(Run, "abandon", slow)
    assert len(await say(voiced, "x" * 10, door="rest")) == 10 * FRAME
    assert where and threading.main_thread() not in where
