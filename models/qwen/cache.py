"""Keys and values of the talker: one growing piece of memory a row, all of them under one budget."""

from __future__ import annotations

import weakref
from typing import Final

import torch

from models.qwen.config import StackShape

# Positions that a row's cache grows by: ten seconds of speech, 14 MB in bfloat16.
BLOCK: Final = 128


class Full(Exception):
    """The budget has no room for another block."""


class Budget:
    """How many positions all rows of a model may hold together."""

    def __init__(self, shape: StackShape, dtype: torch.dtype, limit_bytes: int) -> None:
        self.shape, self.dtype = shape, dtype
        self.position_bytes = 2 * shape.layers * shape.kv_heads * shape.head_dim * dtype.itemsize
        self.limit = max(BLOCK, limit_bytes // self.position_bytes)
        self.caches: weakref.WeakSet[Cache] = weakref.WeakSet()
        """Those that live: a parked row whose listener has left takes its cache along, closed or not."""

    @property
    def used(self) -> int:
        """Positions that are held."""
        return sum(cache.room for cache in self.caches)

    def check(self, positions: int) -> None:
        """Whether there is room for so many more. Raises Full."""
        if (used := self.used) + positions > self.limit:
            raise Full(f"{used} of {self.limit} positions are held, and {positions} more are needed")


class Cache:
    """Keys and values of one row, [layers, 2 * kv_heads, room, head_dim]. Must be closed."""

    def __init__(self, budget: Budget) -> None:
        self.length = self.room = 0
        """Positions that are written, and that there is memory for."""
        self._budget = budget
        budget.caches.add(self)
        shape = budget.shape
        self.memory = torch.empty(shape.layers, 2 * shape.kv_heads, 0, shape.head_dim, dtype=budget.dtype)

    def reserve(self, positions: int) -> None:
        """Have room for this many more. Raises Full, and leaves everything as it was."""
        room = -(-(self.length + positions) // BLOCK) * BLOCK
        if room <= self.room:
            return
        self._budget.check(room - self.room)
        layers, heads, _, width = self.memory.shape
        memory = self.memory.new_empty(layers, heads, room, width)
        memory[:, :, : self.length] = self.memory[:, :, : self.length]
        self.memory, self.room = memory, room

    def move(self, budget: Budget) -> None:
        """Count under another budget: the model was loaded anew. Raises Full."""
        if budget is not self._budget:
            budget.check(self.room)
            self._budget.caches.discard(self)
            budget.caches.add(self)
            self._budget = budget

    def write(self, layer: int, kv: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Put keys and values [T, 2 * kv_heads, head_dim] behind what is there.

        Views of all keys and of all values come back, [kv_heads, length + T, head_dim] each. `advance` follows when every
        layer is written.
        """
        memory, end = self.memory[layer], self.length + kv.shape[0]
        memory[:, self.length : end] = kv.transpose(0, 1)
        heads = memory.shape[0] // 2
        return memory[:heads, :end], memory[heads:, :end]

    def advance(self, positions: int) -> None:
        """Keep what was written."""
        self.length += positions

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        self.length = self.room = 0
        self.memory = self.memory[:, :, :0].clone()
