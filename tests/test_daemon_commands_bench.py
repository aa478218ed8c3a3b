"""`voiced bench`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon import cli
from daemon.bench import beside, doors
from daemon.bench.figures import Figures
from daemon.commands import bench
from tests.command import voiced


def test_the_bench_of_the_engine_writes_the_contracts_rows(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    assert voiced("bench", "--streams", "2", "--json", str(file)).returncode == 0
    figures = json.loads(file.read_text())
    assert set(figures) == {"machine", "rows", "ratios"}
    (row,) = figures["rows"]
    wanted = {"name", "dtype", "streams", "ms_per_frame", "x_realtime", "first_audio_ms", "underrun_ms", "rss_mb"}
    assert set(row) == wanted
    assert row["x_realtime"] > 0


def test_a_made_up_model_needs_no_checkpoint(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    words = ("--synthetic", "tiny", "--dtype", "auto,int4", "--streams", "2", "--frames", "6", "--json", str(file))
    done = voiced("bench", *words, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    assert b"synthetic-tiny" in done.stdout
    figures = json.loads(file.read_text())
    assert figures["machine"]["threads"] == 1
    assert [(row["dtype"], row["codec"], row["streams"]) for row in figures["rows"]] == [
        ("int8", "float32", 2),
        ("int4", "float32", 2),
    ]
    for row in figures["rows"]:
        stages = sum(row[f"{stage}_ms"] for stage in ("talker", "predictor", "codec", "other"))
        assert stages == pytest.approx(row["ms_per_frame"], rel=0.5)
        assert row["x_realtime"] == pytest.approx(80 / row["ms_per_frame"], rel=0.01)
        assert min(row["first_audio_ms"], row["rss_mb"], row["rest_mb"], row["load_s"]) > 0


def test_a_made_up_model_is_asked_at_a_rate(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    words = ("--synthetic", "tiny", "--frames", "3", "--requests", "4", "--json", str(file), "--rate", "20", "40")
    done = voiced("bench", *words, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    rows = json.loads(file.read_text())["rows"]
    assert [(row["dtype"], row["rate_per_s"], row["refused"]) for row in rows] == [("int8", 20, 0), ("int8", 40, 0)]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--synthetic", "tiny", "--dtype", "int3"), "--dtype takes auto, all, or some of int8,int4,bfloat16,float32"),
        (("--synthetic", "tiny", "--codec", "float32,int8"), "--codec takes auto, all, or some of float32,bfloat16"),
        (("--against", "package"), "need --synthetic"),
        (("--synthetic", "tiny", "--against", "package", "--rate", "1"), "ask for one of them"),
        (("--rate", "0"), "more than 0"),
        (("doors", "--rate", "1"), "and not for the doors"),
        (("doors", "--synthetic", "tiny", "--live"), "and not for the doors"),
        (("doors", "--synthetic", "tiny", "--dtype", "all"), "one name each"),
    ],
)
def test_what_cannot_be_measured_is_refused(words: tuple[str, ...], told: str) -> None:
    done = voiced("bench", *words)
    assert done.returncode == 2
    assert told in done.stderr.decode()


@pytest.mark.parametrize("words", [("--streams", "0"), ("--streams", "-3"), ("doors", "--requests", "-1")])
def test_numbers_of_nothing_are_refused(words: tuple[str, ...]) -> None:
    done = voiced("bench", *words)
    assert done.returncode == 2
    assert b"are numbers from 1" in done.stderr


@pytest.mark.parametrize("what", ["doors", "text"])
def test_a_file_that_cannot_be_written_is_told_before_the_measuring(what: str) -> None:
    done = voiced("bench", what, "--json", "/nowhere/at/all.json")
    assert done.returncode == 1
    assert b"/nowhere/at/all.json" in done.stderr
    assert (done.stdout, len(done.stderr.splitlines())) == (b"", 1), "nothing was measured"


def test_the_doors_are_measured_with_the_tone_or_beside_a_made_up_model(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def tone(*wish: object) -> Figures:
        asked.append(wish)
        return Figures()

    def stream(*wish: object) -> Figures:
        asked.append(wish)
        return Figures()

    monkeypatch.setattr(doors, "measure", tone)
    monkeypatch.setattr(beside, "measure", stream)
    monkeypatch.setattr(bench, "_leave_nothing", lambda: None)
    words = ["bench", "doors", "--synthetic", "1.7b"]
    for more in ([], ["--dtype", "int4", "--codec", "bfloat16", "--streams", "3", "--requests", "5"]):
        assert bench.run(cli.parse([*words, *more])) == 0
    assert bench.run(cli.parse(["bench", "doors"])) == 0
    assert asked == [
        (("1.7b", "int8", "float32"), beside.STREAMS, beside.REQUESTS),
        (("1.7b", "int4", "bfloat16"), 3, 5),
        (doors.STREAMS, doors.REQUESTS),
    ]
