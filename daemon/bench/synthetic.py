"""`voiced bench --synthetic`: the Qwen engine on made-up weights, and the `qwen-tts` package beside it when it is asked for."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from daemon.bench.figures import FRAME_S, Figures, Row
from models import synthetic
from models.synthetic import STAGES, Codec, Job, Precision, Reading, Size, Take, Task

STREAMS: Final = (1, 2, 4, 8)
FRAMES: Final = 60
# Fresh processes of each kind, by turns, so that what else the machine does hits all of them alike.
ROUNDS: Final = 3
# Takes of each kind in one process; a take of the package is as long as all of ours.
_REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    size: Size
    precisions: Sequence[Precision] = ("int8",)
    codecs: Sequence[Codec] = ("float32",)
    streams: Sequence[int] = STREAMS
    frames: int = FRAMES
    """Of every stream, 80 ms each."""
    live: bool = False
    """As listeners hear it; else as fast as it goes."""
    rounds: int = 1
    package: bool = False
    """Compare with the package: everything is then read from the same files."""


def measure(
    wish: Wish, run: Callable[[Job], Reading] = synthetic.measure, tell: Callable[[str], None] = lambda _: None
) -> Figures:
    """Rows for every precision, codec and number of streams. `run` measures one job, `tell` is told what goes on.

    Raises EngineUnavailable where the extra `qwen` or, if it is wanted, the package is missing.
    """
    with _checkpoint(wish, run, tell) as folder:
        jobs = _jobs(wish, folder)
        readings: dict[Job, list[Reading]] = {job: [] for job in jobs}
        for number in range(wish.rounds):
            for job in jobs:
                tell(f"round {number + 1} of {wish.rounds}: {_name(job)} {job.precision}, codec {job.codec}")
                readings[job].append(run(job))
    figures = Figures([row for job in jobs for row in _rows(job, readings[job])])
    figures.about = {"torch": readings[jobs[0]][0].torch, "threads": readings[jobs[0]][0].threads}
    if wish.package:
        figures.ratios = _ratios(figures.rows)
    return figures


@contextmanager
def _checkpoint(wish: Wish, run: Callable[[Job], Reading], tell: Callable[[str], None]) -> Iterator[str]:
    """The folder of a checkpoint that goes away again, or nothing when weights are made up in memory."""
    if not wish.package:
        yield ""
        return
    synthetic.need_package()
    with tempfile.TemporaryDirectory(prefix="voiced-bench-") as name:
        folder = str(Path(name) / "model")
        tell(f"writing a made-up {wish.size} checkpoint into {name}")
        run(Job(wish.size, "write", folder=folder))
        yield folder


def _jobs(wish: Wish, folder: str) -> list[Job]:
    common = Job(
        wish.size, streams=tuple(wish.streams), frames=wish.frames, repeats=_REPEATS, live=wish.live, folder=folder
    )
    jobs = [replace(common, precision=precision, codec=codec) for codec in wish.codecs for precision in wish.precisions]
    package: Task = "package"
    rival = replace(common, task=package, precision="bfloat16", streams=(1,), repeats=1)
    return [*(replace(rival, codec=codec) for codec in wish.codecs if wish.package), *jobs]


def _name(job: Job) -> str:
    return "package" if job.task == "package" else f"synthetic-{job.size}"


def _rows(job: Job, readings: Sequence[Reading]) -> list[Row]:
    takes = [take for reading in readings for take in reading.takes]
    load = statistics.median(reading.load_s for reading in readings)
    rest = statistics.median(reading.rest_mb for reading in readings)
    return [
        {
            "name": _name(job),
            "dtype": job.precision,
            "codec": job.codec,
            "streams": streams,
            **_speed([take for take in takes if take.streams == streams]),
            "rest_mb": round(rest),
            "load_s": round(load, 2),
        }
        for streams in job.streams
    ]


def _speed(takes: Sequence[Take]) -> dict[str, object]:
    """Medians over takes, and the best one; a frame's time is that of all streams divided by all their frames."""
    per_frame = [1000 / take.frames for take in takes]
    walls = [take.wall_s * ms for take, ms in zip(takes, per_frame, strict=True)]
    stages = {
        f"{stage}_ms": [take.stages_s[stage] * ms for take, ms in zip(takes, per_frame, strict=True)]
        for stage in STAGES
    }
    stages["other_ms"] = [wall - sum(parts) for wall, *parts in zip(walls, *stages.values(), strict=True)]
    wall = statistics.median(walls)
    return {
        "ms_per_frame": round(wall, 2),
        "best_ms": round(min(walls), 2),
        **{name: round(statistics.median(values), 2) for name, values in stages.items()},
        "x_realtime": round(FRAME_S * 1000 / wall, 2),
        "first_audio_ms": round(statistics.median(take.first_audio_s for take in takes) * 1000, 1),
        "underrun_ms": round(statistics.median(take.underrun_s for take in takes) * 1000, 1),
        "rss_mb": round(max(take.rss_mb for take in takes)),
    }


def _ratios(rows: Sequence[Row]) -> dict[str, float]:
    """How many times better than the package with the released codec: faster, sooner, smaller."""
    package = next(row for row in rows if row["name"] == "package")
    ratios: dict[str, float] = {}
    seen: set[tuple[object, object]] = set()
    for row in rows:
        if row["name"] != "package":
            kind = row["dtype"], row["codec"]
            who = str(kind[0]) + ("" if kind[1] == "float32" else f" with a {kind[1]} codec")
            streams = f"{row['streams']} stream{'s' * (row['streams'] != 1)}"
            ratios[f"{who}, {streams}: speed"] = _times(package, row, "ms_per_frame")
            if kind not in seen:  # with the fewest streams
                ratios |= {f"{who}, {streams}: {what}": _times(package, row, key) for what, key in _ONCE.items()}
            seen.add(kind)
    return ratios


_ONCE: Final[Mapping[str, str]] = {
    "first audio": "first_audio_ms",
    "memory at rest": "rest_mb",
    "memory": "rss_mb",
    "load": "load_s",
}


def _times(package: Row, row: Row, key: str) -> float:
    theirs, ours = package[key], row[key]
    assert isinstance(theirs, int | float)
    assert isinstance(ours, int | float)
    return round(theirs / ours, 2) if ours else 0.0
