"""Every kind of place is asked for its listing, and tells the same files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from models.checkpoints.client import NotThere, PullFailed
from models.checkpoints.hub import Hub, Kind
from models.checkpoints.listing import Listing
from models.checkpoints.manifest import Known, Manifest
from tests import hub as served
from tests.folders import COMMIT, FOLDER, REPO, WEIGHTS, cache, lay, model
from tests.hub import hub
from tests.tricks import Header, Page, Status

__all__ = ["hub"]


def ask(kind: Kind, address: str, repo: str = REPO, revision: str | None = None, token: str = "") -> Listing:
    place = Hub(kind, address, token)
    return place.list(place.client(5), repo, revision)


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def git(content: bytes) -> str:
    return f"git:{hashlib.sha1(b'blob %d' % len(content) + bytes(1) + content).hexdigest()}"


def test_hugging_face(hub: served.Hub) -> None:
    listed = ask("huggingface", hub.address)
    assert listed.revision == COMMIT
    by_name = {file.path: file for file in listed.files}
    assert set(by_name) == set(hub.files) - {".gitattributes"}
    assert by_name[WEIGHTS].digest == sha256(hub.files[WEIGHTS])
    assert by_name["config.json"].digest == git(hub.files["config.json"])
    assert by_name[WEIGHTS].url == f"{hub.address}/{REPO}/resolve/{COMMIT}/{WEIGHTS}"
    assert by_name[WEIGHTS].size == len(hub.files[WEIGHTS])


def test_modelscope(hub: served.Hub) -> None:
    listed = ask("modelscope", hub.address)
    assert listed.revision == "master"
    assert {file.path: (file.size, file.digest) for file in listed.files} == {
        name: (len(content), sha256(content)) for name, content in hub.files.items() if name != ".gitattributes"
    }
    with pytest.raises(NotThere, match="of revision 'v9': it lists no files"):
        ask("modelscope", hub.address, revision="v9")


def test_each_gets_its_token_the_way_it_reads_it(hub: served.Hub) -> None:
    ask("huggingface", hub.address, token="abc")
    ask("modelscope", hub.address, token="abc")
    first, last = hub.asked[0].headers, hub.asked[-1].headers
    assert (first["authorization"], first.get("cookie")) == ("Bearer abc", None)
    assert (last["authorization"], last["cookie"]) == ("Bearer abc", "m_session_id=abc")


def test_a_mirror_like_hugging_face(hub: served.Hub) -> None:
    assert ask("mirror", hub.address) == ask("huggingface", hub.address)


def test_a_models_folder_behind_any_web_server(hub: served.Hub) -> None:
    known = tuple(Known(name, len(content), sha256(content)) for name, content in hub.files.items() if name[0] != ".")
    manifest = Manifest(REPO, "somewhere", "rev", known)
    about = {"schema": 1, "repo": REPO, "source": "somewhere", "revision": "rev"}
    files = [{"path": file.path, "size": file.size, "digest": file.digest} for file in manifest.files]
    hub.files["voiced.json"] = json.dumps({**about, "files": files}).encode()
    listed = ask("mirror", f"{hub.address}/plain")
    assert listed.revision == "rev"
    assert listed.files[0].url == f"{hub.address}/plain/{FOLDER}/{listed.files[0].path}"
    hub.files["voiced.json"] = b"{}"
    with pytest.raises(PullFailed, match="is not a manifest of voiced"):
        ask("mirror", f"{hub.address}/plain")


@pytest.mark.parametrize("kind", ["huggingface", "modelscope", "mirror"])
def test_what_is_not_there(hub: served.Hub, kind: Kind) -> None:
    with pytest.raises(NotThere, match=f"{hub.address} has no Qwen/Nothing of revision"):
        ask(kind, hub.address, "Qwen/Nothing")


def test_a_revision_is_asked_for_by_name(hub: served.Hub) -> None:
    assert ask("huggingface", hub.address, revision=COMMIT).revision == COMMIT
    with pytest.raises(NotThere, match="of revision 'v9/x'"):
        ask("huggingface", hub.address, revision="v9/x")
    assert hub.asked[-1].path.endswith("/revision/v9/x")


@pytest.mark.parametrize("entries", [
    {}, ["x"], [{"type": "file"}], [{"type": "file", "path": "a"}], [{"type": "file", "path": "a", "size": "1"}],
    [{"type": "file", "path": "a", "size": True}], [{"type": "file", "path": 1, "size": 1}],
    [{"type": "file", "path": "../../x", "size": 1}], [{"type": "file", "path": "a", "size": 1, "oid": "../x"}],
    [{"type": "file", "path": "a", "size": 1, "lfs": {"size": 1}}], [{"type": "file", "path": "\ud800", "size": 1}],
    [{"type": "file", "path": "a", "size": 10**400}],
])  # fmt: skip
def test_a_listing_that_is_none(hub: served.Hub, entries: list[dict[str, object]]) -> None:
    hub.entries = entries
    with pytest.raises(PullFailed):
        ask("huggingface", hub.address)


def test_a_listing_in_pages_is_not_taken_for_a_whole_one(hub: served.Hub) -> None:
    hub.tricks["list"] = [Header("X", "y"), Header("Link", '<https://x/?cursor=1>; rel="next"')]
    with pytest.raises(PullFailed, match="lists more files"):
        ask("huggingface", hub.address)


@pytest.mark.parametrize(("trick", "said"), [(Page(), "a web page"), (Status(403), "status 403")])
@pytest.mark.parametrize("kind", ["huggingface", "modelscope", "mirror"])
def test_a_hub_that_does_not_want(hub: served.Hub, kind: Kind, trick: Page | Status, said: str) -> None:
    hub.tricks["list"] = [trick]
    with pytest.raises(PullFailed, match=said):
        ask(kind, hub.address)


def test_a_plain_folder_has_no_digests(tmp_path: Path) -> None:
    lay(tmp_path / "x", model())
    (tmp_path / "x" / "a" / "b" / "c" / "d").mkdir(parents=True)
    (tmp_path / "x" / "a" / "b" / "c" / "d" / "deep").write_text("")
    listed = ask("folder", str(tmp_path / "x"))
    assert {file.path for file in listed.files} == set(model()) - {".gitattributes"}
    assert {file.digest for file in listed.files} == {""}


def test_a_folder_of_models_is_asked_by_name(tmp_path: Path) -> None:
    lay(tmp_path / FOLDER, model())
    assert ask("folder", str(tmp_path)).source == str(tmp_path / FOLDER)
    with pytest.raises(NotThere, match="holds none with the name Other"):
        ask("folder", str(tmp_path), "me/Other")


def test_a_folder_has_the_revision_that_it_has(hub: served.Hub, tmp_path: Path) -> None:
    lay(tmp_path / "x", model())
    with pytest.raises(NotThere, match="has revision 'unknown', not 'v1'"):
        ask("folder", str(tmp_path / "x"), revision="v1")
    cache(tmp_path / "models--Qwen--x", model())
    assert ask("folder", str(tmp_path / "models--Qwen--x"), revision=COMMIT).revision == COMMIT
    hub.files["voiced.json"] = b'{"schema": 1, "repo": "x", "source": "y", "revision": "v1", "files": []}'
    assert ask("mirror", f"{hub.address}/plain", revision="v1").files == ()
    with pytest.raises(NotThere, match="has revision 'v1', not 'v2'"):
        ask("mirror", f"{hub.address}/plain", revision="v2")


def test_a_cache_of_hugging_face_knows_its_digests(tmp_path: Path) -> None:
    snapshot = cache(tmp_path / "models--Qwen--x", model())
    listed = ask("folder", str(tmp_path / "models--Qwen--x"))
    assert (listed.source, listed.revision) == (str(snapshot), COMMIT)
    assert {file.digest.partition(":")[0] for file in listed.files} == {"sha256"}
    assert all(file.local and file.local.parent.name == "blobs" for file in listed.files)
