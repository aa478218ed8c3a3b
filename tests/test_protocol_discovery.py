"""Being found, with a real browser on the loopback interface."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from protocol import discovery
from protocol.discovery import SERVICE, announced, instance, reachable


def browsing() -> AsyncZeroconf:
    return AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)


async def test_a_browser_sees_it_come_and_go() -> None:
    seen: list[tuple[str, str]] = []

    def note(zeroconf: object, service_type: str, name: str, state_change: object) -> None:
        seen.append((name, str(state_change).rsplit(".", 1)[-1]))

    wished = f"voiced-test-{os.getpid()}"
    name = f"{wished}.{SERVICE}"
    async with browsing() as browser:
        watching = AsyncServiceBrowser(browser.zeroconf, SERVICE, handlers=[note])
        async with announced(wished, [("127.0.0.1", 10200)]):
            info = AsyncServiceInfo(SERVICE, name)
            assert await info.async_request(browser.zeroconf, 5000)
            assert (info.parsed_addresses(), info.port) == (["127.0.0.1"], 10200)
        for _ in range(200):
            if (name, "Removed") in seen:
                break
            await asyncio.sleep(0.1)
        await watching.async_cancel()
    assert (name, "Added") in seen
    assert (name, "Removed") in seen


async def test_nothing_is_announced_unless_wished() -> None:
    async with announced(None, [("127.0.0.1", 10200)]):
        assert "zeroconf" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_entering_does_not_wait_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asyncio.Event()

    async def never(*_: object) -> None:
        await found.wait()

    monkeypatch.setattr(discovery, "_stay", never)
    async with asyncio.timeout(20), announced("voiced-quick", [("127.0.0.1", 10200)]):
        assert not found.is_set()


async def test_a_network_that_refuses_is_one_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise OSError("no multicast here")

    monkeypatch.setattr(discovery, "_stay", refuse)
    async with announced("voiced-refused", [("127.0.0.1", 10200)]):
        await asyncio.sleep(0.1)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "no multicast here" in record.getMessage()


async def test_without_an_address_there_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    async with announced("auto", []):
        pass
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_an_unspecified_address_becomes_a_real_one() -> None:
    where = reachable([("0.0.0.0", 10200)])
    if where is None:
        pytest.skip("this machine has no network")
    (address,), port = where
    assert port == 10200
    own = ipaddress.ip_address(address)
    assert not (own.is_unspecified or own.is_loopback or own.is_link_local)
    with socket.socket() as bound:
        bound.bind((address, 0))


def test_loopback_is_named_only_when_there_is_nothing_else() -> None:
    assert reachable([("127.0.0.1", 1), ("192.0.2.7", 2), ("192.0.2.8", 2)]) == (
        ["192.0.2.7", "192.0.2.8"],
        2,
    )
    assert reachable([("127.0.0.1", 1), ("::1", 1)]) == (["127.0.0.1", "::1"], 1)
    assert reachable([("fe80::1%eth0", 1)]) is None
    assert reachable([]) is None


def test_names_are_stable_and_legal() -> None:
    assert instance("auto") == instance("auto") == f"voiced-{socket.gethostname().split('.')[0]}"
    assert instance("Küche 1") == "Küche 1"
    assert instance("a.b\x00c.") == "a-b-c"
    assert instance("...") == "voiced"
    assert len(instance("ü" * 100).encode()) <= 63
