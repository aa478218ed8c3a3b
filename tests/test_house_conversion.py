"""Speech to speech through every door on a real recording; and processes that are killed while they listen."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pysubs2
import pytest
from clips import wav
from transcriber import SAID, Transcriber, edges, recording, transcriber

from daemon.bench.server import serving
from daemon.core import Voiced
from outputs.decoder import decode
from tests.command import VOICED, around, voiced
from tests.test_house_pipelines import artifacts, killed

# SAID[0], [2] and [1] by the built-in voice, with silence between them.
RECORDING = Path(__file__).parent / "data" / "recordings" / "house.opus"
TEXTS = [SAID[0], SAID[2], SAID[1]]
OPTIONS = {"voice": "tone", "audio": "flac"}
WISHES = ("-p", "voice=tone", "-p", "audio=flac", "--seed", "3")
Start = Callable[..., Awaitable[Voiced]]


@pytest.fixture
def desk() -> Iterator[Transcriber]:
    with transcriber() as server:
        yield server


async def test_a_recording_is_the_same_through_every_door(tmp_path: Path, start: Start, desk: Transcriber) -> None:
    words = ("run", "--local", "voice_conversion", str(RECORDING), *WISHES)
    done = await asyncio.to_thread(voiced, *words, VOICED_DATA_DIR=str(tmp_path / "hand"), VOICED_RECOGNISER=desk.url)
    assert done.returncode == 0, done.stderr.decode()
    run = Path(done.stdout.decode().strip())
    by_command = artifacts(run)
    assert {"audio.flac", "audio.srt", "audio.vtt", "report.json"} <= by_command.keys()
    plan = json.loads((run / "plan.json").read_bytes())
    assert [one["text"] for one in plan["segments"]] == TEXTS
    found = decode(RECORDING.read_bytes(), max_seconds=60)
    cues = pysubs2.load(str(run / "audio.srt"), encoding="utf-8")
    for segment, (begin, _) in zip(plan["segments"], edges(found.samples, found.sample_rate), strict=True):
        assert segment["start_ms"] == pytest.approx(begin * 1000, abs=30)
        assert any(abs(cue.start - segment["start_ms"]) <= 20 for cue in cues)

    core = await start(recogniser=desk.url)
    job = await core.jobs.start("voice_conversion", RECORDING.read_bytes(), RECORDING.name, OPTIONS, 3)
    async for _ in job.watch():
        pass
    assert artifacts(job.ledger.path) == by_command

    body = {
        "data": base64.b64encode(RECORDING.read_bytes()).decode(), "name": RECORDING.name, "options": OPTIONS, "seed": 3,
    }  # fmt: skip
    more = ("--engine", "tone", "--recogniser", desk.url)
    async with (
        serving("--data-dir", str(tmp_path / "rest"), *more) as server,
        aiohttp.ClientSession("http://{}:{}".format(*server.http)) as web,
    ):
        async with web.post("/api/v1/pipelines/voice_conversion", json=body) as response:
            assert response.status == 202, await response.text()
            links = (await response.json())["links"]
        async with web.get(links["events"]) as response:
            await response.read()
        async with web.get(links["run"]) as response:
            assert (await response.json())["state"] == "done"
    (by_rest,) = (tmp_path / "rest" / "outputs" / "runs").glob("*voice_conversion*")
    assert artifacts(by_rest) == by_command


async def test_without_a_recogniser_the_answer_is_503(tmp_path: Path) -> None:
    body = {"data": base64.b64encode(RECORDING.read_bytes()).decode(), "name": RECORDING.name, "options": OPTIONS}
    async with (
        serving("--data-dir", str(tmp_path), "--engine", "tone") as server,
        aiohttp.ClientSession("http://{}:{}".format(*server.http)) as web,
        web.post("/api/v1/pipelines/voice_conversion", json=body) as response,
    ):
        assert response.status == 503
        error = (await response.json())["error"]
    assert error["code"] == "recogniser_unavailable"
    assert "no recogniser is configured" in error["message"]
    by_hand = await asyncio.to_thread(
        voiced, "run", "--local", "voice_conversion", str(RECORDING), VOICED_DATA_DIR=str(tmp_path / "hand")
    )
    assert (by_hand.returncode, b"Traceback" in by_hand.stderr) == (1, False)
    assert b"no recogniser is configured" in by_hand.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_process_that_is_killed_while_it_listens(
    tmp_path: Path, desk: Transcriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five minutes in portions of one to two: no kill makes more than one of them be listened to again."""
    file = tmp_path / "long.wav"
    file.write_bytes(wav(recording((SAID[2], SAID[3], SAID[1]) * 18, gap_s=2.0), 16_000))
    monkeypatch.setenv("VOICED_RECOGNISER", desk.url)
    words = ("run", "--local", "voice_conversion", str(file), *WISHES)
    assert not killed(300.0, *words, data=tmp_path / "calm", speaking=False)
    (run,) = (tmp_path / "calm" / "outputs" / "runs").glob("*voice_conversion*")
    portions, whole = len(desk.forms), artifacts(run)
    assert portions >= 3
    desk.forms.clear()
    wild, chance, kills = tmp_path / "wild", random.Random(5), 0
    killed_while_listening(desk, 0.5, *words, data=wild)
    (run,) = (wild / "outputs" / "runs").glob("*voice_conversion*")
    resume = ("runs", "resume", run.name.rpartition("_")[2], "--local")
    while json.loads((run / "meta.json").read_bytes())["state"] != "done":
        patience = chance.uniform(0.0, 4.0) if kills < 4 else 300.0
        kills += killed_while_listening(desk, patience, *resume, data=wild)
    assert artifacts(run) == whole
    assert kills >= 2
    assert portions <= len(desk.forms) <= portions + kills + 1


def killed_while_listening(desk: Transcriber, seconds: float, *words: str, data: Path) -> bool:
    """Kill `voiced WORDS` so long after it has begun to listen, or let it come to its end."""
    before = len(desk.forms)
    environ = around(VOICED_DATA_DIR=str(data))
    with subprocess.Popen(
        [*VOICED, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        while process.poll() is None and len(desk.forms) == before:
            time.sleep(0.02)
        try:
            process.wait(seconds if process.poll() is None else None)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False
