"""The line that tells how far a transfer is."""

from __future__ import annotations

import pytest

from daemon.commands.progress import Progress
from models.checkpoints.pull import Moment


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("daemon.commands.progress.time.monotonic", lambda: self.now)


def test_a_terminal_sees_ten_a_second(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    progress = Progress("x")
    for step in range(201):
        clock.now = 100 + step / 100
        progress(Moment("fetching", "a", 1_000_000_000 + step * 1_000_000, 2_000_000_000))
    progress.close()
    lines = capsys.readouterr().err.split("\r\x1b[K")
    assert 18 <= len(lines) - 2 <= 22
    assert lines[1] == "x: 1000.0 of 2000.0 MB, 50 %"
    assert lines[-2].startswith("x: 119")
    assert lines[-2].endswith(" %, 100.0 MB/s, 8 s left")
    assert lines[-1] == ""


def test_a_pipe_gets_a_line_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock(monkeypatch)
    progress = Progress("x")
    for second in range(26):
        clock.now = 100 + second
        progress(Moment("fetching", "a", second, 25))
    progress.close()
    assert [line.partition(",")[0] for line in capsys.readouterr().err.splitlines()] == ["x: 0.0 of 0.0 MB"] * 3


def test_a_check_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("x")(Moment("checking", "model.safetensors", 1, 3))
    assert capsys.readouterr().err == "x: checking model.safetensors, 33 %\n"


def test_nothing_is_wiped_where_nothing_was_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    Progress("x").close()
    assert capsys.readouterr().err == ""


def test_who_has_stopped_watching_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> int:
        raise BrokenPipeError

    monkeypatch.setattr("sys.stderr.write", gone)
    Progress("x")(Moment("fetching", "a", 0, 1))


def test_an_empty_file_has_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("x")(Moment("fetching", "a", 0, 0))
    assert "0 %" in capsys.readouterr().err
