"""The engine's loop, with the tone and with backends that fail on purpose."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from models import host, schedule
from models.backend import EngineUnavailable, Frame, Line, RowFailed
from models.batch import Priority, QueueFull
from models.engine import MAX_FAILED_STEPS, Engine, State
from models.stream import HIGH_WATER_BYTES, DeadlinePassed, Stream
from models.tone import FRAME_SAMPLES, Tone

LINE = Line("tone", "en", seed=1)
FRAME = 2 * FRAME_SAMPLES

Run = Callable[..., "object"]


@pytest.fixture
async def running() -> AsyncIterator[Callable[..., Engine]]:
    """`running(backend, **options)` gives an engine whose loop runs until the test ends."""
    tasks = []

    def begin(backend: Tone, **options: float) -> Engine:
        engine = Engine(backend, **options)  # type: ignore[arg-type]
        tasks.append(asyncio.create_task(engine.run(), name="engine under test"))
        return engine

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def say(engine: Engine, text: str, priority: Priority = Priority.INTERACTIVE, **options: float) -> Stream:
    stream = engine.open(LINE, priority=priority, **options)  # type: ignore[arg-type]
    stream.feed(text)
    stream.end_text()
    return stream


def slots(engine: Engine, model: str = "tone") -> list[int]:
    batch = engine._schedule.places[model].batch
    return sorted(batch._free + batch._left)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def hear(stream: Stream, heard: list[bytes] | None = None) -> bytes:
    heard = [] if heard is None else heard
    while pcm := await stream.read():
        heard.append(pcm)
    return b"".join(heard)


async def test_speaks_a_frame_a_character(running: Callable[..., Engine]) -> None:
    engine = running(Tone())
    stream = say(engine, "hello")
    assert len(await hear(stream)) == 5 * FRAME
    assert stream.finish_reason == "stop"
    assert engine.status().speaking == 0


async def test_text_in_pieces_is_the_same_audio(running: Callable[..., Engine]) -> None:
    engine = running(Tone())
    whole = await hear(say(engine, "hello there"))
    stream = engine.open(LINE)
    for piece in ("he", "llo th", "ere"):
        stream.feed(piece)
        await asyncio.sleep(0.02)
    stream.end_text()
    assert await hear(stream) == whole


async def test_three_listeners_share_two_slots(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=2))
    streams = [say(engine, letter * 60) for letter in "abc"]
    heard = await asyncio.gather(*(hear(stream) for stream in streams))
    alone = [await hear(say(engine, letter * 60)) for letter in "abc"]
    assert heard == alone


async def test_a_paused_batch_row_is_byte_identical(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1, step_ms=2))
    text = "a book that goes on and on " * 3
    alone = await hear(say(engine, text, Priority.BATCH))
    heard: list[bytes] = []
    reading = asyncio.create_task(hear(say(engine, text, Priority.BATCH), heard), name="book")
    for turn in range(1, 5):
        await until(lambda turn=turn: len(heard) >= 10 * turn)  # type: ignore[misc]
        assert len(await hear(say(engine, "reply", Priority.REPLY))) == 5 * FRAME
        assert not reading.done()
    assert await reading == alone


async def test_a_reply_overtakes_at_the_next_frame(running: Callable[..., Engine]) -> None:
    backend = Tone(slots=1, step_ms=5)
    engine = running(backend)
    book = say(engine, "x" * 400, Priority.BATCH)
    await book.read()
    before = engine.status().steps
    await say(engine, "hi", Priority.REPLY).read()
    assert engine.status().steps - before <= 3


async def test_a_slow_listener_is_held_and_holds_nobody(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1))
    slow = say(engine, "x" * 500)
    await asyncio.sleep(0.2)
    assert slow._size <= HIGH_WATER_BYTES + FRAME
    assert len(await hear(say(engine, "quick"))) == 5 * FRAME
    assert len(await hear(slow)) == 500 * FRAME


async def test_a_listener_that_leaves_frees_its_slot(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1, step_ms=1))
    gone = say(engine, "x" * 500)
    await gone.read()
    gone.close()
    gone.close()
    await say(engine, "next").read()
    assert engine.status().steps < 400, "and not because it came to its end"


async def test_full_is_said_at_once(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1, step_ms=20), queue=1)
    say(engine, "x" * 50)
    say(engine, "x" * 50)
    with pytest.raises(QueueFull):
        engine.open(LINE)


async def test_a_deadline_before_the_first_audio(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1, step_ms=20))
    say(engine, "x" * 24)
    late = say(engine, "late", deadline_s=0.1)
    with pytest.raises(DeadlinePassed, match=r"no audio within 0\.1 s"):
        await late.read()
    assert engine.status().waiting == 0


async def test_a_deadline_does_not_run_while_the_writer_has_written_nothing(running: Callable[..., Engine]) -> None:
    engine = running(Tone())
    stream = engine.open(LINE, deadline_s=1.0)
    await asyncio.sleep(1.1)
    stream.feed("now")
    stream.end_text()
    assert len(await hear(stream)) == 3 * FRAME


async def test_status_answers_while_the_model_loads(running: Callable[..., Engine]) -> None:
    engine, loaded = running(tone := Tone()), threading.Event()
    tone.load = lambda: loaded.wait(20) and None  # type: ignore[method-assign]
    stream = say(engine, "a")
    await asyncio.sleep(0.05)
    assert engine.status().state is State.LOADING
    assert await engine.answers()
    assert engine.status().state is State.LOADING
    loaded.set()
    assert len(await hear(stream)) == FRAME
    assert engine.status().state is State.READY


async def test_unloads_when_idle_and_loads_again(running: Callable[..., Engine]) -> None:
    engine = running(Tone(), idle_unload_s=0.1)
    await hear(say(engine, "a"))
    await until(lambda: engine.status().state is State.UNLOADED)
    assert "idle" in engine.status().reason
    assert len(await hear(say(engine, "b"))) == FRAME


async def test_unload_on_request_fails_who_speaks_and_keeps_who_waits(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=1, step_ms=5))
    speaking, waiting = say(engine, "x" * 300), say(engine, "abc")
    await speaking.read()
    await engine.unload()
    with pytest.raises(EngineUnavailable, match="unloaded"):
        await hear(speaking)
    assert len(await hear(waiting)) == 3 * FRAME


class NoModel(Tone):
    """Cannot be loaded."""

    def load(self) -> None:
        raise EngineUnavailable("weights.bin is missing")


async def test_a_model_that_cannot_load_is_said_to_whoever_waits(running: Callable[..., Engine]) -> None:
    engine = running(NoModel())
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match=r"weights\.bin is missing"):
            await hear(say(engine, "a"))
    assert engine.status().state is State.FAILED


class Clumsy(Tone):
    """Falls over when it meets an exclamation mark, and hurts only one row at a question mark."""

    def step(self, slots: Sequence[int]) -> list[Frame]:
        if any("!" in self._rows[slot].text for slot in slots):
            raise RuntimeError("planted")
        frames = super().step(slots)
        asking = {slot for slot in slots if "?" in self._rows[slot].text}
        return [Frame(f.slot, error=RowFailed("planted")) if f.slot in asking else f for f in frames]


async def test_a_step_that_fails_takes_its_rows_and_the_next_request_is_served(
    running: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine = running(Clumsy())
    with pytest.raises(RowFailed):
        await hear(say(engine, "oh!"))
    assert "planted" in caplog.text
    assert len(await hear(say(engine, "fine"))) == 4 * FRAME


async def test_one_row_that_fails_leaves_its_neighbour_identical(running: Callable[..., Engine]) -> None:
    engine = running(Clumsy(step_ms=1))
    alone = await hear(say(engine, "neighbour"))
    neighbour, bad = say(engine, "neighbour"), say(engine, "why?")
    with pytest.raises(RowFailed):
        await hear(bad)
    assert await hear(neighbour) == alone


async def test_an_engine_that_fails_again_and_again_dies_and_tells_everybody() -> None:
    engine = Engine(Clumsy())
    task = asyncio.create_task(engine.run(), name="dying engine")
    for _ in range(MAX_FAILED_STEPS):
        with pytest.raises((RowFailed, EngineUnavailable)):
            await hear(say(engine, "oh!"))
    with pytest.raises(RuntimeError, match="planted"):
        await task
    with pytest.raises(EngineUnavailable, match="stopped"):
        engine.open(LINE)


async def test_closing_fails_what_is_open_with_the_reason(running: Callable[..., Engine]) -> None:
    engine = running(Tone(step_ms=5))
    stream = say(engine, "x" * 200)
    await stream.read()
    engine.close(EngineUnavailable("good night"))
    with pytest.raises(EngineUnavailable, match="good night"):
        await hear(stream)
    with pytest.raises(EngineUnavailable, match="good night"):
        engine.open(LINE)


async def test_a_thousand_leavers_leave_nothing(running: Callable[..., Engine]) -> None:
    engine = running(Tone(slots=4))
    async with AsyncExitStack():
        for _ in range(1000):
            stream = say(engine, "abc")
            await stream.read()
            stream.close()
    await until(lambda: (engine.status().speaking, engine.status().waiting) == (0, 0))
    assert not engine._listeners.streams


async def test_a_deadline_passes_while_the_model_loads(running: Callable[..., Engine]) -> None:
    engine, loaded = running(tone := Tone()), threading.Event()
    tone.load = lambda: loaded.wait(20) and None  # type: ignore[method-assign]
    with pytest.raises(DeadlinePassed):
        await say(engine, "late", deadline_s=0.1).read()
    assert engine.status().state is State.LOADING
    loaded.set()


async def test_an_idle_model_that_was_loaded_ahead_is_unloaded_too(running: Callable[..., Engine]) -> None:
    engine = running(Tone(), idle_unload_s=0.1)
    await asyncio.sleep(0.02)
    await engine.load()
    await until(lambda: engine.status().state is State.UNLOADED)


async def test_a_step_that_runs_out_of_an_iterator_fails_and_does_not_hang(running: Callable[..., Engine]) -> None:
    class Exhausted(Tone):
        def step(self, slots: Sequence[int]) -> list[Frame]:
            return next(iter(()))

    with pytest.raises(RowFailed):
        await asyncio.wait_for(hear(say(running(Exhausted()), "a")), 20)


@pytest.mark.parametrize("made", [[], [Frame(7)], [Frame(0), Frame(1)]])
async def test_a_backend_that_miscounts_its_frames_fails_its_rows(
    running: Callable[..., Engine], made: list[Frame]
) -> None:
    class Miscounting(Tone):
        def step(self, slots: Sequence[int]) -> list[Frame]:
            return made if "!" in self._rows[slots[0]].text else super().step(slots)

    engine = running(Miscounting())
    with pytest.raises(RowFailed):
        await asyncio.wait_for(hear(say(engine, "a!")), 20)
    assert len(await hear(say(engine, "fine"))) == 4 * FRAME


class Clinging(Tone):
    """Does not let go of its memory."""

    def unload(self) -> None:
        super().unload()
        raise RuntimeError("planted")


async def test_a_model_that_cannot_be_unloaded_takes_nobody_with_it(
    running: Callable[..., Engine], caplog: pytest.LogCaptureFixture
) -> None:
    engine = running(Clinging(), idle_unload_s=0.05)
    assert await hear(say(engine, "a"))
    await engine.unload()
    assert engine.status().state is State.UNLOADED
    assert await hear(say(engine, "b"))
    await until(lambda: engine.status().state is State.UNLOADED)
    assert await hear(say(engine, "c"))
    assert "could not be unloaded cleanly" in caplog.text


async def test_a_load_goes_on_when_whoever_asked_has_gone(running: Callable[..., Engine]) -> None:
    loads = []

    class Slow(Tone):
        def load(self) -> None:
            loads.append("begun")
            go_on.wait(20)
            loads.append("done")

    engine, go_on = running(Slow()), threading.Event()
    asking = asyncio.create_task(engine.load(), name="asking")
    await until(lambda: loads == ["begun"])
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert engine.status().state is State.LOADING
    go_on.set()
    assert await hear(say(engine, "a"))
    assert loads == ["begun", "done"]


async def test_an_unload_goes_on_when_whoever_asked_has_gone(running: Callable[..., Engine]) -> None:
    class Slow(Tone):
        def unload(self) -> None:
            begun.set()
            go_on.wait(20)
            super().unload()

    engine, begun, go_on = running(Slow()), threading.Event(), threading.Event()
    await engine.load()
    asking = asyncio.create_task(engine.unload(), name="asking")
    await asyncio.to_thread(begun.wait)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go_on.set()
    await until(lambda: engine.status().state is State.UNLOADED)
    assert await hear(say(engine, "a"))


async def test_what_a_load_took_before_it_failed_is_given_back(running: Callable[..., Engine]) -> None:
    held = []

    class Half(Tone):
        def load(self) -> None:
            held.append("memory")

        def warm_up(self) -> None:
            raise EngineUnavailable("no kernel for this device")

        def unload(self) -> None:
            held.clear()

    engine = running(Half())
    with pytest.raises(EngineUnavailable, match="no kernel"):
        await engine.load()
    assert not held
    assert engine.status().state is State.FAILED


async def test_an_engine_whose_thread_hangs_can_still_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "END_TIMEOUT_S", 0.1)
    monkeypatch.setattr(host, "PROBE_TIMEOUT_S", 0.1)
    engine, begun, go_on = Engine(tone := Tone()), threading.Event(), threading.Event()

    def hanging(slots: Sequence[int]) -> list[Frame]:
        begun.set()
        go_on.wait(60)
        return []

    tone.step = hanging  # type: ignore[method-assign]
    task = asyncio.create_task(engine.run(), name="hung engine")
    stream = say(engine, "a")
    await asyncio.to_thread(begun.wait)
    assert not await engine.answers()
    waiting = asyncio.create_task(engine.unload(), name="waiting for the lock")
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=20)
    assert task.cancelled()
    go_on.set()
    for late in (waiting, hear(stream)):
        with pytest.raises(EngineUnavailable, match="stopped"):
            await late


async def test_ten_thousand_streams_leave_nothing(running: Callable[..., Engine]) -> None:
    engine, alive = running(Tone(slots=8)), weakref.WeakSet[Stream]()
    for _ in range(1250):
        streams = [say(engine, "ab", Priority(number % 4)) for number in range(8)]
        alive.update(streams)
        streams[0].close()
        await asyncio.gather(*(hear(stream) for stream in streams[1:]))
    del streams
    await until(lambda: (engine.status().speaking, engine.status().waiting) == (0, 0))
    await asyncio.sleep(0.01)
    gc.collect()
    assert not alive
    assert len(slots(engine)) == 8


class Fickle(Tone):
    """Narrow and slow to load; now and then a row or a whole step of it fails, or its memory sticks."""

    def __init__(self, chance: random.Random, name: str = "tone") -> None:
        super().__init__(slots=3, load_s=0.002)
        self.facts = replace(self.facts, model=name, width=2)
        self.chance, self.good = chance, 0

    def step(self, slots: Sequence[int]) -> list[Frame]:
        self.good += 1
        if self.good > 3 and self.chance.random() < 0.004:
            self.good = 0
            raise RuntimeError("planted")
        fails = {slot for slot in slots if self.chance.random() < 0.002}
        return [Frame(f.slot, error=RowFailed("planted")) if f.slot in fails else f for f in super().step(slots)]

    def park(self, slot: int) -> object:
        if self.chance.random() < 0.02:
            raise RowFailed("planted")
        return super().park(slot)

    def unload(self) -> None:
        super().unload()
        if self.chance.random() < 0.2:
            raise RuntimeError("planted")


def alone(text: str) -> bytes:
    """What the tone says when nobody else speaks."""
    tone = Tone(1)
    tone.join(0, LINE)
    tone.feed(0, text)
    return b"".join(tone.step([0])[0].pcm for _ in text)


async def listen(engine: Engine, chance: random.Random, model: str) -> str:
    """One random listener; how it ended."""
    text = "".join(chance.choices("abc de", k=chance.randint(1, 120)))
    pieces = [text[i : i + 17] for i in range(0, len(text), 17)]
    deadline = chance.choice([None, None, 0.05, 1.0])
    try:
        stream = engine.open(replace(LINE, model=model), priority=chance.choice(list(Priority)), deadline_s=deadline)
    except QueueFull:
        return "full"
    try:
        for piece in pieces:
            stream.feed(piece)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() * 0.01)
        stream.end_text()
        heard, leaves = [], chance.random() < 0.2
        while pcm := await stream.read():
            heard.append(pcm)
            if chance.random() < 0.1:
                await asyncio.sleep(chance.random() * 0.02)
            if leaves and chance.random() < 0.3:
                return "left"
        assert b"".join(heard) == alone(text)
        return "heard"
    except (RowFailed, EngineUnavailable, DeadlinePassed) as error:
        return type(error).__name__
    finally:
        stream.close()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("names", [("tone",), ("a", "b", "c")])
async def test_whatever_happens_nobody_hangs_and_whoever_is_heard_is_heard_whole(
    seed: int, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "QUANTUM_S", 0.1)
    monkeypatch.setattr(schedule, "ASLEEP_S", 0.1)
    chance = random.Random(seed)
    engine = Engine(*(Fickle(chance, name) for name in names), queue=20, idle_unload_s=0.01, model_cache=max(1, seed))
    task = asyncio.create_task(engine.run(), name="engine under stress")
    listeners = set[asyncio.Task[str]]()
    for number in range(250):
        listeners.add(asyncio.create_task(listen(engine, chance, chance.choice(names)), name=f"listener {number}"))
        match chance.randrange(25):
            case 0:
                asking = asyncio.create_task(
                    chance.choice([engine.load, engine.unload])(chance.choice(names)), name="asking"
                )
                await asyncio.sleep(chance.choice([0, 0.001]))
                asking.cancel()
            case 1:
                chance.choice(sorted(listeners, key=id)).cancel()
            case 2:
                await asyncio.sleep(0.03)
        await asyncio.sleep(chance.random() * 0.004)
    done, hung = await asyncio.wait(listeners, timeout=60)
    assert not hung
    ends = Counter("cancelled" if one.cancelled() else one.result() for one in done)
    assert ends["heard"] > 20, ends
    await until(
        lambda: (engine._listeners.streams, set(engine._schedule.rows), engine._errands.open) == ({}, set(), set())
    )
    assert all(slots(engine, name) == [0, 1, 2] for name in names)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []
