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


def test_where_nothing_is_spoken_only_what_it_does_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = told(segments=0, done=0, phase="encoding")
    assert shown(io.StringIO(), nothing, monkeypatch=monkeypatch) == "encoding\n"
    assert "[..............................] encoding" in shown(Terminal(), nothing, monkeypatch=monkeypatch)


def test_no_time_is_left_for_speaking_when_all_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "left" not in shown(io.StringIO(), told(phase="assembling", done=4, left_s=0.0), monkeypatch=monkeypatch)


def test_a_pipe_is_not_told_of_every_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {"segments": 0, "done": 0}
    fetching = [told(phase=f"fetching {at} of 9 MB", share=at / 9, **nothing) for at in range(9)]
    checking = told(phase="checking model.safetensors", share=0.5, **nothing)
    assert shown(io.StringIO(), *fetching, checking, monkeypatch=monkeypatch).splitlines() == [
        "fetching 0 of 9 MB: 0%", "checking model.safetensors: 50%",
    ]  # fmt: skip
