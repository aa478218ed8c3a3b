"""A stack of decoder layers over rows: the talker and the code predictor are each one. The cache belongs to the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.config import StackShape
from models.qwen.linear import Linear, Precision, packed
from models.qwen.parallel import in_parallel
from models.qwen.weights import Tensors

# (layer, q [N, heads, head_dim], kv [N, 2 * kv_heads, head_dim]: keys, then values) -> [N, heads * head_dim]
Attend = Callable[[int, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class _Layer:
    before_attention: torch.Tensor
    qkv: Linear
    gains: torch.Tensor
    """Of every query and key head, [heads + kv_heads, head_dim]; those of queries hold attention's scale as well."""
    out: Linear
    before_mlp: torch.Tensor
    gate_up: Linear
    down: Linear


@dataclass(frozen=True, slots=True)
class Parts:
    """A layer's tensors as they are stored; products are [out, width]."""

    before_attention: torch.Tensor
    queries: torch.Tensor
    keys: torch.Tensor
    values: torch.Tensor
    query_gains: torch.Tensor
    """Of any query head, [head_dim] float32; they hold attention's scale as well."""
    key_gains: torch.Tensor
    out: torch.Tensor
    before_mlp: torch.Tensor
    gate: torch.Tensor
    up: torch.Tensor
    down: torch.Tensor


class Turning:
    """What turns the heads of a stack at their positions."""

    def __init__(self, shape: StackShape) -> None:
        half = torch.arange(0, shape.head_dim, 2, dtype=torch.int64).float() / shape.head_dim
        self._frequencies: Final = 1.0 / shape.theta**half

    def __call__(self, positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Cosines and signed sines for positions [N], [N, 1, head_dim] each."""
        angles = torch.outer(positions.float(), self._frequencies)
        cos, sin = angles.cos(), angles.sin()
        return torch.cat((cos, cos), -1)[:, None], torch.cat((-sin, sin), -1)[:, None]


class Stack:
    """Layers with grouped attention, rotary positions and a gated MLP.

    Activations are float32 in every precision; what a product needs it makes for itself.
    """

    def __init__(self, shape: StackShape, weights: Tensors, prefix: str, precision: Precision) -> None:
        self.shape = shape
        self._layers: Final = in_parallel(
            lambda number: _layer(shape, read(shape, weights, prefix, number), precision), range(shape.layers)
        )
        self._norm: Final = last_norm(shape, weights, prefix)
        self._eps: Final = torch.tensor(shape.eps)
        self.rotation: Final = Turning(shape)

    def __call__(self, x: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor], attend: Attend) -> torch.Tensor:
        """Hidden states after the last norm, [N, hidden], of the inputs x [N, hidden]."""
        shape = self.shape
        turning = shape.heads + shape.kv_heads
        inner, eps = shape.intermediate, self._eps
        for number, layer in enumerate(self._layers):
            qkv = layer.qkv(_unit(x, eps).mul_(layer.before_attention)).view(
                -1, turning + shape.kv_heads, shape.head_dim
            )
            _turn(qkv[:, :turning], layer.gains, *rotation, eps)
            x = x + layer.out(attend(number, qkv[:, : shape.heads], qkv[:, shape.heads :]))
            both = layer.gate_up(_unit(x, eps).mul_(layer.before_mlp))
            x = x.add_(layer.down(F.silu(both[:, :inner]).mul_(both[:, inner:])))
        return _unit(x, eps).mul_(self._norm)


def _unit(x: torch.Tensor, eps: torch.Tensor) -> torch.Tensor:
    """x with its last axis brought to a root mean square of one: torch's rms_norm in a third of the calls."""
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x * torch.addcmul(eps, length, length, value=1 / x.shape[-1]).rsqrt_()


def _turn(x: torch.Tensor, gains: torch.Tensor, cosines: torch.Tensor, sines: torch.Tensor, eps: torch.Tensor) -> None:
    """Normalise every head of x [N, heads, head_dim] and turn it by its position, in place."""
    unit = _unit(x, eps).mul_(gains)
    torch.addcmul(unit * cosines, torch.roll(unit, unit.shape[-1] // 2, -1), sines, out=x)


def read(shape: StackShape, weights: Tensors, prefix: str, number: int) -> Parts:
    """A layer of a stack, views of the mapped file where they can be. Raises BadCheckpoint."""
    hidden, inner = shape.hidden, shape.intermediate
    heads, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim

    def one(name: str, *size: int) -> torch.Tensor:
        return weights.read(f"{prefix}layers.{number}.{name}.weight", *size)

    return Parts(
        before_attention=one("input_layernorm", hidden),
        queries=one("self_attn.q_proj", heads, hidden),
        keys=one("self_attn.k_proj", kv, hidden),
        values=one("self_attn.v_proj", kv, hidden),
        query_gains=one("self_attn.q_norm", shape.head_dim).float() * shape.head_dim**-0.5,
        key_gains=one("self_attn.k_norm", shape.head_dim).float(),
        out=one("self_attn.o_proj", hidden, heads),
        before_mlp=one("post_attention_layernorm", hidden),
        gate=one("mlp.gate_proj", inner, hidden),
        up=one("mlp.up_proj", inner, hidden),
        down=one("mlp.down_proj", hidden, inner),
    )


def last_norm(shape: StackShape, weights: Tensors, prefix: str) -> torch.Tensor:
    """Gains [hidden] of what follows the layers, float32. Raises BadCheckpoint."""
    return weights.read(f"{prefix}norm.weight", shape.hidden).float()


def _layer(shape: StackShape, parts: Parts, precision: Precision) -> _Layer:
    gains = [parts.query_gains.expand(shape.heads, -1), parts.key_gains.expand(shape.kv_heads, -1)]
    return _Layer(
        before_attention=parts.before_attention.float(),
        qkv=packed(torch.cat([parts.queries, parts.keys, parts.values]), precision),
        gains=torch.cat(gains),
        out=packed(parts.out, precision),
        before_mlp=parts.before_mlp.float(),
        gate_up=packed(torch.cat([parts.gate, parts.up]), precision),
        down=packed(parts.down, precision),
    )
