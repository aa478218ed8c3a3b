"""`voiced bench --rate`: requests that come when they come, whether or not the last one has been answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from daemon.bench.engine import Heard, listen
from daemon.bench.figures import Figures, Row, quantile
from daemon.core import Voiced
from daemon.settings import Settings
from daemon.timing import Timing
from models import synthetic
from models.backend import Line
from models.batch import QueueFull
from models.engine import Engine
from models.stream import DeadlinePassed
from models.synthetic import SPEAKER, TEXT, Codec, Precision, Size

# At every rate. Enough for a median; for a 95th percentile to be trusted ask for more.
REQUESTS: Final = 20
# What the Qwen engine speaks at once when nobody says otherwise.
SLOTS: Final = 4

# One listener, by number, to the end of what is spoken to it.
Listener = Callable[[int], Awaitable[Heard]]


async def measure(settings: Settings, rates: Sequence[float], requests: int) -> Figures:
    """The engine that would speak here, at each of these rates (requests a second)."""
    async with Voiced(settings) as voiced:
        await listen(voiced)
        about = {"name": voiced.engine.facts.model, "dtype": "", "codec": ""}
        return await _figures(about, lambda _: listen(voiced), rates, requests)


async def measure_synthetic(
    kind: tuple[Size, Precision, Codec], slots: int, frames: int, rates: Sequence[float], requests: int
) -> Figures:
    """The Qwen engine on made-up weights with its scheduler. Raises EngineUnavailable without the extra `qwen`."""
    size, precision, codec = kind
    async with _running(Engine(synthetic.backend(size, precision, codec, slots))) as engine:

        async def one(number: int) -> Heard:
            return await _speak(engine, number, frames)

        await one(0)
        about = {"name": f"synthetic-{size}", "dtype": precision, "codec": codec}
        return await _figures(about, one, rates, requests)


@asynccontextmanager
async def _running(engine: Engine) -> AsyncIterator[Engine]:
    running = asyncio.create_task(engine.run(), name="engine")
    try:
        await engine.load()
        yield engine
        await engine.unload()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _speak(engine: Engine, seed: int, frames: int) -> Heard:
    timing = Timing(time.monotonic())
    stream = engine.open(Line(SPEAKER, "en", seed, sampling={"max_new_tokens": frames + 1}))
    try:
        stream.feed(TEXT)
        stream.end_text()
        while pcm := await stream.read():
            timing.hear(len(pcm) / 2 / engine.facts.sample_rate)
    finally:
        stream.close()
    return Heard((timing.first_audio_ms or 0.0) / 1000, timing.audio_ms / 1000, timing.underrun_ms)


async def _figures(about: Row, one: Listener, rates: Sequence[float], requests: int) -> Figures:
    return Figures([{**about, **await _at(rate, requests, one)} for rate in rates])


async def _at(rate: float, requests: int, one: Listener) -> Row:
    """A Poisson process, the same for the same rate: the waits between two requests are drawn, and nobody is waited for."""
    waits = random.Random(0)  # noqa: S311 - the same in every run
    started = due = time.monotonic()
    asked = []
    for number in range(requests):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        asked.append(asyncio.create_task(_answered(one, number), name=f"request {number}"))
        due += waits.expovariate(rate)
    heard = [answer for answer in await asyncio.gather(*asked) if answer is not None]
    wall = time.monotonic() - started
    first = [answer.first_s * 1000 for answer in heard]
    return {
        "rate_per_s": rate,
        "requests": requests,
        "refused": requests - len(heard),
        "first_audio_p50_ms": round(quantile(first, 0.5), 1),
        "first_audio_p95_ms": round(quantile(first, 0.95), 1),
        "underrun_p95_ms": round(quantile([answer.underrun_ms for answer in heard], 0.95), 1),
        "x_realtime": round(sum(answer.audio_s for answer in heard) / wall, 2),
    }


async def _answered(one: Listener, number: int) -> Heard | None:
    """None for whoever found the queue full, or nothing to hear in time."""
    try:
        return await one(number)
    except (QueueFull, DeadlinePassed):
        return None
