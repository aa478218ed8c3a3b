"""The code predictor: from a frame's hidden state and first code to its other fifteen, all rows in step."""

from __future__ import annotations

from typing import Final

import torch

from models.qwen.attention import attention
from models.qwen.config import CODEBOOKS, ModelShape
from models.qwen.linear import Linear, Precision, packed
from models.qwen.parallel import in_parallel
from models.qwen.sampling import Choice
from models.qwen.stack import Stack
from models.qwen.weights import Tensors

_PREFIX: Final = "talker.code_predictor."


class Predictor:
    """Stateless between frames: its cache holds the sixteen positions of one frame."""

    def __init__(self, shape: ModelShape, weights: Tensors, precision: Precision) -> None:
        inner, hidden = shape.predictor, shape.talker.hidden
        self._stack = Stack(inner, weights, f"{_PREFIX}model.", precision)
        rest = range(CODEBOOKS - 1)
        size = shape.codebook_size
        self._heads: Final = in_parallel(
            lambda n: packed(weights.read(f"{_PREFIX}lm_head.{n}.weight", size, inner.hidden), precision), rest
        )
        self.embeddings: Final = [
            weights.read(f"{_PREFIX}model.codec_embedding.{n}.weight", size, hidden).clone() for n in rest
        ]
        """What the talker hears of each of the fifteen codes, [codebook_size, talker hidden], as stored."""
        self._narrow, self._bias = _projection(shape, weights, precision)
        self._rotations: Final = [self._stack.rotation(torch.tensor([place])) for place in range(CODEBOOKS)]
        self._first_rotation = self._stack.rotation(torch.arange(2))
        self._keys_values = torch.empty(inner.layers, 2, 0, inner.kv_heads, CODEBOOKS, inner.head_dim)

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
        rows = len(ids)
        if self._keys_values.shape[2] < rows:
            layers, _, _, *rest = self._keys_values.shape
            self._keys_values = torch.empty(layers, 2, rows, *rest)
        codes, heard = [ids], first.clone()
        states = self._see(torch.stack((hidden, first), 1), 0)
        for place in range(1, CODEBOOKS):
            logits = self._heads[place - 1](states)
            code = choice(logits, draws[:, place])
            last = self.embeddings[place - 1][code].float()
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
            x = self._narrow(x) + self._bias
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


def _projection(shape: ModelShape, weights: Tensors, precision: Precision) -> tuple[Linear | None, torch.Tensor]:
    """What fits the talker's width to the predictor's; the 0.6B needs none."""
    wide, narrow = shape.talker.hidden, shape.predictor.hidden
    if wide == narrow:
        return None, torch.zeros(0)
    name = f"{_PREFIX}small_to_mtp_projection."
    bias = weights.read(f"{name}bias", narrow).float()
    return packed(weights.read(f"{name}weight", narrow, wide), precision), bias
