"""Keys and values of the talker: one growing piece of memory a row, all of them under one budget."""

from __future__ import annotations

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
        self.used = 0

    def take(self, positions: int) -> None:
        """Count positions in. Raises Full."""
        if self.used + positions > self.limit:
            raise Full(f"{self.used} of {self.limit} positions are held, and {positions} more are needed")
        self.used += positions

    def give(self, positions: int) -> None:
        """Count positions out."""
        self.used -= positions


class Cache:
    """Keys and values of one row, [layers, 2 * kv_heads, room, head_dim]. Must be closed."""

    def __init__(self, budget: Budget) -> None:
        self.length = 0
        self._budget = budget
        self._room = 0
        shape = budget.shape
        self._memory = torch.empty(shape.layers, 2 * shape.kv_heads, 0, shape.head_dim, dtype=budget.dtype)

    def reserve(self, positions: int) -> None:
        """Have room for this many more. Raises Full, and leaves everything as it was."""
        room = -(-(self.length + positions) // BLOCK) * BLOCK
        if room <= self._room:
            return
        self._budget.take(room - self._room)
        layers, heads, _, width = self._memory.shape
        try:
            memory = self._memory.new_empty(layers, heads, room, width)
        except RuntimeError:
            self._budget.give(room - self._room)
            raise
        memory[:, :, : self.length] = self._memory[:, :, : self.length]
        self._memory, self._room = memory, room

    def write(self, layer: int, kv: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Put keys and values [T, 2 * kv_heads, head_dim] behind what is there.

        Views of all keys and of all values come back, [kv_heads, length + T, head_dim] each. `advance` follows when every
        layer is written.
        """
        memory, end = self._memory[layer], self.length + kv.shape[0]
        memory[:, self.length : end] = kv.transpose(0, 1)
        heads = memory.shape[0] // 2
        return memory[:heads, :end], memory[heads:, :end]

    def advance(self, positions: int) -> None:
        """Keep what was written."""
        self.length += positions

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        self._budget.give(self._room)
        self._room = self.length = 0
        self._memory = self._memory[:, :, :0].clone()
