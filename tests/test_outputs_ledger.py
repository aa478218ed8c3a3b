"""Run folders of long work: begun whole or not at all, and what is left of them on a bad day."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from outputs.ledger import MAX_TOLD, Ledger, LedgerBusy, is_plain
from outputs.recording import LOCK, StorageFailed
from outputs.run import Runs

PLAN = {"segments": [{"id": "0001", "text": "One."}, {"id": "0002", "text": "Two."}], "title": "T"}
NAMES = [
    "manifest.json", "files/a/one.wav", "files/a/two.wav", *(f"files/{number}.wav" for number in range(MAX_TOLD)),
]  # fmt: skip


_open: list[Ledger] = []


@pytest.fixture(autouse=True)
def let_go() -> Iterator[None]:
    yield
    while _open:
        _open.pop().release()


def begun(root: Path, name: str = "a.txt") -> Ledger:
    request = {"pipeline": "long_form", "name": name}
    _open.append(Runs(root).begin_work("long_form", request, {"title": "T"}, name, b"x", PLAN))
    return _open[-1]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_it_begins_with_its_plan(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    assert files(ledger.path) == {".lock", "input", "input/a.txt", "input.json", "meta.json", "plan.json", "segments"}
    assert (ledger.plan(), ledger.input("a.txt"), ledger.taken()) == (PLAN, b"x", {})
    with pytest.raises(LedgerBusy, match="pause or cancel"):
        Ledger.reopen(ledger.path)
    ledger.release()
    assert Runs(tmp_path).find(ledger.id).state == "interrupted"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/x", "a/b", "a\0b"])
def test_no_input_is_written_elsewhere(name: str, tmp_path: Path) -> None:
    assert not is_plain(name)
    with pytest.raises(ValueError, match="cannot be the name"):
        begun(tmp_path / "runs", name)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", ["CON", "a b.txt", "👩‍👩‍👧.srt", ".hidden", "x" * 255])
def test_what_a_file_may_be_called_is_kept_so(name: str, tmp_path: Path) -> None:
    assert begun(tmp_path, name).input(name) == b"x"


def test_a_name_that_is_too_long_for_the_disk(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="name too long"):
        begun(tmp_path, "x" * 300)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("room", [0, 40, 120])
def test_a_disk_that_is_too_full_to_begin_keeps_nothing(room: int, tmp_path: Path) -> None:
    """No file takes more than so many bytes: the input, the request or the plan does not fit any more."""
    code = """
        import json, resource, sys
        from pathlib import Path
        from outputs.recording import StorageFailed
        from outputs.run import Runs
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
        plan = {"segments": [{"id": f"{number:04}", "text": "One."} for number in range(50)]}
        try:
            Runs(Path(sys.argv[1])).begin_work("long_form", {"name": "a"}, {}, "a", b"x" * 50, plan)
        except StorageFailed as error:
            print(error)
        """
    words = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "runs"), str(room)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert "File too large" in done.stdout
    assert files(tmp_path) <= {"runs"}


@pytest.mark.parametrize("everything", [False, True])
def test_a_folder_that_is_removed_is_not_made_again(everything: bool, tmp_path: Path) -> None:
    ledger = begun(tmp_path / "outputs" / "runs")
    ledger.keep("0001", b"fLaC", {"seconds": 1.0})
    shutil.rmtree(tmp_path / "outputs" if everything else ledger.path)
    left = files(tmp_path)
    told = "the folder of this run has been removed"
    with pytest.raises(StorageFailed, match=told):
        ledger.keep("0002", b"fLaC", {"seconds": 1.0})
    with pytest.raises(StorageFailed, match=told):
        ledger.write("verify.json", b"{}")
    with pytest.raises(StorageFailed, match=told):
        ledger.write_plan(PLAN)
    assert ledger.taken() == {}
    with pytest.raises(StorageFailed, match=told):
        ledger.finish("failed", {}, [])
    ledger.release()
    assert files(tmp_path) == left
    assert begun(tmp_path / "outputs" / "runs").plan() == PLAN, "and the next one begins as ever"


def test_a_segment_that_is_removed_or_bent_is_not_there(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    for segment in ("0001", "0002", "0003"):
        ledger.keep(segment, b"fLaC" + segment.encode(), {"seconds": 1.0})
    (ledger.path / "segments" / "0001.flac").unlink()
    (ledger.path / "segments" / "0002.flac").write_bytes(b"fLaC0003")
    assert ledger.taken().keys() == {"0003"}
    shutil.rmtree(ledger.path / "segments")
    assert ledger.taken() == {}
    with pytest.raises(StorageFailed, match="segments: No such file"):
        ledger.keep("0001", b"fLaC", {"seconds": 1.0})
    ledger.write_plan(PLAN)
    assert ledger.keep("0001", b"fLaC", {"seconds": 1.0})["id"] == "0001"


def test_going_on_on_a_full_disk_lets_go_of_the_run(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.finish("failed", {"error": "x"}, [])
    (ledger.path / ".meta.json.tmp").mkdir()
    with pytest.raises(StorageFailed, match="Is a directory"):
        Ledger.reopen(ledger.path)
    assert Runs(tmp_path).find(ledger.id).state == "failed"
    (ledger.path / ".meta.json.tmp").rmdir()
    _open.append(Ledger.reopen(ledger.path))
    assert Runs(tmp_path).find(ledger.id).state == "running"


@pytest.mark.parametrize("name", ["meta.json", "input.json", "plan.json"])
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_what_is_damaged_is_told_by_its_name(name: str, data: bytes, tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.release()
    (ledger.path / name).write_bytes(data)
    with pytest.raises(StorageFailed, match=f"{name}: it is damaged"):
        _open.append(Ledger.reopen(ledger.path))
        _ = _open[-1].plan(), _open[-1].request


def test_a_lock_that_is_let_go_of_at_that_moment_is_not_held_by_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lets go takes the file away, and another may have opened it before: what is locked then is nobody's."""
    first = begun(tmp_path)
    hold, at = fcntl.flock, [0]

    def late(file: Any, how: int) -> None:
        at[0] += 1
        if at[0] == 1:
            first.release()
        hold(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    second = Ledger.reopen(first.path)
    _open.append(second)
    monkeypatch.undo()
    assert Runs(tmp_path).find(first.id).state == "running"
    with pytest.raises(LedgerBusy):
        Ledger.reopen(first.path)


def test_who_looks_at_a_run_keeps_nobody_from_going_on_with_it(tmp_path: Path) -> None:
    """To look is to hold the lock with all who look, and on a busy machine that may last."""
    ledger = begun(tmp_path)
    ledger.release()
    (ledger.path / LOCK).touch()  # as a kill leaves it
    with FileIO(ledger.path / LOCK) as looking, ThreadPoolExecutor(1) as thread:
        fcntl.flock(looking, fcntl.LOCK_SH)
        going_on = thread.submit(Ledger.reopen, ledger.path)
        with pytest.raises(TimeoutError):
            going_on.result(0.1)
        looking.close()
        _open.append(going_on.result(5))
    assert Runs(tmp_path).find(ledger.id).state == "running"


def test_who_never_stops_looking_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = begun(tmp_path)
    ledger.release()
    monkeypatch.setattr("outputs.ledger._PATIENCE_S", 0.05)
    with FileIO(ledger.path / LOCK, "w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        with pytest.raises(LedgerBusy):
            Ledger.reopen(ledger.path)
    _open.append(Ledger.reopen(ledger.path))


def test_a_line_of_which_the_disk_takes_a_part_is_told(tmp_path: Path) -> None:
    code = """
        import resource, sys
        from pathlib import Path
        from outputs.ledger import Ledger
        from outputs.recording import StorageFailed
        ledger = Ledger.reopen(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        kept = 0
        try:
            while True:
                ledger.keep(f"{kept + 1:04}", b"fLaC", {"seconds": 1.0})
                kept += 1
        except StorageFailed as error:
            print(kept, error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        ledger.keep("9999", b"fLaC", {"seconds": 1.0})
        """
    ledger = begun(tmp_path)
    ledger.release()
    words = [sys.executable, "-c", textwrap.dedent(code), str(ledger.path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    kept = int(done.stdout.split()[0])
    assert "File too large" in done.stdout
    assert (ledger.path / "segments.jsonl").read_bytes()[:1000].count(b"id") == kept + 1, "a half is there"
    taken = Ledger.look(ledger.path).taken()
    assert sorted(taken) == [*(f"{number + 1:04}" for number in range(kept)), "9999"]


def ended(ledger: Ledger, names: list[str]) -> None:
    ledger.finish("done", {"segments": 2}, [{"name": name, "bytes": 9, "seconds": 0.5} for name in names])


def test_a_great_many_files_are_told_in_a_file_of_their_own(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ended(ledger, NAMES)
    info = Runs(tmp_path).find(ledger.id)
    meta: Any = info.meta
    assert [one["name"] for one in meta["artifacts"]] == ["artifacts.json", *NAMES[:MAX_TOLD]]
    assert meta["artifacts"][0]["count"] == len(NAMES)
    assert [one["name"] for one in info.artifacts] == ["artifacts.json", *NAMES]
    assert info.seconds == pytest.approx(len(NAMES) * 0.5)
    assert json.loads(Runs(tmp_path).file(ledger.id, "artifacts.json").read_bytes())["artifacts"][-1]["bytes"] == 9
    (ledger.path / "artifacts.json").write_text("bent")
    assert [one["name"] for one in info.artifacts] == ["artifacts.json"]
    assert info.seconds == pytest.approx(len(NAMES) * 0.5)


def test_what_fits_is_told_where_it_always_was(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ended(ledger, NAMES[:MAX_TOLD])
    info = Runs(tmp_path).find(ledger.id)
    assert [one["name"] for one in info.artifacts] == NAMES[:MAX_TOLD]
    assert info.artifacts == info.meta["artifacts"]
    assert not (ledger.path / "artifacts.json").exists()


def test_fifty_thousand_files_do_not_make_a_list_of_runs_long(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ended(ledger, [f"files/tone/line_{number}.wav" for number in range(50_000)])
    assert (ledger.path / "meta.json").stat().st_size < 40_000
    (info,) = Runs(tmp_path).list(9)
    assert len(info.artifacts) == 50_001
    assert info.seconds == pytest.approx(25_000)


def test_by_a_clock_that_was_set_back_it_did_not_end_before_it_began(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ended(ledger, [])
    path = ledger.path / "meta.json"
    meta = json.loads(path.read_bytes())
    path.write_text(
        json.dumps({**meta, "created": "2031-01-01T12:00:00+00:00", "finished": "2031-01-01T11:00:00+00:00"})
    )
    info = Runs(tmp_path).find(ledger.id)
    assert info.finished == info.created
