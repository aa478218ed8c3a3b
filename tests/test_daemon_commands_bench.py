"""`voiced bench`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("words", [("--streams", "0"), ("--streams", "-3"), ("doors", "--requests", "-1")])
def test_numbers_of_nothing_are_refused(words: tuple[str, ...]) -> None:
    done = voiced("bench", *words)
    assert done.returncode == 2
    assert b"are numbers from 1" in done.stderr


def test_a_file_that_cannot_be_written_is_told_before_the_measuring() -> None:
    started = time.monotonic()
    done = voiced("bench", "doors", "--json", "/nowhere/at/all.json")
    assert done.returncode == 1
    assert b"/nowhere/at/all.json" in done.stderr
    assert time.monotonic() - started < 10
