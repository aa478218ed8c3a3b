"""HTTP as its many clients speak it: curl, Open WebUI, proxies, old programs."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.doors_http import FRAME_MS, House, Open, house, seconds

__all__ = ["house"]

HOST = b"Host: 127.0.0.1\r\n"
JSON = b"Content-Type: application/json\r\n"


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next one on a kept connection, chunked or with its length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if "transfer-encoding: chunked" not in head:
        size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split()[1]), await reader.readexactly(size)
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return int(head.split()[1]), body


def post(text: str, *heads: bytes) -> tuple[bytes, bytes]:
    body = json.dumps({"input": text, "response_format": "pcm"}).encode()
    length = b"Content-Length: %d\r\n" % len(body)
    return b"POST /v1/audio/speech HTTP/1.1\r\n" + HOST + JSON + length + b"".join(heads) + b"\r\n", body


async def connect(h: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", h.port)


async def test_one_connection_serves_one_request_after_another_and_several_at_once(house: Open) -> None:
    h = await house()
    reader, writer = await connect(h)
    texts = ["One.", "Two, two.", "Three, three, three."]
    for text in texts:
        writer.writelines(post(text))
        assert await answer(reader) == (200, (await (await h.say(text, format="pcm")).read()))
    writer.write(
        b"".join(part for text in texts for part in post(text)) + b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    )
    heard = [await answer(reader) for _ in texts]
    assert [(status, len(pcm)) for status, pcm in heard] == [(200, 3840 * len(text)) for text in texts]
    assert json.loads((await answer(reader))[1])["status"] == "ok"
    writer.close()


async def test_a_client_that_waits_for_100_continue(house: Open) -> None:
    h = await house()
    reader, writer = await connect(h)
    head, body = post("Hello.", b"Expect: 100-continue\r\n")
    writer.write(head)
    assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20) == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(body)
    status, pcm = await answer(reader)
    assert (status, len(pcm)) == (200, 6 * 3840)
    writer.close()


async def test_audio_leaves_in_chunks_while_it_is_made(house: Open) -> None:
    """`curl -N`: the first chunk is there long before the last."""
    h = await house(tone_step_ms=10)
    response = await h.post("/v1/audio/speech", {"input": "x" * 100, "response_format": "pcm"})
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert await response.content.readany()
    assert h.voiced.engine.status().speaking == 1
    rest = await response.read()
    assert len(rest) > 50 * 3840


async def test_open_webui(house: Open) -> None:
    """It lists models and voices, then posts fields of its own beside OpenAI's."""
    h = await house()
    assert [model["id"] for model in (await h.json("/v1/models"))["data"]] == ["tone"]
    voices = (await h.json("/v1/audio/voices"))["voices"]
    assert {"tone", "tone-2"} <= {voice["id"] for voice in voices}
    assert all(voice["name"] for voice in voices)
    asked = {"input": "Hello.", "model": "tts-1", "voice": "alloy", "stream": False, "user": "5", "split_on": "none"}
    response = await h.post("/v1/audio/speech", asked)
    assert (response.status, response.content_type) == (200, "audio/mpeg")
    assert seconds(await response.read(), "mp3") == pytest.approx(6 * FRAME_MS / 1000, abs=0.12)


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/models", "/v1/audio/voices", "/api/v1/status", "/openapi.json"])
async def test_head_is_get_without_its_body(house: Open, path: str) -> None:
    h = await house()
    async with h.client.get(h.url + path) as whole, h.client.head(h.url + path) as head:
        assert (head.status, head.content_length) == (200, len(await whole.read()))
        assert await head.read() == b""


async def test_options_answers_no_page_of_another_site(house: Open) -> None:
    """What a browser asks before it sends JSON across sites: it is not told that it may."""
    h = await house()
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    async with h.client.options(h.url + "/v1/audio/speech", headers=headers) as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
        assert not [name for name in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("wanted", "status", "size"),
    [("bytes=0-43", 206, 44), ("bytes=44-", 206, 6 * 3840), ("bytes=-100", 206, 100), ("bytes=99999999-", 416, 0)],
)
async def test_a_player_seeks_in_a_recording(house: Open, wanted: str, status: int, size: int) -> None:
    h = await house()
    run = (await h.say("Hello.")).headers["X-Run-Id"]
    await h.idle()
    async with asyncio.timeout(20):
        while (await h.json(f"/api/v1/runs/{run}"))["state"] != "done":
            await asyncio.sleep(0.01)
    async with h.client.get(f"{h.url}/api/v1/runs/{run}/files/audio.wav", headers={"Range": wanted}) as response:
        assert (response.status, len(await response.read())) == (status, size)
        assert response.headers["Content-Range"].startswith("bytes ")


async def test_a_thousand_connections_one_after_the_other_leave_nothing(house: Open) -> None:
    h = await house()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as client:
        for _ in range(1000 // 50):
            answers = await asyncio.gather(*(client.get(h.url + "/healthz") for _ in range(50)))
            assert {response.status for response in answers} == {200}
            for response in answers:
                response.close()
    async with asyncio.timeout(20):
        while len(asyncio.all_tasks()) > 12:
            await asyncio.sleep(0.01)
