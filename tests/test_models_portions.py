"""Work in portions: whoever is spoken to goes first and loses nothing, and the work is done all the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import numpy as np
import pytest

from models import portions
from models.backend import EngineUnavailable, Line, RowFailed
from models.batch import Priority
from models.engine import Engine, State
from models.stream import Stream
from models.tone import Tone
from tests.live import LiveTone, sound

FRAME = 3840
TABLE = np.random.default_rng(0).integers(0, 256, (100, 16)).astype(np.int16)
SPOKEN = b"".join(map(sound, TABLE.tolist()))
RECORDING = np.ones(24_000, np.float32)
Running = Callable[..., Engine]


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    tasks = []

    def begin(*backends: Tone, **options: Any) -> Engine:
        engine = Engine(*backends, **options)
        tasks.append(asyncio.create_task(engine.run(), name="engine under test"))
        return engine

    yield begin
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def say(engine: Engine, text: str, priority: Priority = Priority.INTERACTIVE) -> Stream:
    stream = engine.open(Line("tone", "en", 1), priority=priority)
    stream.feed(text)
    stream.end_text()
    return stream


async def hear(stream: Stream) -> bytes:
    return b"".join([pcm async for pcm in _chunks(stream)])


async def _chunks(stream: Stream) -> AsyncIterator[bytes]:
    while pcm := await stream.read():
        yield pcm


async def sounds(engine: Engine, model: str = "") -> list[bytes]:
    return [pcm async for pcm in engine.decode(model, TABLE)]


async def test_both_ways_are_done_in_the_engines_thread(running: Running) -> None:
    threads = set()

    class Noting(LiveTone):
        def decoding(self, codes: Any) -> Iterator[bytes]:
            for portion in super().decoding(codes):
                threads.add(threading.current_thread().name)
                yield portion

    engine = running(Noting())
    assert len(await engine.encode("", RECORDING, 24_000)) == 13
    assert engine.status().state is State.UNLOADED
    made = await sounds(engine)
    assert (len(made), b"".join(made)) == (4, SPOKEN)
    assert engine.status().state is State.READY
    assert threads == {"engine"}


async def test_whoever_is_spoken_to_goes_first(running: Running) -> None:
    engine = running(LiveTone(step_ms=5))
    await engine.load()
    ended: list[str] = []
    talk = asyncio.create_task(hear(say(engine, "a" * 60)), name="talk")
    talk.add_done_callback(lambda _: ended.append("talk"))
    await asyncio.sleep(0.05)
    work = asyncio.create_task(sounds(engine), name="work")
    work.add_done_callback(lambda _: ended.append("work"))
    heard, made = await asyncio.gather(talk, work)
    assert (len(heard), b"".join(made)) == (60 * FRAME, SPOKEN)
    assert ended == ["talk", "work"]


async def test_but_not_for_ever(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "PATIENCE_S", 0.1)
    engine = running(LiveTone(step_ms=5))
    await engine.load()
    talk = asyncio.create_task(hear(say(engine, "a" * 1000)), name="talk")
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert b"".join(await sounds(engine)) == SPOKEN
    assert time.monotonic() - began > 0.3
    assert not talk.done()
    talk.cancel()


async def test_work_for_nobody_is_no_reason_to_wait(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch speech and this take turns; whoever listens to something else, or has heard ahead, is not waited for either."""
    engine = running(LiveTone(step_ms=5))
    await engine.load()
    batch = asyncio.create_task(hear(say(engine, "a" * 1000, Priority.BATCH)), name="batch")
    held = say(engine, "b" * 1000)  # nobody reads it
    await asyncio.sleep(1.0)
    monkeypatch.setattr(portions, "PATIENCE_S", 60.0)
    async with asyncio.timeout(20):
        assert b"".join(await sounds(engine)) == SPOKEN
    assert not batch.done()
    batch.cancel()
    held.close()


async def test_others_speak_between_two_portions(running: Running) -> None:
    """The longest silence of a listener is a portion and no more."""

    class Slow(LiveTone):
        def decoding(self, codes: Any) -> Iterator[bytes]:
            for portion in super().decoding(codes):
                time.sleep(0.1)
                yield portion

    engine = running(Slow(step_ms=1))
    await engine.load()
    work = asyncio.create_task(sounds(engine), name="work")
    await asyncio.sleep(0.02)
    assert len(await hear(say(engine, "a" * 20, Priority.REPLY))) == 20 * FRAME
    assert not work.done()
    assert b"".join(await work) == SPOKEN


async def test_models_change_in_between(running: Running) -> None:
    """Each takes the other's place between portions, and both come out whole."""
    a, b = LiveTone(), LiveTone(model="b")
    engine = running(a, b)
    made = await asyncio.gather(sounds(engine, "tone"), sounds(engine, "b"))
    assert [b"".join(one) for one in made] == [SPOKEN, SPOKEN]


async def test_a_model_at_work_is_no_idle_one(running: Running) -> None:
    class Counting(LiveTone):
        loads = 0

        def load(self) -> None:
            self.loads += 1

    tone = Counting()
    engine = running(tone, idle_unload_s=1.2)
    async for _ in engine.decode("", TABLE):
        await asyncio.sleep(0.4)
    assert tone.loads == 1


async def test_whoever_goes_leaves_nothing_behind(running: Running) -> None:
    engine = running(LiveTone())
    decoding = engine.decode("", TABLE)
    assert await anext(decoding) == SPOKEN[: 32 * FRAME]
    await decoding.aclose()
    work = asyncio.create_task(sounds(engine), name="work")
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait([work])
    now = engine.status()
    assert (now.speaking, now.waiting) == (0, 0)
    assert b"".join(await sounds(engine)) == SPOKEN


async def test_failures_are_the_callers_and_the_model_stays(running: Running) -> None:
    class Failing(LiveTone):
        def decoding(self, codes: Any) -> Iterator[bytes]:
            raise RowFailed("planted")
            yield b""

        def encoding(self, samples: Any, sample_rate: int) -> Any:
            yield None
            raise MemoryError

    engine = running(Failing())
    with pytest.raises(RowFailed, match="planted"):
        await sounds(engine)
    with pytest.raises(EngineUnavailable, match="not enough memory"):
        await engine.encode("", RECORDING, 24_000)
    assert engine.status().state is State.READY
    assert len(await hear(say(engine, "ab"))) == 2 * FRAME
    with pytest.raises(EngineUnavailable, match="planted"):
        engine.close(EngineUnavailable("planted"))
        await engine.encode("", RECORDING, 24_000)


async def test_a_model_without_codes_says_so(running: Running) -> None:
    engine = running(Tone())
    for work in (engine.encode("", RECORDING, 24_000), sounds(engine)):
        with pytest.raises(RowFailed, match="tone speaks without codes"):
            await work


async def test_a_model_that_cannot_be_loaded(running: Running) -> None:
    class Broken(LiveTone):
        def load(self) -> None:
            raise EngineUnavailable("its weights are gone")

    engine = running(Broken())
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="its weights are gone"):
            await sounds(engine)
    assert len(await engine.encode("", RECORDING, 24_000)) == 13
