"""`voiced bench doors --synthetic`: the doors of one daemon while it streams, and by turns while nobody listens to it."""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from daemon.bench import clients, lag
from daemon.bench.clients import Broken, Client
from daemon.bench.doors import DOORS, TEXT
from daemon.bench.figures import Figures, Row, quantile
from daemon.bench.lag import Lag
from daemon.bench.server import Server, serving
from models import synthetic
from models.synthetic import SPEAKER, Codec, Job, Precision, Size

# At each door, idle and beside: enough for a median, and for the worst of many.
REQUESTS: Final = 80
STREAMS: Final = 1
# Idle, beside, idle, beside: what else the machine does hits both alike.
_TURNS: Final = 4
# A question after the daemon's health costs next to nothing, so there are as many of them for each request.
_PROBES: Final = 4
# Requests begin anywhere in a step of the engine, which takes about as long.
_MOMENT_S: Final = 0.1
# On a machine that is busy otherwise the first frame of a large model takes seconds.
_PATIENCE_S: Final = 60.0
_LOOK_AGAIN_S: Final = 0.005

# Who is asked at the doors, where everybody hangs up at the first audio: a few frames, for a made-up model never ends by itself.
_SHORT: Final = "short"
_FRAMES: Final = 4
# What the stream is: longer than any turn.
_ENDLESS: Final[Mapping[str, object]] = {
    "text": TEXT,
    "voice": SPEAKER,
    "sampling": {"stop_guard": False, "max_new_tokens": 8192},
}
# Of Qwen3-TTS.
_BYTES_A_SECOND: Final = 48_000
# What the daemon's log says of each request.
_OWN: Final = re.compile(rf"(\w+) voice={_SHORT} .*first_audio_ms=([\d.]+)")

Kind = tuple[Size, Precision, Codec]


@dataclass(slots=True)
class Times:
    """What was measured in one state of the daemon; seconds."""

    health: list[float] = field(default_factory=list)
    first: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in DOORS})
    beyond: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in DOORS})
    """Of each first audio, what the daemon does not count as its own: from the client's bytes to the request, and back."""
    late: list[Lag] = field(default_factory=list)


@dataclass(slots=True)
class Neighbour:
    """Somebody who listens, as fast as speech is made, to what does not end."""

    size: int = 0

    async def listen(self, server: Server) -> None:
        """Until cancelled. Raises Broken when it ends."""
        async with aclosing(clients.speech(*server.http, _ENDLESS)) as pieces:
            async for piece in pieces:
                self.size += piece
        raise Broken("the stream ended while the doors were measured beside it")


def measure(kind: Kind, streams: int, requests: int) -> Figures:
    """With made-up weights, written into a folder that goes away. Raises EngineUnavailable without the package."""
    size, precision, codec = kind
    synthetic.need_package()
    with tempfile.TemporaryDirectory(prefix="voiced-bench-") as name:
        data, model = Path(name), f"synthetic-{size}"
        synthetic.measure(Job(size, "write", folder=str(data / "models" / model)))
        return asyncio.run(measure_at(data, model, (precision, codec), streams, requests))


async def measure_at(
    data: Path, model: str, precisions: tuple[Precision, Codec], streams: int, requests: int
) -> Figures:
    """With this model of a data folder, whose speaker never ends by itself. Raises Broken."""
    _introduce(data, model)
    precision, codec = precisions
    options = ("--data-dir", str(data), "--engine", "qwen", "--model", model, "--voice", _SHORT)
    kinds = ("--dtype", precision, "--codec-dtype", codec, "--slots", str(streams + 1))
    idle, beside, speed = Times(), Times(), []
    async with serving(*options, *kinds) as server:
        for turn in range(min(_TURNS, requests)):
            count = len(range(turn, requests, _TURNS))
            await _visit(server, idle, count)
            async with _streaming(server, streams) as neighbours:
                before, started = sum(one.size for one in neighbours), time.perf_counter()
                await _visit(server, beside, count)
                made = sum(one.size for one in neighbours) - before
                speed.append(made / _BYTES_A_SECOND / (time.perf_counter() - started))
    about: Row = {
        "name": f"{streams} stream{'s' * (streams != 1)} beside",
        "model": model,
        "dtype": precision,
        "codec": codec,
        "x_realtime": round(quantile(speed, 0.5), 2),
    }
    return Figures([*_rows(idle, beside), about])


