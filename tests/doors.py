"""The Wyoming door on a free port, the tone behind it, and ways to knock: the real client, and raw bytes."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pytest
from wyoming.client import AsyncTcpClient
from wyoming.event import Event, async_read_event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice

from daemon import settings
from daemon.core import Voiced
from protocol.server import WyomingDoor

with catch_warnings():  # `wyoming.audio` imports `audioop`, which Python 3.11 complains of
    simplefilter("ignore", DeprecationWarning)
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.info import Describe, Info, SelectProgram

__all__ = ["AudioChunk", "AudioStart", "AudioStop", "Describe", "Info", "SelectProgram"]

FRAME_BYTES = 2 * 1920
TEXT = "The lights are off now. Good night to you!"
LONG = " ".join(["This sentence is one of a great many that nobody will hear to the end."] * 40)
Start = Callable[..., Awaitable["House"]]


@dataclass
class House:
    """A running core and its door."""

    voiced: Voiced
    door: WyomingDoor

    @property
    def at(self) -> tuple[str, int]:
        return self.door.endpoints[0]

    @property
    def tone(self) -> object:
        return self.voiced.engine._host.models["tone"].backend

    def client(self) -> AsyncTcpClient:
        return AsyncTcpClient(*self.at, read_timeout=20)

    def speaking(self) -> int:
        status = self.voiced.engine.status()
        return status.speaking + status.waiting


@dataclass
class Answer:
    """What a voice answered, up to the event asked for, the error or the end."""

    events: list[Event] = field(default_factory=list)
    ended: bool = False

    @property
    def types(self) -> list[str]:
        """The event types, each run of chunks once."""
        types = [event.type for event in self.events]
        return [kind for at, kind in enumerate(types) if kind != "audio-chunk" or types[:at][-1:] != [kind]]

    @property
    def chunks(self) -> list[AudioChunk]:
        return [AudioChunk.from_event(event) for event in self.events if event.type == "audio-chunk"]

    @property
    def pcm(self) -> bytes:
        return b"".join(chunk.audio for chunk in self.chunks)

    @property
    def start(self) -> AudioStart:
        return next(AudioStart.from_event(event) for event in self.events if event.type == "audio-start")

    @property
    def error(self) -> dict[str, str]:
        return next(event.data for event in self.events if event.type == "error")


PLAIN = ["audio-start", "audio-chunk", "audio-stop"]
STREAMED = [*PLAIN, "synthesize-stopped"]


async def listen(client: AsyncTcpClient, last: str | None) -> Answer:
    """Read until an event of type `last` has come, or the end."""
    answer = Answer()
    while (event := await client.read_event()) is not None:
        answer.events.append(event)
        if event.type == last:
            return answer
    answer.ended = True
    return answer


async def plain(client: AsyncTcpClient, text: str, voice: SynthesizeVoice | None = None) -> Answer:
    await client.write_event(Synthesize(text, voice).event())
    return await listen(client, "audio-stop")


async def stream(
    client: AsyncTcpClient,
    pieces: Iterable[str],
    voice: SynthesizeVoice | None = None,
    legacy: str | None = None,
) -> Answer:
    """What Home Assistant does: start, pieces, the whole text once more, stop."""
    await begin(client, pieces, voice)
    if legacy is not None:
        await client.write_event(Synthesize(legacy).event())
    await client.write_event(SynthesizeStop().event())
    return await listen(client, "synthesize-stopped")


async def begin(client: AsyncTcpClient, pieces: Iterable[str], voice: SynthesizeVoice | None = None) -> None:
    await client.write_event(SynthesizeStart(voice).event())
    for piece in pieces:
        await client.write_event(SynthesizeChunk(piece).event())


async def once(house: House, text: str, voice: SynthesizeVoice | None = None) -> Answer:
    async with house.client() as client:
        return await plain(client, text, voice)


def wire(kind: str, data: object = None, /, **header: object) -> bytes:
    """An event as raw bytes, so that it can be wrong."""
    block = b"" if data is None else json.dumps(data).encode()
    length = {"data_length": len(block)} if block else {}
    return json.dumps({"type": kind, **length, **header}).encode() + b"\n" + block


async def knock(house: House, sent: bytes, *, eof: bool = False, seconds: float = 20.0) -> Answer:
    """Send raw bytes and read events until the door closes the connection."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(*house.at)
        try:
            writer.write(sent)
            if eof:
                writer.write_eof()
            answer = Answer()
            while (event := await async_read_event(reader)) is not None:
                answer.events.append(event)
            answer.ended = reader.at_eof()
            return answer
        finally:
            writer.close()


def reset(client: AsyncTcpClient) -> None:
    """Leave as a crashed client does."""
    assert client._writer is not None
    client._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client._writer.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; a TimeoutError where it never does, however busy the machine is."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def houses(folder: Path) -> AsyncIterator[Start]:
    """`await start(slots=2, …)` opens a house; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def start(**options: object) -> House:
            wishes = {"engine": "tone", "data_dir": folder, "wyoming": ("tcp://127.0.0.1:0",), **options}
            voiced = await stack.enter_async_context(Voiced(settings.read(wishes, environ={})))
            door = await stack.enter_async_context(WyomingDoor(voiced.speech, voiced.settings))
            stack.push_async_callback(door.close, 0.0)
            return House(voiced, door)

        yield start


def stops(answer: Answer) -> list[AudioStop]:
    return [AudioStop.from_event(event) for event in answer.events if event.type == "audio-stop"]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    async with houses(tmp_path) as start:
        yield start


@pytest.fixture
async def house(start: Start) -> House:
    return await start()


@pytest.fixture(autouse=True)
def nothing_bad_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No caller may bring a traceback or an error into the log, whatever it does."""
    caplog.set_level(logging.INFO)
    yield
    assert not [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR or r.exc_info]
