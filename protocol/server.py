"""The Wyoming door: listens wherever it is told to, and serves whoever comes."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from daemon.faults import Fault, ShuttingDown
from daemon.settings import Settings
from daemon.speech import Speech
from protocol import address, events
from protocol.caller import IDLE_S, Caller
from protocol.stdio import Stdio
from protocol.wire import READ_BYTES, Gone, Wire

_LOG = logging.getLogger(__name__)

# A house has a few dozen satellites at most, and a process may have 1024 files open.
MAX_CONNECTIONS: Final = 128
# What speech.close() fails at the end of its patience is told to callers before the door loses its own.
GRACE_S: Final = 1.0
# An error that cannot be handed over in this time is not waited for.
GOODBYE_S: Final = 1.0
_FULL: Final = Fault("too_many_connections", 503, f"{MAX_CONNECTIONS} callers are connected, and that is all")


class WyomingDoor:
    """Open while its context is entered.

    Args:
        sockets: listening sockets that systemd hands over; they stand in for `settings.wyoming`.

    Raises CannotListen on entering.
    """

    def __init__(self, speech: Speech, settings: Settings, *, sockets: Sequence[socket.socket] = ()) -> None:
        self.addresses: list[str] = []
        """Where it really listens."""
        self.endpoints: list[tuple[str, int]] = []
        """Host and port of every TCP socket among them."""
        self._speech, self._settings, self._given = speech, settings, sockets
        self._servers: list[asyncio.Server] = []
        self._paths: list[Path] = []
        self._callers: dict[asyncio.Task[None], Caller] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._stdio: Stdio | None = None
        self._hung_up = asyncio.Event()

    async def __aenter__(self) -> Self:
        try:
            if self._settings.speaker:
                self._speech.casting.find(self._settings.speaker)
            for listener in self._given:
                await self._serve(listener)
            for uri in () if self._given else self._settings.wyoming:
                await self._open(uri)
        except BaseException:
            await self.close(0.0)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def hung_up(self) -> None:
        """Wait until the caller at standard input has left; for ever when there is none."""
        await self._hung_up.wait()

    def stop_listening(self) -> None:
        """Let nobody in any more. Safe to call twice."""
        for server in self._servers:
            server.close()
        for path in self._paths:
            address.remove(path)
        self._servers, self._paths = [], []

    async def close(self, patience_s: float | None = None) -> None:
        """Let nobody in, let what is spoken end, then tell whoever is left. Safe to call twice."""
        patience_s = self._settings.drain + GRACE_S if patience_s is None else patience_s
        self.stop_listening()
        for caller in self._callers.values():
            caller.finish()
        await self._wait(patience_s)
        for caller in self._callers.values():
            caller.abort(ShuttingDown("the daemon is shutting down"))
        await self._wait(GOODBYE_S)
        last = [*self._callers, *self._leaving]
        for task in last:
            task.cancel()
        await asyncio.gather(*last, return_exceptions=True)
        if self._stdio is not None:
            stdio, self._stdio = self._stdio, None
            await asyncio.to_thread(stdio.close, GOODBYE_S)

    async def _wait(self, seconds: float) -> None:
        if self._callers:
            await asyncio.wait(list(self._callers), timeout=seconds)

    # --- listening ------------------------------------------------------------------------------------

    async def _open(self, uri: str) -> None:
        if uri.startswith("stdio:"):
            await self._open_stdio()
            return
        for listener in await address.listen(uri):
            if listener.family == socket.AF_UNIX:
                self._paths.append(Path(listener.getsockname()))
            await self._serve(listener)

    async def _serve(self, listener: socket.socket) -> None:
        self._servers.append(await asyncio.start_server(self._accept, sock=listener, limit=READ_BYTES))
        self.addresses.append(address.name(listener))
        if listener.family != socket.AF_UNIX:
            self.endpoints.append(listener.getsockname()[:2])

    async def _open_stdio(self) -> None:
        if self._stdio is None:
            self._stdio = Stdio()
            reader, writer = await asyncio.open_unix_connection(sock=self._stdio.socket, limit=READ_BYTES)
            task = self._admit(reader, writer, "stdio", idle_s=None)
            task.add_done_callback(lambda _: self._hung_up.set())
            self.addresses.append("stdio://")

    # --- callers --------------------------------------------------------------------------------------

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        name = f"wyoming {peer[0]}:{peer[1]}" if isinstance(peer, tuple) else "wyoming unix"
        if len(self._callers) < MAX_CONNECTIONS:
            self._admit(reader, writer, name, idle_s=IDLE_S)
        elif len(self._leaving) < MAX_CONNECTIONS:
            _LOG.warning("%s: turned away, %d callers are connected", name, len(self._callers))
            task = asyncio.create_task(_turn_away(Wire(reader, writer)), name=f"{name} leaves")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        else:
            writer.transport.abort()

    def _admit(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, *, idle_s: float | None
    ) -> asyncio.Task[None]:
        caller = Caller(self._speech, self._settings, Wire(reader, writer), name, idle_s=idle_s)
        task = asyncio.create_task(caller.serve(), name=name)
        self._callers[task] = caller
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._callers.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("%s broke", task.get_name(), exc_info=error)


async def _turn_away(wire: Wire) -> None:
    with suppress(Gone):
        await wire.send(events.error(_FULL))
    await wire.hang_up()
