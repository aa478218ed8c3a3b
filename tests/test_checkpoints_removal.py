"""What voiced keeps may go; what other programs keep may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.checkpoints.client import NotThere, PullFailed
from models.checkpoints.removal import remove
from models.checkpoints.workshop import PARTIAL, Workshop
from tests.folders import FOLDER, SLUG, cache, lay, model, pulled


@pytest.mark.parametrize("name", [FOLDER, SLUG, f"Qwen/{FOLDER}", FOLDER.upper()])
def test_a_model_goes(tmp_path: Path, name: str) -> None:
    lay(tmp_path / FOLDER, model())
    lay(tmp_path / "other", model())
    gone = remove(tmp_path, name)
    assert (gone.what, gone.path) == ("model", tmp_path / FOLDER)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_model_whose_config_is_damaged_goes_by_its_manifest(tmp_path: Path) -> None:
    (pulled(tmp_path / FOLDER) / "config.json").write_text("{")
    assert remove(tmp_path, SLUG).what == "model"


def test_what_is_no_model_stays(tmp_path: Path) -> None:
    lay(tmp_path / "models" / "diary", {"day.txt": b"mine"})
    lay(tmp_path / "outside", model())
    for name in ("diary", "nothing", "", ".", "..", "../outside", str(tmp_path / "outside"), "diary/../../outside"):
        with pytest.raises(NotThere, match="lies in"):
            remove(tmp_path / "models", name)
    assert (tmp_path / "outside" / "config.json").exists()


def test_only_the_link_goes(tmp_path: Path) -> None:
    lay(tmp_path / "shared", model())
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / FOLDER).symlink_to(tmp_path / "shared")
    assert remove(tmp_path / "models", FOLDER).what == "link"
    assert (tmp_path / "shared" / "config.json").exists()
    assert not (tmp_path / "models" / FOLDER).is_symlink()


def test_links_in_a_model_are_not_followed(tmp_path: Path) -> None:
    lay(tmp_path / "models" / FOLDER, model())
    lay(tmp_path / "shared", {"x": b"mine"})
    (tmp_path / "models" / FOLDER / "link").symlink_to(tmp_path / "shared")
    remove(tmp_path / "models", FOLDER)
    assert (tmp_path / "shared" / "x").exists()


def test_a_cache_in_the_models_folder_goes_whole_and_among_others_stays(tmp_path: Path) -> None:
    cache(tmp_path / "models" / "models--Qwen--a", model())
    assert remove(tmp_path / "models", "a").path.name == "models--Qwen--a"
    cache(tmp_path / "hf" / "models--Qwen--b", model())
    lay(tmp_path / "models" / "Qwen" / "c", model())
    lay(tmp_path / "models" / "hub" / "models" / "d", model())
    (tmp_path / "models" / "hf").symlink_to(tmp_path / "hf")
    for name in ("b", "c", "d"):
        with pytest.raises(PullFailed, match="kept by another program"):
            remove(tmp_path / "models", name)


def test_a_pull_that_was_not_ended_goes(tmp_path: Path) -> None:
    lay(tmp_path / PARTIAL / SLUG / "parts", {"x": b"half"})
    assert remove(tmp_path, SLUG).what == "unfinished"
    assert list(tmp_path.iterdir()) == []


def test_not_while_it_is_being_pulled(tmp_path: Path) -> None:
    lay(tmp_path / FOLDER, model())
    with Workshop(tmp_path, SLUG), pytest.raises(PullFailed, match="wait for that one"):
        remove(tmp_path, SLUG)
    assert (tmp_path / FOLDER / "config.json").exists()
