"""The application as a whole: where it listens, how it stops, and what a stranger finds."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
import socket
import zlib
from pathlib import Path

import aiohttp
import pytest
from aiohttp import ClientConnectionResetError, web

from daemon import settings
from daemon.core import Voiced
from daemon.settings import SettingsMistake
from tests.doors_http import Open, house, raw
from web import app, context
from web.app import address, build, serve

__all__ = ["house"]


@pytest.mark.parametrize(
    ("http", "wanted"),
    [
        ("127.0.0.1:10201", ("127.0.0.1", 10201)),
        ("[::1]:0", ("::1", 0)),
        (":80", ("", 80)),
        ("voice.local:1", ("voice.local", 1)),
    ],
)
def test_addresses(http: str, wanted: tuple[str, int]) -> None:
    assert address(http) == wanted


@pytest.mark.parametrize("http", ["", "localhost", "10201", "::1:80", "a:b", "a:70000", "a:-1", "a:٣"])
def test_wrong_addresses(http: str) -> None:
    with pytest.raises(SettingsMistake, match="HOST:PORT"):
        address(http)


async def test_ipv6_and_a_free_port(house: Open) -> None:
    h = await house(http="[::1]:0")
    assert h.url.startswith("http://[::1]:")
    assert (await h.json("/healthz"))["status"] == "ok"


async def test_a_port_that_is_taken_is_a_setting_to_change(house: Open, tmp_path: Path) -> None:
    h = await house()
    wishes = settings.read({"engine": "tone", "data_dir": tmp_path, "http": f"127.0.0.1:{h.port}"}, environ={})
    with pytest.raises(SettingsMistake, match="cannot listen for HTTP"):
        async with serve(build(h.voiced, None), wishes):
            pass


async def test_sockets_that_systemd_opened(tmp_path: Path) -> None:
    wishes = settings.read({"engine": "tone", "data_dir": tmp_path, "http": "127.0.0.1:10201"}, environ={})
    with socket.create_server(("127.0.0.1", 0)) as handed:
        async with Voiced(wishes) as voiced, serve(build(voiced, None), wishes, [handed]) as listener:
            assert listener.urls == (f"http://127.0.0.1:{handed.getsockname()[1]}",)
            async with (
                aiohttp.ClientSession() as client,
                client.get(listener.urls[0] + "/healthz") as response,
            ):
                assert response.status == 200


async def test_a_failure_inside_the_door_is_not_mistaken_for_a_setting(house: Open) -> None:
    h = await house()
    with pytest.raises(OSError, match="disk"):
        async with serve(build(h.voiced, None), h.voiced.settings):
            raise OSError("disk")


@pytest.mark.parametrize("path", ["/nope", "/api", "/api/v1/nope", "/v1/nope", "/ws", "/ws/speech/x"])
async def test_unknown_routes_answer_in_json(house: Open, path: str) -> None:
    h = await house()
    async with h.client.get(h.url + path) as response:
        assert (response.status, response.content_type) == (404, "application/json")
        error = (await response.json())["error"]
        assert error["code"] == "not_found"
        assert ("details" in error) != path.startswith("/v1/")


async def test_wrong_methods_say_what_is_allowed(house: Open) -> None:
    h = await house()
    for method, path, allow in (("GET", "/api/v1/speech", "POST"), ("DELETE", "/v1/models", "GET,HEAD")):
        async with h.client.request(method, h.url + path) as response:
            assert (response.status, response.headers["Allow"]) == (405, allow)
            assert (await response.json())["error"]["code"] == "method_not_allowed"


async def test_what_is_not_http_gets_no_traceback_and_leaves_none(
    house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    h = await house()
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/1.1\r\nBad\x00Header: x\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
        writer.write(junk)
        answer = await asyncio.wait_for(reader.read(), 20)
        assert answer.startswith(b"HTTP/1.") and b" 400 " in answer.splitlines()[0]
        assert b"Traceback" not in answer
        writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("broken", [b'{"textzz\r\n', b'{"tex\r\nzz\r\n', b'{"te'])
async def test_a_body_that_breaks_off_is_told_and_leaves_no_traceback(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: bytes
) -> None:
    monkeypatch.setattr(context, "BODY_S", 0.3)
    h = await house()
    head = f"POST /api/v1/speech HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n5\r\n".encode())
    await asyncio.sleep(0.1)
    writer.write(broken)
    answer = await asyncio.wait_for(reader.readuntil(b"]}}"), 20)
    assert b" 408 " in answer.splitlines()[0]
    assert b"Connection: close" in answer and b"request_timeout" in answer
    writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_who_leaves_just_before_its_answer_leaves_no_traceback(
    house: Open, caplog: pytest.LogCaptureFixture
) -> None:
    h = await house()
    application = build(h.voiced, None)

    async def too_late(_: web.Request) -> web.Response:
        raise ClientConnectionResetError("Cannot write to closing transport")

    application.router.add_get("/late", too_late)
    async with serve(application, h.voiced.settings) as listener, h.client.get(listener.urls[0] + "/late") as response:
        assert response.status == 500
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


PACKED = zlib.compress(b'{"text": "Hello."}')


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", gzip.compress(b'{"text": "Hello."}'), 200),
        ("GZip", gzip.compress(b'{"text": "Hello."}'), 200),
        ("deflate", PACKED, 200),
        ("identity", b'{"text": "Hello."}', 200),
        ("gzip", b'{"text": "Hello."}', 400),
        ("gzip", b"", 400),
        ("deflate", PACKED[:-5], 400),
        ("gzip", gzip.compress(b'{"text": "' + b"a" * 50_000_000), 413),
        ("br", b"whatever", 415),
        ("rot13", b'{"grkg": "Uryyb."}', 415),
        ("gzip, gzip", b"whatever", 415),
    ],
)
async def test_packed_bodies(
    house: Open, caplog: pytest.LogCaptureFixture, coding: str, body: bytes, status: int
) -> None:
    h = await house()
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    async with aiohttp.ClientSession() as client, client.post(
        h.url + "/api/v1/speech", data=io.BytesIO(body), headers=headers
    ) as response:  # fmt: skip
        assert response.status == status
        if status != 200:
            assert (await response.json())["error"]["message"]
        assert status != 415 or response.headers["Accept-Encoding"] == "gzip, deflate"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_one_connection_too_many_is_told(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app, "MAX_CONNECTIONS", 3)
    h = await house()
    guests = [await asyncio.open_connection("127.0.0.1", h.port) for _ in range(3)]
    async with h.client.get(h.url + "/healthz") as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "10")
        assert (await response.json())["error"]["code"] == "too_many_connections"
    reader, leaving = guests.pop()
    leaving.write_eof()
    assert await reader.read() == b""
    leaving.close()
    assert (await h.json("/healthz"))["status"] == "ok"
    for _, writer in guests:
        writer.close()
    assert [record.levelno for record in caplog.records if record.name == "web.app"] == [logging.WARNING]


async def test_of_many_that_come_at_once_no_more_are_let_in(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_CONNECTIONS", 3)
    h = await house()
    callers = [socket.socket() for _ in range(8)]
    for caller in callers:
        caller.connect(("127.0.0.1", h.port))  # all before anybody is let in
        caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: voiced\r\n\r\n")
        caller.setblocking(False)
    loop = asyncio.get_running_loop()
    told = [(await loop.sock_recv(caller, 12))[-3:] for caller in callers]
    assert sorted(told) == [b"200"] * 3 + [b"503"] * 5
    for caller in callers:
        caller.close()


async def test_leaving_first_stops_listening_then_open_streams_end_with_an_error(house: Open) -> None:
    h = await house(tone_step_ms=20, drain=0.2)
    async with serve(build(h.voiced, None), h.voiced.settings) as listener:
        url = listener.urls[0]
        port = int(url.rpartition(":")[2])
        response = await h.client.post(f"{url}/api/v1/speech", json={"text": "x" * 2000, "format": "pcm"})
        assert await response.content.read(100)
        socket_ = await h.client.ws_connect(url.replace("http", "ws") + "/ws/speech")
        await listener.stop_listening()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        assert await response.content.read(100)  # what is open goes on
    assert h.voiced.engine.status().steps < 2000, "nobody waited for its end"
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    goodbye = await socket_.receive()
    assert (goodbye.type, goodbye.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)
    await h.idle()


async def test_the_core_shutting_down_breaks_streams_and_refuses_new_ones(house: Open) -> None:
    h = await house(tone_step_ms=20)
    response = await h.say("x" * 2000, format="pcm")
    assert await response.content.read(100)
    await h.voiced.speech.close(0.05)
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    refused = await h.say("Hello.")
    assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
    assert (await refused.json())["error"]["code"] == "shutting_down"


async def test_http_1_0_gets_its_audio_until_the_end_of_the_connection(house: Open) -> None:
    h = await house()
    reader, writer = await raw(h.port, "/api/v1/speech", {"text": "Hi", "format": "pcm"}, version="1.0")
    head, _, audio = (await reader.read()).partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0]
    assert len(audio) == 2 * 3840
    writer.close()


async def test_two_hundred_idle_sockets_are_cheap(house: Open) -> None:
    import psutil

    h = await house()
    process = psutil.Process()
    before = process.memory_info().rss
    readers = []
    for _ in range(200):
        reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
        lines = (
            f"GET /ws/speech HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        writer.write(lines.encode())
        assert b" 101 " in await reader.readline()
        readers.append((reader, writer))
    # Both ends live in this process, so this counts the client's half too.
    each = (process.memory_info().rss - before) / 200
    print(f"\n{each / 1000:.0f} kB an idle WebSocket, both ends together")
    assert each < 100_000
    for _, writer in readers:
        writer.close()


async def test_answers_are_json_that_any_parser_reads(house: Open) -> None:
    h = await house()
    async with h.client.get(h.url + "/openapi.json") as response:
        assert json.loads(await response.read())["openapi"].startswith("3.1")
