"""The bad days: what every door answers to whom, stated in tables and asked of one real daemon.

`docs/bad-input.md` tells the same to its users.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from wyoming.event import Event, async_read_event

from tests.doors import wire

FRAME = 3840
"""Bytes that the tone makes of one character."""
LONG = "la " * 700 + "la"
WHOLE = 0.99 * len(LONG) * FRAME
"""Of its audio; where a long text is cut, a blank falls away."""


class Daemon:
    """`voiced serve` as a process of its own, and its log."""

    def __init__(self, data: Path, *options: str) -> None:
        words = ["serve", "--engine", "tone", "--data-dir", str(data), "--drain", "0.3", "--log-format", "json"]
        at = ["--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0"]
        self.process = subprocess.Popen([sys.executable, "-m", "daemon", *words, *at, *options], stderr=subprocess.PIPE)
        self.log: list[str] = []
        self._ready = threading.Event()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        assert self._ready.wait(30), self.log
        ready = next(json.loads(line)["message"] for line in self.log if '"Ready ' in line)
        parts = [urlsplit(word) for word in ready.split() if "://" in word]
        self.at = {part.scheme: (part.hostname or "", part.port or 0) for part in parts}

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.decode())
            if b'"Ready ' in line:
                self._ready.set()

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.at["http"])

    def logged(self, part: str) -> bool:
        return any(part in line for line in self.log)

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(30)
        self._reading.join(30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    running = Daemon(tmp_path_factory.mktemp("data"))
    yield running
    assert running.stop() == 0
    assert not running.logged("Traceback")


# --- the doors ----------------------------------------------------------------------------------------------

Wish = Mapping[str, Any]


@dataclass
class Told:
    """What a door answered: `spoken`, `silence` or a code; and whether the connection serves the next request."""

    outcome: str
    kept: bool
    pcm: bytes = b""
    facts: dict[str, Any] = field(default_factory=dict)


def events_of(wish: Wish, streamed: bool) -> bytes:
    """The wish as a Wyoming client writes it."""
    names = {key: wish[key] for key in ("language",) if key in wish}
    voice = {"name": wish["voice"], **names} if "voice" in wish else names
    data = {key: wish[key] for key in ("text",) if key in wish}
    about = {"voice": voice} if voice else {}
    if not streamed:
        return wire("synthesize", {**data, **about})
    return wire("synthesize-start", about) + wire("synthesize-chunk", data) + wire("synthesize-stop")


async def wyoming(daemon: Daemon, wish: Wish, streamed: bool = False) -> Told:
    reader, writer = await asyncio.open_connection(*daemon.at["tcp"])
    writer.write(events_of(wish, streamed))
    pcm, last = b"", "synthesize-stopped" if streamed else "audio-stop"
    while (event := await async_read_event(reader)) is not None and event.type not in ("error", last):
        pcm += event.payload or b""
    assert event is not None
    writer.write(wire("ping", {"text": "still there"}))
    kept = await async_read_event(reader) == Event("pong", {"text": "still there"})
    writer.close()
    if event.type == "error":
        assert event.data["text"]
        return Told(event.data["code"], kept)
    return Told("spoken" if pcm else "silence", kept, pcm)


async def streamed(daemon: Daemon, wish: Wish) -> Told:
    return await wyoming(daemon, wish, streamed=True)


def body_of(wish: Wish, path: str) -> bytes:
    names = {"text": "input", "format": "response_format"} if path.startswith("/v1") else {}
    return json.dumps({names.get(key, key): value for key, value in {"format": "pcm", **wish}.items()}).encode()


async def rest(daemon: Daemon, wish: Wish, path: str = "/api/v1/speech") -> Told:
    opened = []
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(lambda *_: _noted(opened))
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(daemon.url, connector=connector, trace_configs=[trace]) as session:
        headers = {"Content-Type": "application/json"}
        async with session.post(path, data=body_of(wish, path), headers=headers) as response:
            body, facts = await response.read(), dict(response.headers)
        async with session.get("/healthz") as again:
            assert again.status == 200
    kept = len(opened) == 1
    if response.status == 200:
        return Told("spoken" if body else "silence", kept, body, facts)
    error = json.loads(body)["error"]
    assert error["message"]
    return Told(f"{response.status} {error['code']}", kept)


async def _noted(opened: list[int]) -> None:
    opened.append(1)


async def openai(daemon: Daemon, wish: Wish) -> Told:
    return await rest(daemon, wish, "/v1/audio/speech")


async def websocket(daemon: Daemon, wish: Wish) -> Told:
    async with aiohttp.ClientSession(daemon.url) as session, session.ws_connect("/ws/speech") as ws:
        told = await conversation(ws, json.dumps({"type": "start", **wish}))
        told.kept = (await conversation(ws, json.dumps({"type": "start", "text": "So."}))).outcome == "spoken"
        return told


async def conversation(ws: aiohttp.ClientWebSocketResponse, *frames: str | bytes) -> Told:
    """What comes back up to the end."""
    for frame in frames:
        await (ws.send_str(frame) if isinstance(frame, str) else ws.send_bytes(frame))
    told = Told("", False)
    while True:
        message = await ws.receive(20)
        if message.type is aiohttp.WSMsgType.BINARY:
            told.pcm += message.data
            continue
        assert message.type is aiohttp.WSMsgType.TEXT, message
        said = json.loads(message.data)
        if said["type"] == "error":
            assert said["message"]
            told.outcome = said["code"]
        elif said["type"] == "end":
            told.facts = said
            assert (said["reason"] == "error") is bool(told.outcome)
            told.outcome = told.outcome or ("spoken" if told.pcm else "silence")
            return told


DOORS: dict[str, Callable[[Daemon, Wish], Awaitable[Told]]] = {
    "wyoming": wyoming, "streamed": streamed, "openai": openai, "rest": rest, "websocket": websocket,
}  # fmt: skip


async def say(daemon: Daemon, *words: str) -> tuple[int, str]:
    """`voiced say` against the daemon: how it ended and what it said."""
    server = "{}:{}".format(*daemon.at["http"])
    return await command("say", "--server", server, *words)


async def command(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "daemon", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode is not None
    return process.returncode, told.decode()


async def quiet(daemon: Daemon) -> None:
    """Until nobody speaks or waits."""
    async with asyncio.timeout(20), aiohttp.ClientSession(daemon.url) as session:
        while True:
            async with session.get("/api/v1/status") as response:
                now = await response.json()
            if not now["speaking"] and not now["waiting"]:
                return
            await asyncio.sleep(0.02)


async def everybody_speaks(daemon: Daemon) -> None:
    """Every door speaks, promptly and with the same samples."""
    async with asyncio.timeout(20):
        told = await asyncio.gather(*(door(daemon, {"text": "All is well."}) for door in DOORS.values()))
    assert {(one.outcome, one.kept, one.pcm == told[0].pcm) for one in told} == {("spoken", True, True)}
    assert len(told[0].pcm) == len("All is well.") * FRAME


# --- requests that cannot be, or can only just be, spoken -----------------------------------------------------

# What is asked | Wyoming, plain and streamed | OpenAI and REST | WebSocket; None where there is no such wish.
# After an error Wyoming closes (Home Assistant before 2026.8 waits for that); the others serve the next request.
SPOKEN = ("spoken", "spoken", "spoken")
NOTHING = ("silence", "422 nothing_to_say", "nothing_to_say")
MALFORMED = ("malformed", "400 malformed", "malformed")
NO_WISH = (None, "400 malformed", "malformed")
REQUESTS: dict[str, tuple[Wish, tuple[str | None, str, str]]] = {
    "an empty text": ({"text": ""}, NOTHING),
    "blanks": ({"text": " \n\t\u00a0\u3000 "}, NOTHING),
    "punctuation alone": ({"text": "... !? -- *"}, NOTHING),
    "emoji alone": ({"text": "🎉🎉 👩‍👩‍👧"}, NOTHING),
    "control characters alone": ({"text": "\x00\x07\x1b[0m"[:3]}, NOTHING),
    "lone surrogates alone": ({"text": "\ud800\udfff"}, NOTHING),
    "control characters": ({"text": "Hi\x00 \x07you\x1b."}, SPOKEN),
    "lone surrogates": ({"text": "Hi \ud800 you \udfff."}, SPOKEN),
    "fields nobody knows": ({"text": "Hi.", "hat": "red", "user": {"id": 5}}, SPOKEN),
    "a million characters": (
        {"text": "a b. " * 200_000}, ("text_too_long", "413 text_too_long", "text_too_long"),
    ),
    "a text that is a number": ({"text": 5}, MALFORMED),
    "a text that is a list": ({"text": ["Hi."]}, MALFORMED),
    "a voice that is a number": ({"text": "Hi.", "voice": 5}, MALFORMED),
    "a voice nobody has": (
        {"text": "Hi.", "voice": "nobody"}, ("unknown_voice", "422 unknown_voice", "unknown_voice"),
    ),
    "a voice named by a novel": (
        {"text": "Hi.", "voice": "x" * 9999}, ("unknown_voice", "422 unknown_voice", "unknown_voice"),
    ),
    "a language nobody here speaks": (
        {"text": "Hi.", "language": "tlh"}, ("language_not_spoken", "422 language_not_spoken", "language_not_spoken"),
    ),
    "a text in such a language": (
        {"text": "Καλημέρα σας."}, ("language_not_spoken", "422 language_not_spoken", "language_not_spoken"),
    ),
    "a language that is none": ({"text": "Hi.", "language": "!!"}, MALFORMED),
    "a format nobody makes": (
        {"text": "Hi.", "format": "midi"}, (None, "422 unsupported_format", "unsupported_format"),
    ),
    "a model that is not here": ({"text": "Hi.", "model": "gpt-9"}, (None, "404 unknown_model", "unknown_model")),
    "speed 9": ({"text": "Hi.", "speed": 9}, NO_WISH),
    "speed 0": ({"text": "Hi.", "speed": 0}, NO_WISH),
    "speed -1": ({"text": "Hi.", "speed": -1}, NO_WISH),
    "speed NaN": ({"text": "Hi.", "speed": float("nan")}, NO_WISH),
    "speed beyond all numbers": ({"text": "Hi.", "speed": 10**400}, NO_WISH),
    "speed in words": ({"text": "Hi.", "speed": "fast"}, NO_WISH),
    "half a seed": ({"text": "Hi.", "seed": 1.5}, NO_WISH),
    "a seed too large": ({"text": "Hi.", "seed": 2**31}, NO_WISH),
}  # fmt: skip


@pytest.mark.parametrize("day", REQUESTS)
async def test_a_request_has_the_same_outcome_at_every_door(daemon: Daemon, day: str) -> None:
    wish, (at_wyoming, at_http, at_websocket) = REQUESTS[day]
    wanted = {"wyoming": at_wyoming, "streamed": at_wyoming, "openai": at_http, "rest": at_http}
    wanted |= {"websocket": at_websocket}
    if "model" in wish:
        wanted["openai"] = "404 model_not_found"  # its SDK knows this one
    doors = {name: door for name, door in DOORS.items() if wanted[name] is not None}
    told = await asyncio.gather(*(door(daemon, wish) for door in doors.values()))
    assert {name: one.outcome for name, one in zip(doors, told, strict=True)} == {n: wanted[n] for n in doors}
    closes = {"wyoming", "streamed"} if at_wyoming not in ("spoken", "silence") else set()
    assert {name for name, one in zip(doors, told, strict=True) if not one.kept} == closes & doors.keys()


async def test_the_command_line_says_what_was_wrong_and_leaves_no_file(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    days = {
        ("Hi.", "--voice", "nobody"): "no voice is called 'nobody'",
        ("...",): "no word",
        ("Hi.", "--language", "tlh"): "nobody here speaks 'tlh'",
        ("Hi.", "--speed", "9"): "speed",
        ("a b. " * 21_000,): "100000",
    }
    out = [str(tmp_path / f"{number}.wav") for number in range(len(days))]
    told = await asyncio.gather(
        *(say(daemon, *words, "-o", file) for words, file in zip(days, out, strict=True)),
        say(daemon, "Hi.", "-o", str(tmp_path / "x.midi")),
        say(daemon, "Hi.", "-o", str(tmp_path / "nowhere" / "x.wav")),
        command("say", "Hi.", "--server", "127.0.0.1:9", "-o", str(tmp_path / "x.wav")),
    )
    for (code, text), words in zip(told, [*days.values(), "midi", "No such file", "127.0.0.1:9"], strict=True):
        assert code in (1, 2), text
        assert words in text and text.startswith("voiced: ") and "Traceback" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


# --- what is no request at all --------------------------------------------------------------------------------

# What is sent | the events that come back, each once | whether the connection is still there.
GOOD = wire("synthesize", {"text": "Hi."})
HEARD = ["audio-start", "audio-chunk", "audio-stop"]
NO_WYOMING: dict[str, tuple[bytes, list[str], bool]] = {
    "no JSON": (b"hello?\n", ["malformed"], False),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ["malformed"], False),
    "no UTF-8": (b'{"type": "\xff"}\n', ["malformed"], False),
    "a list": (b"[]\n", ["malformed"], False),
    "no type": (b'{"data": {}}\n', ["malformed"], False),
    "a type that is a number": (b'{"type": 5}\n', ["malformed"], False),
    "a line of a megabyte": (b'{"type": "' + b"a" * 1_000_000 + b'"}\n', ["malformed"], False),
    "a line without an end": (b"a" * 70_000, ["malformed"], False),
    "data that is a list": (b'{"type": "synthesize", "data": []}\n', ["malformed"], False),
    "a length below zero": (b'{"type": "synthesize", "data_length": -1}\n', ["malformed"], False),
    "a length in words": (b'{"type": "synthesize", "data_length": "9"}\n', ["malformed"], False),
    "a gigabyte announced": (b'{"type": "synthesize", "data_length": 1000000000}\n', ["text_too_long"], False),
    "a gigabyte of payload": (b'{"type": "x", "payload_length": 1000000000}\n', ["malformed"], False),
    "a tower of brackets": (wire("x", data_length=90_000) + b"[" * 90_000, ["malformed"], False),
    "a chunk before its start": (wire("synthesize-chunk", {"text": "Hi."}), ["malformed"], False),
    "a stop before its start": (wire("synthesize-stop"), ["malformed"], False),
    "two starts": (wire("synthesize-start") * 2, ["malformed"], False),
    "no text": (wire("synthesize", {"voice": {}}), ["malformed"], False),
    "events nobody knows": (wire("play", {"song": 5}) + wire("select-program", {"name": "x"}) + GOOD, HEARD, True),
    "a microphone": (wire("audio-chunk", {"rate": 16_000}, payload_length=9) + b"123456789" + GOOD, HEARD, True),
    "blank lines": (b"\n\r\n\n" + GOOD, HEARD, True),
    "a good one first": (GOOD + b"hello?\n", [*HEARD, "malformed"], False),
}


@pytest.mark.parametrize("day", NO_WYOMING)
async def test_what_is_no_wyoming(daemon: Daemon, day: str) -> None:
    sent, wanted, kept = NO_WYOMING[day]
    reader, writer = await asyncio.open_connection(*daemon.at["tcp"])
    writer.write(sent + (wire("ping") if kept else b""))
    told: list[str] = []
    async with asyncio.timeout(20):
        while (event := await async_read_event(reader)) is not None and event.type != "pong":
            name = event.data["code"] if event.type == "error" else event.type
            told += [name] * (told[-1:] != [name])
    writer.close()
    assert (told, event is not None) == (wanted, kept)


HOST, JSON = b"Host: 127.0.0.1\r\n", b"Content-Type: application/json\r\n"


def post(body: bytes, head: bytes = JSON, path: bytes = b"/api/v1/speech", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"POST %b HTTP/1.1\r\n%b%bContent-Length: %d\r\n\r\n%b" % (path, HOST, head, size, body)


# What is sent | status and code | whether the connection is still there. What is not even HTTP has no code.
NO_HTTP: dict[str, tuple[bytes, str, bool]] = {
    "no HTTP": (b"hello?\r\n\r\n", "400 ", False),
    "Wyoming": (b'{"type": "describe"}\n', "400 ", False),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 ", False),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 ", False),
    "a line of a megabyte": (b"GET /" + b"a" * 1_000_000, "400 ", False),
    "a header of a megabyte": (b"GET / HTTP/1.1\r\nX: " + b"a" * 1_000_000, "400 ", False),
    "a method nobody has": (b"BREW /coffee HTTP/1.1\r\n" + HOST + b"\r\n", "400 ", False),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", "400 ", False),
    "a length below zero": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", "400 ", False),
    "two lengths": (post(b"{}", JSON + b"Transfer-Encoding: chunked\r\n"), "400 ", False),
    "no such address": (b"GET /nope HTTP/1.1\r\n" + HOST + b"\r\n", "404 not_found", True),
    "a path out of the house": (
        b"GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", "404 not_found", True,
    ),
    "a method that is not for it": (b"PUT /api/v1/speech HTTP/1.1\r\n" + HOST + b"\r\n", "405 method_not_allowed", True),
    "GET where POST is": (b"GET /v1/audio/speech HTTP/1.1\r\n" + HOST + b"\r\n", "405 method_not_allowed", True),
    "a stranger's name": (b"GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403 forbidden", True),
    "no body": (post(b""), "400 malformed", True),
    "no JSON": (post(b"text=Hi"), "400 malformed", True),
    "no UTF-8": (post(b'{"text": "\xff"}'), "400 malformed", True),
    "a list": (post(b"[]"), "400 malformed", True),
    "a tower of brackets": (post(b"[" * 90_000), "400 malformed", True),
    "no text": (post(b"{}"), "400 malformed", True),
    "a form": (post(b"text=Hi", b"Content-Type: application/x-www-form-urlencoded\r\n"), "415 unsupported_media_type", True),
    "no type": (post(b'{"text": "Hi."}', b""), "415 unsupported_media_type", True),
    "a packing nobody knows": (post(b"x", JSON + b"Content-Encoding: br\r\n"), "415 unsupported_media_type", True),
    "gzip that is none": (post(b"x", JSON + b"Content-Encoding: gzip\r\n"), "400 malformed", True),
    "two megabytes": (post(b'{"text": "' + b"a" * 2_000_000 + b'"}'), "413 body_too_large", True),
    "a gigabyte announced": (post(b"", length=1_000_000_000), "413 body_too_large", False),
    "no WebSocket": (b"GET /ws/speech HTTP/1.1\r\n" + HOST + b"\r\n", "426 websocket_expected", True),
}  # fmt: skip


@pytest.mark.parametrize("day", NO_HTTP)
async def test_what_is_no_http(daemon: Daemon, day: str) -> None:
    sent, wanted, kept = NO_HTTP[day]
    reader, writer = await asyncio.open_connection(*daemon.at["http"])
    writer.write(sent)
    async with asyncio.timeout(20):
        status, body = await answer(reader)
        told = json.loads(body)["error"] if body.startswith(b"{") else {"code": ""}
        assert f"{status} {told['code']}" == wanted
        assert b"Traceback" not in body
        if kept:
            writer.write(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
            assert (await answer(reader))[0] == 200
        elif status == 400:
            with suppress(ConnectionResetError):  # it had more to say than anybody would read
                assert await reader.read() == b""
    writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(size)


def frame(kind: str, **facts: object) -> str:
    return json.dumps({"type": kind, **facts})


# What is sent | what comes back. The connection is kept.
NO_CONVERSATION: dict[str, tuple[list[str | bytes], str]] = {
    "no JSON": (["hello?"], "malformed"),
    "a list": (["[]"], "malformed"),
    "no type": (["{}"], "malformed"),
    "a type that is a number": (['{"type": 5}'], "malformed"),
    "a type nobody knows": ([frame("sing")], "malformed"),
    "binary": ([b"\x00\x01"], "malformed"),
    "a tower of brackets": (["[" * 90_000], "malformed"),
    "text before its start": ([frame("text", text="Hi.")], "malformed"),
    "a cancel of nothing": ([frame("cancel")], "malformed"),
    "a piece that is a number": ([frame("start"), frame("text", text=5), frame("cancel")], "malformed"),
    "pieces without a word": ([frame("start"), frame("text", text="... "), frame("end_text")], "nothing_to_say"),
    "pieces of a million characters": (
        [frame("start"), *[frame("text", text="a b. " * 10_000)] * 20, frame("end_text")], "text_too_long",
    ),
    "two starts": ([frame("start"), frame("start", text="No."), frame("text", text="Hi."), frame("end_text")], "busy"),
}  # fmt: skip


@pytest.mark.parametrize("day", NO_CONVERSATION)
async def test_what_is_no_conversation(daemon: Daemon, day: str) -> None:
    sent, wanted = NO_CONVERSATION[day]
    async with aiohttp.ClientSession(daemon.url) as session, session.ws_connect("/ws/speech") as ws:
        for one in sent:
            await (ws.send_str(one) if isinstance(one, str) else ws.send_bytes(one))
        codes, ended = [], False
        while not ended:
            message = await ws.receive(20)
            if message.type is aiohttp.WSMsgType.TEXT:
                said = json.loads(message.data)
                codes += [said["code"]] if said["type"] == "error" else []
                ended = said["type"] == "end"
            else:
                assert message.type is aiohttp.WSMsgType.BINARY, message
        assert codes == [wanted]
        assert (await conversation(ws, frame("start", text="So."))).outcome == "spoken"


@pytest.mark.parametrize(
    ("sent", "code"),
    [(b"\xff\xff\xff\xff\xff\xff\xff", 1002), (b"\x81\xff" + b"\x00\x00\x00\x00\x40\x00\x00\x00", 1009)],
)
async def test_what_is_no_websocket_frame_or_too_much_of_one_is_closed_with_its_code(
    daemon: Daemon, sent: bytes, code: int
) -> None:
    reader, writer = await asyncio.open_connection(*daemon.at["http"])
    writer.write(HANDSHAKE)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(sent)
    async with asyncio.timeout(20):
        closing = await reader.read()
    writer.close()
    assert closing[0] == 0x88
    assert struct.unpack(">H", closing[2:4])[0] == code


# --- clients that behave badly --------------------------------------------------------------------------------

HANDSHAKE = (
    b"GET /ws/speech HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def masked(text: bytes) -> bytes:
    return b"\x81\xfe" + struct.pack(">H", len(text)) + bytes(4) + text


ASKING: dict[str, bytes] = {
    "wyoming": events_of({"text": LONG}, streamed=False),
    "streamed": events_of({"text": LONG}, streamed=True),
    "openai": post(body_of({"text": LONG}, "/v1/"), path=b"/v1/audio/speech"),
    "rest": post(body_of({"text": LONG}, "/api/")),
    "websocket": HANDSHAKE + masked(json.dumps({"type": "start", "text": LONG}).encode()),
}


@asynccontextmanager
async def asking(daemon: Daemon, door: str) -> AsyncIterator[tuple[asyncio.StreamReader, socket.socket]]:
    """A client that has asked for a long speech, with as little as possible between it and the daemon."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    at = daemon.at["tcp" if door in ("wyoming", "streamed") else "http"]
    await asyncio.get_running_loop().sock_connect(raw, at)
    reader, writer = await asyncio.open_connection(sock=raw, limit=4096)
    writer.write(ASKING[door])
    try:
        yield reader, writer.get_extra_info("socket")
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("door", DOORS)
async def test_who_reads_slowly_or_not_at_all_holds_nobody_up(daemon: Daemon, door: str) -> None:
    async with asking(daemon, door) as (slow, _), asking(daemon, door), asking(daemon, door):
        for _ in range(3):
            assert await slow.readexactly(800)
            await asyncio.sleep(0.1)  # 8 kB a second
        await everybody_speaks(daemon)
        heard = 2400
        async with asyncio.timeout(20):
            while heard < WHOLE and (data := await slow.read(65_536)):
                heard += len(data)
        assert heard >= WHOLE, "who is slow hears everything in the end"
    await quiet(daemon)


