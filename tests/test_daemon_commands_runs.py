"""`voiced runs`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import TEXT, say, voiced


def test_saving_leaves_a_run_that_is_listed_and_shown(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    assert say(tmp_path, TEXT, "-o", "-").returncode == 0
    assert json.loads(voiced("runs", "list", "--json", "--data-dir", data).stdout) == []
    assert say(tmp_path, TEXT, "-o", "-", "--save", "--seed", "5").returncode == 0
    (row,) = json.loads(voiced("runs", "list", "--json", "--data-dir", data).stdout)
    assert (row["state"], row["voice"], row["text"]) == ("done", "tone", TEXT)
    shown = json.loads(voiced("runs", "show", row["run"], "--data-dir", data).stdout)
    assert shown["input"]["seed"] == 5
    assert shown["meta"]["artifacts"][0]["name"] == "audio.wav"
    missing = voiced("runs", "show", "0000000000", "--data-dir", data)
    assert missing.returncode == 1
    assert b"0000000000" in missing.stderr
    assert voiced("runs", "show", "--data-dir", data).returncode == 2


@pytest.mark.parametrize("limit", ["-1", "0"])
def test_no_limit_below_one(tmp_path: Path, limit: str) -> None:
    done = voiced("runs", "list", "--limit", limit, "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert b"--limit is a number from 1" in done.stderr
