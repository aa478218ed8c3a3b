"""The talker: the large stack that hears the text and its own codes, and says how each frame begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import torch
import torch.nn.functional as F

from models.qwen.attention import attention
from models.qwen.cache import Budget, Cache
from models.qwen.config import ModelShape, StackShape
from models.qwen.linear import Precision, native, packed
from models.qwen.native import steps
from models.qwen.native.shelf import Shelf
from models.qwen.stack import Stack
from models.qwen.weights import Tensors

# Prompt positions computed at once: enough for the products to be as fast as they get, with little memory.
_PIECE: Final = 128


class Talker:
    """Stateless; what rows have heard lies in their caches."""

    def __init__(
        self, shape: ModelShape, weights: Tensors, precision: Precision, cache_bytes: int, shelf: Shelf | None = None
    ) -> None:
        self._layers = _layers(shape.talker, weights, "talker.model.", precision, shelf)
        self._head = packed(weights.read("talker.codec_head.weight", shape.vocab, shape.talker.hidden), precision)
        kept = torch.float32 if precision == "float32" else torch.bfloat16
        self.budget = Budget(shape.talker, kept, cache_bytes)

    def hear(self, cache: Cache, prompt: torch.Tensor) -> torch.Tensor:
        """Take a prompt [T, hidden] in. Returns the last hidden state [1, hidden]. Raises cache.Full."""
        for piece in torch.split(prompt, _PIECE):
            count = len(piece)
            cache.reserve(count)
            hidden = self._layers.hear(cache, piece)
            cache.advance(count)
        return hidden[-1:]

    def step(self, caches: Sequence[Cache], inputs: torch.Tensor) -> torch.Tensor:
        """Hidden states [B, hidden] after one input [B, hidden] a row; every cache has room for it."""
        hidden = self._layers.step(caches, inputs)
        for cache in caches:
            cache.advance(1)
        return hidden

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """How likely each first code is, [B, vocab], for hidden states [B, hidden]."""
        return self._head(hidden)


class _Layers(Protocol):
    """What the talker is made of, in whoever's arithmetic. Lengths of caches are left as they were."""

    def hear(self, cache: Cache, piece: torch.Tensor) -> torch.Tensor:
        """Hidden states of the next positions [T, hidden] of one row."""

    def step(self, caches: Sequence[Cache], inputs: torch.Tensor) -> torch.Tensor:
        """Hidden states after the next position [B, hidden] of every row."""


def _layers(shape: StackShape, weights: Tensors, prefix: str, precision: Precision, shelf: Shelf | None) -> _Layers:
    if (kind := native(precision)) is not None and steps.fits(shape):
        return _Native(steps.Layers(shape, weights, prefix, kind, shelf))
    return _Plain(Stack(shape, weights, prefix, precision))


class _Native:
    """By one call of the C library."""

    def __init__(self, layers: steps.Layers) -> None:
        self._layers = layers

    def hear(self, cache: Cache, piece: torch.Tensor) -> torch.Tensor:
        return self._layers(piece, [(cache.memory, cache.length + at) for at in range(len(piece))])

    def step(self, caches: Sequence[Cache], inputs: torch.Tensor) -> torch.Tensor:
        return self._layers(inputs, [(cache.memory, cache.length) for cache in caches])


class _Plain:
    """By torch's operations."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def hear(self, cache: Cache, piece: torch.Tensor) -> torch.Tensor:
        rotation = self._stack.rotation(torch.arange(cache.length, cache.length + len(piece)))

        def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
            return attention(q[None], *_read(cache, layer, kv))

        return self._stack(piece, rotation, attend)

    def step(self, caches: Sequence[Cache], inputs: torch.Tensor) -> torch.Tensor:
        rotation = self._stack.rotation(torch.tensor([cache.length for cache in caches]))

        def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
            # each row at its own length, so that it comes out the same whatever its neighbours are
            seen = [_look(q[row], *cache.write(layer, kv[row : row + 1])) for row, cache in enumerate(caches)]
            return seen[0] if len(seen) == 1 else torch.cat(seen)

        return self._stack(inputs, rotation, attend)


def _look(q: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """What one query [heads, head_dim] sees in [kv_heads, n, head_dim]: [1, heads * head_dim]."""
    grouped = q.view(1, keys.shape[0], -1, q.shape[-1]).to(keys.dtype)
    return F.scaled_dot_product_attention(grouped, keys[None], values[None], scale=1.0).to(q.dtype).view(1, -1)


def _read(cache: Cache, layer: int, kv: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of a row with the new ones behind them, [1, kv_heads, n, head_dim] each."""
    keys, values = cache.write(layer, kv)
    return keys[None].to(kv.dtype), values[None].to(kv.dtype)
