"""Where the Wyoming door listens: from a URI to sockets that do, or to a text that says why not."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from daemon.settings import SettingsMistake

# Connections that the kernel accepts for us while the loop is busy: a burst of a whole house of satellites.
_BACKLOG: Final = 128
_HINTS: Final[Mapping[int, str]] = {
    errno.EADDRINUSE: "another program listens there; stop it or choose another address",
    errno.EACCES: "this user may not; choose a port above 1023 or a folder that is yours",
    errno.EADDRNOTAVAIL: "no interface of this machine has that address",
    errno.ENOENT: "the folder does not exist",
}


class CannotListen(SettingsMistake):
    """An address that cannot be listened on; the text names it and says what to do."""


async def listen(uri: str) -> list[socket.socket]:
    """Sockets that listen on `tcp://HOST:PORT` (port 0 takes a free one) or `unix://PATH`."""
    url = urlsplit(uri)
    try:
        if url.scheme == "unix":
            return [_unix(Path(url.netloc + url.path))]
        if url.scheme == "tcp":
            return await _tcp(*_endpoint(url))
    except OSError as error:
        raise CannotListen(f"cannot listen on {uri}: {hint(error)} (--wyoming)") from error
    except ValueError as error:
        raise CannotListen(f"cannot listen on {uri}: {error}") from error
    raise CannotListen(f"{uri!r} is no address of this door: use tcp://HOST:PORT, unix://PATH or stdio://")


def hint(error: OSError) -> str:
    """Why an address cannot be listened on, and what helps."""
    return _HINTS.get(error.errno or 0, error.strerror or str(error))


def name(listener: socket.socket) -> str:
    """The URI under which a socket is reached."""
    if listener.family == socket.AF_UNIX:
        return f"unix://{os.fsdecode(listener.getsockname())}"
    host, port = listener.getsockname()[:2]
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def remove(path: Path) -> None:
    """Take away the file of a Unix socket, and nothing else."""
    try:
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    except FileNotFoundError:
        pass


def _endpoint(url: SplitResult) -> tuple[str, int]:
    if not url.hostname or url.port is None:
        raise ValueError("a host and a port are needed, as in tcp://127.0.0.1:10200")
    return url.hostname, url.port


async def _tcp(host: str, port: int) -> list[socket.socket]:
    """One socket for each address of the host; a free port, once found, is taken on all of them."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    listeners: list[socket.socket] = []
    refused: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(infos):
        try:
            listeners.append(_bound(family, (address[0], port, *address[2:])))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                _close(listeners)
                raise
            refused = error  # `localhost` has an IPv6 address on machines without IPv6
            continue
        port = listeners[-1].getsockname()[1]
    if not listeners and refused is not None:
        raise refused
    return listeners


def _bound(family: int, address: tuple[str | int, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _unix(path: Path) -> socket.socket:
    if not path.name:
        raise ValueError("a path is needed, as in unix:///run/voiced/wyoming.sock")
    if path.exists() and not path.is_socket():
        raise ValueError("there is a file that is no socket; it was left alone")
    if path.is_socket() and not _answered(path):
        remove(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _answered(path: Path) -> bool:
    """Whether a program listens on this socket, or it died and left the file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
        except BlockingIOError:
            return True  # its queue is full: it lives
    return True


def _close(listeners: list[socket.socket]) -> None:
    for listener in listeners:
        listener.close()
