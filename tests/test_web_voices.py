"""Kept voices over REST, on tones that stand for a model each."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from typing import Any

import aiohttp
import numpy as np
import pytest
import soundfile

from tests.doors_http import FRAME_MS, House, Open, house
from tests.live import LiveTone, choice, family

__all__ = ["house"]

Family = tuple[LiveTone, LiveTone, LiveTone]


def humming(seconds: float = 5.0) -> bytes:
    """A recording that the linter does not like: no speech in it."""
    samples = 0.2 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * 24_000)) / 24_000)
    file = io.BytesIO()
    soundfile.write(file, samples, 24_000, format="WAV")
    return file.getvalue()


RECORDING = base64.b64encode(humming()).decode()
CLONE = {"kind": "clone", "audio": RECORDING, "transcript": "Hum.", "force": True}


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Family:
    tones = family()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    return tones


async def asked(h: House, method: str, path: str, status: int, body: object = None, **more: Any) -> Any:
    how = {"json": body, **more} if body is not None else more
    async with h.client.request(method, h.url + path, **how) as response:
        data = await response.read()
        assert response.status == status, data[:1000]
        return json.loads(data) if response.content_type == "application/json" else data


async def test_a_clone_is_made_heard_changed_and_thrown_away(house: Open, models: Family) -> None:
    h = await house()
    made = await asked(h, "POST", "/api/v1/voices", 201, {**CLONE, "label": "My Grandmother", "defaults": {"seed": 7}})
    voice = made["voice"]
    assert (voice["id"], voice["kind"], voice["model"], voice["stored"]) == ("my-grandmother", "clone", "cloner", True)
    assert voice["reference"]["mode"] == "in-context"
    assert {finding["level"] for finding in made["lint"]["findings"]} & {"error", "warning"}
    answer = await h.say("Hello.", voice="my-grandmother", format="pcm")
    assert len(await answer.read()) == 6 * FRAME_MS * 48
    assert (answer.headers["X-Voice"], answer.headers["X-Seed"]) == ("my-grandmother", "7")
    (line,) = models[2].lines
    assert line.voice_prompt is not None

    change = {
        "id": "oma",
        "label": "Oma",
        "defaults": {"seed": 9, "speed": 2.0},
        "languages": ["de"],
        "consent": "hers",
    }
    changed = await asked(h, "PUT", "/api/v1/voices/my-grandmother", 200, change)
    assert (changed["id"], changed["label"], changed["aliases"]) == ("oma", "Oma", ["my-grandmother"])
    assert changed["reference"]["consent"] == "hers"
    answer = await h.say("Hello.", voice="my-grandmother", format="pcm")
    assert (answer.headers["X-Voice"], answer.headers["X-Seed"]) == ("oma", "9")
    assert len(await answer.read()) == 3 * FRAME_MS * 48
    assert len(models[2].imprinted) == 1
    assert (await asked(h, "GET", "/api/v1/voices/my-grandmother", 200))["id"] == "oma"

    await asked(h, "DELETE", "/api/v1/voices/oma", 204)
    await asked(h, "GET", "/api/v1/voices/oma", 404)
    assert (await asked(h, "DELETE", "/api/v1/voices/oma", 404))["error"]["code"] == "unknown_voice"
    refused = await h.say("Hello.", voice="oma")
    assert refused.status == 422


async def test_a_bad_recording_is_refused_with_what_to_do_about_it(house: Open, models: Family) -> None:
    h = await house()
    refused = await asked(h, "POST", "/api/v1/voices", 422, {"kind": "clone", "audio": RECORDING, "id": "hum"})
    assert refused["error"]["code"] == "poor_reference"
    assert all(detail["path"].startswith("audio.") for detail in refused["error"]["details"])
    noise = base64.b64encode(b"this is no recording").decode()
    assert (await asked(h, "POST", "/api/v1/voices", 422, {**CLONE, "audio": noise, "force": False}))["error"]
    assert [voice for voice in (await h.json("/api/v1/voices"))["voices"] if voice["stored"]] == []
    told = await asked(h, "POST", "/api/v1/voices/lint", 200, {"audio": RECORDING})
    assert told["facts"]["seconds"] == 5.0
    assert told["findings"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"kind": "clone"}, 422, "recording"),
        ({"kind": "clone", "audio": RECORDING, "mode": "in-context", "force": True}, 422, "words of the recording"),
        ({"kind": "mix"}, 422, "none"),
        ({"kind": "mix", "shares": [{"voice": "tone"}, {"voice": "designed"}]}, 422, "of one model"),
        ({"kind": "mix", "shares": [{"voice": "nobody"}]}, 422, "no voice is called 'nobody'"),
        ({"kind": "preset", "speaker": "designed"}, 422, "is a design"),
        ({"kind": "design"}, 422, "description"),
        ({"kind": "preset", "speaker": "tone", "id": "tone"}, 409, "already"),
        ({"kind": "preset", "speaker": "tone", "id": "alloy"}, 409, "already"),
        ({"kind": "preset", "speaker": "tone", "id": "Not An Id"}, 400, "id: must be 1 to 64 small letters"),
        ({"kind": "preset", "speaker": "tone", "colour": "blue"}, 400, "no such field"),
        ({"kind": "preset", "speaker": "tone", "languages": ["Klingonish?"]}, 422, "languages"),
        ({"kind": "whistle"}, 400, "kind"),
    ],
)
async def test_what_cannot_be_kept(
    house: Open, models: Family, body: dict[str, object], status: int, told: str
) -> None:
    h = await house()
    assert told in (await asked(h, "POST", "/api/v1/voices", status, body))["error"]["message"]
    assert not [voice for voice in (await h.json("/api/v1/voices"))["voices"] if voice["stored"]]


async def test_a_voice_travels_as_a_file(house: Open, models: Family) -> None:
    h = await house()
    await asked(h, "POST", "/api/v1/voices", 201, {**CLONE, "id": "lena"})
    before = await (await h.say("Hello.", voice="lena", seed=1, format="pcm")).read()
    bundle = await asked(h, "GET", "/api/v1/voices/lena/export", 200)
    assert {name.partition("/")[0] for name in zipfile.ZipFile(io.BytesIO(bundle)).namelist()} >= {
        "profile.json", "prompts", "transcript.txt",
    }  # fmt: skip
    packed = {"Content-Type": "application/zip"}
    taken = await asked(h, "POST", "/api/v1/voices/import", 409, data=bundle, headers=packed)
    assert taken["error"]["code"] == "voice_exists"
    other = await asked(h, "POST", "/api/v1/voices/import?id=lena-2", 201, data=bundle, headers=packed)
    assert other["id"] == "lena-2"
    assert await (await h.say("Hello.", voice="lena-2", seed=1, format="pcm")).read() == before
    assert len(models[2].imprinted) == 1
    assert (await asked(h, "POST", "/api/v1/voices/import?id=No%20Id", 400, data=bundle, headers=packed))["error"]
    bad = await asked(h, "POST", "/api/v1/voices/import", 422, data=bundle[:-40], headers=packed)
    assert bad["error"]["code"] == "bad_bundle"
    await asked(h, "POST", "/api/v1/voices/import", 415, data=b"x", headers={"Content-Type": "text/plain"})


async def test_a_broken_profile_is_told_and_disturbs_nobody(house: Open, models: Family) -> None:
    h = await house()
    await asked(h, "POST", "/api/v1/voices", 201, {"kind": "preset", "speaker": "tone", "id": "mine"})
    folder = h.voiced.store.folder / "profiles"
    (folder / "bent.json").write_text('{"schema": 1, "id": "bent"')
    await asyncio.sleep(0.3)  # the folder is looked at five times a second
    listed = await h.json("/api/v1/voices")
    assert [one["file"] for one in listed["broken"]] == ["bent.json"]
    assert "mine" in {voice["id"] for voice in listed["voices"]}
    edited = json.loads((folder / "mine.json").read_text())
    (folder / "mine.json").write_text(json.dumps({**edited, "label": "By hand"}))
    await asyncio.sleep(0.3)
    assert (await h.json("/api/v1/voices/mine"))["label"] == "By hand"


async def test_a_preview_speaks_a_sample_of_the_voice(house: Open, models: Family) -> None:
    h = await house()
    await asked(h, "POST", "/api/v1/voices", 201, {"kind": "design", "description": "an old sailor", "id": "sailor"})
    audio = await asked(h, "POST", "/api/v1/voices/sailor/preview", 200, {"format": "pcm", "emotion": "sad"})
    assert len(audio) > 20 * FRAME_MS * 48
    (line,) = models[1].lines
    assert line.instruct is not None
    assert line.instruct.startswith("an old sailor\n")
    assert "sad" in line.instruct
    await asked(h, "POST", "/api/v1/voices/sailor/preview", 422, {"emotion": "purple"})
    await asked(h, "POST", "/api/v1/voices/nobody/preview", 404, {})


async def test_the_released_presets_are_listed_as_not_installed(house: Open) -> None:
    h = await house(engine="builtin")
    voices = {voice["id"]: voice for voice in (await h.json("/api/v1/voices"))["voices"]}
    assert voices["vivian"]["installed"] is False
    assert voices["heart"]["installed"] is True
    refused = await h.say("Hello.", voice="vivian")
    told = await refused.json()
    assert (refused.status, told["error"]["code"]) == (422, "voice_not_installed")
    assert "voiced models pull qwen3-tts-0.6b-customvoice" in told["error"]["message"]


async def test_a_body_with_a_recording_may_be_large_and_no_larger(house: Open, models: Family) -> None:
    h = await house(max_text=1000)
    large = base64.b64encode(humming(50)).decode()
    body = io.BytesIO(json.dumps({**CLONE, "audio": large, "id": "long"}).encode())
    await asked(h, "POST", "/api/v1/voices", 201, data=body, headers={"Content-Type": "application/json"})
    huge = io.BytesIO(json.dumps({**CLONE, "audio": "A" * 20_000_000}).encode())
    kind = {"Content-Type": "application/json"}
    async with h.client.post(h.url + "/api/v1/voices", data=huge, headers=kind) as response:
        assert response.status == 413
    form = aiohttp.FormData({"kind": "clone"})
    async with h.client.post(h.url + "/api/v1/voices", data=form) as response:
        assert response.status == 415
