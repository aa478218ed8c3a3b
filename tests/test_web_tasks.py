"""The three tasks over REST, on tones that stand for a model each."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from daemon.faults import NothingToSay
from protocol.schemas import MAX_REFERENCE_BYTES, MAX_TEXTS
from tests.doors_http import FRAME_MS, House, Open, house, pcm_of_wav
from tests.live import LiveTone, choice, family
from tests.test_outputs_decoder import RATE, TONE, coded, wav
from tests.test_voices_files_fetch import Begin, answer, begin, onward, sends

__all__ = ["begin", "house"]

Family = tuple[LiveTone, LiveTone, LiveTone]
TEXT = "Hello there."
VOICE = base64.b64encode(wav()).decode()


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Family:
    tones = family()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    return tones


async def told(h: House, task: str, status: int = 200, **body: object) -> Any:
    response = await h.post(f"/api/v1/{task}", {"text": TEXT, **body})
    answer = await response.json()
    assert response.status == status, answer
    return answer


@pytest.mark.parametrize(
    ("task", "body", "voice"),
    [
        ("custom-voice", {"speaker": "tone-2", "instruct": "softly"}, "tone-2"),
        ("custom-voice", {"voice": "tone", "speaker": "nobody"}, "tone"),
        ("voice-design", {"instruct": "an old sailor"}, "designed"),
        ("voice-clone", {"ref_audio": VOICE, "ref_text": "Tone."}, "clone-"),
    ],
)
async def test_one_text_streams_like_any_speech(
    house: Open, models: Family, task: str, body: dict[str, object], voice: str
) -> None:
    h = await house()
    response = await h.post(f"/api/v1/{task}", {"text": TEXT, "seed": 4, "language": "de", **body})
    assert (response.status, response.content_type) == (200, "audio/wav")
    assert response.headers["X-Voice"].startswith(voice)
    assert response.headers["X-Seed"] == "4"
    assert len(pcm_of_wav(await response.read())) == len(TEXT) * 3840
    run = await h.json(f"/api/v1/runs/{response.headers['X-Run-Id']}")
    assert run["task"] == task
    assert f"_{task}_" in run["name"]
    (line,) = [line for tone in models for line in tone.lines]
    assert (line.language, line.instruct, line.seed) == ("de", body.get("instruct"), 4)
    assert (line.voice_prompt is not None) is (task == "voice-clone")


async def test_one_text_as_a_run(house: Open, models: Family) -> None:
    h = await house()
    answer = await told(h, "voice-design", instruct="an old sailor", stream=False, format="flac")
    assert (answer["voice"], answer["finish_reason"], answer["timing"]["audio_ms"]) == (
        "designed",
        "stop",
        12 * FRAME_MS,
    )
    assert answer["links"]["audio"].endswith("audio.wav?format=flac")


async def test_a_list_is_one_batch(house: Open, models: Family) -> None:
    h = await house()
    texts = ["One.", "Twenty two.", "…", "Three three three."]
    answer = await told(h, "custom-voice", text=texts, voice="tone")
    results = answer["results"]
    assert [entry["index"] for entry in results] == [0, 1, 2, 3]
    assert results[2]["error"]["code"] == "nothing_to_say"
    assert [entry["error"] for entry in results if entry["index"] != 2] == [None] * 3
    spoken = [entry["spoken"] for entry in results if entry["spoken"]]
    assert [one["timing"]["audio_ms"] for one in spoken] == [len(text) * FRAME_MS for text in texts if text != "…"]
    assert len({one["run_id"] for one in spoken}) == 3
    assert len({one["seed"] for one in spoken}) == 1
    assert models[0].batches[:4] == [3, 3, 3, 3]  # from the first step on
    run = await h.json(spoken[0]["links"]["run"])
    assert (run["meta"]["request_id"], run["state"]) == (f"{answer['request_id']}-1", "done")
    asked = await h.json(f"/api/v1/runs/{spoken[1]['run_id']}/files/input.json")
    assert (asked["text"], asked["priority"]) == ("Twenty two.", "batch")


async def test_each_of_a_list_has_its_verdict_and_its_subtitles(house: Open, models: Family) -> None:
    h = await house()
    answer = await told(h, "custom-voice", text=["One.", "Two."], voice="tone", seed=3, verify=2, subtitles=["vtt"])
    for one in (entry["spoken"] for entry in answer["results"]):
        assert [take["seed"] for take in one["verified"]["takes"]] == [3, 4]  # no tone is good speech
        assert sum(take["kept"] for take in one["verified"]["takes"]) == 1 and not one["verified"]["good"]
        assert {"subtitles.vtt", "report.json"} <= one["links"].keys()
    response = await h.post("/api/v1/custom-voice", {"text": "One.", "voice": "tone", "verify": 2})
    assert (response.status, response.headers["X-Verified"], response.headers["X-Takes"]) == (200, "bad", "2")
    response = await h.post(
        "/api/v1/custom-voice", {"text": ["One."], "voice": "tone", "subtitles": True, "keep": False}
    )
    assert (response.status, (await response.json())["error"]["details"][0]["path"]) == (422, "subtitles")


async def test_a_list_that_needs_more_slots_than_there_are(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    tone = LiveTone(slots=2)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    h = await house(deadline=0.5)
    answer = await told(h, "custom-voice", text=["Some words."] * MAX_TEXTS, seed=3)
    assert [entry["spoken"]["seed"] for entry in answer["results"]] == [3] * MAX_TEXTS


async def test_a_list_of_which_nothing_was_spoken_is_the_first_failure(house: Open, models: Family) -> None:
    h = await house()
    assert (await told(h, "custom-voice", 422, text=["…", "!"]))["error"]["code"] == "nothing_to_say"
    assert (await told(h, "custom-voice", 422, text=["a", "b"], voice="nobody"))["error"]["code"] == "unknown_voice"
    assert NothingToSay.__doc__


async def test_who_hangs_up_cancels_the_whole_list(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone(step_ms=10)))
    h = await house()
    asking = asyncio.create_task(h.post("/api/v1/custom-voice", {"text": ["x" * 500] * 8}), name="asking")
    await h.busy(4)
    asking.cancel()
    await h.idle()
    async with asyncio.timeout(20):  # the folders are finished in threads, after the slots are free
        while {run["state"] for run in (await h.json("/api/v1/runs"))["runs"]} != {"cancelled"}:
            await asyncio.sleep(0.01)


async def test_a_recording_is_listened_to_once(house: Open, models: Family) -> None:
    h, cloner = await house(), models[2]
    voices = set()
    for extra in ({}, {"ref_text": " "}, {"ref_text": "Tone.", "x_vector_only_mode": True}, {"text": [TEXT] * 3}):
        answer = await told(h, "voice-clone", ref_audio=VOICE, stream=None if "text" in extra else False, **extra)
        voices |= {
            one["voice"] for one in ([answer] if "voice" in answer else [e["spoken"] for e in answer["results"]])
        }
    assert cloner.imprinted == [(RATE, RATE, None)]
    assert len(voices) == 1
    await told(h, "voice-clone", ref_audio=VOICE, ref_text="Tone.", stream=False)
    assert cloner.imprinted[1:] == [
        (RATE * 3 // 2, RATE, "Tone.")
    ]  # half a second of silence after what is gone on from
    assert {line.voice_prompt for line in cloner.lines} == {b"24000 None", b"36000 Tone."}


async def test_a_run_keeps_the_recording_it_was_made_of(house: Open, models: Family) -> None:
    h = await house()
    answer = await told(h, "voice-clone", ref_audio=VOICE, ref_text="Tone.", stream=False)
    files = f"/api/v1/runs/{answer['run_id']}/files"
    asked = await h.json(f"{files}/input.json")
    assert asked["reference"] == {"file": "reference.audio", "transcript": "Tone."}
    async with h.client.get(f"{h.url}{files}/reference.audio") as response:
        assert await response.read() == wav()


@pytest.mark.parametrize("kind", ["flac", "mp3", "opus"])
async def test_a_recording_in_other_formats_and_spellings(house: Open, models: Family, kind: str) -> None:
    h = await house()
    plain = base64.b64encode(coded(kind)).decode()
    spellings = ["data:audio/x;base64," + plain, base64.urlsafe_b64encode(coded(kind)).decode().rstrip("="),
                 "\n".join(plain[at : at + 76] for at in range(0, len(plain), 76))]  # fmt: skip
    for spelling in spellings:
        await told(h, "voice-clone", ref_audio=spelling, stream=False)
    assert len(models[2].imprinted) == 1


async def uploaded(h: House, data: bytes) -> str:
    async with h.client.post(
        h.url + "/api/v1/files/upload", data=io.BytesIO(data), headers={"Content-Type": "audio/wav"}
    ) as response:
        assert response.status == 201
        return str((await response.json())["file_id"])


async def test_an_uploaded_file_serves_any_number_of_requests_and_batches(house: Open, models: Family) -> None:
    h, cloner = await house(), models[2]
    file_id = await uploaded(h, wav())
    spoken = await told(h, "voice-clone", ref_audio=VOICE, stream=False)
    for way in (file_id, {"file_id": file_id}):
        assert (await told(h, "voice-clone", ref_audio=way, stream=False))["voice"] == spoken["voice"]
    batch = await told(h, "voice-clone", ref_audio=file_id, text=[TEXT] * 3)
    assert [entry["spoken"]["voice"] for entry in batch["results"]] == [spoken["voice"]] * 3
    assert len(cloner.imprinted) == 1
    async with h.client.delete(f"{h.url}/api/v1/files/{file_id}") as response:
        assert response.status == 204
    assert (await told(h, "voice-clone", 404, ref_audio=file_id))["error"]["code"] == "unknown_file"
    async with h.client.get(f"{h.url}/api/v1/runs/{spoken['run_id']}/files/reference.audio") as response:
        assert await response.read() == wav()  # a run does not need the file any more


async def test_a_file_that_is_longer_than_a_voice_takes(house: Open, models: Family) -> None:
    h = await house()
    minutes = await uploaded(h, wav(np.tile(TONE, 61)))
    error = (await told(h, "voice-clone", 422, ref_audio=minutes))["error"]
    assert (error["code"], "longer than 60 s" in error["message"]) == ("unreadable_audio", True)
    large = await uploaded(h, wav(np.tile(TONE, 260)))
    error = (await told(h, "voice-clone", 413, ref_audio=large))["error"]
    assert (error["code"], "3 to 15 s" in error["message"]) == ("file_too_large", True)


async def test_a_recording_at_a_url(house: Open, models: Family, begin: Begin) -> None:
    server = begin(sends(answer(wav())))
    h = await house(fetch_hosts=f"127.0.0.1:{server.port},localhost:{server.port}", fetch_private=True)
    spoken = await told(h, "voice-clone", ref_audio=VOICE, stream=False)
    for way in (server.url(), {"url": server.url(host="localhost")}, server.url().replace("http", "HTTP")):
        assert (await told(h, "voice-clone", ref_audio=way, stream=False))["voice"] == spoken["voice"]
    assert len(server.seen) == 3
    page = begin(sends(answer(b"<html>", content_type="text/html")))
    evil = begin(sends(onward(page.url())))
    h = await house(fetch_hosts=f"127.0.0.1:{page.port},localhost:{evil.port}", fetch_private=True)
    for url, code in (
        (page.url(), "fetch_failed"), (server.url(), "url_not_allowed"), (evil.url(host="localhost"), "fetch_failed"),
        ("http://127.0.0.1/", "url_not_allowed"), ("http://2130706433/", "url_not_allowed"), ("http://", "url_not_allowed"),
    ):  # fmt: skip
        assert (await told(h, "voice-clone", 422, ref_audio=url))["error"]["code"] == code
    assert len(server.seen) == 3 and len(page.seen) == 2
    assert (await told(h, "voice-clone", 404, ref_audio=page.url(), model="gpt-9"))["error"]["code"] == "unknown_model"
    assert len(page.seen) == 2  # nothing is fetched for what cannot be spoken


async def test_this_network_is_asked_only_where_the_settings_say_so(house: Open, models: Family, begin: Begin) -> None:
    server = begin(sends(answer(wav())))
    for wishes, told_ in (({}, "fetch_hosts"), ({"fetch_hosts": f"127.0.0.1:{server.port}"}, "fetch_private")):
        h = await house(**wishes)
        error = (await told(h, "voice-clone", 422, ref_audio=server.url()))["error"]
        assert (error["code"], told_ in error["message"]) == ("url_not_allowed", True)
    assert not server.seen


@pytest.mark.parametrize(
    ("task", "body", "status", "code", "path"),
    [
        ("voice-design", {}, 400, "malformed", "instruct"),
        ("voice-design", {"instruct": ""}, 400, "malformed", "instruct"),
        ("voice-design", {"instruct": " \n"}, 400, "malformed", "instruct"),
        ("voice-clone", {}, 400, "malformed", "ref_audio"),
        ("voice-clone", {"ref_audio": "!!"}, 400, "malformed", "ref_audio"),
        ("voice-clone", {"ref_audio": ["UklGRg=="]}, 400, "malformed", "ref_audio"),
        ("voice-clone", {"ref_audio": {}}, 400, "malformed", "ref_audio.file_id"),
        ("voice-clone", {"ref_audio": {"file_id": "x"}}, 400, "malformed", "ref_audio.file_id"),
        (
            "voice-clone",
            {"ref_audio": {"file_id": "file-" + "0" * 32, "url": "https://a.b"}},
            400,
            "malformed",
            "ref_audio.file_id",
        ),
        ("voice-clone", {"ref_audio": {"url": "ftp://example.com"}}, 400, "malformed", "ref_audio.url"),
        ("voice-clone", {"ref_audio": {"url": "https://" + "a" * 2048}}, 400, "malformed", "ref_audio.url"),
        ("voice-clone", {"ref_audio": {"url": 5}}, 400, "malformed", "ref_audio.url"),
        ("voice-clone", {"ref_audio": "file-" + "0" * 31 + "!"}, 400, "malformed", "ref_audio"),
        ("voice-clone", {"ref_audio": "file-" + "0" * 32}, 404, "unknown_file", None),
        ("voice-clone", {"ref_audio": "https://example.com/me.wav"}, 422, "url_not_allowed", None),
        ("voice-clone", {"ref_audio": ""}, 422, "unreadable_audio", None),
        ("voice-clone", {"ref_audio": "aGVsbG8="}, 422, "unreadable_audio", None),
        ("voice-clone", {"ref_audio": base64.b64encode(wav()[:2000]).decode()}, 422, "unreadable_audio", None),
        ("voice-clone", {"ref_audio": VOICE, "language": "sw"}, 422, "language_not_spoken", None),
        ("voice-clone", {"ref_audio": VOICE, "model": "tone"}, 422, "cannot_be_spoken", None),
        ("voice-clone", {"ref_audio": VOICE, "model": "gpt-9"}, 404, "unknown_model", None),
        ("custom-voice", {"text": []}, 400, "malformed", "text"),
        ("custom-voice", {"text": ["a", 5]}, 400, "malformed", "text[1]"),
        ("custom-voice", {"text": ["a"] * (MAX_TEXTS + 1)}, 400, "malformed", "text"),
        ("custom-voice", {"text": ["x" * 60_000] * 2}, 413, "text_too_long", None),
        ("custom-voice", {"text": ["a", "b"], "stream": True}, 422, "cannot_be_spoken", "stream"),
        ("custom-voice", {"text": ["a", "b"], "keep": False}, 409, "conflict", None),
        ("custom-voice", {"text": ["a"], "format": "midi"}, 422, "unsupported_format", None),
        ("custom-voice", {"voice": "designed"}, 422, "cannot_be_spoken", None),
        ("custom-voice", {"model": "cloner"}, 422, "cannot_be_spoken", None),
        ("speech", {"model": "cloner"}, 422, "cannot_be_spoken", None),
        ("speech", {"sampling": {"temperature": 0, "max_new_tokens": 1}}, 400, "malformed", "sampling.temperature"),
    ],
)
async def test_what_cannot_be(
    house: Open, models: Family, task: str, body: dict[str, object], status: int, code: str, path: str | None
) -> None:
    h = await house()
    error = (await told(h, task, status, **body))["error"]
    assert error["code"] == code
    assert [detail["path"] for detail in error["details"]][:1] == ([] if path is None else [path])
    assert "Value error" not in error["message"]


@pytest.mark.parametrize(("task", "slug"), [("voice-design", "1.7b-voicedesign"), ("voice-clone", "0.6b-base")])
async def test_without_the_model_it_is_told_what_would_help(house: Open, task: str, slug: str) -> None:
    h = await house()
    error = (await told(h, task, 422, instruct="an old sailor", ref_audio=VOICE))["error"]
    assert f"voiced models pull qwen3-tts-{slug}" in error["message"]


async def test_presets_need_no_weights(house: Open) -> None:
    h = await house()
    assert (await told(h, "custom-voice", stream=False))["voice"] == "tone"


async def test_a_recording_has_a_size(house: Open, models: Family) -> None:
    h = await house(max_text=1000)

    async def sent(path: str, copies: int) -> tuple[int, Any]:
        body = json.dumps({"text": TEXT, "ref_audio": large * copies}).encode()
        headers = {"Content-Type": "application/json"}
        async with h.client.post(h.url + path, data=io.BytesIO(body), headers=headers) as response:
            return response.status, (await response.json())["error"]

    large = base64.b64encode(bytes(MAX_REFERENCE_BYTES + 3)).decode()
    status, error = await sent("/api/v1/voice-clone", 1)
    assert (status, error["details"][0]["path"]) == (400, "ref_audio")
    status, error = await sent("/api/v1/voice-clone", 2)
    assert (status, error["code"], "3 to 15 s" in error["message"]) == (413, "recording_too_large", True)
    status, error = await sent("/api/v1/speech", 1)
    assert (status, error["code"]) == (413, "body_too_large")


async def test_the_models_and_what_each_is_for(house: Open, models: Family) -> None:
    h = await house()
    listed = (await h.json("/api/v1/models"))["models"]
    assert [(model["id"], model["task"], model["default"]) for model in listed] == [
        ("tone", "preset", True), ("designer", "design", False), ("cloner", "clone", False),
    ]  # fmt: skip
    for action, state in (("load", "ready"), ("unload", "unloaded")):
        async with h.client.post(f"{h.url}/api/v1/models/cloner/{action}") as response:
            assert (response.status, (await response.json())["state"]) == (200, state)
    assert [model["id"] for model in (await h.json("/v1/models"))["data"]] == ["tone", "designer", "cloner"]


async def test_instruct_reaches_a_designed_voice_at_the_other_doors(house: Open, models: Family) -> None:
    h, designer = await house(), models[1]
    await (await h.say(TEXT, voice="designed", instruct="an old sailor")).read()
    asked = {"model": "designer", "voice": "designed", "input": TEXT, "instructions": "an old sailor"}
    await (await h.post("/v1/audio/speech", asked)).read()
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": TEXT, "model": "designer", "instruct": "an old sailor"})
        while (message := await ws.receive(5)).type != 1 or '"end"' not in message.data:
            pass
    assert [line.instruct for line in designer.lines] == ["an old sailor"] * 3


async def test_every_door_tells_the_seed_that_was_used(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    tone = LiveTone(runs_away=1)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    h = await house()
    assert (await h.say(TEXT, seed=7)).headers["X-Seed"] == "8"
    assert (await told(h, "speech", seed=7, stream=False))["seed"] == 8
    assert (await h.post("/v1/audio/speech", {"input": TEXT, "seed": 7})).headers["X-Seed"] == "8"
    async with h.client.ws_connect(h.ws) as ws:
        await ws.send_json({"type": "start", "text": TEXT, "seed": 7})
        assert (await ws.receive_json())["seed"] == 8
        while (message := await ws.receive(5)).type != 1:
            pass
        assert message.json()["seed"] == 8


async def test_a_recording_by_its_path(house: Open, models: Family, tmp_path: Path) -> None:
    shelf, elsewhere = tmp_path / "shelf", tmp_path / "elsewhere"
    for folder in (shelf, elsewhere):
        folder.mkdir()
        (folder / "me.wav").write_bytes(wav())
    (shelf / "link.wav").symlink_to(elsewhere / "me.wav")
    (shelf / "large.wav").write_bytes(bytes(MAX_REFERENCE_BYTES + 1))
    h = await house(reference_dirs=[str(shelf)])
    spoken = await h.post("/api/v1/voice-clone", {"text": TEXT, "ref_audio": {"path": str(shelf / "me.wav")}})
    assert spoken.status == 200
    told = set()
    for path in (
        elsewhere / "me.wav",
        shelf / "link.wav",
        shelf / "../elsewhere/me.wav",
        shelf / "nothing.wav",
        shelf,
        "\0",
    ):
        answer = await told_of(h, 422, {"path": str(path)})
        assert answer["error"]["code"] == "path_not_allowed"
        told.add(answer["error"]["message"])
    assert len(told) == 1, "what is not for a caller looks like what is not there"
    assert (await told_of(h, 413, {"path": str(shelf / "large.wav")}))["error"]["code"] == "file_too_large"
    closed = await house()
    assert (await told_of(closed, 422, {"path": str(shelf / "me.wav")}))["error"]["code"] == "path_not_allowed"


async def told_of(h: House, status: int, ref_audio: object) -> Any:
    return await told(h, "voice-clone", status, ref_audio=ref_audio)
