"""Run folders over HTTP."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any

import aiohttp
import pytest

from outputs.audio import FORMATS
from outputs.run import StorageFailed
from tests.doors_http import FRAME_MS, House, Open, house, seconds
from web.addresses import url
from web.speaking import Encoding

__all__ = ["house"]

TEXT = "One two three."
WAV_BYTES = 44 + len(TEXT) * 3840


async def kept(h: House) -> dict[str, Any]:
    answer: dict[str, Any] = await (await h.say(TEXT, stream=False)).json()
    return answer


def test_addresses_are_quoted() -> None:
    assert url("a/b") == "/api/v1/runs/a%2Fb"
    assert url("x", "segments/1 a.wav") == "/api/v1/runs/x/files/segments/1%20a.wav"


async def test_a_run_is_listed_shown_and_thrown_away(house: Open) -> None:
    h = await house()
    run_id = (await kept(h))["run_id"]
    (listed,) = (await h.json("/api/v1/runs"))["runs"]
    shown = await h.json(f"/api/v1/runs/{run_id}")
    assert listed == shown
    assert (shown["state"], shown["task"], shown["meta"]["door"]) == ("done", "speech", "rest")
    for name in ("input.json", "meta.json", "audio.wav"):
        async with h.client.get(h.url + shown["links"][name]) as response:
            assert response.status == 200
    async with h.client.delete(h.url + shown["links"]["self"]) as response:
        assert response.status == 204
        assert await response.read() == b""
    async with h.client.delete(h.url + shown["links"]["self"]) as response:
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "run_not_found"


async def test_the_newest_first_and_no_more_than_asked_for(house: Open) -> None:
    h = await house()
    ids = [(await kept(h))["run_id"] for _ in range(3)]
    assert [run["run_id"] for run in (await h.json("/api/v1/runs?limit=2"))["runs"]] == ids[:0:-1]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "1.5", "9" * 5000, "٣", "1e2"])
async def test_a_limit_that_is_none(house: Open, limit: str) -> None:
    h = await house()
    async with h.client.get(f"{h.url}/api/v1/runs", params={"limit": limit}) as response:
        assert response.status == 400
        assert (await response.json())["error"]["details"][0]["path"] == "limit"


async def test_of_some_tasks_and_in_some_states(house: Open) -> None:
    h = await house()
    ids = [(await kept(h))["run_id"] for _ in range(6)]
    for run_id, (task, state) in zip(ids, (("a", "done"), ("b", "failed"), ("a", "failed")), strict=False):
        folder = h.voiced.runs.find(run_id).path
        meta = json.loads((folder / "meta.json").read_bytes())
        (folder / "meta.json").write_text(json.dumps({**meta, "task": task, "state": state}))
        folder.rename(folder.with_name(folder.name.replace("speech", task)))
    for query, wanted in (
        ("task=a", (2, 0)), ("task=a&task=b", (2, 1, 0)), ("state=failed", (2, 1)), ("task=a&state=failed", (2,)),
        ("task=b&state=done", ()), ("task=a&limit=1", (2,)), ("state=done&state=failed&limit=9", (5, 4, 3, 2, 1, 0)),
    ):  # fmt: skip
        found = [run["run_id"] for run in (await h.json(f"/api/v1/runs?{query}"))["runs"]]
        assert found == [ids[at] for at in wanted], query
    async with h.client.get(f"{h.url}/api/v1/runs", params={"state": "lost"}) as response:
        assert response.status == 400
        (told,) = (await response.json())["error"]["details"]
    assert (told["path"], "interrupted" in told["message"]) == ("state", True)


@pytest.mark.parametrize(("ending", "kind"), [("m4b", "audio/mp4"), ("flac", "audio/flac"), ("vtt", "text/vtt")])
async def test_files_are_told_to_be_what_a_browser_plays(house: Open, ending: str, kind: str) -> None:
    h = await house()
    run_id = (await kept(h))["run_id"]
    (h.voiced.runs.find(run_id).path / f"made.{ending}").write_bytes(b"x")
    async with h.client.get(f"{h.url}/api/v1/runs/{run_id}/files/made.{ending}") as response:
        assert response.content_type == kind


async def test_a_recording_by_range(house: Open) -> None:
    h = await house()
    audio = h.url + (await kept(h))["links"]["audio"]
    async with h.client.get(audio) as response:
        whole = await response.read()
        assert (response.status, response.content_type, len(whole)) == (200, "audio/wav", WAV_BYTES)
        assert response.headers["Accept-Ranges"] == "bytes"
        assert struct.unpack("<I", whole[40:44])[0] == WAV_BYTES - 44
    async with h.client.get(audio, headers={"Range": "bytes=100-199"}) as response:
        assert (response.status, await response.read()) == (206, whole[100:200])
        assert response.headers["Content-Range"] == f"bytes 100-199/{WAV_BYTES}"
    async with h.client.get(audio, headers={"Range": "bytes=-10"}) as response:
        assert await response.read() == whole[-10:]
    async with h.client.get(audio, headers={"Range": f"bytes={WAV_BYTES}-"}) as response:
        assert response.status == 416
    async with h.client.head(audio) as response:
        assert int(response.headers["Content-Length"]) == WAV_BYTES


@pytest.mark.parametrize("wanted", FORMATS)
async def test_a_recording_in_any_format(house: Open, wanted: str) -> None:
    h = await house()
    audio = h.url + url((await kept(h))["run_id"], "audio.wav")
    async with h.client.get(f"{audio}?format={wanted}") as response:
        assert (response.status, response.content_type) == (200, FORMATS[wanted].media_type)
        assert seconds(await response.read(), wanted) == pytest.approx(len(TEXT) * FRAME_MS / 1000, abs=0.12)


async def test_a_look_before_the_download(house: Open) -> None:
    h = await house()
    audio = h.url + url((await kept(h))["run_id"], "audio.wav")
    async with h.client.head(f"{audio}?format=mp3") as response:
        assert (response.status, response.content_type) == (200, "audio/mpeg")
    assert (await h.json("/healthz"))["status"] == "ok"  # on the same connection


async def test_a_conversion_that_fails_breaks_the_download(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    h = await house()
    audio = h.url + url((await kept(h))["run_id"], "audio.wav")

    async def broken(self: Encoding) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(Encoding, "finish", broken)
    async with h.client.get(f"{audio}?format=mp3") as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert [record for record in caplog.records if record.exc_info]


async def test_a_format_that_there_is_not(house: Open) -> None:
    h = await house()
    run_id = (await kept(h))["run_id"]
    for file, wanted, code in (
        ("audio.wav", "midi", "unsupported_format"),
        ("meta.json", "mp3", "cannot_be_spoken"),
        ("meta.json", "midi", "unsupported_format"),
    ):
        async with h.client.get(f"{h.url}{url(run_id, file)}?format={wanted}") as response:
            assert response.status == 422
            assert (await response.json())["error"]["code"] == code


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fsecret", "%2e%2e/meta.json", "../../x", "/etc/passwd", "%2fetc%2fpasswd", "nothing.wav",
        ".lock", "a%00b", "audio.wav/x", "%ff", "x" * 5000,
    ],
)  # fmt: skip
async def test_nothing_but_a_runs_own_files_is_given(house: Open, path: str) -> None:
    h = await house()
    (h.voiced.runs.root.parent / "secret").parent.mkdir(parents=True, exist_ok=True)
    (h.voiced.runs.root.parent / "secret").write_text("secret")
    run_id = (await kept(h))["run_id"]
    reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
    target = f"/api/v1/runs/{run_id}/files/{path}"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await asyncio.wait_for(reader.read(), 20)).partition(b"\r\n\r\n")
    writer.close()
    assert int(head.split()[1]) in (400, 404)
    assert body != b"secret"
    assert head.split()[1] == b"400" or json.loads(body)["error"]["code"] in ("run_not_found", "not_found")


async def test_a_run_that_is_being_written_stays(house: Open) -> None:
    h = await house(tone_step_ms=20)
    response = await h.say("x" * 500)
    await response.content.read(100)
    async with h.client.delete(f"{h.url}/api/v1/runs/{response.headers['X-Run-Id']}") as refused:
        assert refused.status == 409
        assert (await refused.json())["error"]["code"] == "run_busy"
    response.close()


async def test_a_disk_that_fails_is_503(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house()

    def full(limit: int) -> None:
        raise StorageFailed("/data: no space left on device")

    monkeypatch.setattr(h.voiced.runs, "list", full)
    async with h.client.get(h.url + "/api/v1/runs") as response:
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "storage_failed"
