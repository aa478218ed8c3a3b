"""The bytes of one connection: read with a limit, written at the reader's pace, ended without loss."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

READ_BYTES: Final = 64 * 1024
# What the kernel may hold for a slow reader: a good second of speech. Its own idea is megabytes, which is a
# minute of speech that nobody hears after a cancel, and a reader that looks dead while it plays.
SEND_BUFFER: Final = 64 * 1024
# The buffers hold about three seconds of speech: a player that was paused has taken some well before this.
READER_S: Final = 60.0
# After our last word the caller closes. What it still sends is thrown away: unread, it would make the kernel
# reset the connection, and the reset would overtake our word.
FAREWELL_S: Final = 2.0


class Gone(ConnectionError):
    """Nobody is there any more to be told anything."""


class Wire:
    """One end of a stream socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._gone = False
        self._socket: socket.socket = writer.get_extra_info("socket")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if self._socket.family in (socket.AF_INET, socket.AF_INET6):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def read(self, until: float | None) -> bytes:
        """What has arrived, b"" at the end. Raises TimeoutError at `until` on the loop's clock, or Gone."""
        try:
            async with asyncio.timeout_at(until) as limit:
                return await self._reader.read(READ_BYTES)
        except OSError as error:
            if limit.expired():
                raise
            raise self._lost(f"the connection broke: {error}") from error

    async def send(self, data: bytes) -> None:
        """Hand on whole events. Waits for a slow reader, raises Gone for one that left or reads no more."""
        self._writer.write(data)
        await self._drain()

    def reset(self) -> bool:
        """Whether the other side has refused what was sent to it, after it had ended its own part."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0

    async def hang_up(self) -> None:
        """Let the other side take what was sent, then close. Never raises."""
        try:
            if not self._gone:
                self._writer.transport.set_write_buffer_limits(0)
                await self._drain()
                await self._part()
        except (OSError, RuntimeError):
            pass  # it has left first
        finally:
            self._writer.transport.abort()

    async def _part(self) -> None:
        async with asyncio.timeout(FAREWELL_S):
            if self._writer.can_write_eof():
                self._writer.write_eof()
            while await self._reader.read(READ_BYTES):
                pass

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(READER_S) as limit:
                await self._writer.drain()
        except OSError as error:
            late = f"the caller has not read for {READER_S:.0f} s"
            raise self._lost(late if limit.expired() else f"the connection broke: {error}") from error

    def _lost(self, why: str) -> Gone:
        self._gone = True
        return Gone(why)
