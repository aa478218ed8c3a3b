"""Bad days of long work: disks, folders, clocks and inputs as nobody wants them. `docs/bad-input.md` tells the same to users."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import soundfile

from daemon.core import Voiced
from daemon.faults import InputMistake, Unspeakable
from daemon.job import Job, Progress, State
from outputs import clock
from outputs.run import RunNotFound, Runs
from tests.command import VOICED, around, voiced
from tests.recipes import lines
from tests.test_bad_days import Daemon, disk_of
from tests.test_house_pipelines import artifacts, told
from voices.files.uploads import Sound, Uploads

DATA = Path(__file__).parent / "data"
TEXT = "\n\n".join(f"This is paragraph number {number}." for number in range(60))
# A file name as nobody wants it, and what is kept of it.
NAMES = {
    "../x.txt": "x.txt", "../../../etc/passwd": "passwd", "CON": "_CON", "👋🏽 hello.txt": "👋🏽 hello.txt", "": "input",
    f"{'x' * 300}.txt": None, "a\0b.txt": "a_b.txt", "C:\\Books\\Война и мир.txt": "Война и мир.txt", ".": "input",
}  # fmt: skip
JSON = {"Content-Type": "application/json"}
Start = Callable[..., Awaitable[Voiced]]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


async def ended(job: Job, seconds: float = 30) -> Progress:
    async with asyncio.timeout(seconds):
        async for now in job.watch():
            last = now
    return last


async def until(job: Job, done: int) -> None:
    async with asyncio.timeout(30):
        async for now in job.watch():
            if now.done >= done:
                return


# --- a daemon, from outside ---------------------------------------------------------------------------------------


class Door:
    """REST of a daemon that is a process of its own."""

    def __init__(self, daemon: Daemon, web: aiohttp.ClientSession) -> None:
        self.daemon, self._web = daemon, web

    async def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        # from a file: aiohttp warns of bodies of megabytes
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        async with self._web.request(method, path, data=data, headers=JSON) as response:
            answer = await response.read()
            assert response.status == status, answer[:500]
            return json.loads(answer) if answer else None

    async def start(self, pipeline: str, body: Mapping[str, object]) -> str:
        job = await self.ask("POST", f"/api/v1/pipelines/{pipeline}", {"seed": 1, **body}, 202)
        return str(job["run_id"])

    async def watch(self, run: str) -> AsyncIterator[dict[str, Any]]:
        async with self._web.get(f"/api/v1/runs/{run}/events") as response:
            assert response.status == 200
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    async def until(self, run: str, done: int) -> None:
        async for now in self.watch(run):
            if now["done"] >= done:
                return

    async def end(self, run: str) -> dict[str, Any]:
        last: dict[str, Any] = {}
        async for now in self.watch(run):
            last = now
        return last

    async def reply(self, text: str = "Yes.") -> float:
        """Speech for somebody who waits; the seconds until its first byte."""
        began = time.monotonic()
        async with self._web.post("/api/v1/speech", json={"text": text, "format": "pcm", "keep": False}) as response:
            assert response.status == 200
            await response.content.readany()
            first = time.monotonic() - began
            await response.read()
        return first


@asynccontextmanager
async def door(data: Path, *options: str) -> AsyncIterator[Door]:
    """A daemon on this data folder; it ends well, and without a traceback in its log."""
    daemon = await asyncio.to_thread(Daemon, data, *options)
    try:
        async with aiohttp.ClientSession(daemon.url, read_bufsize=2**24) as web:
            yield Door(daemon, web)
    finally:
        if daemon.process.poll() is None:
            assert await asyncio.to_thread(daemon.stop) == 0
        elif daemon.process.stderr is not None:
            daemon.process.stderr.close()
    assert not daemon.logged("Traceback"), daemon.log


# --- the disk -----------------------------------------------------------------------------------------------------


async def test_a_disk_that_fills_up_ends_a_job_and_nothing_else(tmp_path: Path) -> None:
    """No file takes more than 4096 bytes: the list of the segments soon has more."""
    async with door(tmp_path, "--tone-step-ms", "1") as rest:
        calm = await rest.start("long_form", {"text": TEXT, "options": {"audio": "flac"}})
        run = await rest.start("long_form", {"text": TEXT, "options": {"audio": "flac"}})
        assert (await rest.end(calm))["state"] == "done"
        await rest.until(run, 3)
        async with disk_of(rest.daemon, 4096):
            last = await rest.end(run)
            assert last["state"] == "failed"
            assert "File too large" in last["error"]
            assert await rest.reply() < 10, "and speech goes on"
            body = {"text": TEXT, "seed": 1}
            error = (await rest.ask("POST", "/api/v1/pipelines/long_form", body, 503))["error"]
            assert (error["code"], "File too large" in error["message"]) == ("storage_failed", True)
        assert (await rest.ask("GET", f"/api/v1/runs/{run}"))["state"] == "failed"
        assert len((await rest.ask("GET", "/api/v1/runs"))["runs"]) == 2, "nothing is left of what could not be begun"
        before = last["done"]
        assert (await rest.ask("POST", f"/api/v1/runs/{run}/resume"))["done"] >= before > 0
        assert (await rest.end(run))["state"] == "done"
    runs = Runs.below(tmp_path)
    assert artifacts(runs.find(run).path) == artifacts(runs.find(calm).path)


def test_a_full_disk_by_hand(tmp_path: Path) -> None:
    """While it speaks the disk becomes so full that no file of 100 kB fits any more."""
    text, data = tmp_path / "lines.txt", tmp_path / "data"
    text.write_text("\n\n".join(f"This is paragraph number {number}." for number in range(20)))
    words = ("run", "--local", "long_form", str(text), "--seed", "5", "-p", "audio=wav", "-p", "subtitles=false")
    calm = voiced(*words, VOICED_DATA_DIR=str(tmp_path / "calm"))
    process = subprocess.Popen(
        [*VOICED, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=around(VOICED_DATA_DIR=str(data), VOICED_TONE_STEP_MS="5"),
    )  # fmt: skip
    while process.poll() is None and not list(data.glob("outputs/runs/*/segments/*.flac")):
        time.sleep(0.01)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100_000, 100_000))
    _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"File too large" in error and b"Traceback" not in error
    (info,) = Runs.below(data).list(9)
    assert (info.state, len(told(info.path))) == ("failed", 20)
    assert "File too large" in str(info.meta["error"])
    assert not [path for path in files(info.path) if "audio" in path], "no half of a file"
    last = voiced("runs", "resume", info.run_id, "--local", VOICED_DATA_DIR=str(data))
    assert last.returncode == 0, last.stderr
    assert artifacts(info.path) == artifacts(Path(calm.stdout.decode().strip()))
    assert len(told(info.path)) == 20, "nothing is spoken twice"


# --- folders that go away -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["run", "outputs"])
async def test_a_folder_that_is_removed_ends_its_job_and_no_other(gone: str, tmp_path: Path) -> None:
    async with door(tmp_path, "--tone-step-ms", "2", "--jobs", "2") as rest:
        lost, other = [await rest.start("long_form", {"text": TEXT, "options": {"audio": "flac"}}) for _ in range(2)]
        await rest.until(lost, 3)
        folder = Runs.below(tmp_path).find(lost).path
        (folder if gone == "run" else tmp_path / "outputs").rename(tmp_path / "away")  # all of it in one moment
        shutil.rmtree(tmp_path / "away")
        last = await rest.end(lost)
        assert (last["state"], last["error"]) == ("failed", f"{folder}: the folder of this run has been removed")
        assert (await rest.end(other))["state"] == ("done" if gone == "run" else "failed")
        assert await rest.reply() < 10
        listed = [one["run_id"] for one in (await rest.ask("GET", "/api/v1/runs"))["runs"]]
        assert listed == ([other] if gone == "run" else [])
        for action in ("resume", "pause", "cancel"):
            error = (await rest.ask("POST", f"/api/v1/runs/{lost}/{action}", status=404))["error"]
            assert error["code"] == "run_not_found"
        assert (await rest.end(await rest.start("long_form", {"text": "And on."})))["state"] == "done"
    assert not folder.exists(), "nothing of it is made again"


@pytest.fixture
def table() -> Iterator[None]:
    with lines():
        yield


@pytest.mark.parametrize("pipeline", ["long_form", "script", "npc_pack", "subtitles"])
async def test_a_folder_that_is_removed_before_its_files_are_made(
    pipeline: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.test_house_pipelines import WORK

    core = await start()
    source, options, _ = WORK[pipeline]
    job = await core.jobs.start(pipeline, source.read_bytes(), source.name, options, 3)
    assemble, root = job.recipe.assemble, job.ledger.path.parent

    def lose(*given: Any) -> Any:
        shutil.rmtree(job.ledger.path)
        return assemble(*given)

    monkeypatch.setattr(job.recipe, "assemble", lose)
    last = await ended(job)
    assert (last.state, "No such file" in last.error) == (State.FAILED, True), last.error
    assert list(root.iterdir()) == []


async def test_segments_that_vanish_are_spoken_again_before_they_are_joined(
    table: None, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    core = await start(tone_step_ms=1)
    text = "".join(f"This is line {number}.\n" for number in range(20)).encode()
    calm = await core.jobs.start("lines", text, "a.txt", {}, 3)
    assert (await ended(calm)).state is State.DONE
    job = await core.jobs.start("lines", text, "a.txt", {}, 3)
    await until(job, 8)
    segments = job.ledger.path / "segments"
    (segments / "0001.flac").unlink()
    (segments / "0002.flac").write_bytes(b"bent")
    data = bytearray((segments / "0003.flac").read_bytes())
    data[len(data) // 2] ^= 1
    (segments / "0003.flac").write_bytes(data)
    last = await ended(job)
    assert (last.state, last.done, last.seconds) == (State.DONE, 20, pytest.approx(calm.progress().seconds))
    assert artifacts(job.ledger.path) == artifacts(calm.ledger.path)
    ids = [one["id"] for one in told(job.ledger.path)]
    assert sorted(one for one in set(ids) if ids.count(one) > 1) == ["0001", "0002", "0003"]
    assert "3 segments of run" in caplog.text


async def test_a_disk_that_loses_every_segment_is_told_of(
    table: None, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outputs import ledger

    core = await start()
    write = ledger.replace

    def lose(path: Path, data: bytes) -> None:
        write(path, b"bent" if path.name == "0002.flac" else data)

    monkeypatch.setattr(ledger, "replace", lose)
    last = await ended(await core.jobs.start("lines", b"One.\nTwo.\nThree.\n", "a.txt", {}, 3))
    assert (last.state, last.done) == (State.FAILED, 3)
    assert "0002" in last.error and "again and again" in last.error


# --- clocks -------------------------------------------------------------------------------------------------------


async def test_a_clock_that_is_set_back_changes_no_order_and_no_duration(
    table: None, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = await start(tone_step_ms=2)
    text = "".join(f"This is line {number}.\n" for number in range(30)).encode()
    before = await core.jobs.start("lines", b"Before.\n", "a.txt", {}, 3)
    await ended(before)
    job = await core.jobs.start("lines", text, "a.txt", {}, 3)
    await until(job, 5)
    moved = timedelta(hours=-1)
    monkeypatch.setattr(clock, "_wall", lambda: datetime.now(UTC) + moved)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + moved.total_seconds())
    async for now in job.watch():
        assert now.left_s is None or 0 <= now.left_s < 60
    assert job.state is State.DONE
    after = await core.jobs.start("lines", b"After.\n", "a.txt", {}, 3)
    await ended(after)
    listed = core.runs.list(9)
    assert [info.run_id for info in listed] == [after.id, job.id, before.id]
    assert [info.created for info in listed] == sorted([info.created for info in listed], reverse=True)
    assert all(info.finished is not None and info.finished >= info.created for info in listed)
    began = time.monotonic()
    heard = b"".join([pcm async for pcm in core.speak("Yes.", deadline_s=30.0)])
    assert heard and time.monotonic() - began < 30, "deadlines are measured"
    assert core.runs.sweep(60.0, None) == [], "nothing is older than it was"


def test_uploads_of_a_clock_that_was_set_back_are_not_forgotten_early(tmp_path: Path) -> None:
    uploads = Uploads.below(tmp_path)
    arriving = uploads.begin(100)
    arriving.write(b"sound")
    kept = uploads.keep(arriving, Sound(1.0, 24_000, 1, "wav"))
    later = time.time() + 3600
    os.utime(kept.path, (later, later))
    assert uploads.sweep(1.0, 100) == []
    with uploads.held(kept.id):
        assert uploads.sweep(0.001, 1) == []
    assert uploads.sweep(60.0, None) == []
    uploads.remove(kept.id)


async def test_runs_of_a_clock_that_was_years_ahead_stay_and_go_on(table: None, start: Start, tmp_path: Path) -> None:
    core = await start()
    early = datetime.now(UTC) + timedelta(days=4000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_wall", lambda: early)
        patch.setattr(clock, "_last", early)
        job = await core.jobs.start("lines", b"Ahead.\n", "a.txt", {}, 3)
        await ended(job)
    now = await core.jobs.start("lines", b"Now.\n", "a.txt", {}, 3)
    await ended(now)
    assert core.runs.sweep(3600.0, None) == []
    assert [info.run_id for info in core.runs.list(9)] == [job.id, now.id], "by what the clock showed"
    assert abs(core.runs.find(now.id).created - datetime.now(UTC)) < timedelta(minutes=5), "not dated after the other"
    (core.runs.find(job.id).path / "segments" / "0001.flac").unlink()
    again = await core.jobs.resume(job.id)
    assert (await ended(again)).state is State.DONE
    info = core.runs.find(job.id)
    assert info.finished == info.created


# --- inputs that are large ----------------------------------------------------------------------------------------

ROWS = 50_000


def rows(count: int) -> bytes:
    lines = "".join(f'line_{n},"Traveller {n}!",tone{"-2" * (n % 2)},gate {n % 7}\n' for n in range(count))
    return ("id,text,voice,scene\n" + lines).encode()


def most_memory(process: int) -> float:
    """The most that a process has ever taken, in megabytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [5000, pytest.param(ROWS, marks=pytest.mark.slow)])
