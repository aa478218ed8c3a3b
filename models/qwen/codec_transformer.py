"""The transformer inside the codec: small layers that look back over 72 frames, one step a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.codec_parts import Source, Weights
from models.qwen.codec_state import CodecState, gather, scatter
from models.qwen.config import CodecShape, StackShape
from models.qwen.convolution import SHORTEST

# Frames whose attention is one product. Blocks start at multiples of it in the row's own time, so a frame has the same
# place in a product of the same shape however frames are handed in, and its bits do not depend on that.
BLOCK: Final = 8


@dataclass(frozen=True, slots=True)
class _Block:
    """A row's new frames that fall into one block of its time."""

    ring: torch.Tensor
    rows: slice
    """Where they lie in the flat batch."""
    place: slice
    """Where they lie in the block."""
    slots: slice
    """Where their keys and values go in the ring."""
    mask: torch.Tensor
    """[groups * BLOCK, slots]: 0 where a frame of the block may look, -inf elsewhere."""


class Hearing:
    """From codes' embeddings to frames: torch's way, for every precision and device."""

    def __init__(self, source: Source, shape: CodecShape, enter: Weights) -> None:
        """`enter` makes the weight [hidden, in, taps] and bias of the convolution before the transformer."""
        self._dtype = source.dtype
        self._enter = source.convolution(*enter())
        self._transformer = Transformer(source.part("pre_transformer"), shape.stack, shape.window)
        self.ring = self._transformer.ring

    def __call__(self, states: Sequence[CodecState], x: torch.Tensor) -> torch.Tensor:
        """[B, T, in] to [B, T, hidden]; the rows' states and positions are moved on."""
        tails = gather(states)
        x = self._enter(tails, x.to(self._dtype))
        scatter(tails, states)
        return self._transformer(states, x)


