"""Tensors come straight from the files, and what is wrong with a file is said with its name."""

from __future__ import annotations

import json
from pathlib import Path

import damage
import pytest
import torch
from checkpoints import Shelf
from safetensors.torch import load_file

from models.qwen.config import BadCheckpoint
from models.qwen.weights import opened

NORM = "talker.model.norm.weight"


@pytest.fixture
def folder(checkpoint: Shelf, tmp_path: Path) -> Path:
    return damage.copied(checkpoint("custom_voice"), tmp_path / "broken")


def index(folder: Path, **held: object) -> None:
    (folder / "model.safetensors.index.json").write_text(json.dumps(held))


def mapped(folder: Path) -> list[str]:
    """Files of a folder that this process has mapped or open."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    files = [str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return [line for line in [*maps, *files] if str(folder) in line]


def test_every_tensor_is_the_file_s(folder: Path) -> None:
    whole = load_file(folder / "model.safetensors")
    with opened(folder) as weights:
        for name, tensor in whole.items():
            assert torch.equal(weights.read(name, *tensor.shape), tensor)


def test_shards_are_read_as_one(folder: Path) -> None:
    whole = load_file(folder / "model.safetensors")
    damage.shard(folder)
    with opened(folder) as weights:
        assert all(torch.equal(weights.read(name, *tensor.shape), tensor) for name, tensor in whole.items())


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_a_dtype_is_kept_as_it_is_stored(checkpoint: Shelf, dtype: str) -> None:
    with opened(checkpoint("custom_voice", dtype=dtype)) as weights:
        assert weights.read(NORM, 32).dtype == getattr(torch, dtype)


def test_a_missing_tensor_is_named(folder: Path) -> None:
    damage.drop(folder / "model.safetensors", NORM)
    with opened(folder) as weights, pytest.raises(BadCheckpoint, match=f"broken: the tensor {NORM} is missing"):
        weights.read(NORM, 32)


def test_a_shape_is_checked(folder: Path) -> None:
    damage.reshape(folder / "model.safetensors", NORM, 4, 8)
    with (
        opened(folder) as weights,
        pytest.raises(BadCheckpoint, match=r"has shape \[4, 8\]; its config.json means \[32\]"),
    ):
        weights.read(NORM, 32)


def test_whole_numbers_are_no_weights(folder: Path) -> None:
    from safetensors.torch import save_file

    file = folder / "model.safetensors"
    save_file(load_file(file) | {NORM: torch.zeros(32, dtype=torch.int8)}, file)
    with opened(folder) as weights, pytest.raises(BadCheckpoint, match=r"holds torch.int8"):
        weights.read(NORM, 32)


@pytest.mark.parametrize("keep", [0.0, 0.00001, 0.001, 0.5, 0.999])
def test_a_file_cut_short_is_named(folder: Path, keep: float) -> None:
    damage.truncate(folder / "model.safetensors", keep)
    with pytest.raises(BadCheckpoint, match=r"model.safetensors is not a whole safetensors file"), opened(folder):
        pass
    assert mapped(folder) == []


@pytest.mark.parametrize("content", [b"\xff" * 64, b"<html>not found</html>", b"\x10\0\0\0\0\0\0\0{}" + b" " * 14])
def test_a_file_that_is_something_else_is_named(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(BadCheckpoint, match=r"model.safetensors|missing"), opened(folder) as weights:
        weights.read(NORM, 32)


def test_a_folder_in_place_of_a_file_is_named(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()
    with pytest.raises(BadCheckpoint, match=r"model.safetensors"), opened(folder):
        pass


def test_a_missing_file_and_a_missing_shard_are_named(folder: Path) -> None:
    damage.shard(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(BadCheckpoint, match=r"model-00002-of-00002.safetensors is missing"), opened(folder):
        pass
    assert mapped(folder) == []
    (folder / "model.safetensors.index.json").unlink()
    with pytest.raises(BadCheckpoint, match=r"model.safetensors is missing"), opened(folder):
        pass


@pytest.mark.parametrize(
    "shard", ["../outside.safetensors", "/etc/passwd", "a/b.safetensors", "..", ".", "", 5, None, "x\0y"]
)
def test_an_index_may_name_files_of_its_own_folder_only(folder: Path, shard: object) -> None:
    index(folder, weight_map={NORM: shard})
    with pytest.raises(BadCheckpoint, match=r"model.safetensors.index.json does not list the shards"), opened(folder):
        pass


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"weight_map": []}', '{"weight_map": {}}', '{"weight_map": null}']
)
def test_an_index_that_lists_nothing_is_named(folder: Path, content: str) -> None:
    (folder / "model.safetensors.index.json").write_text(content)
    with pytest.raises(BadCheckpoint, match=r"model.safetensors.index.json does not list the shards"), opened(folder):
        pass


def test_a_deeply_nested_index_is_named(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("[" * 100_000)
    with pytest.raises(BadCheckpoint, match=r"model.safetensors.index.json"), opened(folder):
        pass


def test_files_are_closed_when_nothing_of_them_is_used_any_more(folder: Path) -> None:
    with opened(folder) as weights:
        tensor = weights.read(NORM, 32)
        assert mapped(folder)
    assert float(tensor.sum()) == 32  # a view lives on
    del tensor
    assert mapped(folder) == []
