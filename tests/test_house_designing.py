"""A voice from a description to its lines, in a real daemon on small random checkpoints: by REST, by hand, and after a kill."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from daemon.bench.clients import Broken
from tests.command import VOICED, around
from tests.test_house_qwen import Home, home, wyoming
from tests.test_house_voices import asked, described, models
from tests.test_outputs_decoder import wav

__all__ = ["models"]

LINES = b"Ahoy!\n\nThe lamp is out.\n"
SAILOR: dict[str, Any] = {
    "description": "an old sailor, hoarse and slow", "audition_text": "Ahoy there!", "voice": "sailor", "takes": 3,
}  # fmt: skip


@pytest.fixture
def data(models: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return tmp_path / "data"


async def started(h: Home, pipeline: str, data: bytes, name: str, **options: Any) -> Any:
    body = {"data": base64.b64encode(data).decode(), "name": name, "options": options, "seed": 40}
    return await asked(h, "POST", f"/api/v1/pipelines/{pipeline}", 202, json=body)


async def told(h: Home, job: Any, *states: str) -> Any:
    """What its events tell when it is in one of these."""
    async with asyncio.timeout(60), h.web.get(h.url + job["links"]["events"]) as response:
        async for line in response.content:
            if line.startswith(b"data: "):
                now = json.loads(line.removeprefix(b"data: "))
                if now["state"] in (*states, "failed", "paused"):
                    assert now["state"] in states, now["error"] or now["question"]
                    return now
    raise AssertionError("the events ended")


async def artifacts(h: Home, job: Any) -> dict[str, str]:
    """By name, as digests."""
    run = await asked(h, "GET", job["links"]["run"], 200)
    found = {}
    for one in run["meta"]["artifacts"]:
        file = await asked(h, "GET", f"{job['links']['run']}/files/{one['name']}", 200)
        data = file if isinstance(file, bytes) else json.dumps(file).encode()
        found[one["name"]] = hashlib.sha256(data).hexdigest()
    return found


async def test_a_voice_is_chosen_by_hand_and_speaks_at_every_door(data: Path) -> None:
    # in float32 several takes at once are the same again only so: who is beside whom depends on the machine
    async with home(data, "--exact-rows") as h:
        job = await started(h, "design_then_clone", LINES, "lines.txt", choose="hand", **SAILOR)
        question = (await told(h, job, "paused"))["question"]
        assert f"voiced runs resume {job['run_id']} --choose 2" in question
        first = await asked(h, "GET", f"{job['links']['run']}/files/auditions/1.wav", 200)
        second = await asked(h, "GET", f"{job['links']['run']}/files/auditions/2.wav", 200)
        assert first != second
        await asked(h, "POST", f"{job['links']['run']}/resume", 200, json={"choice": "2"})
        await told(h, job, "done")
        report = await asked(h, "GET", f"{job['links']['run']}/files/report.json", 200)
        assert report["chosen"] == {"take": 2, "seed": 41, "by": "hand", "good": True}
        assert "sailor" in await described(h)
        assert len(await wyoming(h, "Good night.", "sailor")) > 1920
        made = await artifacts(h, job)
        refused = await asked(
            h, "POST", "/api/v1/pipelines/design_then_clone", 409, json={"text": "Hello.", "options": SAILOR}
        )
        assert refused["error"]["code"] == "voice_exists"
        await asked(h, "DELETE", "/api/v1/voices/sailor", 204)
        again = await started(h, "design_then_clone", LINES, "lines.txt", choose=2, **SAILOR)
        await told(h, again, "done")
        other = await artifacts(h, again)
        assert {name for name in made if made[name] != other[name]} == {"report.json"}, "which tells who chose"


@pytest.mark.timeout(300)
async def test_a_daemon_that_is_killed_on_the_way_makes_one_voice(data: Path) -> None:
    job: Any = None
    for seconds in (0.3, 0.8):
        with suppress(Broken):
            async with home(data) as h:
                if job is None:
                    job = await started(h, "design_then_clone", LINES, "lines.txt", choose=2, **SAILOR)
                else:
                    await asked(h, "POST", f"{job['links']['run']}/resume", 200)
                await asyncio.sleep(seconds)
                os.kill(h.server.pid, signal.SIGKILL)
                await asyncio.sleep(0.1)
    async with home(data) as h:
        if (await asked(h, "GET", job["links"]["run"], 200))["state"] == "interrupted":
            await asked(h, "POST", f"{job['links']['run']}/resume", 200)
        await told(h, job, "done")
        voices = await asked(h, "GET", "/api/v1/voices", 200)
        assert [voice["id"] for voice in voices["voices"] if voice["stored"]] == ["sailor"]
        await asked(h, "DELETE", "/api/v1/voices/sailor", 204)
        calm = await started(h, "design_then_clone", LINES, "lines.txt", choose=2, **SAILOR)
        await told(h, calm, "done")
        assert await artifacts(h, job) == await artifacts(h, calm)


def by_hand(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = around(VOICED_ENGINE="qwen", VOICED_DATA_DIR=str(data), VOICED_DTYPE="float32", VOICED_EXACT_ROWS="true")
    return subprocess.run([*VOICED, *words, "--local"], capture_output=True, env=environ, timeout=100, text=True)


def test_by_hand_on_the_command_line(data: Path) -> None:
    (data / "lines.txt").write_bytes(LINES)
    wishes = {**SAILOR, "choose": "hand", "separate": True}
    given = [word for name, value in wishes.items() for word in ("-p", f"{name}={json.dumps(value)}")]
    waiting = by_hand(data, "run", "design_then_clone", str(data / "lines.txt"), "--seed", "40", *given)
    assert "--choose 2" in waiting.stderr
    run = Path(waiting.stdout.strip())
    assert {path.name for path in (run / "auditions").iterdir()} == {"1.wav", "2.wav", "3.wav"}
    done = by_hand(data, "runs", "resume", run.name.rpartition("_")[2], "--choose", "2")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (run / "lines").iterdir()} == {"0001.flac", "0003.flac"}
    assert json.loads((run / "report.json").read_bytes())["chosen"]["take"] == 2


async def test_a_recording_becomes_codes_and_a_recording_again(data: Path) -> None:
    async with home(data) as h:
        there = await started(h, "codec", wav(), "clip.wav", codes="both")
        await told(h, there, "done")
        npz = await asked(h, "GET", f"{there['links']['run']}/files/codes.npz", 200)
        written = await asked(h, "GET", f"{there['links']['run']}/files/codes.json", 200)
        wish = {"audio": base64.b64encode(wav()).decode()}
        assert written == await asked(h, "POST", "/api/v1/codec/encode", 200, json=wish)
        back = await started(h, "codec", npz, "clip.npz", audio="wav")
        await told(h, back, "done")
        sound = await asked(h, "GET", f"{back['links']['run']}/files/clip.wav", 200)
        spoken = await asked(h, "POST", "/api/v1/codec/decode", 200, json={"codes": written["codes"], "format": "pcm"})
        (data / "back.wav").write_bytes(sound)
        assert np.array_equal(soundfile.read(data / "back.wav", dtype="int16")[0], np.frombuffer(spoken, "<i2"))
