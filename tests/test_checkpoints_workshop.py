"""One at a time, with room enough, and never outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from models.checkpoints.pull import pull
from models.checkpoints.workshop import PARTIAL, Workshop
from tests.folders import FOLDER, WEIGHTS
from tests.hub import Hub as Server
from tests.hub import hub
from tests.pulling import content, failure, wanted, whole
from tests.tricks import Hang

__all__ = ["hub"]


def test_room_is_looked_for_before_the_first_byte(hub: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("models.checkpoints.workshop.shutil.disk_usage", lambda _: real._replace(free=50_000_000))
    text = failure(wanted(hub), tmp_path)
    assert "65 MB are needed in" in text
    assert "and 50 MB are free; make room, or choose another data folder" in text
    assert not [one for one in hub.asked if one.file]


def test_a_disk_that_fills_up_meanwhile(hub: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.checkpoints.download.memoryview", full, raising=False)
    assert "the disk is full: make room in" in failure(wanted(hub), tmp_path)


def test_a_folder_that_cannot_be_written(hub: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "Not a directory" in failure(wanted(hub), tmp_path / "file" / "models")


def test_the_old_one_stays_when_the_new_one_cannot_come(
    hub: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(wanted(hub), tmp_path)
    before = content(tmp_path / FOLDER)
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path.name == "tree":
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    hub.files["added.json"] = b"{}"
    assert "Input/output error" in failure(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == before


def test_two_at_once(hub: Server, tmp_path: Path) -> None:
    hub.tricks[WEIGHTS] = [Hang(1000)]
    first = threading.Thread(target=lambda: pull(wanted(hub, retries=1), tmp_path))
    first.start()
    assert hub.arrived.wait(30)
    assert f"being pulled or removed by process {os.getpid()} already; wait for that one" in failure(
        wanted(hub), tmp_path
    )
    hub.go_on.set()
    first.join(30)
    assert content(tmp_path / FOLDER) == whole(hub)


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from models.checkpoints.workshop import Workshop\n"
        "Workshop(Path(sys.argv[1]), 'x').__enter__(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert (tmp_path / PARTIAL / "x.lock").exists()
    with Workshop(tmp_path, "x"):
        pass
    assert not (tmp_path / PARTIAL).exists()


def test_nothing_is_written_outside_whatever_the_listing_says(hub: Server, tmp_path: Path) -> None:
    models_dir = tmp_path / "a" / "b" / "models"
    hub.files["../../../escaped"] = b"x"
    assert "a file named '../../../escaped', which no model has" in failure(wanted(hub), models_dir)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
