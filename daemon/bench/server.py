"""A daemon of its own for a benchmark: a real process on free ports, in a folder that goes away."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from daemon.bench.clients import Broken

_START_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens and how long it took."""

    pid: int
    wyoming: tuple[str, int]
    http: tuple[str, int]
    ready_s: float


@asynccontextmanager
async def serving(*options: str) -> AsyncIterator[Server]:
    """`voiced serve` with these options; stopped by its own process id. Raises Broken when it does not end with 0."""
    with tempfile.TemporaryDirectory(prefix="voiced-bench-") as folder:
        words = ["serve", "--data-dir", folder, "--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0"]
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daemon", *words, "--log-format", "json", *options, stderr=asyncio.subprocess.PIPE
        )
        try:
            assert process.stderr is not None
            async with asyncio.timeout(_START_TIMEOUT_S):
                addresses = await _ready(process.stderr)
            server = Server(process.pid, addresses["tcp"], addresses["http"], time.perf_counter() - started)
            draining = asyncio.create_task(_drain(process.stderr), name="bench log")
            yield server
            draining.cancel()
        finally:
            if process.returncode is None:
                process.terminate()
            code = await process.wait()
        if code:
            raise Broken(f"the daemon ended with exit code {code}")


async def _ready(log: asyncio.StreamReader) -> dict[str, tuple[str, int]]:
    lines = []
    async for line in log:
        lines.append(line.decode())
        message = str(json.loads(line)["message"]) if line.startswith(b"{") else ""
        if message.startswith("Ready"):
            parts = [urlsplit(word) for word in message.split() if "://" in word]
            return {part.scheme: (part.hostname or "", part.port or 0) for part in parts}
    raise Broken("the daemon did not start:\n" + "".join(lines))


async def _drain(log: asyncio.StreamReader) -> None:
    """A pipe that nobody reads fills up and stops the daemon."""
    while await log.read(65_536):
        pass
