"""Which speech is kept, and for how long."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from daemon.journal import Journal, finish
from daemon.utterance import Priority, Utterance
from models.tone import Tone
from outputs.run import Run, Runs, StorageFailed
from voices.profile import Profile

VOICE = Profile("tone", "Tone", "preset", ("en",), "tone", "tone")


def journal(folder: Path, max_days: float | None = None, max_mb: float | None = None) -> Journal:
    return Journal(Runs(folder), ("rest",), max_days, max_mb)


@pytest.mark.parametrize(
    ("door", "keep", "kept"),
    [
        ("rest", None, True),
        ("wyoming", None, False),
        ("wyoming", True, True),
        ("rest", False, False),
    ],
)
def test_the_door_decides_unless_the_request_does(tmp_path: Path, door: str, keep: bool | None, kept: bool) -> None:
    assert journal(tmp_path).keeps(Utterance(door=door, keep=keep)) is kept  # type: ignore[arg-type]


async def test_the_request_is_written_as_it_will_be_spoken_so_that_it_can_be_made_again(tmp_path: Path) -> None:
    sampling = MappingProxyType({"top_k": 5})
    utterance = Utterance("Hi \ud800", door="rest", sampling=sampling, priority=Priority.REPLY, request_id="r")
    run = await journal(tmp_path).begin(utterance, VOICE, "en", 7, Tone().facts)
    assert run is not None
    request = json.loads((run.path / "input.json").read_text())
    assert request["text"] == "Hi \ud800"
    assert (request["voice"], request["language"], request["seed"], request["priority"]) == ("tone", "en", 7, "reply")
    assert request["sampling"] == {"top_k": 5}
    meta = json.loads((run.path / "meta.json").read_text())
    assert (meta["state"], meta["engine"], meta["model"], meta["request_id"]) == ("running", "tone", "tone", "r")
    assert "python" in meta["versions"]
    run.finish("done", {})


async def test_a_disk_that_refuses_keeps_nobody_from_hearing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    run = await journal(tmp_path / "runs").begin(Utterance("Hi", door="rest"), VOICE, "en", 7, Tone().facts)
    assert run is None
    assert "is not kept" in caplog.text


async def test_old_runs_go_by_themselves(tmp_path: Path) -> None:
    keeper = journal(tmp_path, max_mb=0.1)
    for _ in range(3):
        run = await keeper.begin(Utterance("Hi", door="rest"), VOICE, "en", 7, Tone().facts)
        assert run is not None
        run.write(bytes(60_000))
        run.finish("done", {})
    sweeping = asyncio.create_task(keeper.sweep(), name="sweep")
    async with asyncio.timeout(20):
        while len(keeper.runs.list(10)) > 1:
            await asyncio.sleep(0.01)
    sweeping.cancel()
    assert len(keeper.runs.list(10)) == 1


async def test_who_leaves_while_the_folder_is_made_leaves_a_run_that_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, begun, go_on = journal(tmp_path), threading.Event(), threading.Event()
    begin = keeper.runs.begin

    def slow(*args: Any) -> Run:
        begun.set()
        go_on.wait(20)
        return begin(*args)

    monkeypatch.setattr(keeper.runs, "begin", slow)
    beginning = asyncio.create_task(
        keeper.begin(Utterance("Hi", door="rest"), VOICE, "en", 7, Tone().facts), name="beginning"
    )
    await asyncio.to_thread(begun.wait, 20)
    beginning.cancel()
    await asyncio.sleep(0.02)
    go_on.set()
    await asyncio.gather(beginning, return_exceptions=True)
    async with asyncio.timeout(20):
        while [info.state for info in keeper.runs.list(10)] != ["cancelled"]:
            await asyncio.sleep(0.01)


def test_subtitles_are_kept_whatever_the_door_does(tmp_path: Path) -> None:
    book = journal(tmp_path)
    assert book.keeps(Utterance(door="wyoming", subtitles=("srt",)))
    assert not book.keeps(Utterance(door="rest", subtitles=("srt",), keep=False))


async def test_what_lies_beside_the_audio_is_named_when_the_run_ends(tmp_path: Path) -> None:
    book = journal(tmp_path)
    run = await book.begin(Utterance("x", door="rest", verify=2, subtitles=("srt",)), VOICE, "en", 7, Tone().facts)
    assert run is not None
    run.write(bytes(4800))
    assert finish(run, "done", {"seed": 7}, None, lambda: {"report.json": b"{}"}) == ["audio.wav", "report.json"]
    info = book.runs.find(run.id)
    assert [(one["name"], one["bytes"]) for one in info.meta["artifacts"]] == [("audio.wav", 4844), ("report.json", 2)]  # type: ignore[attr-defined]
    assert info.state == "done" and (info.input["verify"], info.input["subtitles"]) == (2, ["srt"])
    plain = await book.begin(Utterance("x", door="rest"), VOICE, "en", 7, Tone().facts)
    assert plain is not None and not {"verify", "subtitles"} & book.runs.find(plain.id).input.keys()
    shutil.rmtree(plain.path)
    with pytest.raises(StorageFailed):
        finish(plain, "done", {}, None, lambda: {"report.json": b"{}"})
    plain.abandon()
