"""`voiced bench doors`: what the doors cost beyond the engine, measured on a daemon of its own with the tone."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

from daemon.bench import clients, lag
from daemon.bench.clients import Client
from daemon.bench.figures import Figures, quantile, rss_mb
from daemon.bench.server import Server, serving
from models.backend import Line
from models.engine import Engine
from models.tone import Tone

STREAMS = 32
REQUESTS = 640
# 32 rows in 20 ms a frame are 128 seconds of speech a second, more than any engine of the field makes on one device.
STEP_MS = 20.0
# Ten characters of tone: ten steps, so that a stream takes 200 ms and 32 listeners keep every slot busy.
TEXT = "ten notes."
IDLE_SOCKETS = 200
MANY_REQUESTS = 10_000

# What the buffers between the engine and a reader of 8 kB/s take before it is held: ten seconds of speech, made in three.
_UNTIL_HELD_S = 4.0

DOORS: dict[str, Client] = {
    "wyoming": clients.wyoming,
    "openai": clients.openai,
    "rest": clients.rest,
    "websocket": clients.websocket,
}


async def measure(streams: int = STREAMS, requests: int = REQUESTS) -> Figures:
    """Every figure of the doors."""
    figures = Figures()
    own = await _engine_alone(streams, requests)
    figures.rows.append(_row("engine alone", streams, own, own))
    options = ("--engine", "tone", "--slots", str(streams), "--tone-step-ms", str(STEP_MS), "--queue", str(streams))
    async with serving(*options) as server:
        for name, client in DOORS.items():
            where = server.wyoming if name == "wyoming" else server.http
            times = await _loop(streams, requests, partial(_first, client, where))
            figures.rows.append(_row(name, streams, times, own))
        figures.rows.append(await _health(server, streams, requests))
        figures.rows.append(await _slow_neighbour(server))
        figures.rows.append(await _loop_lag(server))
    figures.rows.extend(await _memory())
    figures.rows.extend(await _starts())
    return figures


async def _engine_alone(streams: int, requests: int) -> list[float]:
    """The backend's own time to the first frame, under the same load and without any door."""
    engine = Engine(Tone(streams, STEP_MS), queue=streams)
    running = asyncio.create_task(engine.run(), name="engine")

    async def one() -> float:
        started = time.perf_counter()
        stream = engine.open(Line("tone", "en", 0))
        stream.feed(TEXT)
        stream.end_text()
        await stream.read()
        first = time.perf_counter() - started
        while await stream.read():
            pass
        return first

    await engine.load()
    times = await _loop(streams, requests, one)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return times


async def _first(client: Client, where: tuple[str, int]) -> float:
    return (await client(*where, TEXT))[0]


