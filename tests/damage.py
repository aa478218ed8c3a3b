"""Ways in which a checkpoint breaks: each changes a folder in place, so work on a copy (`copied`)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def copied(folder: Path, to: Path) -> Path:
    """A copy of the checkpoint at `to`, to break."""
    return Path(shutil.copytree(folder, to))


def drop(file: Path, name: str) -> None:
    """Take this tensor out of a safetensors file."""
    tensors = load_file(file)
    del tensors[name]
    save_file(tensors, file, {"format": "pt"})


def reshape(file: Path, name: str, *shape: int) -> None:
    """Give this tensor another shape (and zeros)."""
    tensors = load_file(file)
    save_file(tensors | {name: torch.zeros(shape, dtype=tensors[name].dtype)}, file, {"format": "pt"})


def plant(file: Path, name: str, value: float = float("nan"), at: tuple[int, ...] = ()) -> None:
    """Put a value, NaN by default, into this tensor: into one element or row (`at`), or everywhere."""
    tensors = load_file(file)
    tensors[name][at] = value
    save_file(tensors, file, {"format": "pt"})


def truncate(file: Path, keep: float = 0.5) -> None:
    """Cut a file off after this share of its bytes, as a broken download leaves it."""
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])


def configure(folder: Path, **values: object) -> None:
    """Change keys of config.json; `talker_config={"hidden_size": 7}` changes one key inside a section, None takes it out."""
    file = folder / "config.json"
    config = json.loads(file.read_text("utf-8"))
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            config[key] |= value
        elif value is None:
            del config[key]
        else:
            config[key] = value
    file.write_text(json.dumps(config, indent=1), "utf-8")


def shard(folder: Path) -> None:
    """Turn model.safetensors into two shards with an index, the layout of large checkpoints."""
    whole = folder / "model.safetensors"
    tensors = load_file(whole)
    names = sorted(tensors)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for shard_name, held in parts.items():
        save_file({name: tensors[name] for name in held}, folder / shard_name, {"format": "pt"})
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    where = {name: shard_name for shard_name, held in parts.items() for name in held}
    index = {"metadata": {"total_size": size}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1), "utf-8")
    whole.unlink()