@pytest.mark.parametrize("door", DOORS)
async def test_who_vanishes_in_the_middle_of_a_word_is_forgotten(daemon: Daemon, door: str) -> None:
    for linger in (None, struct.pack("ii", 1, 0)):  # a FIN, then a reset
        async with asking(daemon, door) as (reader, raw):
            assert await reader.readexactly(20_000)
            if linger is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        await quiet(daemon)
    await everybody_speaks(daemon)


# Who shuts its sending half down: over Wyoming it has only finished speaking, and hears the whole answer; over
# HTTP it has hung up, as with every web server.
@pytest.mark.parametrize(
    ("door", "whole"), [("wyoming", True), ("streamed", True), ("openai", False), ("rest", False), ("websocket", False)]
)
async def test_who_closes_half_of_its_connection(daemon: Daemon, door: str, whole: bool) -> None:
    async with asking(daemon, door) as (reader, raw):
        raw.shutdown(socket.SHUT_WR)
        heard = 0
        async with asyncio.timeout(20):
            while data := await reader.read(65_536):
                heard += len(data)
    assert (heard >= WHOLE) is whole
    await quiet(daemon)


@pytest.mark.parametrize(
    ("at", "sent", "code"),
    [("tcp", GOOD[:-3], "malformed"), ("tcp", wire("synthesize-start"), "malformed"), ("http", post(b"{}")[:-1], "")],
)
async def test_who_leaves_in_the_middle_of_a_request(daemon: Daemon, at: str, sent: bytes, code: str) -> None:
    reader, writer = await asyncio.open_connection(*daemon.at[at])
    writer.write(sent)
    writer.write_eof()
    told = await asyncio.wait_for(reader.read(), 20)
    assert f'"code": "{code}"'.encode() in told if code else told == b""
    writer.close()
    await quiet(daemon)


