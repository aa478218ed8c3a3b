"""One daemon at a time works on a data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.bench.server import serving
from daemon.lease import leased
from daemon.settings import SettingsMistake
from tests.command import around

_HOLD = """
import sys, pathlib
from daemon.lease import leased
with leased(pathlib.Path(sys.argv[1])):
    print('held', flush=True)
    sys.stdin.read()
"""


def test_the_second_is_told_who_has_it_and_a_kill_lets_go(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"held\n"
    with pytest.raises(SettingsMistake, match=f"process {first.pid}.*--data-dir"), leased(tmp_path):
        pass
    first.kill()
    first.communicate()
    with leased(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_to_is_no_hindrance(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with leased(file / "data"):
        pass


async def test_a_second_daemon_refuses(tmp_path: Path) -> None:
    async with serving("--data-dir", str(tmp_path), "--engine", "tone"):
        words = [
            sys.executable,
            "-m",
            "daemon",
            "serve",
            "--data-dir",
            str(tmp_path),
            "--http",
            "none",
            "--wyoming",
            "none",
        ]
        done = subprocess.run(words, capture_output=True, env=around(), timeout=100)
    assert done.returncode == 2
    assert b"works on" in done.stderr
    assert b"Traceback" not in done.stderr
