"""Being found: the Wyoming door is announced on the local network, and Home Assistant offers it by itself."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo

_LOG = logging.getLogger(__name__)

SERVICE: Final = "_wyoming._tcp.local."
# A label of a DNS name.
_MAX_LABEL: Final = 63
# Never sent to: the interface that packets would leave by is the one others reach us by. First where
# multicast goes, then where the rest of the world lies (a documentation address).
_BEYOND: Final = {
    socket.AF_INET: ("224.0.0.251", "192.0.2.1"),
    socket.AF_INET6: ("2001:db8::1",),
}


def instance(wished: str) -> str:
    """The name under which this host is found: `auto` makes one that is stable, and unique in a house."""
    label = f"voiced-{socket.gethostname().split('.')[0]}" if wished == "auto" else wished
    label = re.sub(r"[\x00-\x1f\x7f.]+", "-", label).strip("- ") or "voiced"
    return label.encode()[:_MAX_LABEL].decode("utf-8", "ignore")


def reachable(endpoints: Sequence[tuple[str, int]]) -> tuple[list[str], int] | None:
    """Addresses, and their port, that another machine can use; loopback only if there is nothing else."""
    found: dict[int, list[str]] = {}
    near: dict[int, list[str]] = {}
    for host, port in endpoints:
        for address in _addresses(host):
            loopback = ipaddress.ip_address(address).is_loopback
            (near if loopback else found).setdefault(port, []).append(address)
    for port, addresses in (found or near).items():
        return list(dict.fromkeys(addresses)), port
    return None


@asynccontextmanager
async def announced(wished: str | None, endpoints: Sequence[tuple[str, int]]) -> AsyncIterator[None]:
    """Announce the door while the context lasts, unless `wished` is None.

    A network that refuses is a warning, never a failure.
    """
    where = reachable(endpoints) if wished else None
    if not wished or where is None:
        if wished:
            _LOG.warning("Wyoming is not announced: no address of this machine can be reached from another")
        yield
        return
    task = asyncio.create_task(_announce(instance(wished), *where), name="zeroconf")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _announce(name: str, addresses: list[str], port: int) -> None:
    """Register, stay until cancelled, unregister."""
    try:
        from zeroconf import Error
        from zeroconf.asyncio import AsyncServiceInfo
    except ImportError as error:
        _LOG.warning("Wyoming is not announced: %s", error)
        return
    info = AsyncServiceInfo(
        SERVICE,
        f"{name}.{SERVICE}",
        port=port,
        parsed_addresses=addresses,
        server=f"{re.sub('[^A-Za-z0-9-]', '-', name)}-{port}.local.",
    )
    try:
        await _stay(info)
    except (OSError, Error) as error:
        _LOG.warning("Wyoming is not announced as %s: %s: %s", name, type(error).__name__, error)


async def _stay(info: AsyncServiceInfo) -> None:
    from zeroconf import InterfaceChoice
    from zeroconf.asyncio import AsyncZeroconf

    addresses = info.parsed_addresses()
    local = all(ipaddress.ip_address(address).is_loopback for address in addresses)
    network = AsyncZeroconf(interfaces=addresses if local else InterfaceChoice.All)
    try:
        await network.async_register_service(info, allow_name_change=True)
        _LOG.info("Wyoming is announced as %s at %s:%d", info.name, ", ".join(addresses), info.port)
        await asyncio.Event().wait()
    finally:
        await network.async_unregister_all_services()
        await network.async_close()


def _addresses(host: str) -> list[str]:
    """A bound address as others may use it: a real one of an interface for `any`, none for link-local."""
    address = ipaddress.ip_address(host.split("%")[0])
    if not address.is_unspecified:
        return [] if address.is_link_local else [str(address)]
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    for beyond in _BEYOND[family]:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((beyond, 9))
            except OSError:
                continue
            own = ipaddress.ip_address(probe.getsockname()[0])
        if not (own.is_unspecified or own.is_loopback or own.is_link_local):
            return [str(own)]
    return []
