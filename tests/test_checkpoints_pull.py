"""A model comes whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.checkpoints.hub import Kind
from models.checkpoints.pull import Moment, Pulled, pull
from models.checkpoints.verdict import verify
from models.checkpoints.workshop import PARTIAL, unfinished
from tests.folders import CODEC, COMMIT, FOLDER, REPO, SLUG, WEIGHTS, flip, lay, model
from tests.hub import Hub as Server
from tests.hub import hub
from tests.pulling import content, failure, nothing_half, wanted, whole
from tests.tricks import Cut, Lie, Page, Status

__all__ = ["hub"]


@pytest.mark.parametrize("kind", ["huggingface", "modelscope", "mirror"])
def test_a_model_from_a_hub(hub: Server, tmp_path: Path, kind: Kind) -> None:
    moments: list[Moment] = []
    found = pull(wanted(hub, kind=kind), tmp_path / "models", moments.append)
    folder = tmp_path / "models" / FOLDER
    assert content(folder) == whole(hub)
    assert (found.checkpoint.path, found.checkpoint.obstacle) == (folder, "")
    assert found.fetched_bytes == found.bytes == sum(map(len, whole(hub).values()))
    assert not verify(folder).problems
    assert not (tmp_path / "models" / PARTIAL).exists()
    last = [moment for moment in moments if moment.doing == "fetching"][-1]
    assert last.done == last.total == found.bytes


def test_the_manifest_tells_where_it_came_from(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path)
    manifest = json.loads((tmp_path / FOLDER / "voiced.json").read_text())
    assert (manifest["repo"], manifest["source"], manifest["revision"]) == (REPO, hub.address, COMMIT)
    assert {file["path"] for file in manifest["files"]} == set(whole(hub))


def test_a_pull_that_was_cut_goes_on_another_day(hub: Server, tmp_path: Path) -> None:
    hub.tricks[WEIGHTS] = [Cut(123_456)]
    assert f"{WEIGHTS}: the connection was cut after 123456 of 900001 bytes" in failure(wanted(hub), tmp_path)
    assert nothing_half(tmp_path)
    assert unfinished(tmp_path) == [SLUG]
    hub.asked.clear()
    found = pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)
    assert [one.start for one in hub.asked if one.file] == [123_456]
    assert found.fetched_bytes == 900_001 - 123_456


def test_what_changed_at_the_source_meanwhile_begins_anew(hub: Server, tmp_path: Path) -> None:
    hub.tricks[WEIGHTS] = [Cut(500_000)]
    failure(wanted(hub), tmp_path)
    hub.files.update({WEIGHTS: model()[WEIGHTS][:-1] + b"!", "new.txt": b"new"})
    del hub.files["README.md"]
    hub.asked.clear()
    pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)
    assert sorted(one.file for one in hub.asked if one.file) == [WEIGHTS, "new.txt"]
    assert hub.requests(WEIGHTS)[0].start == 0


def test_what_spoilt_on_the_disk_meanwhile_is_fetched_again(hub: Server, tmp_path: Path) -> None:
    hub.tricks[WEIGHTS] = [Cut(500_000)]
    failure(wanted(hub), tmp_path)
    flip(tmp_path / PARTIAL / SLUG / "tree" / CODEC)
    hub.asked.clear()
    pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)
    assert [one.start for one in hub.requests(CODEC)] == [0]


def test_a_model_that_is_here_is_only_looked_at(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path)
    hub.asked.clear()
    assert pull(wanted(hub), tmp_path).fetched_bytes == 0
    assert not [one for one in hub.asked if one.file]


def test_pulling_again_mends_what_is_damaged(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path)
    flip(tmp_path / FOLDER / CODEC)
    (tmp_path / FOLDER / "config.json").write_text("")
    hub.asked.clear()
    found = pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)
    assert sorted(one.file for one in hub.asked if one.file) == ["config.json", CODEC]
    assert found.fetched_bytes < 70_000
    assert not verify(tmp_path / FOLDER).problems


def test_a_new_revision_replaces_the_old_one_and_brings_only_what_changed(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path)
    hub.files[CODEC] = hub.files[CODEC][:-1] + b"!"
    hub.files["added.json"] = b"{}"
    del hub.files["README.md"]
    found = pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)
    assert found.fetched_bytes == 60_002
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]


def test_a_folder_that_was_copied_here_by_hand_gets_its_manifest(hub: Server, tmp_path: Path) -> None:
    lay(tmp_path / FOLDER, hub.files)
    assert pull(wanted(hub), tmp_path).fetched_bytes == 0
    assert verify(tmp_path / FOLDER).by == "digests"


def test_small_files_first_and_the_config_before_all(hub: Server, tmp_path: Path) -> None:
    pull(wanted(hub), tmp_path)
    asked = [one.file for one in hub.asked if one.file]
    assert asked[0] == "config.json"
    assert hub.requests(WEIGHTS)[-1] == hub.asked[-1]


@pytest.mark.parametrize("trick", [Page(), Lie(1000), Lie(-1000), Status(403), Status(404), Cut(0), Cut(59_999)])
def test_whatever_goes_wrong_leaves_nothing_that_looks_whole(hub: Server, tmp_path: Path, trick: Cut) -> None:
    for name in (CODEC, WEIGHTS):
        hub.tricks[name] = [trick]
        failure(wanted(hub), tmp_path)
        assert nothing_half(tmp_path)
    pull(wanted(hub), tmp_path)
    assert content(tmp_path / FOLDER) == whole(hub)


def test_weights_are_looked_at_where_no_digest_is_known(hub: Server, tmp_path: Path) -> None:
    hub.digests = False
    hub.files[WEIGHTS] = b"version https://git-lfs.github.com/spec/v1\n"
    assert "it is no safetensors file" in failure(wanted(hub), tmp_path)
    hub.files[WEIGHTS] = model()[WEIGHTS]
    pull(wanted(hub), tmp_path)
    assert verify(tmp_path / FOLDER).by == "digests"


def test_a_hub_that_is_away_for_a_moment(hub: Server, tmp_path: Path) -> None:
    hub.tricks["list"] = [Status(503), Status(503)]
    pull(wanted(hub, retries=5), tmp_path)
    hub.tricks["list"] = [Status(503)] * 3
    assert "answers 503" in failure(wanted(hub, retries=5), tmp_path)


def test_whoever_watches_may_end_it(hub: Server, tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def watch(moment: Moment) -> None:
        if moment.done > 300_000:
            raise Enough

    with pytest.raises(Enough):
        pull(wanted(hub), tmp_path, watch)
    assert nothing_half(tmp_path)
    hub.asked.clear()
    assert isinstance(pull(wanted(hub), tmp_path), Pulled)
    assert hub.requests(WEIGHTS)[0].start > 0
