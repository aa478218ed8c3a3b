"""The HTTP doors for tests: the real application on a free port, on the tone."""

from __future__ import annotations

import asyncio
import io
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from daemon import settings
from daemon.core import Voiced
from web.app import build, serve
from web.guard import Keys

FRAME_MS = 80
"""What the tone makes of one character."""


@dataclass
class House:
    """A running daemon with its HTTP door and a client that talks to it."""

    voiced: Voiced
    url: str
    client: aiohttp.ClientSession
    responses: list[aiohttp.ClientResponse] = field(default_factory=list)

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws") + "/ws/speech"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def say(self, text: str, **wishes: object) -> aiohttp.ClientResponse:
        return await self.post("/api/v1/speech", {"text": text, **wishes})

    async def post(self, path: str, body: object) -> aiohttp.ClientResponse:
        """An answer that need not be read; it is closed after the test."""
        self.responses.append(await self.client.post(self.url + path, json=body))
        return self.responses[-1]

    async def json(self, path: str) -> Any:
        async with self.client.get(self.url + path) as response:
            return await response.json()

    async def idle(self) -> None:
        """Wait until nobody holds a slot or waits for one."""
        async with asyncio.timeout(20):
            while (now := self.voiced.engine.status()).speaking or now.waiting:
                await asyncio.sleep(0.005)

    async def busy(self, rows: int = 1) -> None:
        """Wait until that many rows hold a slot."""
        async with asyncio.timeout(20):
            while self.voiced.engine.status().speaking < rows:
                await asyncio.sleep(0.005)


Open = Callable[..., Any]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Open]:
    """`await house(slots=2, …)` gives a House; `keys=` guards it. All of it ends with the test."""
    async with AsyncExitStack() as stack:

        async def begin(keys: dict[str, str] | None = None, **options: object) -> House:
            wishes = {
                "engine": "tone",
                "data_dir": tmp_path / "data",
                "http": "127.0.0.1:0",
                "drain": 1.0,
                **options,
            }
            voiced = await stack.enter_async_context(Voiced(settings.read(wishes, environ={})))
            app = build(voiced, Keys(keys) if keys else None)
            listener = await stack.enter_async_context(serve(app, voiced.settings))
            client = await stack.enter_async_context(aiohttp.ClientSession())
            running = House(voiced, listener.urls[0], client)
            stack.callback(lambda: [response.close() for response in running.responses])
            return running

        yield begin


def seconds(audio: bytes, kind: str, sample_rate: int = 24_000) -> float:
    """How long encoded audio plays, by decoding all of it."""
    if kind == "pcm":
        return len(audio) / 2 / sample_rate
    with av.open(io.BytesIO(audio)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


def pcm_of_wav(wav: bytes) -> bytes:
    """The samples of a streamed WAV, whose header tells no length."""
    assert wav[:4] == b"RIFF" and wav[8:12] == b"WAVE" and wav[36:40] == b"data"
    assert struct.unpack("<I", wav[24:28])[0] == 24_000
    return wav[44:]


Raw = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def raw(port: int, path: str, body: dict[str, object], version: str = "1.1") -> Raw:
    """A POST by hand, for clients that misbehave."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/{version}\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    await writer.drain()
    return reader, writer
