"""The bench of made-up models: what is run in which order, and what becomes of it; nothing is timed here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon import settings
from daemon.bench import arrivals
from daemon.bench.engine import Heard
from daemon.bench.synthetic import Wish, measure
from models import synthetic
from models.batch import QueueFull
from models.stream import DeadlinePassed
from models.synthetic import Job, Reading, Take


class Machine:
    """Takes as long as it says: the package 200 ms a frame, int8 80, int4 50; two streams need a half more in all."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.noise = 1.0

    def __call__(self, job: Job) -> Reading:
        self.jobs.append(job)
        if job.task == "write":
            assert not Path(job.folder).exists()
            return Reading()
        frame = (0.2 if job.task == "package" else {"int8": 0.08, "int4": 0.05}[job.precision]) * self.noise
        self.noise += 0.1
        takes = [_take(streams, job.frames, frame) for _ in range(job.repeats) for streams in job.streams]
        loads = (10.0, 3300.0) if job.task == "package" else (4.0, 1650.0)
        return Reading(*loads, takes, torch="2.13", threads=2)


def _take(streams: int, frames: int, frame: float) -> Take:
    wall = frame * frames * (1 + streams) / 2
    stages = {"talker": wall / 8, "predictor": wall / 2, "codec": wall / 4}
    return Take(streams, streams * frames, wall, stages, wall / frames, 0.0, 2000.0)


def test_the_rows_of_every_precision_and_number_of_streams() -> None:
    machine = Machine()
    figures = measure(Wish("0.6b", ["int8", "int4"], streams=(1, 2), frames=10), machine)
    assert [(job.task, job.precision, job.folder) for job in machine.jobs] == [
        ("voiced", "int8", ""),
        ("voiced", "int4", ""),
    ]
    assert [(row["name"], row["dtype"], row["codec"], row["streams"]) for row in figures.rows] == [
        ("synthetic-0.6b", precision, "float32", streams) for precision in ("int8", "int4") for streams in (1, 2)
    ]
    alone, both, *_ = figures.rows
    assert (alone["ms_per_frame"], alone["x_realtime"], alone["other_ms"]) == (80.0, 1.0, 10.0)
    assert (both["ms_per_frame"], both["x_realtime"], both["predictor_ms"]) == (60.0, 1.33, 30.0)
    assert (alone["rss_mb"], alone["rest_mb"], alone["load_s"]) == (2000, 1650, 4.0)
    assert figures.ratios == {}
    assert figures.about == {"torch": "2.13", "threads": 2}


def test_the_package_takes_turns_with_the_engine_on_files_that_go_away() -> None:
    machine, told = Machine(), list[str]()
    wish = Wish("tiny", ["int8", "int4"], ["float32", "bfloat16"], streams=(1, 2), rounds=3, package=True)
    figures = measure(wish, machine, told.append)
    write, *jobs = machine.jobs
    assert write.task == "write"
    assert {job.folder for job in jobs} == {write.folder}
    assert not Path(write.folder).parent.exists()
    assert len(jobs) == 3 * 6
    assert jobs[:6] == jobs[6:12] == jobs[12:]
    assert [job.codec for job in jobs[:6] if job.task == "package"] == ["float32", "bfloat16"]
    assert len(told) == 1 + len(jobs)
    packages = [row for row in figures.rows if row["name"] == "package"]
    assert [(row["streams"], row["dtype"]) for row in packages] == [(1, "bfloat16")] * 2
    for row in figures.rows:
        assert row["best_ms"] <= row["ms_per_frame"]  # type: ignore[operator]
    assert figures.ratios["int8, 1 stream: memory at rest"] == 2.0
    assert figures.ratios["int4, 1 stream: load"] == 2.5
    row = next(row for row in figures.rows if (row["dtype"], row["codec"], row["streams"]) == ("int4", "bfloat16", 2))
    speed = figures.ratios["int4 with a bfloat16 codec, 2 streams: speed"]
    assert speed == pytest.approx(packages[0]["ms_per_frame"] / row["ms_per_frame"], abs=0.01)  # type: ignore[operator]


def test_without_the_package_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "find_spec", lambda _: None)
    machine = Machine()
    with pytest.raises(synthetic.EngineUnavailable, match="qwen-tts is not installed"):
        measure(Wish("tiny", package=True), machine)
    assert machine.jobs == []


def test_the_process_that_waits_has_no_torch_in_its_memory() -> None:
    program = "import daemon.commands.bench, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_requests_come_whether_or_not_the_last_one_was_answered() -> None:
    async def one(number: int) -> Heard:
        if number == 3:
            raise QueueFull("full")
        if number == 4:
            raise DeadlinePassed("late")
        return Heard((number + 1) / 1000, 1.0, 0.0)

    row = await arrivals._at(2000.0, 10, one)
    assert (row["rate_per_s"], row["requests"], row["refused"]) == (2000.0, 10, 2)
    assert (row["first_audio_p50_ms"], row["first_audio_p95_ms"]) == (7.0, 10.0)


async def test_arrivals_at_the_engine_that_would_speak_here(tmp_path: Path) -> None:
    read = settings.read({"engine": "tone", "data_dir": tmp_path, "keep_runs": ()}, environ={})
    figures = await arrivals.measure(read, [50.0, 100.0], 5)
    assert [(row["name"], row["rate_per_s"], row["refused"]) for row in figures.rows] == [
        ("tone", 50.0, 0),
        ("tone", 100.0, 0),
    ]
    assert all(row["x_realtime"] > 0 for row in figures.rows)  # type: ignore[operator]
