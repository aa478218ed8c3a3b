"""Our own REST routes."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from models.backend import EngineUnavailable
from models.tone import Tone
from outputs.audio import FORMATS
from outputs.run import StorageFailed
from tests.doors_http import FRAME_MS, Open, house, pcm_of_wav, seconds

__all__ = ["house"]

TEXT = "Hello there."


async def test_speech_as_it_is_made(house: Open) -> None:
    h = await house()
    response = await h.say(TEXT, seed=7, voice="tone-2")
    assert (response.status, response.content_type) == (200, "audio/wav")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert (response.headers["X-Voice"], response.headers["X-Seed"]) == ("tone-2", "7")
    assert response.headers["X-Request-Id"]
    assert len(pcm_of_wav(await response.read())) == len(TEXT) * 3840
    run = await h.json(f"/api/v1/runs/{response.headers['X-Run-Id']}")
    assert run["state"] == "done"  # the last byte comes after the run is complete
    assert run["meta"]["seed"] == 7


@pytest.mark.parametrize("kind", FORMATS)
async def test_every_format_plays_for_as_long_as_the_speech(house: Open, kind: str) -> None:
    h = await house()
    response = await h.say(TEXT, format=kind)
    assert (response.status, response.content_type) == (200, FORMATS[kind].media_type)
    assert ("X-Sample-Rate" in response.headers) is (kind == "pcm")
    assert seconds(await response.read(), kind) == pytest.approx(len(TEXT) * FRAME_MS / 1000, abs=0.12)


@pytest.mark.parametrize("kind", FORMATS)
async def test_the_first_bytes_leave_with_the_first_audio(house: Open, kind: str) -> None:
    h = await house(tone_step_ms=20)
    response = await h.say("x" * 100, format=kind)
    assert await response.content.readany()
    assert h.voiced.engine.status().steps < 60
    response.close()


@pytest.mark.parametrize("kind", ["wav", "opus"])
async def test_a_run_and_its_links_instead_of_audio(house: Open, kind: str) -> None:
    h = await house()
    response = await h.say(TEXT, stream=False, format=kind, language="de-AT")
    told: dict[str, Any] = await response.json()
    assert response.status == 200
    assert response.headers["X-Run-Id"] == told["run_id"]
    assert (told["voice"], told["language"], told["finish_reason"]) == ("tone", "de", "stop")
    assert told["timing"]["audio_ms"] == len(TEXT) * FRAME_MS
    async with h.client.get(h.url + told["links"]["audio"]) as audio:
        assert audio.content_type == FORMATS[kind].media_type
        assert seconds(await audio.read(), kind) == pytest.approx(len(TEXT) * FRAME_MS / 1000, abs=0.1)
    assert (await h.json(told["links"]["run"]))["run_id"] == told["run_id"]


async def test_no_links_where_no_runs_are_kept(house: Open) -> None:
    h = await house(keep_runs="studio")
    refused = await h.say(TEXT, stream=False)
    assert refused.status == 409
    assert "not kept" in (await refused.json())["error"]["message"]
    assert (await h.say(TEXT, stream=False, keep=True)).status == 200
    assert (await h.say(TEXT, stream=False, keep=False)).status == 409
    spoken = await h.say(TEXT)
    assert spoken.status == 200
    assert "X-Run-Id" not in spoken.headers


@pytest.mark.parametrize(("client", "door"), [("studio", "studio"), ("say", "say"), ("root", "rest"), ("", "rest")])
async def test_who_asks(house: Open, client: str, door: str) -> None:
    h = await house(keep_runs="rest,studio,say")
    asked = {"json": {"text": TEXT, "stream": False}, "headers": {"X-Voiced-Client": client}}
    async with h.client.post(h.url + "/api/v1/speech", **asked) as response:
        run = await h.json((await response.json())["links"]["run"])
    assert run["meta"]["door"] == door


@pytest.mark.parametrize(
    ("wishes", "status", "code"),
    [
        ({"text": ""}, 422, "nothing_to_say"),
        ({"text": " \n\t "}, 422, "nothing_to_say"),
        ({"text": "😀🎉"}, 422, "nothing_to_say"),
        ({"text": "...?!"}, 422, "nothing_to_say"),
        ({"text": "x" * 1_000_000}, 413, "text_too_long"),
        ({"voice": "nobody"}, 422, "unknown_voice"),
        ({"voice": "x" * 10_000}, 422, "unknown_voice"),
        ({"language": "sw"}, 422, "language_not_spoken"),
        ({"language": "klingon!"}, 400, "malformed"),
        ({"format": "midi"}, 422, "unsupported_format"),
        ({"format": ""}, 422, "unsupported_format"),
        ({"format": "midi", "stream": False}, 422, "unsupported_format"),
        ({"speed": 0}, 400, "malformed"),
        ({"speed": -1e308}, 400, "malformed"),
        ({"speed": 1e308}, 400, "malformed"),
        ({"speed": 4.01}, 400, "malformed"),
        ({"seed": 2**31}, 400, "malformed"),
        ({"seed": 10**40}, 400, "malformed"),
        ({"deadline_ms": 0}, 400, "malformed"),
        ({"priority": "now"}, 400, "malformed"),
        ({"model": "gpt-9"}, 404, "unknown_model"),
        ({"sampling": {"temperature": 0}}, 400, "malformed"),
        ({"sampling": []}, 400, "malformed"),
        ({"stream": "no"}, 400, "malformed"),
    ],
)
async def test_what_cannot_be(house: Open, wishes: dict[str, object], status: int, code: str) -> None:
    h = await house()
    asked = {"text": "Hello.", **wishes}
    async with h.client.post(h.url + "/api/v1/speech", json=asked) as response:
        assert (response.status, response.content_type) == (status, "application/json")
        error = (await response.json())["error"]
        assert error["code"] == code
        assert set(error) == {"code", "message", "details"}
        assert len(error["message"]) < 1000
    await h.idle()


@pytest.mark.parametrize("speed", [0.25, 0.5, 2, 4])
async def test_faster_and_slower(house: Open, speed: float) -> None:
    h = await house()
    response = await h.say("x" * 25, speed=speed, format="pcm")
    assert seconds(await response.read(), "pcm") == pytest.approx(2 / speed, abs=0.02)


async def test_everything_a_request_may_say(house: Open) -> None:
    h = await house()
    response = await h.say(
        TEXT,
        voice="Tone 2 (test signal)", language="pt_BR", instruct="softly", seed=1, format="flac", speed=1.5,
        model="tone", priority="batch", deadline_ms=5000, sampling={"top_k": 5, "do_sample": True},
        stream=True,
        something_new={"a": 1},
    )  # fmt: skip
    assert response.status == 200
    assert response.headers["X-Voice"] == "tone-2"
    await response.read()
    run = response.headers["X-Run-Id"]
    asked = await h.json(f"/api/v1/runs/{run}/files/input.json")
    assert asked["sampling"] == {"top_k": 5, "do_sample": True}
    assert (asked["instruct"], asked["priority"], asked["format"]) == ("softly", "batch", "flac")


async def test_voices_and_one_of_them(house: Open) -> None:
    h = await house()
    listed = (await h.json("/api/v1/voices"))["voices"]
    assert [voice["id"] for voice in listed] == ["tone", "tone-2"]
    assert await h.json("/api/v1/voices/tone-2") == listed[1]
    for name in ("nobody", "Tone%202%20(test%20signal)", "..", "%00"):
        async with h.client.get(f"{h.url}/api/v1/voices/{name}") as response:
            assert response.status == 404


async def test_models_load_and_unload(house: Open) -> None:
    h = await house()
    (model,) = (await h.json("/api/v1/models"))["models"]
    assert (model["id"], model["state"], model["voices"]) == ("tone", "ready", ["tone", "tone-2"])
    for action, state in (
        ("unload", "unloaded"),
        ("unload", "unloaded"),
        ("load", "ready"),
        ("load", "ready"),
    ):
        async with h.client.post(f"{h.url}/api/v1/models/tone/{action}") as response:
            assert (response.status, (await response.json())["state"]) == (200, state)
    for action in ("load", "unload"):
        async with h.client.post(f"{h.url}/api/v1/models/other/{action}") as response:
            assert (response.status, (await response.json())["error"]["code"]) == (404, "unknown_model")
    async with h.client.get(f"{h.url}/api/v1/models/other") as response:
        assert response.status == 404


async def test_a_model_that_cannot_be_loaded(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house(preload=False)

    def load(self: Tone) -> None:
        raise EngineUnavailable("the card is out of memory")

    monkeypatch.setattr(Tone, "load", load)
    async with h.client.post(f"{h.url}/api/v1/models/tone/load") as response:
        assert response.status == 503
        assert (await response.json())["error"]["message"] == "the card is out of memory"


async def test_a_caller_that_hangs_up_leaves_the_model_whole(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h, begun, go_on = await house(preload=False), threading.Event(), threading.Event()
    monkeypatch.setattr(Tone, "load", lambda self: begun.set() or go_on.wait(20))
    asking = asyncio.create_task(h.client.post(f"{h.url}/api/v1/models/tone/load"))
    await asyncio.to_thread(begun.wait, 20)
    asking.cancel()
    await asyncio.sleep(0.1)
    go_on.set()
    async with asyncio.timeout(20):
        while (await h.json("/api/v1/status"))["state"] != "ready":
            await asyncio.sleep(0.01)


async def test_unloading_fails_whoever_speaks(house: Open) -> None:
    import aiohttp

    h = await house(tone_step_ms=20)
    response = await h.say("x" * 500, format="pcm")
    await response.content.read(100)
    async with h.client.post(f"{h.url}/api/v1/models/tone/unload") as unloaded:
        assert unloaded.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()


async def test_the_status_that_the_studio_shows(house: Open) -> None:
    h = await house(slots=3, queue=5, tone_step_ms=20)
    response = await h.say("x" * 100)
    status = await h.json("/api/v1/status")
    assert (status["engine"], status["model"], status["state"]) == ("tone", "tone", "ready")
    assert "asked for" in status["reason"]
    assert (status["speaking"], status["waiting"], status["slots"], status["queue"]) == (1, 0, 3, 5)
    response.close()


async def test_a_disk_that_fails_is_told_when_the_run_is_what_was_asked_for(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    h = await house()

    def full(*args: object) -> None:
        raise StorageFailed("/data: no space left on device")

    monkeypatch.setattr(h.voiced.runs, "begin", full)
    refused = await h.say(TEXT, stream=False)
    assert (refused.status, (await refused.json())["error"]["code"]) == (503, "storage_failed")
    heard = await h.say(TEXT)
    assert heard.status == 200
    assert len(pcm_of_wav(await heard.read())) == len(TEXT) * 3840
