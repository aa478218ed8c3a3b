"""Models from a folder on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.checkpoints.pull import Moment, pull
from models.checkpoints.verdict import verify
from tests.folders import COMMIT, FOLDER, REPO, WEIGHTS, cache, cached, flip, lay, model, pulled
from tests.hub import Hub as Server
from tests.hub import hub, serving
from tests.pulling import content, failure, nothing_half, wanted, whole

__all__ = ["hub"]


def test_from_a_folder_without_a_byte_more_on_the_disk(tmp_path: Path) -> None:
    lay(tmp_path / "stick", model())
    found = pull(wanted(None, kind="folder", at=str(tmp_path / "stick")), tmp_path / "models")
    folder = tmp_path / "models" / FOLDER
    assert content(folder) == {name: data for name, data in model().items() if not name.startswith(".")}
    assert (folder / WEIGHTS).samefile(tmp_path / "stick" / WEIGHTS)
    assert found.source == str(tmp_path / "stick")
    assert verify(folder).by == "digests"


def test_from_a_folder_on_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("models.checkpoints.pull.Path.hardlink_to", other)
    lay(tmp_path / "stick", model())
    moments: list[Moment] = []
    pull(wanted(None, kind="folder", at=str(tmp_path / "stick")), tmp_path / "models", moments.append)
    assert not (tmp_path / "models" / FOLDER / WEIGHTS).samefile(tmp_path / "stick" / WEIGHTS)
    assert {moment.doing for moment in moments} == {"fetching", "checking"}


def test_from_a_folder_that_is_damaged(tmp_path: Path) -> None:
    folder = pulled(tmp_path / "stick")
    flip(folder / WEIGHTS)
    stick = wanted(None, kind="folder", at=str(folder))
    assert f"{folder / WEIGHTS} is damaged" in failure(stick, tmp_path / "models")
    plain = lay(tmp_path / "plain", model())
    (plain / WEIGHTS).write_bytes(model()[WEIGHTS][:-5])
    text = failure(wanted(None, kind="folder", at=str(plain)), tmp_path / "models")
    assert "it has 899996 bytes, and its head says 900001" in text
    assert nothing_half(tmp_path / "models")


def test_from_another_program_s_cache(tmp_path: Path) -> None:
    cached(tmp_path / "hub" / f"models--Qwen--{FOLDER}")
    found = pull(wanted(None, kind="folder", at=str(tmp_path / "hub")), tmp_path / "models")
    assert (found.revision, verify(tmp_path / "models" / FOLDER).problems) == (COMMIT, ())
    shutil.rmtree(tmp_path / "hub")
    cache(tmp_path / "hub" / f"models--Qwen--{FOLDER}", model())  # its names are not the digests of what it holds
    shutil.rmtree(tmp_path / "models")
    assert "is damaged" in failure(wanted(None, kind="folder", at=str(tmp_path / "hub")), tmp_path / "models")


def test_from_a_models_folder_behind_a_web_server(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path / "first")
    with serving() as plain:
        plain.repos[REPO] = {
            str(path.relative_to(tmp_path / "first" / FOLDER)): path.read_bytes()
            for path in (tmp_path / "first" / FOLDER).rglob("*")
            if path.is_file()
        }
        found = pull(wanted(None, kind="mirror", at=f"{plain.address}/plain"), tmp_path / "second")
    assert content(tmp_path / "second" / FOLDER) == whole(hub)
    assert found.revision == COMMIT
