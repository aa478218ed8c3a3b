"""The code predictor: from a frame's hidden state and first code to its other fifteen, all rows in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch

from models.qwen.attention import attention
from models.qwen.config import CODEBOOKS, ModelShape
from models.qwen.linear import Precision, native, packed
from models.qwen.native import codes
from models.qwen.native.shelf import Shelf
from models.qwen.native.steps import Layers
from models.qwen.parallel import in_parallel
from models.qwen.sampling import Choice
from models.qwen.stack import Stack
from models.qwen.weights import Tensors

_PREFIX: Final = "talker.code_predictor."
# The codes that are predicted, which come after the first.
_REST: Final = range(CODEBOOKS - 1)
# See Predictor.__call__.
_Codes = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor, Choice, torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]
]


class Predictor:
    """Stateless between frames."""

    def __init__(self, shape: ModelShape, weights: Tensors, precision: Precision, shelf: Shelf | None = None) -> None:
        self.embeddings: Final = [
            weights.read(f"{_PREFIX}model.codec_embedding.{n}.weight", shape.codebook_size, shape.talker.hidden).clone()
            for n in _REST
        ]
        """What the talker hears of each of the fifteen codes, [codebook_size, talker hidden], as stored."""
        self._codes: Final = _codes(shape, weights, precision, self.embeddings, shelf)

    def __call__(
        self, hidden: torch.Tensor, first: torch.Tensor, ids: torch.Tensor, choice: Choice, draws: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The fifteen other codes of a frame.

        Args:
            hidden: the talker's last hidden states, [B, hidden] float32.
            first: embeddings of the first codes, [B, hidden] float32.
            ids: the first codes, [B] int64.
            draws: uniform numbers, [B, 16]; the first was the talker's.

        Returns:
            codes [B, 16], the sum of their embeddings [B, hidden], and the last logits, not finite where a row failed.
        """
        return self._codes(hidden, first, ids, choice, draws)


def _codes(
    shape: ModelShape, weights: Tensors, precision: Precision, embeddings: Sequence[torch.Tensor], shelf: Shelf | None
) -> _Codes:
    """What chooses them, in whoever's arithmetic."""
    wide, inner, size = shape.talker.hidden, shape.predictor, shape.codebook_size
    if (kind := native(precision)) is None or not codes.fit(inner, wide, size):
        return _Plain(shape, weights, precision, embeddings)
    layers = Layers(inner, weights, f"{_PREFIX}model.", kind, shelf)
    heads = [_head(shape, weights, n) for n in _REST]
    return codes.Codes(layers, heads, embeddings, _narrow(shape, weights), kind, shelf)


class _Plain:
    """By torch's operations; its cache holds the sixteen positions of one frame."""

    def __init__(
        self, shape: ModelShape, weights: Tensors, precision: Precision, embeddings: Sequence[torch.Tensor]
    ) -> None:
        inner = shape.predictor
        self._embeddings = embeddings
        self._stack = Stack(inner, weights, f"{_PREFIX}model.", precision)
        self._heads: Final = in_parallel(lambda n: packed(_head(shape, weights, n), precision), _REST)
        narrow = _narrow(shape, weights)
        self._narrow = None if narrow is None else (packed(narrow[0], precision), narrow[1])
        self._rotations: Final = [self._stack.rotation(torch.tensor([place])) for place in range(CODEBOOKS)]
        self._first_rotation = self._stack.rotation(torch.arange(2))
        self._keys_values = torch.empty(inner.layers, 2, 0, inner.kv_heads, CODEBOOKS, inner.head_dim)

    def __call__(
        self, hidden: torch.Tensor, first: torch.Tensor, ids: torch.Tensor, choice: Choice, draws: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """See Predictor.__call__."""
        rows = len(ids)
        if self._keys_values.shape[2] < rows:
            layers, _, _, *rest = self._keys_values.shape
            self._keys_values = torch.empty(layers, 2, rows, *rest)
        codes, heard = [ids], first.clone()
        states = self._see(torch.stack((hidden, first), 1), 0)
        for place in range(1, CODEBOOKS):
            logits = self._heads[place - 1](states)
            code = choice(logits, draws[:, place])
            last = self._embeddings[place - 1][code].float()
            codes.append(code)
            heard += last
            if place < CODEBOOKS - 1:
                states = self._see(last[:, None], place + 1)
        return torch.stack(codes, 1), heard, logits

    def _see(self, x: torch.Tensor, start: int) -> torch.Tensor:
        """Hidden states [B, predictor hidden] after the inputs x [B, T, talker hidden], which begin at place `start`."""
        rows, count, width = x.shape
        x = x.reshape(rows * count, width)
        if self._narrow is not None:
            narrow, bias = self._narrow
            x = narrow(x) + bias
        held = self._keys_values[:, :, :rows, :, : start + count]
        _, _, _, kv_heads, _, wide = held.shape

        def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
            memory = held[layer]
            memory[:, :, :, start:] = kv.view(rows, count, 2, kv_heads, wide).permute(2, 0, 3, 1, 4)
            return attention(q.view(rows, count, -1, wide), memory[0], memory[1])

        cosines, sines = self._rotations[start] if count == 1 else self._first_rotation
        if count > 1:
            cosines, sines = cosines.repeat(rows, 1, 1), sines.repeat(rows, 1, 1)
        return self._stack(x, (cosines, sines), attend).view(rows, count, -1)[:, -1]


def _head(shape: ModelShape, weights: Tensors, n: int) -> torch.Tensor:
    return weights.read(f"{_PREFIX}lm_head.{n}.weight", shape.codebook_size, shape.predictor.hidden)


def _narrow(shape: ModelShape, weights: Tensors) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Weight and bias that fit the talker's width to the predictor's; the 0.6B needs none."""
    wide, narrow = shape.talker.hidden, shape.predictor.hidden
    if wide == narrow:
        return None
    name = f"{_PREFIX}small_to_mtp_projection."
    return weights.read(f"{name}weight", narrow, wide), weights.read(f"{name}bias", narrow).float()