async def test_a_pack_of_many_rows_is_begun_killed_listed_and_gone_on_with(count: int, tmp_path: Path) -> None:
    body = {"data": base64.b64encode(rows(count)).decode(), "name": "lines.csv"}
    async with door(tmp_path) as rest:
        began = time.monotonic()
        run = await rest.start("npc_pack", body)
        assert time.monotonic() - began < 60
        await rest.until(run, 100)
        assert await rest.reply() < 10
        assert most_memory(rest.daemon.process.pid) < 1000
        os.kill(rest.daemon.process.pid, signal.SIGKILL)
        await asyncio.to_thread(rest.daemon.process.wait)
    folder = Runs.below(tmp_path).find(run).path
    kept = len({one["id"] for one in told(folder)})
    assert kept >= 100
    assert len(json.loads((folder / "plan.json").read_bytes())["segments"]) == count
    shown = voiced("runs", "show", run, VOICED_DATA_DIR=str(tmp_path))
    assert (shown.returncode, len(shown.stdout) < 10_000) == (0, True)
    async with door(tmp_path) as rest:
        began = time.monotonic()
        (listed,) = (await rest.ask("GET", "/api/v1/runs"))["runs"]
        assert (listed["state"], len(json.dumps(listed)) < 10_000) == ("interrupted", True)
        assert time.monotonic() - began < 10
        assert (await rest.ask("POST", f"/api/v1/runs/{run}/resume"))["done"] >= kept - 4
        assert time.monotonic() - began < 60
        await rest.until(run, kept + 100)
        assert (await rest.ask("POST", f"/api/v1/runs/{run}/cancel"))["state"] == "cancelled"
        assert most_memory(rest.daemon.process.pid) < 1000
    ids = [one["id"] for one in told(folder)]
    assert len(ids) - len(set(ids)) <= 4, "what was being spoken when it was killed, and nothing else"


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_fifty_thousand_rows_are_spoken(tmp_path: Path) -> None:
    body = {"data": base64.b64encode(rows(ROWS)).decode(), "name": "lines.csv"}
    async with door(tmp_path) as rest:
        began = time.monotonic()
        run = await rest.start("npc_pack", body)
        last: dict[str, Any] = {}
        while last.get("state") not in ("done", "failed"):
            last = await rest.ask("GET", f"/api/v1/runs/{run}")
            await asyncio.sleep(5)
        assert last["state"] == "done", last
        memory = most_memory(rest.daemon.process.pid)
        print(f"{time.monotonic() - began:.0f} s, {memory:.0f} MB")
        assert memory < 1500
        began = time.monotonic()
        listed = await rest.ask("GET", "/api/v1/runs")
        assert (len(json.dumps(listed)) < 100_000, time.monotonic() - began < 10) == (True, True)
    info = Runs.below(tmp_path).find(run)
    assert len(info.artifacts) == ROWS + 3
    with (info.path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            assert (info.path / "files" / line["file"]).is_file()


async def test_two_million_characters_are_begun_and_nobody_waits(tmp_path: Path) -> None:
    text = ('"Well. I know it," she said. ' * 30 + "\n\n") * 2400
    assert len(text) > 2_000_000
    async with door(tmp_path) as rest:
        began = time.monotonic()
        starting = asyncio.create_task(rest.start("long_form", {"text": text}))
        waits = []
        while not starting.done():
            waits.append(await rest.reply())
        run = await starting
        assert time.monotonic() - began < 60
        assert max(waits) < 10, "who is spoken to meanwhile hears it"
        await rest.until(run, 3)
        assert (await rest.ask("POST", f"/api/v1/runs/{run}/cancel"))["state"] == "cancelled"
        info = await rest.ask("GET", f"/api/v1/runs/{run}")
        assert info["meta"]["segments"] > 4000
        assert most_memory(rest.daemon.process.pid) < 1000


# --- captions that overlap ----------------------------------------------------------------------------------------


async def test_captions_that_overlap_and_go_back(tmp_path: Path) -> None:
    data = (DATA / "subtitles" / "overlapping.srt").read_text()
    async with door(tmp_path) as rest:
        body = {"text": data, "name": "overlapping.srt", "options": {"audio": "wav"}}
        error = (await rest.ask("POST", "/api/v1/pipelines/subtitles", body, 422))["error"]
        assert [one["path"] for one in error["details"]] == ["line 10"]
        assert "sort" in error["message"]
        backward = data.replace("00:00:06,000 --> 00:00:07,000", "00:00:06,000 --> 00:00:05,000")
        error = (await rest.ask("POST", "/api/v1/pipelines/subtitles", {**body, "text": backward}, 422))["error"]
        assert [one["path"] for one in error["details"]] == ["line 10", "line 14"]
        assert (await rest.ask("GET", "/api/v1/runs"))["runs"] == []
        run = await rest.start("subtitles", {**body, "options": {"audio": "wav", "sort": True}})
        assert (await rest.end(run))["state"] == "done"
        meta = (await rest.ask("GET", f"/api/v1/runs/{run}"))["meta"]
    assert [warning.split(":")[0] for warning in meta["warnings"]] == ["line 6", "line 10"]
    folder = Runs.below(tmp_path).find(run).path
    report = json.loads((folder / "report.json").read_bytes())
    assert report["captions"] == 4
    assert [one["id"] for one in report["does_not_fit"]] == ["0002"], "2.2 s of speech in half a second"
    assert soundfile.info(folder / "audio.wav").duration >= 7


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", NAMES, ids=lambda name: ascii(name[:12]))
async def test_inputs_are_kept_under_names_that_are_names_everywhere(called: str, start: Start, tmp_path: Path) -> None:
    core = await start()
    job = await core.jobs.start("long_form", b"A word.", called, {"audio": "wav"}, 3)
    assert (await ended(job)).state is State.DONE
    (kept,) = (job.ledger.path / "input").iterdir()
    assert kept.read_bytes() == b"A word."
    assert (kept.name == NAMES[called]) if NAMES[called] else (kept.name.endswith(".txt") and len(kept.name) < 120)
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
    assert {path.name for path in (tmp_path / "data" / "outputs").iterdir()} == {"runs"}


async def test_the_doors_give_an_input_the_same_name(tmp_path: Path) -> None:
    async with door(tmp_path / "rest") as rest:
        for called in ("../x.txt", "CON", "👋🏽 hello.txt"):
            run = await rest.start("long_form", {"text": "A word.", "name": called, "options": {"audio": "wav"}})
            assert (await rest.end(run))["state"] == "done"
            (kept,) = (Runs.below(tmp_path / "rest").find(run).path / "input").iterdir()
            assert kept.name == NAMES[called]
        long = {"text": "A word.", "name": f"{'x' * 300}.txt"}
        assert (await rest.ask("POST", "/api/v1/pipelines/long_form", long, 400))["error"]["code"] == "malformed"
    for called in ("CON", "👋🏽 hello.txt", f"{'x' * 250}.txt"):
        (tmp_path / called).write_text("A word.")
        words = ("run", "--local", "long_form", str(tmp_path / called), "-p", "audio=wav")
        done = await asyncio.to_thread(voiced, *words, VOICED_DATA_DIR=str(tmp_path / "hand"))
        assert done.returncode == 0, done.stderr
        (kept,) = (Path(done.stdout.decode().strip()) / "input").iterdir()
        assert kept.name == NAMES.get(called, kept.name)
        assert len(kept.name.encode()) < 120


BAD_NAMES = [
    "../x",
    "/etc/passwd",
    "C:\\x",
    "CON",
    "com1.wav",
    "x" * 300,
    "a//b",
    ".hidden",
    "tail.",
    "a\u202eb",
    "\ud83d",
]


async def test_rows_may_not_ask_for_names_that_are_none(tmp_path: Path) -> None:
    table = "".join(
        json.dumps({"id": f"r{n}", "text": "A word.", "filename": name}) + "\n" for n, name in enumerate(BAD_NAMES)
    )
    async with door(tmp_path) as rest:
        body = {"text": table, "name": "a.jsonl"}
        error = (await rest.ask("POST", "/api/v1/pipelines/npc_pack", body, 422))["error"]
        assert [one["path"] for one in error["details"]] == [
            f"line {number}, column filename" for number in range(1, len(BAD_NAMES) + 1)
        ], "all at once"
        assert (await rest.ask("GET", "/api/v1/runs"))["runs"] == []


async def test_ids_and_voices_of_rows_never_lead_out_of_the_folder(start: Start) -> None:
    core = await start()
    ids = ["../x", "CON", "nul.txt", "x" * 300, "👋🏽", "Ёлка", "a/b\\c", ".."]
    table = "".join(json.dumps({"id": called, "text": "A word.", "voice": "tone"}) + "\n" for called in ids)
    job = await core.jobs.start("npc_pack", table.encode(), "a.jsonl", {"audio": "wav"}, 3)
    assert (await ended(job)).state is State.DONE
    made = {path.name for path in (job.ledger.path / "files" / "tone").iterdir()}
    assert len(made) == len(ids)
    assert {"_CON.wav", "_nul.txt.wav", "👋🏽.wav", "Ёлка.wav", "a_b_c.wav"} <= made
    assert all(len(name.encode()) < 120 for name in made)
    assert {path.name for path in (job.ledger.path / "files").iterdir()} == {"tone"}
    listed = json.loads((job.ledger.path / "manifest.json").read_bytes())["lines"]
    assert [line["id"] for line in listed] == ids, "the game knows its lines by their own names"
    with pytest.raises(Unspeakable, match=r"\.\./tone"):
        await core.jobs.start("npc_pack", b"id,text,voice\na,A word.,../tone", "a.csv", {}, 3)


async def test_chapters_of_any_title_become_files(start: Start) -> None:
    core = await start()
    titles = ["../x", "CON", "x" * 300, "👋🏽", "Kapitel 1: Über/unter", ".hidden"]
    book = "".join(f"# {title}\n\nA word.\n\n" for title in titles)
    job = await core.jobs.start("long_form", book.encode(), "a.md", {"per_chapter": True, "audio": "mp3"}, 3)
    assert (await ended(job)).state is State.DONE
    made = sorted(path.name for path in job.ledger.path.iterdir() if path.suffix == ".mp3")
    assert [name.split()[0].split(".")[0] for name in made] == ["01", "02", "03", "04", "05"], made
    assert made[1] == "02 CON.mp3"
    assert all(len(name.encode()) < 140 and "/" not in name for name in made)
    assert {path.name for path in job.ledger.path.parent.iterdir()} == {job.ledger.path.name}


async def test_voices_have_ids_that_are_file_names(tmp_path: Path) -> None:
    async with door(tmp_path) as rest:
        for bad in ("../x", "CON", "x" * 65, "👋", "a/b", "", "."):
            body = {"kind": "preset", "speaker": "tone", "id": bad}
            assert (await rest.ask("POST", "/api/v1/voices", body, 400))["error"]["details"][0]["path"] == "id"
            await rest.ask("GET", f"/api/v1/voices/{aiohttp.helpers.quote(bad, safe='') if bad else '%20'}", status=404)
        made = {}
        for label in ("../x", "CON", "👋🏽", "Ёлка", "x" * 150):
            body = {"kind": "preset", "speaker": "tone", "label": label}
            made[label] = (await rest.ask("POST", "/api/v1/voices", body, 201))["voice"]["id"]
        assert (made["../x"], made["CON"], len(made["x" * 150])) == ("x", "con", 60)
        assert made["👋🏽"].startswith("voice-")
    assert files(tmp_path / "voices" / "profiles") >= {f"{name}.json" for name in made.values()}
    assert all(name.endswith(".json") or name.startswith(".") for name in files(tmp_path / "voices" / "profiles"))


async def test_what_is_no_run_is_not_found_by_any_name(start: Start) -> None:
    core = await start()
    for name in ("../x", "CON", "x" * 300, "👋🏽", "", "."):
        with pytest.raises(RunNotFound):
            await core.jobs.resume(name)
    with pytest.raises(InputMistake):
        await core.jobs.start("long_form", b"", "../x", {}, 3)
    assert core.runs.list(9) == []
