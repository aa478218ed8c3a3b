"""Plain numbers on the shelf: what was computed of stored ones, and is looked up as it is."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from math import prod

import torch

from models.qwen.native.memory import Room, room
from models.qwen.native.shelf import Shelf

_BYTES = 4


def kept(name: str, shelf: Shelf | None, shape: tuple[int, ...], make: Callable[[], torch.Tensor]) -> torch.Tensor:
    """The float32 numbers of this name from the shelf where they lie there whole, else what `make` gives, and put there."""
    if shelf is None:
        return make()
    found = shelf.take(name, prod(shape) * _BYTES)
    if found is None:
        made = make().contiguous()
        found = room(made.nbytes)
        ctypes.memmove(found.address, made.data_ptr(), made.nbytes)
        shelf.put(name, found)
    return _seen(found).view(shape)


def _seen(held: Room) -> torch.Tensor:
    """The room as a tensor, which keeps it."""
    memory = (ctypes.c_float * (held.size // _BYTES)).from_address(held.address)
    memory.held = held  # type: ignore[attr-defined]
    return torch.frombuffer(memory, dtype=torch.float32)
