"""How far a job is, on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys

import pytest

from daemon.commands.watching import Watching


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(**changes: object) -> dict[str, object]:
    now = {"state": "running", "phase": "speaking", "segments": 4, "done": 1, "seconds": 2.5, "left_s": None}
    return {**now, "share": None, **changes}


def shown(stream: io.StringIO, *progress: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    watching = Watching()
    for one in progress:
        watching(one)
    watching.close()
    return stream.getvalue()


def test_a_pipe_gets_a_line_for_each_thing_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(
        io.StringIO(), told(), told(done=2), told(phase="assembling", done=4), told(state="done", phase="", done=4),
        monkeypatch=monkeypatch,
    )  # fmt: skip
    assert found.splitlines() == [
        "speaking: 1 of 4 segments, 2.5 s of audio",
        "assembling: 4 of 4 segments, 2.5 s of audio",
        "done: 4 of 4 segments, 2.5 s of audio",
    ]


def test_a_bar_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(Terminal(), told(left_s=7.4), told(phase="listening", share=0.5), monkeypatch=monkeypatch)
    first, second = found.split("\r\x1b[K")[1:3]
    assert first == "[#######.......................] speaking: 1 of 4 segments, 2.5 s of audio, 7 s left"
    assert second == "[###############...............] listening: 50%"
    assert found.endswith("\r\x1b[K")


def test_nothing_to_do_is_no_division_by_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "0 of 0" in shown(Terminal(), told(segments=0, done=0), monkeypatch=monkeypatch)
