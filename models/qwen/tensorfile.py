"""Safetensors files without torch: which of them a checkpoint consists of, and a few numbers out of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.qwen.config import BadCheckpoint

# The heads of the released models are 60 kB long; safetensors itself allows 100 MB.
_HEAD_BYTES: Final = 100_000_000
# What the format calls the dtypes of weights. numpy has no bfloat16: it is the upper half of a float32.
_DTYPES: Final = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def shards(folder: Path) -> list[Path]:
    """`model.safetensors`, or the shards that its index names. Raises BadCheckpoint."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return [folder / "model.safetensors"]
    try:
        names = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        if not names or not all(Path(name).name == name and name.endswith(".safetensors") for name in names):
            raise ValueError("a shard is not the name of a safetensors file beside it")
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise BadCheckpoint(f"{index} does not list the shards of a checkpoint: {error}") from error
    return [folder / name for name in sorted(names)]


def numbers(folder: Path, name: str, *shape: int, rows: Sequence[int] | None = None) -> NDArray[np.float32]:
    """The tensor of this name and shape, or these rows of it, as float32: the same for every dtype that it was
    widened from. Raises BadCheckpoint."""
    for path in shards(folder):
        head, start = _head(path)
        if name in head:
            stored, kind = _mapped(path, name, head[name], start, shape)
            return _widened(np.array(stored if rows is None else stored[list(rows)]), kind)
    raise BadCheckpoint(f"{folder}: the tensor {name} is missing; the download may be incomplete")


def holds(folder: Path, prefix: str) -> bool:
    """Whether a checkpoint has tensors whose names begin like this; False where it cannot be read."""
    try:
        return any(name.startswith(prefix) for path in shards(folder) for name in _head(path)[0])
    except BadCheckpoint:
        return False


def _head(path: Path) -> tuple[dict[str, Any], int]:
    """What the file says of its tensors, and where their bytes begin."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(length)) if length <= _HEAD_BYTES else None
        if not isinstance(head, dict):
            raise ValueError("its head cannot be read")
    except FileNotFoundError as error:
        raise BadCheckpoint(f"{path} is missing; the download may be incomplete") from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} is not a whole safetensors file: {error}") from error
    return head, 8 + length


def _mapped(path: Path, name: str, about: Any, start: int, shape: tuple[int, ...]) -> tuple[NDArray[Any], str]:
    """A tensor as it lies in the file, and the format's name of its dtype."""
    try:
        kind, found, (begin, end) = about["dtype"], tuple(about["shape"]), about["data_offsets"]
        if found != shape:
            raise BadCheckpoint(f"{path}: {name} has shape {list(found)}; its config.json means {list(shape)}")
        if kind not in _DTYPES:
            raise BadCheckpoint(f"{path}: {name} holds {kind}; weights are floating point numbers")
        stored = np.memmap(path, _DTYPES[kind], "r", start + begin, shape)
        if stored.nbytes != end - begin:
            raise ValueError(f"{name} has {stored.nbytes} bytes, and the head says {end - begin}")
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadCheckpoint(f"{path} is not a whole safetensors file: {error}") from error
    return stored, kind


def _widened(stored: NDArray[Any], kind: str) -> NDArray[np.float32]:
    if kind == "BF16":
        return (stored.astype("<u4") << 16).view("<f4")
    with np.errstate(over="ignore"):  # a float64 past the largest float32 is infinite, as in torch
        return stored.astype("<f4")
