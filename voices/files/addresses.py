"""Addresses that others name: what exactly a URL means, which hosts may be asked, and which addresses are everybody's."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import quote, urlsplit

# What every browser and proxy takes.
MAX_URL: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*({_LABEL})")
# C libraries read names that end like this as addresses: 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1.
_NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*")
# Blanks and controls, which parsers cut away each in its own way, and what some of them take for a slash.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]|\s")
# A host and maybe a port: parsers differ in what else they find between the slashes.
_NETLOC: Final = re.compile(r"(?:\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]|[^][@:]+)(?::\d*)?", re.ASCII)

_GLOBAL_V6: Final = IPv6Network("2000::/3")
# Addresses of a translator that lead to an IPv4 one.
_NAT64: Final = IPv6Network("64:ff9b::/96")
# What the older of our Pythons takes for global: protocols' own, relays into IPv4, and examples.
_NOBODYS: Final = (
    IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"),
)  # fmt: skip


class UrlNotAllowed(Exception):
    """Nothing is fetched from there. The text says why, and which setting would change it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL taken apart, nothing of it left open to interpretation."""

    scheme: str
    host: str
    """A name in small letters without a last dot, or an address as it is written shortest."""
    port: int
    target: str
    """Path and query, as a request has them."""

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Host:
    """A host that may be asked, as the settings name it."""

    name: str
    port: int | None
    """None is 80 and 443."""
    below: bool
    """Whether the names below it are meant, and not it itself."""

    def covers(self, place: Place) -> bool:
        """Whether this is one of those meant."""
        named = place.host.endswith(f".{self.name}") if self.below else place.host == self.name
        return named and (place.port in _PORTS.values() if self.port is None else place.port == self.port)


def place(url: str) -> Place:
    """Raises UrlNotAllowed for what is no plain http or https URL."""
    if len(url) > MAX_URL or _UNSAFE.search(url):
        raise UrlNotAllowed(f"a URL has at most {MAX_URL} characters, and neither blanks nor backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlNotAllowed(f"this is no URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise UrlNotAllowed("a URL begins with https:// or http://")
    if "@" in parts.netloc:
        raise UrlNotAllowed("a URL may hold no user and no password: they would stand in logs and run folders")
    if not _NETLOC.fullmatch(parts.netloc):
        raise UrlNotAllowed(f"{parts.netloc[:80]!r} is neither HOST nor HOST:PORT nor [IPv6]:PORT")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{_query(parts.query)}" if parts.query else "")
    return Place(parts.scheme, _host(parts.hostname or ""), _PORTS[parts.scheme] if port is None else port, target)


def hosts(entries: Iterable[str]) -> tuple[Host, ...]:
    """Of `HOST`, `HOST:PORT` and `*.HOST`. Raises ValueError."""
    return tuple(map(_entry, entries))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is somebody's on the internet: not this machine's, not this network's, not a group's, not reserved."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL_V6:
            return False
    odd = address.is_multicast or address.is_reserved or any(address in network for network in _NOBODYS)
    return address.is_global and not odd


def _host(name: str) -> str:
    """Raises UrlNotAllowed for what one resolver might read otherwise than another."""
    if ":" in name or name.replace(".", "").isdigit():
        try:
            return ipaddress.ip_address(name if "%" not in name else "").compressed
        except ValueError:
            raise UrlNotAllowed(
                f"{name[:80]!r} is no address as it is usually written: 192.0.2.1 or [2001:db8::1]"
            ) from None
    plain = name.removesuffix(".")
    if (match := _NAME.fullmatch(plain)) is None or _NUMBER.fullmatch(match[1]):
        raise UrlNotAllowed(
            f"{name[:80]!r} is no host name: letters, digits, hyphens and dots (xn--… for other scripts)"
        )
    return plain


def _query(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~?")


def _entry(entry: str) -> Host:
    below = entry.startswith("*.")
    try:
        parts = urlsplit(f"//{entry[2:] if below else entry}")
        if _UNSAFE.search(entry) or not _NETLOC.fullmatch(parts.netloc) or parts.path or parts.query or parts.fragment:
            raise ValueError("a name or an address stands there, and maybe a port")
        return Host(_host((parts.hostname or "").casefold()), parts.port, below)
    except (UrlNotAllowed, ValueError) as error:
        raise ValueError(f"{entry!r} is not HOST, HOST:PORT or *.HOST: {error}") from None
