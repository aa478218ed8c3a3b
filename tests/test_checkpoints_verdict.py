"""Whether a model's files are what they must be: by digests where some are known, else by form."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from models.checkpoints.digest import digest_of, fits
from models.checkpoints.manifest import MANIFEST, expected, kept
from models.checkpoints.tensorfile import cut
from models.checkpoints.verdict import verify
from tests.folders import CODEC, COMMIT, FOLDER, WEIGHTS, cached, flip, lay, model, pulled, tensors


def test_every_byte_is_right(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    found = verify(pulled(tmp_path / "x"), lambda path, done: seen.append((path, done)))
    assert (found.problems, found.by, found.files) == ((), "digests", len(model()))
    assert (found.source, found.revision) == ("hub", "rev")
    assert (WEIGHTS, len(model()[WEIGHTS])) in seen


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    folder = pulled(tmp_path / "x")
    flip(folder / WEIGHTS)
    (folder / CODEC).write_bytes(b"short")
    (folder / "vocab.json").unlink()
    assert verify(folder).problems == (
        f"{WEIGHTS} is damaged: its sha256 is another one",
        f"{CODEC} has 5 bytes instead of 60000",
        "vocab.json is missing",
    )


def test_a_model_that_is_none_any_more(tmp_path: Path) -> None:
    folder = pulled(tmp_path / "x")
    (folder / "config.json").write_text("{}")
    assert "it is no Qwen3-TTS model any more" in verify(folder).problems
    assert kept(tmp_path, "x") == folder


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{}", '{"schema": 2}', '{"schema": 1, "files": [{"path": "/etc/passwd"}]}']
)
def test_a_manifest_that_is_none(tmp_path: Path, text: str) -> None:
    folder = lay(tmp_path / "x", model())
    (folder / MANIFEST).write_text(text)
    (problem,) = verify(folder).problems
    assert MANIFEST in problem


def test_a_manifest_that_names_files_elsewhere(tmp_path: Path) -> None:
    folder = pulled(tmp_path / "x")
    given = json.loads((folder / MANIFEST).read_text())
    given["files"][0]["path"] = "../../etc/passwd"
    (folder / MANIFEST).write_text(json.dumps(given))
    (problem,) = verify(folder).problems
    assert "it names '../../etc/passwd'" in problem


def test_a_plain_folder_is_judged_by_its_form(tmp_path: Path) -> None:
    folder = lay(tmp_path / "x", model())
    assert (verify(folder).problems, verify(folder).by, expected(folder)) == ((), "form", None)
    (folder / WEIGHTS).write_bytes(model()[WEIGHTS][:-1])
    (folder / CODEC).unlink()
    assert verify(folder).problems == (
        f"{CODEC} is missing",
        f"{WEIGHTS}: it has 900000 bytes, and its head says 900001",
    )


def test_a_cache_of_hugging_face_names_its_files_by_digest(tmp_path: Path) -> None:
    repo = cached(tmp_path / "models--Qwen--x")
    found = verify(repo)
    assert (found.problems, found.by, found.revision) == ((), "digests", COMMIT)
    for name, kind in ((WEIGHTS, "sha256"), ("config.json", "git")):
        flip((repo / "snapshots" / COMMIT / name).resolve())
        assert any(line.startswith(f"{name} is damaged: its {kind}") for line in verify(repo).problems)


def test_a_manifest_survives_the_disk(tmp_path: Path) -> None:
    folder = pulled(tmp_path / "x")
    manifest = expected(folder)
    assert manifest is not None
    manifest.write(folder / MANIFEST)
    assert expected(folder) == manifest


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "x/y", ".partial", FOLDER])
def test_only_what_was_pulled_is_kept(tmp_path: Path, name: str) -> None:
    pulled(tmp_path / "models" / "x")
    lay(tmp_path / "models" / FOLDER, model())
    pulled(tmp_path)
    assert kept(tmp_path / "models", name) is None


def test_digests(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello\n")
    assert digest_of(tmp_path / "a", "git") == "git:ce013625030ba8dba906f756967f9e9ca394464a"
    assert digest_of(tmp_path / "a") == f"sha256:{hashlib.sha256(b'hello' + bytes([10])).hexdigest()}"
    assert fits(tmp_path / "a", "")
    assert not fits(tmp_path / "a", "sha256:00")


@pytest.mark.parametrize(("content", "said"), [
    (tensors(1000, 1), ""),
    (tensors(1000, 1)[:-1], "it has 999 bytes, and its head says 1000"),
    (tensors(1000, 1) + b"x", "it has 1001 bytes, and its head says 1000"),
    (b"", "it is no safetensors file"),
    (b"version https://git-lfs.github.com/spec/v1\n", "it is no safetensors file"),
    (b"<!doctype html>" * 10, "it is no safetensors file"),
    ((3).to_bytes(8, "little") + b"[1]", "its head cannot be read"),
    ((2).to_bytes(8, "little") + b"{x", "its head cannot be read"),
    ((9).to_bytes(8, "little") + b'{"x": {}}', "its head cannot be read"),
    ((2).to_bytes(8, "little") + b"{}", ""),
])  # fmt: skip
def test_the_form_of_weights(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x").write_bytes(content)
    assert cut(tmp_path / "x").startswith(said)
    assert bool(cut(tmp_path / "x")) == bool(said)
