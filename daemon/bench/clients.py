"""The plainest client of each door: ask, note the first byte of audio, read to the end."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final, Protocol


class Client(Protocol):
    """Asks one door."""

    async def __call__(self, host: str, port: int, text: str, *, whole: bool = True) -> tuple[float, int]:
        """Seconds to the first byte of audio, and the bytes that were read; it hangs up there unless `whole` is wanted."""


class Broken(Exception):
    """The door did not answer as it should."""


async def wyoming(host: str, port: int, text: str, *, whole: bool = True) -> tuple[float, int]:
    """A plain `synthesize`."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        data = json.dumps({"text": text}).encode()
        started = time.perf_counter()
        writer.write(json.dumps({"type": "synthesize", "data_length": len(data)}).encode() + b"\n" + data)
        first, size = 0.0, 0
        while True:
            header = json.loads(await reader.readline())
            await reader.readexactly(header.get("data_length") or 0)
            size += len(await reader.readexactly(header.get("payload_length") or 0))
            if header["type"] == "audio-chunk" and not first:
                first = time.perf_counter() - started
                if not whole:
                    return first, size
            elif header["type"] == "audio-stop":
                return first, size
            elif header["type"] == "error":
                raise Broken("wyoming answered an error")
    finally:
        writer.close()


async def openai(host: str, port: int, text: str, *, whole: bool = True) -> tuple[float, int]:
    """`/v1/audio/speech` as pcm."""
    message: dict[str, object] = {"model": "tts-1", "voice": "default", "input": text, "response_format": "pcm"}
    return await _post(host, port, "/v1/audio/speech", message, whole)


async def rest(host: str, port: int, text: str, *, whole: bool = True) -> tuple[float, int]:
    """`/api/v1/speech` as pcm, without a run folder."""
    return await _post(host, port, "/api/v1/speech", {"text": text, "format": "pcm", "keep": False}, whole)


async def websocket(host: str, port: int, text: str, *, whole: bool = True) -> tuple[float, int]:
    """`/ws/speech` with the whole text, without a run folder."""
    reader, writer = await open_websocket(host, port)
    try:
        started = time.perf_counter()
        writer.write(_frame(json.dumps({"type": "start", "text": text, "keep": False}).encode()))
        first, size = 0.0, 0
        while True:
            opcode, payload = await _read_frame(reader)
            if opcode == _BINARY:
                first = first or time.perf_counter() - started
                size += len(payload)
                if not whole:
                    return first, size
            elif opcode == _TEXT:
                message = json.loads(payload)
                if message["type"] == "end":
                    if message["reason"] != "stop":
                        raise Broken(f"the WebSocket ended with {message['reason']}")
                    return first, size
    finally:
        writer.close()


async def healthz(host: str, port: int) -> float:
    """Seconds for one `/healthz` on a fresh connection."""
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        if b" 200 " not in await reader.readline():
            raise Broken("/healthz is not well")
        await reader.read()
        return time.perf_counter() - started
    finally:
        writer.close()


async def get(host: str, port: int, path: str) -> str:
    """The body of a small page."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
        return (await reader.read()).decode().partition("\r\n\r\n")[2]
    finally:
        writer.close()


# RFC 6455, section 5.2.
_TEXT: Final = 1
_BINARY: Final = 2


async def open_websocket(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that has been upgraded."""
    reader, writer = await asyncio.open_connection(host, port)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET /ws/speech HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    writer.write(lines.encode())
    status = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in status.splitlines()[0]:
        raise Broken("the WebSocket was refused")
    return reader, writer


def _frame(payload: bytes) -> bytes:
    """One masked text frame."""
    mask = os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return b"\x81" + size + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


async def _read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8))
    return head & 0x0F, await reader.readexactly(size)


async def _post(host: str, port: int, path: str, message: Mapping[str, object], whole: bool) -> tuple[float, int]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        started = time.perf_counter()
        first, size = 0.0, 0
        async with aclosing(_answer(reader, writer, path, message)) as lengths:
            async for length in lengths:
                size += length
                first = first or time.perf_counter() - started
                if not whole:
                    break
        return first, size
    finally:
        writer.close()


async def speech(host: str, port: int, message: Mapping[str, object]) -> AsyncGenerator[int, None]:
    """The bytes of each piece of a speech over REST, as it comes; whoever has enough closes it."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        message = {**message, "format": "pcm", "keep": False}
        async with aclosing(_answer(reader, writer, "/api/v1/speech", message)) as lengths:
            async for length in lengths:
                yield length
    finally:
        writer.close()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, message: Mapping[str, object]
) -> AsyncGenerator[int, None]:
    """The length of each chunk of what is answered."""
    body = json.dumps(message).encode()
    host, port = writer.get_extra_info("peername")[:2]
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    headers = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in headers.splitlines()[0]:
        raise Broken(f"{path} answered {headers.splitlines()[0].decode()}")
    while length := int(await reader.readline(), 16):
        await reader.readexactly(length)
        yield length
        await reader.readexactly(2)
