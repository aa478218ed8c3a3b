"""`/ws/speech` over a real connection."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import aiohttp
import pytest

from models.tone import Tone
from tests.doors_http import FRAME_MS, House, Open, house, seconds
from tests.test_web_speaking import LONG, failing_after
from web import socket
from web.app import build, serve
from web.speaking import Encoding

__all__ = ["house"]


async def utterance(ws: aiohttp.ClientWebSocketResponse) -> tuple[list[dict[str, Any]], bytes]:
    """Everything up to the end: JSON frames and audio."""
    frames: list[dict[str, Any]] = []
    audio = b""
    while not frames or frames[-1]["type"] != "end":
        message = await ws.receive(10)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert any(frame["type"] == "header" for frame in frames)
            assert 0 < len(message.data) <= socket.FRAME_BYTES
            audio += message.data
        else:
            assert message.type is aiohttp.WSMsgType.TEXT, message
            frames.append(json.loads(message.data))
    return frames, audio


async def test_a_text_is_spoken(house: Open) -> None:
    h = await house()
    async with h.client.ws_connect(h.ws) as ws:
        for number in range(2):
            await ws.send_json({"type": "start", "text": "Hello there.", "voice": "tone-2", "seed": 5, "new": [1]})
            (header, end), audio = await utterance(ws)
            assert header["request_id"] and header["run_id"] == end["run_id"]
            assert (header["sample_rate"], header["format"], header["channels"]) == (24_000, "pcm16", 1)
            assert (header["voice"], header["seed"]) == ("tone-2", 5)
            assert (end["reason"], end["artifacts"]) == ("stop", ["audio.wav"])
            assert end["timing"]["audio_ms"] == 12 * FRAME_MS == seconds(audio, "pcm") * 1000
            assert set(end["timing"]) == {"first_audio_ms", "audio_ms", "wall_ms", "rtf"}
            run = await h.json(f"/api/v1/runs/{end['run_id']}")
            assert (run["state"], run["meta"]["door"], number >= 0) == ("done", "websocket", True)


async def test_a_text_that_is_still_being_written(house: Open) -> None:
    h = await house()
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "language": "en"})
        for piece in ("Hel", "lo th", "ere. ", "And more"):
            await ws.send_json({"type": "text", "text": piece})
        header = await ws.receive_json(timeout=20)
        first = await ws.receive(2)
        assert (header["type"], first.type) == ("header", aiohttp.WSMsgType.BINARY)
        await ws.send_json({"type": "text", "text": " to say."})
        await ws.send_json({"type": "end_text"})
        audio, message = first.data, await ws.receive(2)
        while message.type is aiohttp.WSMsgType.BINARY:
            audio, message = audio + message.data, await ws.receive(2)
        assert json.loads(message.data)["reason"] == "stop"
        assert seconds(audio, "pcm") >= 0.08 * len("Hello there.And more to say.")


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav"])
async def test_encoded_formats(house: Open, kind: str) -> None:
    h = await house()
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": "Hello there.", "format": kind})
        (header, end), audio = await utterance(ws)
        assert (header["format"], end["reason"]) == (kind, "stop")
        assert seconds(audio, kind) == pytest.approx(0.96, abs=0.12)


async def test_cancel_ends_it_soon_and_the_next_one_starts_at_once(house: Open) -> None:
    h = await house(slots=1, tone_step_ms=5)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": LONG})
        await ws.receive_json()
        await ws.receive_bytes()
        await ws.send_json({"type": "cancel"})
        await ws.send_json({"type": "start", "text": "Next."})
        message = await ws.receive(20)
        while message.type is aiohttp.WSMsgType.BINARY:
            message = await ws.receive(20)
        end = json.loads(message.data)
        assert (end["type"], end["reason"]) == ("end", "cancelled")
        assert h.voiced.engine.status().steps < len(LONG), "it was not spoken to its end"
        assert end["timing"]["audio_ms"] > 0
        assert (await h.json(f"/api/v1/runs/{end['run_id']}"))["state"] == "cancelled"
        frames, audio = await utterance(ws)
        assert frames[-1]["reason"] == "stop"
        assert seconds(audio, "pcm") == pytest.approx(0.4)


async def test_cancel_before_there_is_anything(house: Open) -> None:
    h = await house()
    async with h.client.ws_connect(h.ws) as ws:
        for start in ({"type": "start"}, {"type": "start", "voice": "tone"}):
            await ws.send_json(start)
            await ws.send_json({"type": "cancel"})
            frames = [await ws.receive_json(timeout=20)]
            while frames[-1]["type"] != "end":
                frames.append(await ws.receive_json(timeout=20))
            assert frames[-1]["reason"] == "cancelled"
        await h.idle()


async def test_closing_the_socket_cancels(house: Open) -> None:
    h = await house(slots=1, tone_step_ms=5)
    for how in ("close", "vanish"):
        ws = await h.client.ws_connect(h.ws)
        await ws.send_json({"type": "start", "text": LONG})
        await ws.receive_json()
        await ws.receive_bytes()
        if how == "close":
            closing = asyncio.create_task(ws.close())
            await h.idle()
            await closing
            assert h.voiced.engine.status().steps < len(LONG)
        else:
            assert ws._response.connection is not None
            assert ws._response.connection.transport is not None
            ws._response.connection.transport.abort()
            await h.idle()
            assert h.voiced.engine.status().steps < 2 * len(LONG)


async def test_a_second_start_is_busy_and_the_first_goes_on(house: Open) -> None:
    h = await house(tone_step_ms=5)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": "x" * 60})
        await ws.send_json({"type": "start", "text": "y"})
        await ws.send_bytes(b"\x00\x01")
        await ws.send_str("nonsense")
        frames, audio = await utterance(ws)
        assert [frame.get("code") for frame in frames if frame["type"] == "error"] == [
            "busy",
            "malformed",
            "malformed",
        ]
        assert frames[-1]["reason"] == "stop"
        assert seconds(audio, "pcm") == pytest.approx(60 * 0.08)


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ({"text": "Hi", "voice": "nobody"}, "unknown_voice"),
        ({"text": "Hi", "language": "sw"}, "language_not_spoken"),
        ({"text": "Hi", "format": "midi"}, "unsupported_format"),
        ({"text": "Hi", "model": "gpt-9"}, "unknown_model"),
        ({"text": "Hi", "speed": 100}, "malformed"),
        ({"text": ""}, "nothing_to_say"),
        ({"text": "🎉"}, "nothing_to_say"),
        ({"text": "x" * 2000}, "text_too_long"),
        ({"text": 5, "seed": "x"}, "malformed"),
    ],
)
async def test_mistakes_end_with_error_and_the_connection_stays(
    house: Open, start: dict[str, object], code: str
) -> None:
    h = await house(max_text=1000)
    async with h.client.ws_connect(h.ws) as ws:
        for _ in range(2):
            await ws.send_json({"type": "start", **start})
            error, end = await ws.receive_json(timeout=20), await ws.receive_json(timeout=20)
            assert (error["type"], error["code"]) == ("error", code)
            assert (end["type"], end["reason"]) == ("end", "error")
        await ws.send_json({"type": "start", "text": "Still here."})
        frames, _ = await utterance(ws)
        assert frames[-1]["reason"] == "stop"


async def test_written_text_that_is_too_long_or_empty(house: Open) -> None:
    h = await house(max_text=1000)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "language": "en"})
        for _ in range(50):
            await ws.send_json({"type": "text", "text": "word " * 20})
        frames, _ = await utterance(ws)
        assert [frame.get("code") for frame in frames if frame["type"] == "error"] == ["text_too_long"]
        await ws.send_json({"type": "start", "voice": "tone"})
        await ws.send_json({"type": "end_text"})
        frames, _ = await utterance(ws)
        assert [frame.get("code") for frame in frames if frame["type"] == "error"] == ["nothing_to_say"]


async def test_an_engine_that_fails_is_told_and_the_next_one_works(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    h = await house(tone_step_ms=2)
    with monkeypatch.context() as patch:
        failing_after(patch, 30)
        async with h.client.ws_connect(h.ws) as ws:
            await ws.send_json({"type": "start", "text": LONG})
            frames, audio = await utterance(ws)
            assert [frame["type"] for frame in frames] == ["header", "error", "end"]
            assert (frames[1]["code"], frames[2]["reason"]) == ("speech_failed", "error")
            assert audio
            patch.undo()
            assert Tone.step.__name__ == "step"
            await ws.send_json({"type": "start", "text": "Hi."})
            frames, _ = await utterance(ws)
            assert frames[-1]["reason"] == "stop"


async def test_a_full_queue_is_told(house: Open) -> None:
    h = await house(slots=1, queue=0, tone_step_ms=10)
    first = await h.say(LONG)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": "Hi"})
        assert (await ws.receive_json())["code"] == "queue_full"
        assert (await ws.receive_json())["reason"] == "error"
    first.close()


async def test_the_studios_speech_is_the_studios(house: Open) -> None:
    h = await house(keep_runs="studio")
    async with h.client.ws_connect(h.ws) as ws:
        for client, kept in (("studio", True), ("other", False)):
            await ws.send_json({"type": "start", "text": "Hi", "client": client})
            frames, _ = await utterance(ws)
            assert (frames[-1]["run_id"] is not None) is kept
            assert (frames[-1]["artifacts"] == ["audio.wav"]) is kept


async def test_a_client_that_does_not_read_holds_nobody_up(house: Open) -> None:
    h = await house()
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": LONG * 5, "voice": "tone"})
        await h.busy()
        ws._response.connection.transport.pause_reading()  # type: ignore[union-attr]
        await asyncio.sleep(0.3)
        response = await h.say("Prompt.", format="pcm")
        assert seconds(await response.read(), "pcm") == pytest.approx(0.56)
        assert h.voiced.engine.status().steps < 5 * len(LONG)
        ws._response.connection.transport.abort()  # type: ignore[union-attr]
        await h.idle()
        assert h.voiced.engine.status().steps < 5 * len(LONG)


async def test_messages_have_a_size(house: Open) -> None:
    h = await house(max_text=1000)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_str('{"type":"start","text":"' + "a" * 100_000 + '"}')
        closed = await ws.receive(20)
        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert closed.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_plain_get_is_told_that_this_is_a_websocket(house: Open) -> None:
    h = await house()
    async with h.client.get(h.url + "/ws/speech") as response:
        assert (response.status, response.headers["Upgrade"]) == (426, "websocket")
        assert (await response.json())["error"]["code"] == "websocket_expected"


@pytest.mark.parametrize("key", ["", "short", "\xff\xfe", "AAAAAAAAAAAAAAAAAAAAAA"])
async def test_a_handshake_that_is_broken_is_the_clients_mistake(
    house: Open, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    h = await house()
    reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
    lines = (
        f"GET /ws/speech HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    writer.write(lines.encode("latin-1"))
    assert b" 426 " in await reader.readline()
    writer.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_thirty_two_conversations_at_once(house: Open) -> None:
    h = await house(slots=8)

    async def one(h: House, length: int) -> None:
        async with h.client.ws_connect(h.ws) as ws:
            await ws.send_json({"type": "start", "text": "z" * length})
            frames, audio = await utterance(ws)
            assert frames[-1]["reason"] == "stop"
            assert seconds(audio, "pcm") == pytest.approx(0.08 * length)

    await asyncio.gather(*(one(h, 10 + number) for number in range(32)))


async def test_a_client_that_sleeps_does_not_hold_up_the_end(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "GOODBYE_S", 0.1)
    h = await house()
    async with serve(build(h.voiced, None), h.voiced.settings) as listener:
        ws = await h.client.ws_connect(listener.urls[0].replace("http", "ws") + "/ws/speech", autoclose=False)
        await asyncio.sleep(0)
        began = time.monotonic()
    assert time.monotonic() - began < 8, "and not the ten seconds that aiohttp waits"
    await ws.close()


async def test_an_encoder_that_fails_is_told_and_logged(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    h = await house()

    async def broken(self: Encoding) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(Encoding, "finish", broken)
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": "Hi", "format": "mp3"})
        frames, _ = await utterance(ws)
        assert [frame.get("code") for frame in frames if frame["type"] == "error"] == ["internal_error"]
        assert frames[-1]["reason"] == "error"
    assert [record for record in caplog.records if record.exc_info]