# --- a machine that behaves badly -----------------------------------------------------------------------------


@asynccontextmanager
async def disk_of(daemon: Daemon, size: int) -> AsyncIterator[None]:
    """No file of the daemon's may be larger than this, as if the disk were full there."""
    before = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 4096])
async def test_a_full_disk_takes_the_run_but_not_the_speech(daemon: Daemon, size: int) -> None:
    text = "Everybody hears all of it."
    begun = len(daemon.log)
    async with disk_of(daemon, size), aiohttp.ClientSession(daemon.url) as session:
        told = dict(zip(DOORS, await asyncio.gather(*(d(daemon, {"text": text}) for d in DOORS.values())), strict=True))
        assert {name: len(one.pcm) for name, one in told.items()} == dict.fromkeys(DOORS, len(text) * FRAME)
        assert all(one.kept for one in told.values())
        end = told["websocket"].facts
        assert (end["reason"], end["run_id"], end["artifacts"]) == ("stop", None, [])
        async with session.post("/api/v1/speech", json={"text": text, "stream": False}) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "60")
            assert (await response.json())["error"]["code"] == "storage_failed"
        async with session.get("/readyz") as response:
            assert response.status == 200
    log = [json.loads(line) for line in daemon.log[begun:]]
    lost = [line for line in log if "is lost" in line["message"] or "is not kept" in line["message"]]
    assert len(lost) == 4, "the log names each: one of REST's each way, two of the WebSocket's"
    async with aiohttp.ClientSession(daemon.url) as session:
        async with session.post("/api/v1/speech", json={"text": text, "stream": False}) as response:
            assert response.status == 200, "when there is room again, runs are kept again"
        async with session.get("/api/v1/runs") as response:
            runs = (await response.json())["runs"]
    assert runs[0]["state"] == "done"
    assert not [run for run in runs if run["state"] == "running"]


