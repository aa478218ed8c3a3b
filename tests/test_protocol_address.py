"""Where the Wyoming door listens, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

import pytest

from daemon import settings
from daemon.core import Voiced
from daemon.faults import UnknownVoice
from protocol import wire
from protocol.address import CannotListen
from protocol.server import WyomingDoor
from tests.doors import (
    PLAIN,
    TEXT,
    Describe,
    House,
    Start,
    house,
    listen,
    nothing_bad_is_logged,
    once,
    start,
)
from tests.doors import wire as raw

__all__ = ["house", "nothing_bad_is_logged", "start"]


async def open_door(tmp_path: Path, *uris: str, **options: object) -> None:
    wishes = {"engine": "tone", "data_dir": tmp_path, "wyoming": uris, "preload": False, **options}
    read = settings.read(wishes, environ={})
    async with Voiced(read) as voiced, WyomingDoor(voiced.speech, read):
        pass


async def test_a_taken_port_says_which_and_what_to_do(house: House, tmp_path: Path) -> None:
    uri = "tcp://{}:{}".format(*house.at)
    with pytest.raises(CannotListen, match=f"{uri}.*another program.*--wyoming"):
        await open_door(tmp_path, uri)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("tcp://127.0.0.1", "a host and a port"),
        ("tcp://:10200", "a host and a port"),
        ("tcp://127.0.0.1:99999", "[Pp]ort"),
        ("tcp://127.0.0.1:ten", "[Pp]ort"),
        ("tcp://no-such-host.invalid:10200", "cannot listen"),
        ("tcp://203.0.113.7:10200", "no interface"),
        ("http://127.0.0.1:10200", "no address of this door"),
        ("127.0.0.1:10200", "no address of this door"),
        ("unix://", "a path"),
        ("unix:///nowhere/at/all.sock", "folder does not exist"),
    ],
)
async def test_addresses_that_cannot_be(tmp_path: Path, uri: str, reason: str) -> None:
    with pytest.raises(CannotListen, match=reason):
        await open_door(tmp_path, uri)


async def test_a_door_that_cannot_open_everywhere_opens_nowhere(house: House, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with pytest.raises(CannotListen):
        await open_door(tmp_path, f"unix://{path}", "tcp://{}:{}".format(*house.at))
    assert not path.exists()


async def test_a_default_speaker_nobody_knows_keeps_the_door_shut(tmp_path: Path) -> None:
    with pytest.raises(UnknownVoice):
        await open_door(tmp_path, "tcp://127.0.0.1:0", speaker="nobody")


async def test_ipv6_and_names(start: Start) -> None:
    house = await start(wyoming=("tcp://[::1]:0", "tcp://localhost:0"))
    assert house.door.addresses[0].startswith("tcp://[::1]:")
    assert len({port for _, port in house.door.endpoints[1:]}) == 1
    for host, port in house.door.endpoints:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(raw("describe"))
        assert json.loads(await reader.readline())["type"] == "info"
        writer.close()


async def test_a_stale_socket_file_is_taken_over_and_a_live_one_is_not(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "w.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    house = await start(wyoming=(f"unix://{path}",))
    assert house.door.addresses == [f"unix://{path}"]
    with pytest.raises(CannotListen, match="another program"):
        await open_door(tmp_path, f"unix://{path}")
    assert path.is_socket()


async def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(CannotListen, match="no socket"):
        await open_door(tmp_path, f"unix://{path}")
    assert path.read_text() == "data"


async def test_sockets_that_systemd_hands_over_stand_in_for_the_settings(tmp_path: Path) -> None:
    wishes = {"engine": "tone", "data_dir": tmp_path, "wyoming": ("tcp://203.0.113.7:1",)}
    given = socket.create_server(("127.0.0.1", 0))
    at = given.getsockname()
    read = settings.read(wishes, environ={})
    async with Voiced(read) as voiced, WyomingDoor(voiced.speech, read, sockets=[given]) as door:
        assert door.endpoints == [at]
        assert (await once(House(voiced, door), TEXT)).types == PLAIN


async def test_nothing_waits_in_a_socket_for_more(house: House) -> None:
    async with house.client() as client:
        await client.write_event(Describe().event())
        await listen(client, "info")
        (serving,) = house.door._callers.values()
        sock = serving._wire._socket
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * wire.SEND_BUFFER
