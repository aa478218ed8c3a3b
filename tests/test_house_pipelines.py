"""Every pipeline on real files, through the command line, REST and Python; and processes that are killed in the middle."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
import soundfile

from daemon.bench.clients import Broken
from daemon.bench.server import serving
from daemon.core import Voiced
from outputs.ledger import Ledger
from outputs.recording import is_being_written
from outputs.run import Runs
from tests.command import VOICED, around, voiced
from tests.test_outputs_decoder import RATE, TONE, wav

DATA = Path(__file__).parent / "data"
CAST = {"GRACE": "tone", "CARTER": "tone-2", "LILY": "tone"}
WORK: Mapping[str, tuple[Path, dict[str, Any], set[str]]] = {
    "long_form": (DATA / "books" / "alice.txt", {}, {"audio.m4b", "audio.srt", "audio.vtt"}),
    "script": (DATA / "scripts" / "house.txt", {"audio": "flac"}, {"audio.flac", "audio.srt", "audio.vtt"}),
    "npc_pack": (DATA / "games" / "house.csv", {}, {"manifest.json", "manifest.csv"}),
    "subtitles": (DATA / "subtitles" / "kitchen.srt", {"audio": "wav", "fit": "shorten"}, {"audio.wav", "report.json"}),
}
Start = Callable[..., Awaitable[Voiced]]


def artifacts(run: Path) -> dict[str, str]:
    """What a run has made, by name, as digests."""
    meta = json.loads((run / "meta.json").read_bytes())
    assert meta["state"] == "done"
    return {one["name"]: hashlib.sha256((run / one["name"]).read_bytes()).hexdigest() for one in meta["artifacts"]}


def told(run: Path) -> list[dict[str, Any]]:
    """The lines of the segments that were spoken."""
    file = run / "segments.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines() if line] if file.exists() else []


def by_hand(data: Path, pipeline: str, *words: str) -> Path:
    """The run that `voiced run` leaves."""
    source, options, _ = WORK[pipeline]
    given = [word for name, value in options.items() for word in ("-p", f"{name}={json.dumps(value)}")]
    done = voiced("run", "--local", pipeline, str(source), *given, "--seed", "3", *words, VOICED_DATA_DIR=str(data))
    assert done.returncode == 0, done.stderr.decode()
    return Path(done.stdout.decode().strip())


@pytest.mark.parametrize("pipeline", WORK)
async def test_the_same_work_is_the_same_bytes_through_every_door(pipeline: str, tmp_path: Path, start: Start) -> None:
    source, options, wanted = WORK[pipeline]
    by_command = artifacts(await asyncio.to_thread(by_hand, tmp_path / "hand", pipeline))
    assert wanted <= by_command.keys()
    core = await start()
    job = await core.jobs.start(pipeline, source.read_bytes(), source.name, options, 3)
    async for _ in job.watch():
        pass
    assert artifacts(job.ledger.path) == by_command
    async with (
        serving("--data-dir", str(tmp_path / "rest"), "--engine", "tone") as server,
        aiohttp.ClientSession() as web,
    ):
        url = "http://{}:{}".format(*server.http)
        body = {
            "data": base64.b64encode(source.read_bytes()).decode(),
            "name": source.name,
            "options": options,
            "seed": 3,
        }
        async with web.post(f"{url}/api/v1/pipelines/{pipeline}", json=body) as response:
            assert response.status == 202, await response.text()
            links = (await response.json())["links"]
        async with web.get(url + links["events"]) as response:
            await response.read()
        async with web.get(url + links["run"]) as response:
            run = await response.json()
        assert run["state"] == "done"
        for name, digest in by_command.items():
            async with web.get(f"{url}{links['run']}/files/{name}") as response:
                assert hashlib.sha256(await response.read()).hexdigest() == digest, name


def test_a_book_has_chapters_where_they_begin(tmp_path: Path) -> None:
    run = by_hand(tmp_path, "long_form")
    plan = json.loads((run / "plan.json").read_bytes())
    titles = [one["chapter"] for one in plan["segments"] if one["chapter"]]
    with av.open(str(run / "audio.m4b")) as book:
        chapters = book.chapters()
        assert [chapter["metadata"]["title"] for chapter in chapters] == titles
        assert book.metadata["title"] == plan["title"]


def test_a_script_has_a_stem_for_everybody(tmp_path: Path) -> None:
    run = by_hand(tmp_path, "script")
    stems = sorted((run / "stems").iterdir())
    speakers = {one["speaker"] for one in json.loads((run / "plan.json").read_bytes())["segments"]}
    assert len(stems) == len(speakers) == 2
    mix = soundfile.info(run / "audio.flac").frames
    assert all(abs(soundfile.info(stem).frames - mix) < 48 for stem in stems)


def test_a_second_pack_speaks_the_changed_rows_alone(tmp_path: Path) -> None:
    first = by_hand(tmp_path, "npc_pack")
    table = tmp_path / "house.csv"
    table.write_text((DATA / "games" / "house.csv").read_text().replace("You may pass.", "You may not pass."))
    words = ("run", "--local", "npc_pack", str(table), "--after", first.name.rpartition("_")[2])
    done = voiced(*words, VOICED_DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    second = Path(done.stdout.decode().strip())
    assert {one["id"] for one in told(second) if "from" not in one} == {"pass"}
    assert (second / "files/tone/halt.wav").read_bytes() == (first / "files/tone/halt.wav").read_bytes()
    assert (second / "files/gate/pass.wav").read_bytes() != (first / "files/gate/pass.wav").read_bytes()
    for line in json.loads((second / "manifest.json").read_bytes())["lines"]:
        assert (second / "files" / line["file"]).is_file()


def test_a_recording_becomes_another_file(tmp_path: Path) -> None:
    (tmp_path / "me.wav").write_bytes(wav(np.tile(TONE, 2 * RATE // len(TONE) + 1)[: 2 * RATE]))
    words = ("run", "--local", "convert", str(tmp_path / "me.wav"), "-p", "audio=opus", "-p", "loudness=-23")
    done = voiced(*words, VOICED_DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    made = Path(done.stdout.decode().strip()) / "me.opus"
    assert soundfile.info(made).duration == pytest.approx(2.0, abs=0.05)
    (tmp_path / "me.wav").write_bytes(b"no sound")
    bad = voiced(*words, VOICED_DATA_DIR=str(tmp_path))
    assert (bad.returncode, b"Traceback" in bad.stderr) == (1, False)


def test_made_again_it_is_compared(tmp_path: Path) -> None:
    run = by_hand(tmp_path, "script").name.rpartition("_")[2]
    again = voiced("run", "--local", "--again", run, VOICED_DATA_DIR=str(tmp_path))
    assert again.returncode == 0, again.stderr
    assert b"the same" in again.stderr
    (next((tmp_path / "outputs" / "runs").glob(f"*{run}")) / "audio.srt").write_text("bent")
    other = voiced("run", "--local", "--again", run, VOICED_DATA_DIR=str(tmp_path))
    assert other.returncode == 1
    assert b"audio.srt" in other.stderr


def killed(seconds: float, *words: str, data: Path, speaking: bool) -> bool:
    """Run `voiced WORDS`, and kill it so long after it has begun to work on a run, or has spoken a segment of it.

    False when it was quicker.
    """
    before = spoken(data)
    with subprocess.Popen(
        [*VOICED, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=around(VOICED_DATA_DIR=str(data), VOICED_TONE_STEP_MS="1"),
    ) as process:  # fmt: skip
        while process.poll() is None and not any(is_being_written(run) for run in runs_of(data)):
            time.sleep(0.002)
        while process.poll() is None and speaking and spoken(data) == before:
            time.sleep(0.002)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        assert process.stderr is not None
        assert process.returncode == 0, process.stderr.read().decode()
        return False


def spoken(data: Path) -> int:
    return sum(len(told(run)) for run in runs_of(data)[-1:])


def runs_of(data: Path) -> list[Path]:
    """In the order in which they were begun."""
    return [info.path for info in reversed(Runs.below(data).list(1000))]


def look(run: Path) -> None:
    """After a kill: whatever is told of is whole, and of what is there one at most is not told of yet."""
    lines = {one["id"] for one in told(run)}
    assert Ledger.look(run).taken().keys() == lines
    there = {path.stem for path in (run / "segments").glob("[!.]*.flac")}
    assert lines <= there and len(there - lines) <= 1, "at most one for each kill is spoken again"


def interrupted_work(tmp_path: Path, segments: int, kills: int) -> None:
    """Jobs that are killed again and again, so often in all, end as one that was left in peace."""
    text, data, chance = tmp_path / "lines.txt", tmp_path / "wild", random.Random(7)
    text.write_text("\n\n".join(f"This is paragraph number {number}." for number in range(segments)))
    words = ("run", "--local", "long_form", str(text), "--seed", "5", "-p", "audio=flac")
    calm = voiced(*words, VOICED_DATA_DIR=str(tmp_path / "calm"))
    assert calm.returncode == 0, calm.stderr
    whole = artifacts(Path(calm.stdout.decode().strip()))
    done, at_work = 0, False
    while done < kills:
        go_on = ("runs", "resume", runs_of(data)[-1].name.rpartition("_")[2], "--local") if at_work else words
        at_work = killed(chance.uniform(0, 0.2), *go_on, data=data, speaking=done % 4 != 3)
        done += at_work
        if at_work:
            look(runs_of(data)[-1])
    if at_work:
        last = voiced("runs", "resume", runs_of(data)[-1].name.rpartition("_")[2], "--local", VOICED_DATA_DIR=str(data))
        assert last.returncode == 0, last.stderr
    for run in runs_of(data):
        assert artifacts(run) == whole
        ids = [one["id"] for one in told(run)]
        assert len(ids) == len(set(ids)) == segments, "nothing that was kept is spoken again"


def test_a_job_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    interrupted_work(tmp_path, 30, 4)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_job_that_is_killed_a_hundred_times(tmp_path: Path) -> None:
    interrupted_work(tmp_path, 200, 100)


async def test_a_daemon_that_is_killed_tells_of_the_run_and_goes_on_when_told_to(tmp_path: Path) -> None:
    text = "\n\n".join(f"This is paragraph number {number}." for number in range(40))
    words = ("--data-dir", str(tmp_path), "--engine", "tone", "--tone-step-ms", "3")
    job: dict[str, Any] = {}
    async with aiohttp.ClientSession() as web:
        with suppress(Broken):
            async with serving(*words) as server:
                url = "http://{}:{}".format(*server.http)
                async with web.post(f"{url}/api/v1/pipelines/long_form", json={"text": text, "seed": 1}) as response:
                    job = await response.json()
                await asyncio.sleep(0.4)
                os.kill(server.pid, signal.SIGKILL)
        async with serving(*words, "--resume-jobs") as server:
            url = "http://{}:{}".format(*server.http)
            async with web.get(url + job["links"]["events"]) as response:
                await response.read()
            async with web.get(url + job["links"]["run"]) as response:
                assert (await response.json())["state"] == "done"