async def test_a_start_that_cannot_be_says_why_in_a_line(daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "keys").write_text("nonsense\n")
    (tmp_path / "typo.toml").write_text("wyomming = []\n")
    free = ("--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0", "--engine", "tone")
    days = {
        ("--http", "{}:{}".format(*daemon.at["http"])): "another program listens there",
        ("--wyoming", "tcp://{}:{}".format(*daemon.at["tcp"])): "another program listens there",
        ("--http", "203.0.113.7:80"): "no interface of this machine",
        ("--data-dir", str(tmp_path / "file")): "Not a directory",
        ("--data-dir", "/proc/voiced"): "/proc/voiced",
        ("--api-keys", str(tmp_path / "none")): "No such file",
        ("--api-keys", str(tmp_path / "keys")): "line 1",
        ("--config", str(tmp_path / "typo.toml")): "wyomming",
        ("--voice", "nobody"): "'nobody'",
    }
    own = [("--data-dir", str(tmp_path / f"data-{number}")) for number in range(len(days))]  # one daemon a folder
    told = await asyncio.gather(
        *(command("serve", *free, *data, *words) for data, words in zip(own, days, strict=True))
    )
    for (code, text), (words, wanted) in zip(told, days.items(), strict=True):
        last = text.strip().splitlines()
        assert code in (1, 2), (words, text)
        assert wanted in text and "Traceback" not in text
        assert any(line.startswith("voiced: ") for line in last), text


