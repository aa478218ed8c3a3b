"""What systemd is told, and the sockets it hands over (sd_notify(3), sd_listen_fds(3)). Silent elsewhere."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Final

_LOG = logging.getLogger(__name__)
_FIRST_FD: Final = 3


def notify(state: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Send one state, such as `READY=1`; False when nobody listens."""
    address = environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError as error:
            _LOG.warning("systemd could not be told %r: %s", state, error)
            return False
    return True


async def watchdog(answers: Callable[[], Awaitable[bool]], environ: MutableMapping[str, str] = os.environ) -> None:
    """Ping at half the watchdog's time while `answers` says so, until cancelled."""
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or int(microseconds) == 0:
        await asyncio.Event().wait()  # nobody asks
    while True:
        if await answers():
            notify("WATCHDOG=1", environ)
        else:
            _LOG.error("the engine thread does not answer; the watchdog is not pinged")
        await asyncio.sleep(int(microseconds) / 2_000_000)


def listen_sockets(environ: MutableMapping[str, str] = os.environ) -> dict[str, list[socket.socket]]:
    """Sockets by the name the .socket unit gives them; taken from the environment once, as children must not see them."""
    pid, count = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    sockets: dict[str, list[socket.socket]] = {}
    if pid != str(os.getpid()) or not count.isdigit():
        return sockets
    for index in range(int(count)):
        os.set_inheritable(_FIRST_FD + index, False)
        handed = socket.socket(fileno=_FIRST_FD + index)
        handed.setblocking(False)
        sockets.setdefault(names[index] if index < len(names) else "", []).append(handed)
    return sockets
