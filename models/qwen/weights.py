"""Tensors read straight from safetensors, by name, with their shape checked: no model class, no second copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open

from models.qwen.config import BadCheckpoint
from models.qwen.tensorfile import shards


class Tensors(Protocol):
    """Where weights come from: a file, or numbers made up at full size for a benchmark."""

    def read(self, name: str, *shape: int) -> torch.Tensor:
        """The tensor of this name and shape, as stored (a view of the mapped file). Raises BadCheckpoint."""

    def table(self, name: str, *shape: int) -> torch.Tensor:
        """The same for a tensor that is looked up row by row for ever: it costs the memory of the rows that are used."""


class Weights:
    """The tensors of one folder, from `model.safetensors` or the shards that its index names."""

    def __init__(self, folder: Path, files: dict[str, Any], at: dict[str, Path]) -> None:
        self._folder, self._files, self._at = folder, files, at

    def read(self, name: str, *shape: int) -> torch.Tensor:
        """See Tensors.read."""
        path = self._at.get(name)
        if path is None:
            raise BadCheckpoint(f"{self._folder}: the tensor {name} is missing; the download may be incomplete")
        try:
            tensor: torch.Tensor = self._files[path.name].get_tensor(name)
        except SafetensorError as error:
            raise BadCheckpoint(f"{path}: the tensor {name} cannot be read: {error}") from error
        if tuple(tensor.shape) != shape:
            raise BadCheckpoint(f"{path}: {name} has shape {list(tensor.shape)}; its config.json means {list(shape)}")
        if not tensor.is_floating_point():
            raise BadCheckpoint(f"{path}: {name} holds {tensor.dtype}; weights are floating point numbers")
        return tensor

    def table(self, name: str, *shape: int) -> torch.Tensor:
        """See Tensors.table: a mapping of its own, as all that was read through the other one counts for as long as it lives."""
        self.read(name, *shape)
        with safe_open(self._at[name], framework="pt") as file:
            tensor: torch.Tensor = file.get_tensor(name)
        return tensor


@contextmanager
def opened(folder: Path) -> Iterator[Weights]:
    """The tensors of `folder`, mapped while the context is open (and as long as a view of them lives)."""
    with ExitStack() as stack:
        files: dict[str, Any] = {}
        at: dict[str, Path] = {}
        for path in shards(folder):
            try:
                files[path.name] = stack.enter_context(safe_open(path, framework="pt"))
            except FileNotFoundError as error:
                raise BadCheckpoint(f"{path} is missing; the download may be incomplete") from error
            except (SafetensorError, OSError) as error:
                raise BadCheckpoint(f"{path} is not a whole safetensors file: {error}") from error
            at |= dict.fromkeys(files[path.name].keys(), path)
        yield Weights(folder, files, at)
