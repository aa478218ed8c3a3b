"""Run folders: what is on the disk after every kind of end, a real kill and a really full disk among them."""

from __future__ import annotations

import errno
import gc
import json
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import wave
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outputs.clock import now
from outputs.recording import is_being_written
from outputs.run import Run, RunBusy, RunInfo, RunNotFound, Runs, StorageFailed

RATE = 24_000
SECOND = bytes(range(256)) * (2 * RATE // 256) + bytes(2 * RATE % 256)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs.below(tmp_path)


def start(runs: Runs, task: str = "speech", **facts: object) -> Run:
    return runs.begin(task, {"text": "hello"}, facts, RATE)


def made(runs: Runs, *, age_s: float = 0.0, seconds: int = 1) -> str:
    """A run that is done, and looks as old as this."""
    run = start(runs)
    run.write(SECOND * seconds)
    run.finish("done", {})
    meta = json.loads((run.path / "meta.json").read_text())
    then = now() - timedelta(seconds=age_s)
    meta |= {"created": then.isoformat(), "finished": then.isoformat()}
    (run.path / "meta.json").write_text(json.dumps(meta))
    run.path.rename(run.path.with_name(f"{then:%Y%m%d-%H%M%S}_speech_{run.id}"))
    return run.id


def audio(info: RunInfo) -> bytes:
    """The samples of a run's audio, whose header must tell exactly how many there are."""
    path = info.path / "audio.wav"
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (
            info.meta["sample_rate"],
            1,
            2,
        )
        assert path.stat().st_size == 44 + 2 * file.getnframes()
        return bytes(file.readframes(file.getnframes()))


def files(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of our own, in the repository's root."""
    code = "from pathlib import Path\nimport sys\nfrom outputs.run import *\n" + textwrap.dedent(code)
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=Path(__file__).parent.parent, text=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )


# --- a run from its beginning to its end ----------------------------------------------------------


def test_a_run_that_is_done(runs: Runs, tmp_path: Path) -> None:
    run = start(runs, voice="vivian", seed=7)
    assert re.fullmatch(r"\d{8}-\d{6}_speech_[0-9a-f]{10}", run.path.name)
    assert run.path.name.endswith(run.id)
    assert runs.find(run.id).state == "running"
    for at in range(0, len(SECOND), 961):
        run.write(SECOND[at : at + 961])
    run.finish("done", {"seed": 8, "finish_reason": "stop", "run_id": "mine", "state": "odd"})
    info = runs.find(run.path.name)
    assert (info.run_id, info.task, info.state, info.name) == (run.id, "speech", "done", run.path.name)
    assert audio(info) == SECOND
    assert run.artifacts == ["audio.wav"]
    assert info.seconds == 1.0
    assert dict(info.meta) | {"created": "", "finished": ""} == {
        "schema": 1,
        "run_id": run.id,
        "task": "speech",
        "state": "done",
        "created": "",
        "finished": "",
        "sample_rate": RATE,
        "artifacts": [{"name": "audio.wav", "bytes": 48_044, "seconds": 1.0}],
        "voice": "vivian",
        "seed": 8,
        "finish_reason": "stop",
    }
    assert info.finished is not None
    assert now() - timedelta(seconds=60) < info.created <= info.finished <= now()
    assert datetime.fromisoformat(str(info.meta["created"])).utcoffset() is not None
    assert info.path.parent == tmp_path / "outputs" / "runs"
    assert json.loads((info.path / "input.json").read_text()) == info.input == {"text": "hello"}
    assert files(info.path) == {"input.json", "meta.json", "audio.wav"}


def test_the_second_end_does_nothing(runs: Runs) -> None:
    run = start(runs)
    run.write(b"\1\0")
    run.finish("done", {})
    before = (run.path / "meta.json").read_bytes()
    run.finish("failed", {"error": "late"})
    run.abandon()
    assert (run.path / "meta.json").read_bytes() == before
    with pytest.raises(ValueError, match="ended"):
        run.write(b"\0\0")


@pytest.mark.parametrize("state", ["cancelled", "failed"])
@pytest.mark.parametrize("size", [1, 2, 3, 48_001, 200_001])
def test_what_was_made_is_kept(runs: Runs, state: str, size: int) -> None:
    run = start(runs)
    pcm = (SECOND * 5)[:size]
    run.write(pcm)
    run.finish(state, {})  # type: ignore[arg-type]
    info = runs.find(run.id)
    assert info.state == state
    if size == 1:
        assert files(info.path) == {"input.json", "meta.json"}, "half a sample is no audio"
        assert info.meta["artifacts"] == []
    else:
        assert audio(info) == pcm[: size // 2 * 2]


def test_a_run_may_end_while_another_thread_writes(runs: Runs) -> None:
    """As a cancelled task does: what it awaited goes on in its thread."""
    for end in ("finish", "abandon") * 10:
        run, ended = start(runs), threading.Event()

        def write(run: Run = run, ended: threading.Event = ended) -> None:
            with pytest.raises(ValueError, match="ended"):
                while True:
                    run.write(SECOND)
            ended.set()

        thread = threading.Thread(target=write)
        thread.start()
        run.finish("cancelled", {}) if end == "finish" else run.abandon()
        thread.join(30)
        assert ended.is_set()
        info = runs.find(run.id)
        if info.meta["artifacts"]:
            assert len(audio(info)) % len(SECOND) == 0
        assert files(info.path) <= {"input.json", "meta.json", "audio.wav"}


def test_a_run_without_audio(runs: Runs) -> None:
    run = start(runs)
    run.write(b"")
    run.finish("done", {})
    assert files(run.path) == {"input.json", "meta.json"}
    assert runs.find(run.id).meta["artifacts"] == []


def test_any_text_survives(runs: Runs) -> None:
    request = {"text": "\ud800 lone, \0, \x7f, \u2028, 😀, 日本語", "sampling": {"top_k": 50, "x": None}}
    run = runs.begin("speech", request, {"note": "\udfff"}, RATE)
    assert json.loads((run.path / "input.json").read_text("ascii")) == request
    run.finish("done", {"more": "\udc00"})
    meta = runs.find(run.id).meta
    assert (meta["note"], meta["more"]) == ("\udfff", "\udc00")


def test_what_is_not_json_is_refused_and_leaves_nothing(runs: Runs) -> None:
    for wrong, error in ((float("nan"), ValueError), (b"bytes", TypeError)):
        with pytest.raises(error):
            runs.begin("speech", {"x": wrong}, {}, RATE)
        with pytest.raises(error):
            runs.begin("speech", {}, {"x": wrong}, RATE)
    assert files(runs.root) == set()
    run = start(runs)
    with pytest.raises(ValueError, match="JSON compliant"):
        run.finish("done", {"rtf": float("inf")})
    run.finish("done", {"rtf": 0.1})
    assert runs.find(run.id).state == "done"


@pytest.mark.parametrize("task", ["", "a/b", "../x", "Speech", "a b", ".x", "_x", "ü"])
def test_tasks_are_slugs(runs: Runs, task: str) -> None:
    with pytest.raises(ValueError, match="name of a task"):
        runs.begin(task, {}, {}, RATE)


# --- disks that refuse ----------------------------------------------------------------------------


def test_a_full_disk(runs: Runs) -> None:
    """RLIMIT_FSIZE is a disk that takes 200 000 bytes of a file and no more, without a mount."""
    process = python(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        runs = Runs(Path(sys.argv[1]))
        kept, gone, done = (runs.begin("speech", {}, {}, 24000) for _ in range(3))
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        for run in (kept, gone, done):
            for attempt in range(2):
                try:
                    for second in range(30):
                        run.write(bytes([second + 1]) * 48000)
                except StorageFailed as error:
                    assert ".audio.wav.part: File too large" in str(error), error
                else:
                    raise AssertionError("it took everything")
        kept.finish("failed", {"error": "disk"})
        gone.abandon()
        gone.abandon()
        gone.finish("done", {})
        try:
            done.finish("done", {})
        except StorageFailed:
            done.finish("cancelled", {})
        print(kept.id, gone.id, done.id)
        """,
        runs.root,
    )
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    kept, gone, done = (runs.find(run_id) for run_id in out.split())
    assert (kept.state, gone.state, done.state) == ("failed", "failed", "cancelled")
    assert len(audio(kept)) == len(audio(done)) == 200_000 - 44
    assert audio(kept)[:48_001] == b"\1" * 48_000 + b"\2"
    assert files(gone.path) == {"input.json", "meta.json"}
    assert "File too large" in str(gone.meta["error"])


def test_a_disk_too_full_to_begin(runs: Runs) -> None:
    process = python(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            Runs(Path(sys.argv[1])).begin("speech", {"text": "x" * 200}, {}, 24000)
        except StorageFailed as error:
            print(error)
        """,
        runs.root,
    )
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    assert "File too large" in out
    assert files(runs.root) == set()


def test_a_root_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed, match=r"file/runs.*: Not a directory"):
        Runs(tmp_path / "file" / "runs").begin("speech", {}, {}, RATE)
    with pytest.raises(StorageFailed, match="Not a directory"):
        Runs(tmp_path / "file").list(5)


@pytest.mark.parametrize("written", [0, 10, 100_000])
def test_a_folder_removed_underneath(runs: Runs, written: int) -> None:
    run = start(runs)
    run.write(bytes(written))
    run.path.rename(runs.root / "elsewhere")
    for _ in range(2):
        with pytest.raises(StorageFailed, match="No such file"):
            run.finish("done", {})
    run.abandon()
    run.abandon()
    assert runs.list(9) == []


def test_a_finish_that_failed_can_be_tried_again(runs: Runs) -> None:
    run = start(runs)
    run.write(SECOND)
    (run.path / ".meta.json.tmp").mkdir()
    with pytest.raises(StorageFailed, match=r"meta\.json: Is a directory"):
        run.finish("done", {})
    assert runs.find(run.id).state == "running"
    (run.path / ".meta.json.tmp").rmdir()
    run.finish("done", {})
    info = runs.find(run.id)
    assert info.state == "done"
    assert audio(info) == SECOND


# --- processes that die ---------------------------------------------------------------------------

BUSY = """
    import os
    runs = Runs(Path(sys.argv[1]))
    print("go", flush=True)
    while True:
        run = runs.begin("speech", {"text": "hello " * 50}, {"voice": "vivian"}, 24000)
        for _ in range(8):
            run.write(os.urandom(9601))
        run.finish("done", {"finish_reason": "stop"})
    """


def test_a_kill_at_any_instant_leaves_folders_that_parse(runs: Runs) -> None:
    dice = random.Random(1)
    states: list[str] = []
    processes = [python(BUSY, runs.root) for _ in range(15)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(dice.uniform(0.0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    for folder in runs.root.iterdir():
        if folder.name.startswith("."):
            assert folder.name.startswith(".new-")
            continue
        info = runs.find(folder.name)
        states.append(info.state)
        assert json.loads((folder / "input.json").read_text())["text"].startswith("hello")
        assert info.meta["voice"] == "vivian"
        if info.state == "done" or (folder / "audio.wav").exists():
            assert len(audio(info)) == 8 * 9601
            assert not (folder / ".audio.wav.part").exists()
    assert set(states) == {"done", "interrupted"}
    assert states.count("interrupted") <= 15
    assert len(runs.list(10_000)) == len(states)
    assert len(runs.sweep(None, 0)) == len(states)


def test_another_process_owns_its_run(runs: Runs) -> None:
    process = python(
        """
        run = Runs(Path(sys.argv[1])).begin("speech", {}, {}, 24000)
        run.write(bytes(100_000))
        print(run.id, flush=True)
        sys.stdin.read()
        """,
        runs.root,
    )
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    assert runs.find(run_id).state == "running"
    assert runs.sweep(0.0, 0) == []
    with pytest.raises(RunBusy, match=run_id):
        runs.remove(run_id)
    process.kill()
    process.communicate(timeout=60)
    assert runs.find(run_id).state == "interrupted"
    assert runs.sweep(None, 50_000) == [run_id], "what a dead process had begun counts"


def test_two_processes_share_a_root(runs: Runs) -> None:
    code = """
        runs = Runs(Path(sys.argv[1]))
        for _ in range(30):
            run = runs.begin("speech", {}, {}, 24000)
            run.write(bytes(20_000))
            run.finish("done", {})
            runs.list(5)
            runs.sweep(None, 200_000)
        """
    for process in [python(code, runs.root) for _ in range(2)]:
        process.communicate(timeout=100)
        assert process.returncode == 0
    left = runs.list(100)
    assert 1 <= len(left) <= 11
    assert all(info.state == "done" for info in left)
    assert files(runs.root) == {info.name for info in left}


def test_a_run_that_ends_while_it_is_read_is_not_interrupted(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(runs)

    def look(path: Path) -> bool:
        run.finish("done", {})
        return is_being_written(path)

    monkeypatch.setattr("outputs.info.is_being_written", look)
    assert runs.find(run.id).state == "done"


def test_a_run_dropped_in_this_process_is_interrupted(runs: Runs) -> None:
    run = start(runs)
    name = run.path.name
    with pytest.warns(ResourceWarning):
        del run
        gc.collect()
    assert runs.find(name).state == "interrupted"
    runs.remove(name)
    assert runs.list(1) == []


# --- finding, reading, removing -------------------------------------------------------------------


def test_the_newest_comes_first(runs: Runs) -> None:
    assert runs.list(5) == []
    old = [made(runs, age_s=age) for age in (10.0, 3600.0, 86_400.0 * 400)]
    young: list[str] = []
    for task in ("speech", "long_form", "npc_pack"):
        run = start(runs, task)
        run.finish("failed", {})
        young.insert(0, run.id)
    assert [info.run_id for info in runs.list(100)] == young + old
    assert [info.run_id for info in runs.list(2)] == young[:2]
    assert [info.task for info in runs.list(100, task="long_form")] == ["long_form"]
    assert [info.run_id for info in runs.list(2, state="done")] == old[:2]
    assert runs.list(0) == []


def test_foreign_and_broken_folders_are_passed_over(runs: Runs) -> None:
    good = made(runs)
    meta = json.loads((runs.find(good).path / "meta.json").read_text())
    broken = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema": 1}', b'{"schema": "1"}']
    changes: list[dict[str, object]] = [
        {"state": []},
        {"state": "odd"},
        {"run_id": "0" * 10},
        {"task": 3},
        {"created": "2024-01-01"},
        {"created": 5},
        {"created": "yesterday"},
        {"schema": None},
    ]
    broken += [json.dumps({**meta, "run_id": "f" * 10, **change}).encode() for change in changes]
    for number, data in enumerate(broken):
        run_id = "f" * 10 if number > 7 else f"{number:010x}"
        folder = runs.root / f"20240101-0000{number:02}_speech_{run_id}"
        folder.mkdir()
        (folder / "meta.json").write_bytes(data)
    (runs.root / "20240101-000000_speech_eeeeeeeeee").mkdir()
    (runs.root / "20240101-000000_speech_dddddddddd").write_text("a file")
    (runs.root / "20240101-000000_speech_cccccccccc").symlink_to(runs.find(good).path)
    (runs.root / "20240101-000000_speech_bbbbbbbbbb" / "meta.json").mkdir(parents=True)
    (runs.root / "lost+found").mkdir()
    (runs.root / "notes.txt").write_text("mine")
    odd = runs.root / "20240101-000000_speech_aaaaaaaaaa"
    odd.mkdir()
    odd_meta = {
        **meta,
        "run_id": "a" * 10,
        "finished": 3,
        "artifacts": [1, {}, {"seconds": "x"}, {"seconds": 2}, {"seconds": -(10**400)}],
    }
    (odd / "meta.json").write_text(json.dumps(odd_meta))
    info = runs.find("a" * 10)
    assert (info.seconds, info.finished, info.input) == (2.0, None, {}), "what can be relied on is enough"
    runs.remove(info.run_id)

    before = files(runs.root)
    assert [info.run_id for info in runs.list(100)] == [good]
    for name in before:
        if not name.endswith(good):
            with pytest.raises(RunNotFound):
                runs.find(name)
    assert runs.sweep(0.0, 0) == [good]
    assert files(runs.root) == {name for name in before if not name.endswith(good)}, "what is not ours stays"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/", "*", "\0", "a" * 5000, "\ud800", "speech", "_"])
def test_no_trick_finds_a_run(runs: Runs, name: str) -> None:
    made(runs)
    for ask in (runs.find, runs.remove, lambda given: runs.file(given, "meta.json")):
        with pytest.raises(RunNotFound) as caught:
            ask(name)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 500
    assert len(runs.list(9)) == 1


def test_files_of_a_run(runs: Runs, tmp_path: Path) -> None:
    run_id = made(runs)
    folder = runs.find(run_id).path
    (folder / "segments").mkdir()
    (folder / "segments" / "0001.wav").write_bytes(b"x")
    (folder / "same.wav").symlink_to("segments/0001.wav")
    assert runs.file(run_id, "audio.wav") == (folder / "audio.wav").resolve()
    assert runs.file(run_id, "segments/0001.wav").read_bytes() == b"x"
    assert runs.file(run_id, "./segments//0001.wav").read_bytes() == b"x"
    assert runs.file(run_id, "same.wav").read_bytes() == b"x"

    secret = tmp_path / "secret"
    secret.write_text("s")
    (folder / "out.wav").symlink_to(secret)
    (folder / "up").symlink_to("..")
    (folder / "circle").symlink_to("circle")
    (folder / ".hidden").write_text("h")
    other = runs.find(made(runs)).name
    tricks = [
        "",
        ".",
        "..",
        "/",
        "segments",
        "none.wav",
        "out.wav",
        "circle",
        ".hidden",
        "audio.wav\0",
        "\ud800",
    ]
    tricks += [str(secret), "//etc/passwd", f"../{other}/meta.json", f"up/{other}/meta.json", "audio.wav/x"]
    tricks += ["segments/../meta.json", "..\\meta.json", "%2e%2e/meta.json", "a" * 5000]
    for trick in tricks:
        with pytest.raises(RunNotFound):
            runs.file(run_id, trick)


def test_remove(runs: Runs) -> None:
    first, second = made(runs), made(runs)
    outside = runs.root.parent / "kept.txt"
    outside.write_text("kept")
    (runs.find(first).path / "link").symlink_to(outside)
    runs.remove(first)
    assert [info.run_id for info in runs.list(9)] == [second]
    assert outside.read_text() == "kept"
    assert len(files(runs.root)) == 1
    with pytest.raises(RunNotFound):
        runs.remove(first)
    run = start(runs)
    with pytest.raises(RunBusy):
        runs.remove(run.id)
    run.abandon()
    runs.remove(run.id)


# --- retention ------------------------------------------------------------------------------------


def test_sweep_by_age(runs: Runs) -> None:
    old, middle, young = made(runs, age_s=5000), made(runs, age_s=3000), made(runs)
    running = start(runs)
    assert runs.sweep(None, None) == []
    assert runs.sweep(1e15, None) == []
    assert runs.sweep(4000.0, None) == [old]
    assert runs.sweep(4000.0, None) == []
    assert runs.sweep(0.0, None) == [middle, young]
    assert runs.find(running.id).state == "running"
    running.finish("done", {})


def test_sweep_by_bytes_takes_the_oldest_first(runs: Runs) -> None:
    ids = [made(runs, age_s=age, seconds=2) for age in (400, 300, 200, 100)]
    assert runs.sweep(None, 400_000) == []
    assert runs.sweep(None, 250_000) == ids[:2]
    running = start(runs)
    running.write(SECOND * 4)
    assert runs.sweep(None, 250_000) == [ids[2], ids[3]], "what is being written counts, and stays"
    running.finish("done", {})
    assert audio(runs.find(running.id)) == SECOND * 4
    assert runs.sweep(None, 0) == [running.id]


def test_sweep_clears_what_kills_left(runs: Runs) -> None:
    name = "20240101-000000_speech_0123456789"
    runs.root.mkdir(parents=True)
    for hidden in (f".new-{name}", f".new-{name[:-1]}a", f".gone-{name}", ".new-notes", ".cache"):
        (runs.root / hidden).mkdir()
    os.utime(runs.root / f".new-{name}", (1, 1))
    assert runs.sweep(None, None) == []
    assert files(runs.root) == {f".new-{name[:-1]}a", ".new-notes", ".cache"}


def test_a_file_that_cannot_be_looked_at_stops_no_sweep(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    look = os.lstat

    def lstat(path: Path, **options: Any) -> os.stat_result:
        if path.name == "meta.json":
            raise OSError(errno.EIO, "Input/output error")
        return look(path, **options)

    old, young = made(runs, age_s=5000), made(runs)
    monkeypatch.setattr(os, "lstat", lambda path, **options: lstat(Path(path), **options))
    assert runs.sweep(4000.0, None) == [old]
    assert runs.find(young).state == "done"


def test_a_thousand_runs(runs: Runs) -> None:
    for number in range(1000):
        name = f"20240101-{number // 100:02}{number // 10 % 10:02}{number % 10:02}_speech_{number:010x}"
        (runs.root / name).mkdir(parents=True)
        created = f"2024-01-01T{name[9:11]}:{name[11:13]}:{name[13:15]}+00:00"
        meta = {"schema": 1, "run_id": name[-10:], "task": "speech", "state": "done", "created": created}
        (runs.root / name / "meta.json").write_text(json.dumps(meta))
    assert [int(info.run_id, 16) for info in runs.list(1000)] == list(range(999, -1, -1))
    assert runs.find(f"{500:010x}").state == "done"


def test_a_file_beside_the_audio_is_named_when_the_run_ends(runs: Runs) -> None:
    run = start(runs)
    run.attach("report.json", b"{}")
    run.write(bytes(4800))
    run.finish("done", {})
    assert run.artifacts == ["audio.wav", "report.json"]
    meta = json.loads((run.path / "meta.json").read_bytes())
    assert [(one["name"], one["bytes"]) for one in meta["artifacts"]] == [("audio.wav", 4844), ("report.json", 2)]