def test_a_stop_with_streams_open_tells_each_at_its_door(tmp_path: Path) -> None:
    async def all_doors(daemon: Daemon) -> None:
        async with (
            asking(daemon, "wyoming") as (plain, _), asking(daemon, "streamed") as (written, _),
            asking(daemon, "openai") as (openai, _), asking(daemon, "rest") as (rest, _),
            asking(daemon, "websocket") as (web, _), asyncio.timeout(20),
        ):  # fmt: skip
            readers = [plain, written, openai, rest, web]
            heard = [await reader.readexactly(4000) for reader in readers]
            os.kill(daemon.process.pid, signal.SIGTERM)
            ends = await asyncio.gather(*(_rest_of(reader) for reader in readers))
            spoken = [first + rest for first, rest in zip(heard, ends, strict=True)]
            for wyoming in spoken[:2]:
                assert b'"code": "shutting_down"' in wyoming and b"audio-stop" not in wyoming
            for http in spoken[2:4]:
                assert not http.endswith(b"0\r\n\r\n"), "a broken transfer, not a shorter success"
            assert b'"code":"shutting_down"' in spoken[4] and b'"reason":"error"' in spoken[4]
            assert b"\x03\xe9" in spoken[4][-20:], "going away"

    daemon = Daemon(tmp_path, "--tone-step-ms", "20")
    try:
        asyncio.run(all_doors(daemon))
        assert daemon.process.wait(30) == 0
    finally:
        daemon.stop()
    assert daemon.logged("stopped") and not daemon.logged("Traceback")


async def _rest_of(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    with suppress(ConnectionResetError):
        while data := await reader.read(65_536):
            heard += data
    return heard


# --- and afterwards -------------------------------------------------------------------------------------------


async def test_after_all_that_it_speaks_at_every_door_and_its_log_is_clean(daemon: Daemon) -> None:
    await everybody_speaks(daemon)
    await quiet(daemon)
    log = [json.loads(line) for line in daemon.log]
    assert "\n".join(line["exception"] for line in log if "exception" in line) == ""
    loud = [line for line in log if line["level"] in ("error", "critical")]
    assert [
        line["message"] for line in loud if "is lost" not in line["message"] and "is not kept" not in line["message"]
    ] == []
    descriptors = len(list(Path(f"/proc/{daemon.process.pid}/fd").iterdir()))
    assert descriptors < 40, "nothing is left open"
