"""Bad days of a stream: clients that vanish, crawl or stop, engines that fail, queues that are full."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Sequence

import aiohttp
import pytest

from models.backend import Frame
from models.tone import Tone
from tests.doors_http import Open, house, raw, seconds
from web import speaking

__all__ = ["house"]

LONG = "x" * 2000
"""160 seconds, 7.7 MB: more than all buffers on the way can hold."""


def vanish(writer: asyncio.StreamWriter) -> None:
    """RST, as from a machine that lost its power and woke up again."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("kind", ["pcm", "mp3"])
@pytest.mark.parametrize("path", ["/api/v1/speech", "/v1/audio/speech"])
async def test_a_client_that_vanishes_frees_its_slot_at_once(house: Open, path: str, kind: str) -> None:
    h = await house(slots=1, tone_step_ms=10)
    body = {"text": LONG, "input": LONG, "format": kind, "response_format": kind}
    reader, writer = await raw(h.port, path, body)
    assert await reader.readexactly(1000)
    assert h.voiced.engine.status().speaking == 1
    vanish(writer)
    await h.idle()
    assert h.voiced.engine.status().steps < len(LONG), "and not because it came to its end"
    assert (await (await h.say("Hi", format="pcm")).read()) != b""


async def test_a_client_that_leaves_the_queue_is_forgotten(house: Open) -> None:
    h = await house(slots=1, queue=1, tone_step_ms=10)
    reader, first = await raw(h.port, "/api/v1/speech", {"text": LONG, "priority": "reply"})
    assert await reader.readexactly(100)
    _, writer = await raw(h.port, "/api/v1/speech", {"text": LONG})
    async with asyncio.timeout(20):
        while h.voiced.engine.status().waiting != 1:
            await asyncio.sleep(0.005)
    vanish(writer)
    async with asyncio.timeout(20):
        while h.voiced.engine.status().waiting:
            await asyncio.sleep(0.005)
    assert h.voiced.engine.status().speaking == 1, "who was before it goes on"
    vanish(first)


async def test_clients_that_stop_or_crawl_hold_nobody_else_up(house: Open) -> None:
    h = await house(slots=4)
    stopped = [await raw(h.port, "/api/v1/speech", {"text": LONG, "format": "pcm"}) for _ in range(3)]
    crawling, crawler = await raw(h.port, "/api/v1/speech", {"text": LONG, "format": "pcm"})
    await asyncio.sleep(0.3)
    for _ in range(5):
        assert await crawling.read(800)
        response = await h.say("Prompt.", format="pcm")
        assert seconds(await response.read(), "pcm") == pytest.approx(0.56)
    assert h.voiced.engine.status().steps < 4 * len(LONG), "the engine ran ahead of those who do not read"
    for writer in [crawler, *(writer for _, writer in stopped)]:
        vanish(writer)


async def test_a_client_that_has_stopped_for_good_is_given_up(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "STALLED_S", 0.2)
    h = await house()
    reader, writer = await raw(h.port, "/api/v1/speech", {"text": LONG * 20, "format": "pcm"})
    await h.busy()
    await h.idle()
    heard = await reader.read()
    assert heard and not heard.endswith(b"0\r\n\r\n"), "nothing that could be taken for the end of the speech"
    assert h.voiced.engine.status().steps < len(LONG) * 20
    writer.close()


async def test_a_full_queue_is_told_at_once(house: Open) -> None:
    h = await house(slots=1, queue=0, tone_step_ms=10)
    first = await h.say(LONG)
    refused = await h.say("Hello.")
    assert h.voiced.engine.status().speaking == 1, "nobody waited for a place"
    assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
    assert (await refused.json())["error"]["code"] == "queue_full"
    async with h.client.post(h.url + "/v1/audio/speech", json={"input": "Hello."}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "2")
        assert (await response.json())["error"]["type"] == "rate_limit_error"
    first.close()


async def test_a_deadline_that_passes_is_504(house: Open) -> None:
    h = await house(slots=1, tone_step_ms=10)
    first = await h.say(LONG, priority="reply")
    late = await h.say("Hello.", deadline_ms=50)
    assert (late.status, (await late.json())["error"]["code"]) == (504, "deadline_passed")
    first.close()


def failing_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    sound, taken = Tone.step, [0]

    def step(self: Tone, slots: Sequence[int]) -> list[Frame]:
        taken[0] += 1
        if taken[0] > steps:
            raise RuntimeError("the card fell off the bus")
        return sound(self, slots)

    monkeypatch.setattr(Tone, "step", step)


@pytest.mark.parametrize("kind", ["wav", "pcm", "mp3", "sse"])
async def test_an_engine_that_fails_mid_stream_breaks_the_transfer(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    h = await house(tone_step_ms=2)
    failing_after(monkeypatch, 60)
    if kind == "sse":
        response = await h.client.post(h.url + "/v1/audio/speech", json={"input": LONG, "stream_format": "sse"})
    else:
        response = await h.say(LONG, format=kind)
    assert response.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    assert not [record for record in caplog.records if record.name == "web.app"]
    (run,) = (await h.json("/api/v1/runs"))["runs"] or [{"state": "failed"}]
    assert run["state"] == "failed"


async def test_an_engine_that_fails_before_the_first_audio_is_500(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house()
    failing_after(monkeypatch, 0)
    response = await h.say("Hello.")
    assert response.status == 500
    text = await response.text()
    assert "speech_failed" in text and "bus" not in text


async def test_an_encoder_that_fails_breaks_the_transfer(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    h = await house()

    async def broken(self: speaking.Encoding) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(speaking.Encoding, "finish", broken)
    response = await h.say("Hello.", format="mp3")
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_thirty_two_at_once_are_each_whole(house: Open) -> None:
    h = await house(slots=8)

    async def one(number: int) -> float:
        kind = ("pcm", "mp3", "flac", "opus")[number % 4]
        response = await h.say("y" * (10 + number), format=kind)
        return seconds(await response.read(), kind) - 0.08 * (10 + number)

    for off in await asyncio.gather(*(one(number) for number in range(32))):
        assert abs(off) < 0.12