def _introduce(data: Path, model: str) -> None:
    """Write the voice that is asked for at the doors."""
    profile = {
        "schema": 1, "id": _SHORT, "label": "Short", "kind": "preset", "languages": ["en"], "model": model,
        "speaker": SPEAKER, "defaults": {"sampling": {"max_new_tokens": _FRAMES}},
    }  # fmt: skip
    file = data / "voices" / "profiles" / f"{_SHORT}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(profile), "utf-8")


@asynccontextmanager
async def _streaming(server: Server, streams: int) -> AsyncIterator[Sequence[Neighbour]]:
    """Speak all the while; afterwards nobody speaks. Raises Broken when a stream has ended meanwhile."""
    neighbours = [Neighbour() for _ in range(streams)]
    tasks = [asyncio.create_task(one.listen(server), name="stream beside") for one in neighbours]
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not all(one.size for one in neighbours):
                _see_running(tasks)
                await asyncio.sleep(_LOOK_AGAIN_S)
        yield neighbours
        _see_running(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await _quiet(server)


def _see_running(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


async def _quiet(server: Server) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while "voiced_rows_speaking 0.0" not in await clients.get(*server.http, "/metrics"):  # noqa: ASYNC110 - a process
            await asyncio.sleep(_LOOK_AGAIN_S)


async def _visit(server: Server, heard: Times, count: int) -> None:
    """Ask everywhere, one after another, so many times at each door."""
    moments = random.Random(count)  # noqa: S311 - the same idle and beside
    before = await lag.read(server)
    for _ in range(_PROBES * count):
        await asyncio.sleep(moments.uniform(0, _MOMENT_S / _PROBES))
        heard.health.append(await clients.healthz(*server.http))
    for name, client in DOORS.items():
        for _ in range(count):
            await asyncio.sleep(moments.uniform(0, _MOMENT_S))
            first, own = await _ask(server, name, client)
            heard.first[name].append(first)
            heard.beyond[name].append(first - own)
    heard.late.append(lag.between(before, await lag.read(server)))


async def _ask(server: Server, name: str, client: Client) -> tuple[float, float]:
    """Seconds to the first byte of audio; and how many of them the daemon says that it needed, from the request to the audio."""
    server.said.clear()
    async with asyncio.timeout(_PATIENCE_S):
        first, _ = await client(*(server.wyoming if name == "wyoming" else server.http), TEXT, whole=False)
        while True:
            for line in server.said:
                if (told := _OWN.match(line)) and told[1] == name:
                    return first, float(told[2]) / 1000
            await asyncio.sleep(_LOOK_AGAIN_S)


def _rows(idle: Times, beside: Times) -> Sequence[Row]:
    late = [partial(lag.at_most_ms, lag.together(times.late)) for times in (idle, beside)]
    return [
        _row("/healthz", *_ms(idle.health, beside.health)),
        *(_row(f"{name}, beyond the engine", *_ms(idle.beyond[name], beside.beyond[name])) for name in DOORS),
        _row("event loop lag, at most", *late),
        *(_row(f"{name}, first audio", *_ms(idle.first[name], beside.first[name])) for name in DOORS),
    ]


# A quantile in milliseconds.
_Quantile = Callable[[float], float]


def _ms(*states: Sequence[float]) -> Sequence[_Quantile]:
    return [partial(quantile, [seconds * 1000 for seconds in times]) for times in states]


def _row(name: str, idle: _Quantile, beside: _Quantile) -> Row:
    states = {"idle": idle, "beside": beside}
    return {"name": name} | {
        f"{state}_p{percent}_ms": round(ms(percent / 100), 2) for state, ms in states.items() for percent in (50, 99)
    }