class Transformer:
    """All layers, and the norm after them. The matrices before and after it belong to its neighbours."""

    def __init__(self, source: Source, shape: StackShape, window: int) -> None:
        self._shape = shape
        # A block's keys are written before its frames look back, and must leave what the first one looks at.
        self._slots = -(-(window + BLOCK - 1) // BLOCK) * BLOCK
        self._masks = source.place(_masks(window, self._slots)).repeat(1, shape.heads // shape.kv_heads, 1)
        turning = torch.arange(0, shape.head_dim, 2) / shape.head_dim
        self._frequencies = (1.0 / shape.theta**turning).to(source.device)
        self._layers = [_Layer(source.part("layers").part(index), shape, index) for index in range(shape.layers)]
        self._norm = source.place(source.read("norm.weight", shape.hidden))

    def ring(self) -> torch.Tensor:
        """Keys and values of a fresh row."""
        shape = self._shape
        return self._norm.new_zeros(shape.layers, 2, shape.kv_heads, self._slots, shape.head_dim)

    def __call__(self, states: Sequence[CodecState], x: torch.Tensor) -> torch.Tensor:
        """[B, T, hidden] to [B, T, hidden]; writes the rows' rings and moves their positions on."""
        rows, frames, hidden = x.shape
        count = rows * frames
        blocks = [block for row, state in enumerate(states) for block in self._blocks(state, row * frames, frames)]
        positions = torch.tensor([state.position + frame for state in states for frame in range(frames)])
        short = -count % SHORTEST
        turns = self._turns(F.pad(positions, (0, short)).to(x.device))
        flat = F.pad(x.reshape(count, hidden), (0, 0, 0, short))
        for layer in self._layers:
            layer(flat, blocks, turns)
        for state in states:
            state.position += frames
        return F.rms_norm(flat[:count], (hidden,), self._norm, self._shape.eps).view(rows, frames, hidden)

    def _blocks(self, state: CodecState, row: int, frames: int) -> list[_Block]:
        """Where the next frames of a state go, which lie from `row` on in the flat batch."""
        blocks, position, end = [], state.position, state.position + frames
        while position < end:
            place, slot = position % BLOCK, position % self._slots
            count = min(BLOCK - place, end - position)
            rows, places, slots = (slice(start, start + count) for start in (row, place, slot))
            blocks.append(_Block(state.ring, rows, places, slots, self._mask(position // BLOCK)))
            row, position = row + count, position + count
        return blocks

    def _mask(self, block: int) -> torch.Tensor:
        around = self._slots // BLOCK
        return self._masks[block if block < around else around + block % around]

    def _turns(self, positions: torch.Tensor) -> torch.Tensor:
        """Rotary encoding of [N] positions, as complex numbers [N, 1, head_dim / 2]."""
        angles = positions[:, None, None] * self._frequencies
        return torch.complex(angles.cos(), angles.sin())


class _Layer:
    """Attention and a gated product, each added to the stream. Layer scales are part of the matrices before them."""

    def __init__(self, source: Source, shape: StackShape, index: int) -> None:
        self._index, self._shape = index, shape
        attention, mlp = source.part("self_attn"), source.part("mlp")
        hidden, wide, narrow = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        look = [
            _paired(attention.read("q_proj.weight", wide, hidden), shape.head_dim),
            _paired(attention.read("k_proj.weight", narrow, hidden), shape.head_dim),
            attention.read("v_proj.weight", narrow, hidden),
        ]
        gates = [mlp.read(f"{name}_proj.weight", shape.intermediate, hidden) for name in ("gate", "up")]
        scales = [source.read(f"{name}_layer_scale.scale", hidden)[:, None] for name in ("self_attn", "mlp")]
        self._look = source.linear(torch.cat(look))
        self._mix = source.linear(attention.read("o_proj.weight", hidden, wide) * scales[0])
        self._open = source.linear(torch.cat(gates))
        self._close = source.linear(mlp.read("down_proj.weight", hidden, shape.intermediate) * scales[1])
        self._before = source.place(source.read("input_layernorm.weight", hidden))
        self._between = source.place(source.read("post_attention_layernorm.weight", hidden))

    def __call__(self, x: torch.Tensor, blocks: list[_Block], turns: torch.Tensor) -> None:
        """x [N, hidden], changed in place; `turns` as of Transformer._turns. Rows that no block names are padding."""
        shape, width = self._shape, (x.shape[1],)
        heads = self._look(F.rms_norm(x, width, self._before, shape.eps)).view(x.shape[0], -1, shape.head_dim)
        _turn(heads[:, : shape.heads + shape.kv_heads], turns)
        seen = heads.new_zeros(x.shape[0], shape.kv_heads, shape.heads // shape.kv_heads, shape.head_dim)
        for block in blocks:
            self._attend(heads, seen, block)
        self._mix.add(seen.view(x.shape[0], -1), x)
        gate, up = self._open(F.rms_norm(x, width, self._between, shape.eps)).chunk(2, dim=1)
        self._close.add(F.silu(gate).mul_(up), x)

    def _attend(self, heads: torch.Tensor, seen: torch.Tensor, block: _Block) -> None:
        """Let a block's frames look back: heads [N, heads + 2 * kv_heads, head_dim] to seen [N, kv_heads, groups, ...]."""
        shape, ring, rows = self._shape, block.ring[self._index], heads[block.rows]
        groups = shape.heads // shape.kv_heads
        memory = rows[:, shape.heads :].view(-1, 2, shape.kv_heads, shape.head_dim)
        ring[:, :, block.slots] = memory.permute(1, 2, 0, 3)
        queries = heads.new_zeros(shape.kv_heads, groups, BLOCK, shape.head_dim)
        asked = rows[:, : shape.heads].view(-1, shape.kv_heads, groups, shape.head_dim)
        queries[:, :, block.place] = asked.permute(1, 2, 0, 3)
        keys, values = ring.unbind()
        scores = torch.baddbmm(block.mask, queries.flatten(1, 2), keys.transpose(1, 2), alpha=shape.head_dim**-0.5)
        found = torch.bmm(scores.softmax(2), values).view_as(queries)
        seen[block.rows] = found[:, :, block.place].permute(2, 0, 1, 3)


def _turn(x: torch.Tensor, turns: torch.Tensor) -> None:
    """Rotate x [N, heads, head_dim] in place, whose pairs lie side by side (see `_paired`)."""
    pairs = x.view(*x.shape[:2], -1, 2)
    pairs.copy_(torch.view_as_real(torch.view_as_complex(pairs.float()) * turns))


def _paired(weight: torch.Tensor, head_dim: int) -> torch.Tensor:
    """Rows of each head in another order, so that the two numbers which position turns together lie side by side."""
    return weight.view(-1, 2, head_dim // 2, weight.shape[1]).transpose(1, 2).reshape(weight.shape)


def _masks(window: int, slots: int) -> torch.Tensor:
    """[2 * slots / BLOCK, BLOCK, slots]: for a row's first blocks, until its ring is full, then for each place in it."""
    starts = torch.arange(2 * slots // BLOCK) * BLOCK
    last = starts[:, None] + BLOCK - 1
    held = last - (last - torch.arange(slots)) % slots  # the frame that lies in each slot
    age = (starts[:, None] + torch.arange(BLOCK))[:, :, None] - held[:, None]
    seen = (age >= 0) & (age < window) & (held >= 0)[:, None]
    return torch.zeros(seen.shape).masked_fill(~seen, -torch.inf)
