"""Several models behind one lock: switching, parking, failing loads, and memory that runs out."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from models import host, schedule
from models.backend import EngineUnavailable, Frame, Line, OutOfMemory, RowFailed, StalePrompt
from models.batch import Priority
from models.engine import MAX_FAILED_STEPS, Engine, State
from models.stream import Stream
from models.tone import FRAME_SAMPLES, Tone

FRAME = 2 * FRAME_SAMPLES
Running = Callable[..., Engine]


class Named(Tone):
    """A tone that is a model of this name, and counts what is done with it."""

    def __init__(self, name: str, slots: int = 2, *, light: bool = False, **options: float) -> None:
        super().__init__(slots, **options)
        self.facts = replace(self.facts, model=name, light=light)
        self.calls: list[str] = []
        self.failing: list[Exception] = []
        """What the next loads raise."""
        self.breaking: list[Exception] = []
        """What the next steps over an exclamation mark raise."""
        self.in_memory = False

    def load(self) -> None:
        self.calls.append("load")
        if self.failing:
            raise self.failing.pop(0)
        super().load()
        self.in_memory = True

    def unload(self) -> None:
        if self.in_memory:
            self.calls.append("unload")
        self.in_memory = False
        super().unload()

    def step(self, slots: Sequence[int]) -> list[Frame]:
        assert self.in_memory
        if any("!" in self._rows[slot].text for slot in slots):
            raise self.breaking.pop(0)
        return super().step(slots)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    tasks = []

    def begin(*backends: Tone, **options: float) -> Engine:
        engine = Engine(*backends, **options)  # type: ignore[arg-type]
        tasks.append(asyncio.create_task(engine.run(), name="engine under test"))
        return engine

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def say(engine: Engine, model: str, text: str, priority: Priority = Priority.INTERACTIVE) -> Stream:
    stream = engine.open(Line("tone", "en", 1, model=model), priority=priority)
    stream.feed(text)
    stream.end_text()
    return stream


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def hear(stream: Stream, heard: list[bytes] | None = None) -> bytes:
    heard = [] if heard is None else heard
    while pcm := await stream.read():
        heard.append(pcm)
    return b"".join(heard)


def alone(text: str) -> bytes:
    tone = Tone(1)
    tone.join(0, Line("tone", "en", 1))
    tone.feed(0, text)
    return b"".join(tone.step([0])[0].pcm for _ in text)


def loaded(engine: Engine) -> list[str]:
    return [model.model for model in engine.status().models if model.state is State.READY]


async def test_the_default_model_comes_first_and_is_meant_by_no_name(running: Running) -> None:
    a, b = Named("a"), Named("b")
    engine = running(a, b)
    assert await hear(say(engine, "", "hello")) == alone("hello")
    assert (a.calls, b.calls) == (["load"], [])
    assert engine.facts_of("b") is b.facts
    with pytest.raises(EngineUnavailable, match="no model 'c' here; there are a, b"):
        engine.open(Line("tone", "en", 1, model="c"))


async def test_models_take_each_others_place_by_request(running: Running) -> None:
    a, b = Named("a"), Named("b")
    engine = running(a, b)
    for _ in range(2):
        for model in "ab":
            assert await hear(say(engine, model, model * 5)) == alone(model * 5)
            assert loaded(engine) == [model]
    assert a.calls == ["load", "unload"] * 2
    assert b.calls == ["load", "unload", "load"]


async def test_two_are_kept_where_the_cache_holds_two(running: Running) -> None:
    a, b, c = Named("a"), Named("b"), Named("c")
    engine = running(a, b, c, model_cache=2)
    for model in "abab":
        await hear(say(engine, model, "hello"))
    assert (a.calls, b.calls) == (["load"], ["load"])
    await hear(say(engine, "c", "hello"))
    assert loaded(engine) == ["b", "c"]


async def test_a_light_model_speaks_beside_a_heavy_one(running: Running) -> None:
    heavy, light = Named("heavy", step_ms=1), Named("light", light=True)
    engine = running(heavy, light)
    book = say(engine, "heavy", "x" * 100)
    await book.read()
    assert await hear(say(engine, "light", "hello")) == alone("hello")
    assert len(await hear(book)) <= 100 * FRAME
    assert heavy.calls == ["load"]
    assert loaded(engine) == ["heavy", "light"]


async def test_a_book_is_parked_for_a_reply_with_another_model_and_is_byte_identical(running: Running) -> None:
    a, b = Named("a", step_ms=2, load_s=0.01), Named("b", load_s=0.01)
    engine = running(a, b)
    text = "a book that goes on and on " * 3
    heard: list[bytes] = []
    reading = asyncio.create_task(hear(say(engine, "a", text, Priority.BATCH), heard), name="book")
    for turn in range(1, 4):
        await until(lambda turn=turn: len(heard) >= 10 * turn)  # type: ignore[misc]
        assert await hear(say(engine, "b", "reply", Priority.REPLY)) == alone("reply")
        assert not reading.done()
    assert await reading == alone(text)
    assert a.calls.count("unload") == 3


async def test_equals_share_by_the_quantum_and_are_byte_identical(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "QUANTUM_S", 0.1)
    a, b = Named("a", step_ms=5), Named("b", step_ms=5)
    engine, began = running(a, b), time.monotonic()
    heard = await asyncio.gather(hear(say(engine, "a", "abc " * 20)), hear(say(engine, "b", "def " * 20)))
    assert heard == [alone("abc " * 20), alone("def " * 20)]
    assert 3 < a.calls.count("load") + b.calls.count("load") < 4 + (time.monotonic() - began) / schedule.QUANTUM_S


async def test_a_paused_listener_does_not_keep_its_model(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "ASLEEP_S", 0.2)
    engine = running(Named("a"), Named("b"))
    text = "x" * 500
    paused = say(engine, "a", text, Priority.REPLY)
    await asyncio.sleep(0.1)
    assert await asyncio.wait_for(hear(say(engine, "b", "hello", Priority.BATCH)), 20) == alone("hello")
    assert await hear(paused) == alone(text)


async def test_a_model_that_cannot_be_loaded_fails_its_own_rows_only(running: Running) -> None:
    a, broken = Named("a", step_ms=1), Named("broken")
    engine = running(a, broken, model_cache=2)
    book = say(engine, "a", "x" * 50)
    for error in (EngineUnavailable("shard 2 is missing"), ValueError("planted")):
        broken.failing.append(error)
        with pytest.raises(EngineUnavailable, match=r"shard 2 is missing|broken could not be loaded"):
            await hear(say(engine, "broken", "hello"))
    assert await hear(book) == alone("x" * 50)
    assert engine.status().state is State.READY
    assert engine.status().models[1].state is State.FAILED
    assert (engine.able("a"), engine.able("broken")) == (True, False)
    assert await hear(say(engine, "broken", "hello")) == alone("hello"), "the next request tries again"


async def test_ready_is_told_where_the_default_model_has_failed_and_another_works(running: Running) -> None:
    broken, light = Named("broken"), Named("light", light=True)
    broken.failing = [EngineUnavailable("planted")]
    engine = running(broken, light)
    with pytest.raises(EngineUnavailable, match="planted"):
        await engine.load()
    assert engine.status().state is State.UNLOADED
    assert engine.status().models[0].reason == "planted"


async def test_a_broken_model_does_not_cost_another_its_place_again_and_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, broken = Named("a"), Named("broken")
    engine = running(a, broken)
    broken.failing = [EngineUnavailable("planted")] * 9
    for _ in range(4):
        await hear(say(engine, "a", "hello"))
        with pytest.raises(EngineUnavailable, match="planted"):
            await hear(say(engine, "broken", "hello"))
    assert a.calls == ["load", "unload", "load"]
    monkeypatch.setattr(host, "RETRY_S", 0.0)
    broken.failing.clear()
    assert await hear(say(engine, "broken", "hello"))


async def test_no_memory_to_load_unloads_the_idle_others_and_tries_once_more(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = Named("a"), Named("b")
    engine = running(a, b, model_cache=2)
    await hear(say(engine, "a", "hello"))
    b.failing = [MemoryError()]
    assert await hear(say(engine, "b", "hello")) == alone("hello")
    assert (a.calls, b.calls) == (["load", "unload"], ["load", "load"])
    assert "no memory to load b" in caplog.text
    b.failing = [OutOfMemory("6 GB are needed")] * 2
    await engine.unload("b")
    with pytest.raises(OutOfMemory, match="6 GB are needed"):
        await hear(say(engine, "b", "hello"))
    assert await hear(say(engine, "a", "hello")), "the daemon lives on"
    assert [model.out_of_memory for model in engine.status().models] == [0, 2]


async def test_a_step_without_memory_fails_its_rows_and_halves_the_slots(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = Named("a", slots=4, step_ms=1), Named("b", light=True, step_ms=1)
    engine = running(a, b)
    for slots in (2, 1, 1, 1):
        a.breaking = [MemoryError()]
        neighbour, bad = say(engine, "b", "x" * 50), say(engine, "a", "too much!")
        with pytest.raises(OutOfMemory, match="not enough memory for a"):
            await hear(bad)
        assert await hear(neighbour) == alone("x" * 50)
        assert await hear(say(engine, "a", "less")) == alone("less")
        assert engine.status().models[0].slots == slots
    assert "a ran out of memory while speaking; it goes on with 1 slots" in caplog.text
    assert engine.status().models[0].out_of_memory == 4
    assert a.calls == ["load", *["unload", "load"] * 4]


async def test_a_parked_row_outlives_the_step_that_failed_while_it_was_away(running: Running) -> None:
    a = Named("a", slots=1, step_ms=2)
    engine = running(a)
    reading = asyncio.create_task(hear(say(engine, "a", "a long book " * 8, Priority.BATCH)), name="book")
    await asyncio.sleep(0.05)
    a.breaking = [RuntimeError("planted")]
    with pytest.raises(RowFailed):
        await hear(say(engine, "a", "no!", Priority.REPLY))
    assert await reading == alone("a long book " * 8)


async def test_a_load_that_fails_oddly_again_and_again_ends_the_engine() -> None:
    a = Named("a")
    engine = Engine(a)
    task = asyncio.create_task(engine.run(), name="dying engine")
    a.failing = [ValueError("planted")] * MAX_FAILED_STEPS
    for _ in range(MAX_FAILED_STEPS):
        with pytest.raises(EngineUnavailable, match="could not be loaded"):
            await hear(say(engine, "a", "hello"))
    with pytest.raises(ValueError, match="planted"):
        await task


async def test_idle_models_are_unloaded_one_by_one(running: Running) -> None:
    a, b = Named("a"), Named("b")
    engine = running(a, b, model_cache=2, idle_unload_s=0.3)
    left: list[str] = []
    for one in (a, b):
        one.unload = lambda one=one: left.append(one.facts.model) or Named.unload(one)  # type: ignore[method-assign,func-returns-value,misc]
    await hear(say(engine, "a", "hello"))
    await asyncio.sleep(0.2)
    await hear(say(engine, "b", "hello"))
    await until(lambda: loaded(engine) == [])
    assert left == ["a", "b"]


async def test_loading_on_request_takes_the_place_of_the_longest_unused(running: Running) -> None:
    a, b = Named("a", step_ms=5), Named("b")
    engine = running(a, b)
    await engine.load("a")
    await engine.load("b")
    assert loaded(engine) == ["b"]
    speaking = say(engine, "a", "x" * 100)
    await speaking.read()
    with pytest.raises(EngineUnavailable, match="model_cache"):
        await engine.load("b")
    await engine.unload("b")
    await engine.unload("a")
    with pytest.raises(EngineUnavailable, match="unloaded"):
        await hear(speaking)


class Cloner(Named):
    """Makes voice prompts, and knows those that begin with its name."""

    def __init__(self, name: str, **options: float) -> None:
        super().__init__(name, **options)
        self.may_import = threading.Event()
        self.may_import.set()

    def join(self, slot: int, line: Line) -> None:
        self._know(line.voice_prompt or self.facts.model.encode())
        super().join(slot, line)

    def prepare(self) -> None:
        self.calls.append("prepare")
        assert self.may_import.wait(30)
        if self.failing and isinstance(self.failing[0], ImportError):
            raise EngineUnavailable(str(self.failing.pop()))

    def imprint(self, samples: object, sample_rate: int, transcript: str | None) -> bytes:
        assert self.in_memory
        if transcript == "odd":
            raise RowFailed("planted")
        return f"{self.facts.model} {sample_rate} {transcript}".encode()

    def blend(self, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        assert self.in_memory
        return f"{self.facts.model} {parts}".encode()

    def embedding(self, voice: str | bytes) -> list[float]:
        assert self.in_memory
        if isinstance(voice, bytes):
            self._know(voice)
        return [float(len(voice))]

    def _know(self, prompt: bytes) -> None:
        if not prompt.startswith(self.facts.model.encode()):
            raise StalePrompt("made by another model")


RECORDING = np.zeros(100, np.float32)


async def test_a_voice_is_made_of_a_recording_when_the_model_has_its_turn(running: Running) -> None:
    a, cloner = Named("a", step_ms=1), Cloner("cloner")
    engine = running(a, cloner)
    speaking = say(engine, "a", "x" * 40)
    await speaking.read()
    assert await engine.imprint("cloner", RECORDING, 16_000, "hello") == b"cloner 16000 hello"
    assert len(await hear(speaking)) < 40 * FRAME, "whoever spoke was heard to the end"
    with pytest.raises(RowFailed, match="planted"):
        await engine.imprint("cloner", RECORDING, 16_000, "odd")
    cloner.failing = [EngineUnavailable("shard 2 is missing")]
    await engine.unload("cloner")
    with pytest.raises(EngineUnavailable, match="shard 2 is missing"):
        await engine.imprint("cloner", RECORDING, 16_000, None)
    assert not list(engine._schedule.rows)


async def test_voices_are_mixed_and_measured_in_the_model_s_turn(running: Running) -> None:
    engine = running(Named("a"), Cloner("cloner"))
    await engine.load("a")
    mixed = await engine.blend("cloner", [("tone", 1.0), (b"cloner", 2.0)])
    assert mixed == b"cloner [('tone', 1.0), (b'cloner', 2.0)]"
    assert await engine.embedding("cloner", mixed) == [float(len(mixed))]
    assert await engine.embedding("cloner", "tone") == [4.0]
    assert loaded(engine) == ["cloner"]


async def test_a_model_that_makes_no_voices_is_not_loaded_to_say_so(running: Running) -> None:
    a = Named("a")
    engine = running(a, Cloner("cloner"))
    for asked in (engine.imprint("a", RECORDING, 16_000, None), engine.blend("a", []), engine.embedding("a", "tone")):
        with pytest.raises(RowFailed, match="a makes no voices"):
            await asked
    assert a.calls == []


async def test_what_is_imported_for_a_voice_keeps_nobody_waiting(running: Running) -> None:
    cloner = Cloner("cloner")
    engine = running(cloner)
    cloner.may_import.clear()
    making = asyncio.create_task(engine.imprint("cloner", RECORDING, 16_000, None))
    async with asyncio.timeout(20):
        while "prepare" not in cloner.calls:
            await asyncio.sleep(0.01)
        assert len(await hear(say(engine, "cloner", "hello"))) == 5 * FRAME
    assert not making.done()
    cloner.may_import.set()
    assert await making == b"cloner 16000 None"


async def test_a_package_that_is_missing_is_told_before_anything_is_loaded(running: Running) -> None:
    cloner = Cloner("cloner")
    engine = running(cloner)
    cloner.failing = [ImportError("qwen_tts is not installed")]
    with pytest.raises(EngineUnavailable, match="qwen_tts is not installed"):
        await engine.imprint("cloner", RECORDING, 16_000, None)
    assert cloner.calls == ["prepare"]


async def test_a_prompt_that_is_not_the_model_s_reaches_its_listener_as_such(running: Running) -> None:
    engine = running(Cloner("cloner"))
    lines = [Line("", "en", 1, model="cloner", voice_prompt=prompt) for prompt in (b"other", b"cloner 1")]
    stale, good = (engine.open(line) for line in lines)
    for stream in (stale, good):
        stream.feed("hello")
        stream.end_text()
    with pytest.raises(StalePrompt, match="another model"):
        await stale.read()
    assert len(await hear(good)) == 5 * FRAME
    with pytest.raises(StalePrompt):
        await engine.embedding("cloner", b"other")


async def test_a_deadline_passes_while_another_model_is_spoken_with(running: Running) -> None:
    engine = running(Named("a", step_ms=5), Named("b"))
    book = say(engine, "a", "x" * 200, Priority.REPLY)
    await book.read()
    late = engine.open(Line("tone", "en", 1, model="b"), deadline_s=0.1)
    late.feed("late")
    with pytest.raises(Exception, match=r"no audio within 0\.1 s"):
        await late.read()


async def test_a_model_that_comes_later_takes_its_turn_like_any_other(running: Running) -> None:
    a, b = Named("a", step_ms=2), Named("b")
    engine = running(a)
    stays = say(engine, "a", "x" * 40)
    await stays.read()
    with pytest.raises(EngineUnavailable, match="there is no model 'b' here"):
        engine.open(Line("tone", "en", 1, model="b"))
    engine.add(b)
    assert (list(engine.models), engine.facts.model) == (["a", "b"], "a")
    assert [model.model for model in engine.status().models] == ["a", "b"]
    assert len(await hear(say(engine, "b", "hello", Priority.REPLY))) == 5 * FRAME
    assert b.calls == ["load", "unload"] or b.in_memory
    assert len(await hear(stays)) == 39 * FRAME
    with pytest.raises(ValueError, match="a model 'b' here already"):
        engine.add(Named("b"))
    engine.add(Cloner("coder"), speaks=False)
    assert "coder" not in engine.models
    assert "coder" not in engine.codecs, "it codes nothing, so it is of no use, and harms nobody"
    engine.close(EngineUnavailable("the engine has stopped"))
    with pytest.raises(EngineUnavailable, match="has stopped"):
        engine.add(Named("c"))
