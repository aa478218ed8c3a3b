"""stdin, stdout and stderr in any state."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import shell


def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path) -> None:
    done = shell(f"voiced voices list --data-dir {tmp_path} | head -n 0")
    assert done.stderr == b""


@pytest.mark.parametrize("line", ["voices list", "say --local la -o - --format pcm"])
def test_a_full_disk_behind_stdout_is_told_in_one_line(tmp_path: Path, line: str) -> None:
    done = shell(f"voiced {line} --data-dir {tmp_path} > /dev/full")
    assert (done.returncode, done.stderr) == (1, b"voiced: [Errno 28] No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_from_the_start(tmp_path: Path, closed: str) -> None:
    done = shell(f"voiced voices list --data-dir {tmp_path} {closed}")
    assert done.returncode == 0, done.stderr
    assert b"rror" not in done.stderr


def test_a_terminal_that_knows_no_umlauts(tmp_path: Path) -> None:
    done = shell(f"voiced voices list --engine builtin --data-dir {tmp_path}", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert rb"Fran\xe7ais" in done.stdout