async def _loop(streams: int, requests: int, one: Callable[[], Awaitable[float]]) -> list[float]:
    """`streams` listeners, each asking again after the end and a moment of its own.

    The moment (up to two steps) spreads the requests over the engine's steps; asked at once, all would just miss one.
    """

    async def listener(number: int) -> list[float]:
        moments = random.Random(number)  # noqa: S311 - the same for every door
        times = []
        for _ in range(max(1, requests // streams)):
            await asyncio.sleep(moments.uniform(0, 2 * STEP_MS / 1000))
            times.append(await one())
        return times

    heard = await asyncio.gather(*(listener(number) for number in range(streams)))
    return [seconds for times in heard for seconds in times]


def _row(name: str, streams: int, times: Sequence[float], own: Sequence[float]) -> dict[str, object]:
    first = {share: quantile(times, share) * 1000 for share in (0.5, 0.99)}
    base = {share: quantile(own, share) * 1000 for share in (0.5, 0.99)}
    return {
        "name": name,
        "streams": streams,
        "first_audio_ms": round(first[0.5], 2),
        "first_audio_p99_ms": round(first[0.99], 2),
        "overhead_p50_ms": round(first[0.5] - base[0.5], 2),
        "overhead_p99_ms": round(first[0.99] - base[0.99], 2),
    }


async def _health(server: Server, streams: int, requests: int) -> dict[str, object]:
    """`/healthz` while every slot is busy."""
    busy = asyncio.create_task(_loop(streams, requests, lambda: _first(clients.rest, server.http)), name="load")
    times = []
    while not busy.done():
        times.append(await clients.healthz(*server.http))
        await asyncio.sleep(0.01)
    await busy
    return _plain("/healthz, every slot busy", streams, times)


async def _slow_neighbour(server: Server) -> dict[str, object]:
    """Another's first audio while a client reads 8 kB/s."""
    alone = [await _first(clients.rest, server.http) for _ in range(40)]
    async with AsyncExitStack() as stack:
        reading = asyncio.create_task(_read_slowly(*server.http), name="slow reader")
        stack.callback(reading.cancel)
        await asyncio.sleep(_UNTIL_HELD_S)
        beside = [await _first(clients.rest, server.http) for _ in range(40)]
    return {
        **_plain("first audio beside an 8 kB/s reader", 1, beside),
        "alone_ms": round(quantile(alone, 0.5) * 1000, 2),
        "ratio": round(quantile(beside, 0.5) / quantile(alone, 0.5), 3),
    }


async def _read_slowly(host: str, port: int) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=4096)
    body = b'{"text": "' + b"la " * 2000 + b'", "format": "pcm", "keep": false}'
    head = f"POST /api/v1/speech HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    try:
        while await reader.read(1024):  # noqa: ASYNC110 - a slow reader is what is wanted
            await asyncio.sleep(0.125)
    finally:
        writer.close()


async def _loop_lag(server: Server) -> dict[str, object]:
    """The 99th percentile of everything above."""
    late = await lag.read(server)
    return {"name": "event loop lag", "samples": lag.samples(late), "p99_at_most_ms": lag.at_most_ms(late, 0.99)}


async def _memory() -> list[dict[str, object]]:
    """Idle WebSockets, and ten thousand short requests."""
    async with serving("--engine", "tone") as server:
        await clients.rest(*server.http, "hi")
        before = rss_mb(server.pid)
        sockets = [await clients.open_websocket(*server.http) for _ in range(IDLE_SOCKETS)]
        await asyncio.sleep(0.5)
        each = (rss_mb(server.pid) - before) * 1000 / IDLE_SOCKETS
        for _, writer in sockets:
            writer.close()

        async def short() -> float:
            return (await clients.rest(*server.http, "hi"))[0]

        await _loop(8, MANY_REQUESTS // 5, short)
        early = rss_mb(server.pid)
        await _loop(8, MANY_REQUESTS - MANY_REQUESTS // 5, short)
        late = rss_mb(server.pid)
    return [
        {"name": f"{IDLE_SOCKETS} idle WebSockets", "kb_each": round(each, 1)},
        {"name": f"{MANY_REQUESTS} short requests", "rss_mb_early": round(early, 1), "rss_mb": round(late, 1)},
    ]


async def _starts() -> list[dict[str, object]]:
    """Time to help and to Ready."""
    helps = [await asyncio.to_thread(_help) for _ in range(5)]
    ready, torch = [], False
    for _ in range(3):
        async with serving("--engine", "builtin") as server:
            ready.append(server.ready_s)
            with open(f"/proc/{server.pid}/maps", encoding="utf-8") as maps:  # noqa: ASYNC230, PTH123 - procfs
                torch = torch or "libtorch" in maps.read()
    return [
        {"name": "voiced --help", "seconds": round(min(helps), 3), "torch_imported": False},
        {"name": "serve to Ready, built-in voice", "seconds": round(min(ready), 3), "torch_imported": torch},
    ]


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "daemon", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _plain(name: str, streams: int, times: Sequence[float]) -> dict[str, object]:
    return {
        "name": name,
        "streams": streams,
        "p50_ms": round(quantile(times, 0.5) * 1000, 2),
        "p99_ms": round(quantile(times, 0.99) * 1000, 2),
    }
