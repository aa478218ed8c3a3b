"""A file from another machine, for whoever may name one: only from hosts that were allowed, and never from this network.

Every name is looked up once, what it means is checked, and that very address is connected to: a name that means something
else a moment later changes nothing. Redirects are followed one by one, each checked like the first URL.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urljoin

from voices.files.addresses import Host, Place, UrlNotAllowed, is_public, place

# A recording of a minute takes a second; whoever waits for speech waits no longer than this for it to begin.
TOTAL_S: Final = 20.0
# An address that does not answer leaves time for the next one: many names mean one of IPv6 and one of IPv4.
CONNECT_S: Final = 5.0
# As many as browsers follow is twenty; a file that is for the taking is one or two away.
MAX_HOPS: Final = 5
_ONWARD: Final = (301, 302, 303, 307, 308)
_READ_BYTES: Final = 64 * 1024


class FetchFailed(Exception):
    """It may be fetched, but did not come. The text says why."""


class Fetcher:
    """Fetches from these hosts. Calls block for `total_s` and what a name takes to be looked up; any thread may make them."""

    def __init__(self, hosts: Sequence[Host], *, private: bool = False, total_s: float = TOTAL_S) -> None:
        self._hosts, self._private, self._total_s = hosts, private, total_s

    def check(self, url: str) -> Place:
        """What is to be asked. Raises UrlNotAllowed."""
        where = place(url)
        if not any(host.covers(where) for host in self._hosts):
            raise UrlNotAllowed(
                f"nothing is fetched from {where.authority} (port {where.port}): the setting fetch_hosts names the hosts"
                " that are asked; or send the file to POST /api/v1/files/upload"
            )
        return where

    def fetch(self, url: str, max_bytes: int) -> bytes:
        """What lies there. Raises UrlNotAllowed and FetchFailed."""
        deadline = time.monotonic() + self._total_s
        for _ in range(1 + MAX_HOPS):
            where = self.check(url)
            with self._asked(where, deadline) as answer:
                if answer.status not in _ONWARD:
                    return _body(answer, where, max_bytes)
                url = _onward(answer, url, where)
        raise FetchFailed(f"{where.authority} sends us on more than {MAX_HOPS} times")

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Whose word is taken for who somebody is."""
        return ssl.create_default_context()

    @contextmanager
    def _asked(self, where: Place, deadline: float) -> Iterator[HTTPResponse]:
        """The answer, its headers read. Raises UrlNotAllowed and FetchFailed, also for what happens in the block."""
        try:
            with self._connected(where, deadline) as link:
                link.sendall(_request(where))
                answer = HTTPResponse(_Patient(link, deadline), method="GET")  # type: ignore[arg-type]
                with answer:
                    answer.begin()
                    yield answer
        except (HTTPException, OSError) as error:
            raise FetchFailed(f"{where.authority}: {self._why(error)}") from error

    @contextmanager
    def _connected(self, where: Place, deadline: float) -> Iterator[socket.socket]:
        with self._connection(where, deadline) as plain:
            plain.settimeout(_left(deadline))
            if where.scheme == "http":
                yield plain
                return
            with self.tls.wrap_socket(plain, server_hostname=where.host) as link:
                yield link

    def _connection(self, where: Place, deadline: float) -> socket.socket:
        """To the first address that answers. Raises UrlNotAllowed and OSError."""
        failure = OSError("it has no address")
        for family, name in self._addresses(where):
            link = socket.socket(family, socket.SOCK_STREAM)
            try:
                link.settimeout(min(CONNECT_S, _left(deadline)))
                link.connect(name)
                return link
            except OSError as error:
                link.close()
                failure = error
        raise failure

    def _addresses(self, where: Place) -> list[tuple[int, tuple[Any, ...]]]:
        """What the name means now, as sockets take it; nothing where any of it is not for everybody."""
        found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
        names = [str(name[0]).partition("%")[0] for *_, name in found]
        if not self._private and not all(is_public(ipaddress.ip_address(name)) for name in names):
            raise UrlNotAllowed(
                f"{where.host} is this machine or one of this network, from which nothing is fetched unless the setting"
                " fetch_private is true"
            )
        return [(family, name) for family, *_, name in found]

    def _why(self, error: Exception) -> str:
        """What a transfer died of, in words."""
        if isinstance(error, TimeoutError):
            return f"the file did not come within {self._total_s:g} s"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {error.verify_message}"
        if isinstance(error, socket.gaierror):
            return f"there is no such host: {error.strerror}"
        if isinstance(error, OSError):
            return f"the connection broke: {error.strerror or error}"
        return f"this is not HTTP as it is spoken here: {type(error).__name__}"


class _Patient(io.RawIOBase):
    """What a socket receives, until the time is up: a timeout of the socket's own begins anew with every byte."""

    def __init__(self, link: socket.socket, deadline: float) -> None:
        self._link, self._deadline = link, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        """As HTTPResponse asks a socket for it."""
        return io.BufferedReader(self, _READ_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._link.settimeout(_left(self._deadline))
        return self._link.recv_into(buffer)


def _left(deadline: float) -> float:
    """Raises TimeoutError when none is left: to a socket, 0 s are another mode."""
    if (left := deadline - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def _request(where: Place) -> bytes:
    """Packed is nothing: what unpacks to gigabytes need not be asked for."""
    lines = (
        f"GET {where.target} HTTP/1.1",
        f"Host: {where.authority}",
        "User-Agent: voiced",
        "Accept: audio/*, */*;q=0.1",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def _onward(answer: HTTPResponse, url: str, where: Place) -> str:
    """Where a redirect leads, never from https to less. Raises FetchFailed and UrlNotAllowed."""
    location = answer.getheader("Location")
    if not location:
        raise FetchFailed(f"{where.authority} sends us on without saying where")
    try:
        onward = urljoin(url, location)
    except ValueError as error:
        raise FetchFailed(f"{where.authority} sends us on to what is no URL: {error}") from None
    if where.scheme == "https" and not onward.casefold().startswith("https://"):
        raise UrlNotAllowed(f"{where.authority} sends us on from https to something else, which is not safe")
    return onward


def _body(answer: HTTPResponse, where: Place, max_bytes: int) -> bytes:
    """All of it, as it is. Raises FetchFailed, HTTPException and OSError."""
    _look(answer, where)
    if (answer.length or 0) > max_bytes:
        raise _too_large(where, max_bytes)
    body = bytearray()
    while data := answer.read1(_READ_BYTES):
        body += data
        if len(body) > max_bytes:
            raise _too_large(where, max_bytes)
    if answer.length:
        raise FetchFailed(f"{where.authority} has promised {answer.length} bytes more than it has sent")
    return bytes(body)


def _look(answer: HTTPResponse, where: Place) -> None:
    """Whether this can be the file. Raises FetchFailed."""
    if answer.status != 200:
        raise FetchFailed(f"{where.authority} answers {answer.status} {answer.reason[:80]}")
    if (coding := answer.getheader("Content-Encoding", "identity").strip().casefold()) != "identity":
        raise FetchFailed(f"{where.authority} sends it packed as {coding[:40]!r}, which nobody asked for")
    if answer.headers.get_content_type() == "text/html":
        raise FetchFailed(f"{where.authority} answers a web page instead of a recording")


def _too_large(where: Place, max_bytes: int) -> FetchFailed:
    return FetchFailed(f"the file of {where.authority} is larger than {max_bytes / 1e6:g} MB")
