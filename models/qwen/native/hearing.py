"""From codes' embeddings to the codec's frames in the native library; see models.qwen.codec_transformer."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from models.qwen.codec_parts import Source, Weights
from models.qwen.codec_state import CodecState
from models.qwen.config import CodecShape, StackShape
from models.qwen.native.stages import BETWEEN, LEFT, MOST_HEAD, MOST_WINDOW, STREAM, Stages, kept


class NativeHearing:
    """The convolution before the transformer, its layers, and the norm behind them."""

    def __init__(self, source: Source, shape: CodecShape, enter: Weights) -> None:
        """`enter` makes the convolution's weight [hidden, in, taps] and bias."""
        stack, part = shape.stack, source.part("pre_transformer")
        self._shape = (stack.layers, 2, stack.kv_heads, shape.window, stack.head_dim)

        def build(stages: Stages) -> None:
            stages.mix(*enter(), raw=STREAM)
            for index in range(stack.layers):
                _layer(stages, part.part("layers").part(index), stack, index, shape.window)
            stages.norm(part.read("norm.weight", stack.hidden), stack.eps, act=LEFT)

        self._program = kept("codec.hearing", source.shelf, source.layout, build)
        half = torch.arange(0, stack.head_dim, 2) / stack.head_dim
        self._frequencies = 1.0 / stack.theta**half

    @staticmethod
    def fits(shape: CodecShape) -> bool:
        """Whether there is room for its attention."""
        return shape.window <= MOST_WINDOW and shape.stack.head_dim <= MOST_HEAD

    def ring(self) -> torch.Tensor:
        """Keys and values of a fresh row."""
        return torch.zeros(self._shape)

    def __call__(self, states: Sequence[CodecState], x: torch.Tensor) -> torch.Tensor:
        """[B, T, in] to [B, T, hidden]; the rows' states and positions are moved on."""
        frames = torch.arange(x.shape[1])
        positions = torch.stack([frames + state.position for state in states]) if states else frames[None, :0]
        angles = positions[..., None] * self._frequencies
        y = self._program(states, x, torch.cat([angles.cos(), angles.sin()], -1).contiguous())
        for state in states:
            state.position += x.shape[1]
        return y


def _layer(stages: Stages, source: Source, shape: StackShape, index: int, window: int) -> None:
    attention, mlp = source.part("self_attn"), source.part("mlp")
    hidden, wide, narrow = shape.hidden, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    scales = [source.read(f"{name}_layer_scale.scale", hidden)[:, None] for name in ("self_attn", "mlp")]
    look = [
        attention.read(f"{name}_proj.weight", width, hidden)
        for name, width in (("q", wide), ("k", narrow), ("v", narrow))
    ]
    stages.norm(source.read("input_layernorm.weight", hidden), shape.eps, act=BETWEEN)
    stages.mix(torch.cat(look), act=LEFT)
    stages.look(index, shape.heads, shape.kv_heads, shape.head_dim, window, window, act=BETWEEN)
    stages.mix(attention.read("o_proj.weight", hidden, wide) * scales[0], raw=STREAM, onto=True)
    stages.norm(source.read("post_attention_layernorm.weight", hidden), shape.eps, act=BETWEEN)
    gates = [mlp.read(f"{name}_proj.weight", shape.intermediate, hidden) for name in ("gate", "up")]
    stages.mix(torch.cat(gates), act=LEFT)
    stages.gate(shape.intermediate, act=BETWEEN)
    stages.mix(mlp.read("down_proj.weight", hidden, shape.intermediate) * scales[1], raw=STREAM, onto=True)
