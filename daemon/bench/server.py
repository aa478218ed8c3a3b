"""A daemon of its own for a benchmark: a real process on free ports, in a folder that goes away."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from daemon.bench.clients import Broken

_START_TIMEOUT_S = 60.0
# More lines than are written while somebody waits for one of them.
_LINES: Final = 1000
# A traceback is one line; asyncio's own limit of 64 kB would end the reading of all later ones.
_LINE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens and how long it took."""

    pid: int
    wyoming: tuple[str, int]
    http: tuple[str, int]
    ready_s: float
    said: deque[str]
    """The messages of its log, the last ones; whoever waits for one may clear it before."""


@asynccontextmanager
async def serving(*options: str) -> AsyncIterator[Server]:
    """`voiced serve` with these options; stopped by its own process id. Raises Broken when it does not end with 0."""
    with tempfile.TemporaryDirectory(prefix="voiced-bench-") as folder:
        words = ["serve", "--data-dir", folder, "--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0"]
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daemon", *words, "--log-format", "json", *options),
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
        )
        try:
            assert process.stderr is not None
            said: deque[str] = deque(maxlen=_LINES)
            async with asyncio.timeout(_START_TIMEOUT_S):
                addresses = await _ready(process.stderr, said)
            server = Server(process.pid, addresses["tcp"], addresses["http"], time.perf_counter() - started, said)
            draining = asyncio.create_task(_drain(process.stderr, said), name="bench log")
            yield server
            draining.cancel()
        finally:
            if process.returncode is None:
                process.terminate()
            code = await process.wait()
        if code:
            raise Broken(f"the daemon ended with exit code {code}")


async def _ready(log: asyncio.StreamReader, said: deque[str]) -> dict[str, tuple[str, int]]:
    async for line in log:
        said.append(_message(line))
        if said[-1].startswith("Ready"):
            parts = [urlsplit(word) for word in said[-1].split() if "://" in word]
            return {part.scheme: (part.hostname or "", part.port or 0) for part in parts}
    raise Broken("\n".join(["the daemon did not start:", *said]))


async def _drain(log: asyncio.StreamReader, said: deque[str]) -> None:
    """A pipe that nobody reads fills up and stops the daemon."""
    async for line in log:
        said.append(_message(line))


def _message(line: bytes) -> str:
    """What a line of the log says, with the traceback where there is one."""
    text = line.decode(errors="replace").rstrip()
    try:
        entry = json.loads(text)
        return "\n".join(entry[name] for name in ("message", "exception") if name in entry)
    except (ValueError, TypeError):
        return text  # not from its logger
