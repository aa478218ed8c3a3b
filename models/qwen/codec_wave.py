"""From the transformer's frames to samples: two upsampling blocks, then four blocks that make the wave."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.codec_parts import Snake, Source, Weights, spread
from models.qwen.codec_state import CodecState, gather, scatter
from models.qwen.config import CodecShape
from models.qwen.convolution import SHORTEST

DILATIONS: Final = (1, 3, 9)
TAPS: Final = 7
# Frames of the usual chunk, which weights are packed for.
CHUNK: Final = 4
# Blocks through which rows go together, because their weights are much to read (33 and 6 million); in those behind them
# the steps are what takes room, and rows go one by one.
TOGETHER: Final = 2


class Upsample:
    """A transposed convolution that does not overlap, then a ConvNeXt block."""

    def __init__(self, source: Source, width: int, rate: int, before: tuple[torch.Tensor, torch.Tensor] | None) -> None:
        """before: a matrix [width, in] and its bias that stand in front, multiplied into the first product."""
        weight, bias = spread(source.read("0.conv.weight", width, width, rate), source.read("0.conv.bias", width), rate)
        weight = weight.squeeze(2)
        if before is not None:
            bias = bias + weight @ before[1]
            weight = weight @ before[0]
        self._width, self._rise = width, source.linear(weight, bias)
        block, wide = source.part(1), 4 * width
        self._near = block.convolution(
            block.read("dwconv.conv.weight", width, 1, TAPS), block.read("dwconv.conv.bias", width), groups=width
        )
        self._norm = block.place(block.read("norm.weight", width)), block.place(block.read("norm.bias", width))
        self._open = block.linear(
            block.read("pwconv1.weight", wide, width), block.read("pwconv1.bias", wide), gelu=True
        )
        gamma = block.read("gamma", width)
        self._close = block.linear(
            block.read("pwconv2.weight", width, wide) * gamma[:, None], block.read("pwconv2.bias", width) * gamma
        )

    def __call__(self, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """[B, T, in] to [B, T * rate, width]."""
        x = self._rise(x).view(x.shape[0], -1, self._width)
        y = F.layer_norm(self._near(tails, x), (self._width,), *self._norm, eps=1e-6)
        self._close.add(self._open(y), x)
        return x


class _Unit:
    """A residual unit: a dilated convolution of seven taps and a matrix, each behind a Snake."""

    def __init__(self, source: Source, width: int, dilation: int, steps: int) -> None:
        near, mix = source.part("conv1.conv"), source.part("conv2.conv")
        self._first, self._second = Snake(source.part("act1"), width), Snake(source.part("act2"), width)
        self._near = source.convolution(
            near.read("weight", width, width, TAPS), near.read("bias", width), dilation=dilation, steps=steps
        )
        self._mix = source.linear(
            mix.read("weight", width, width, 1).squeeze(2), mix.read("bias", width), steps=2 * SHORTEST
        )

    def __call__(self, tails: torch.Tensor, x: torch.Tensor) -> None:
        """x [B, T, width], changed in place."""
        y = self._near.snaked(self._first, tails, x)
        self._second(y, out=y)
        self._mix.add(y, x)


class _Block:
    """A Snake, a transposed convolution whose steps overlap by one input, and three residual units."""

    def __init__(self, source: Source, width: int, rate: int, steps: int) -> None:
        half, rise = width // 2, source.part("1.conv")
        weight, bias = spread(rise.read("weight", width, half, 2 * rate), rise.read("bias", half), rate)
        self._half, self._snake = half, Snake(source.part(0), width)
        self._rise = source.convolution(weight, bias, steps=steps)
        self._units = [
            _Unit(source.part(index), half, dilation, steps * rate) for index, dilation in enumerate(DILATIONS, start=2)
        ]

    def __call__(self, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """[B, T, width] to [B, T * rate, width / 2]."""
        x = self._rise.snaked(self._snake, tails, x).view(x.shape[0], -1, self._half)
        for unit in self._units:
            unit(tails, x)
        return x


class Sound:
    """From the transformer's frames to samples: torch's way, for every precision and device."""

    def __init__(self, source: Source, shape: CodecShape, before: Weights) -> None:
        """`before` makes a matrix [latent, hidden] and its bias that stand in front."""
        self._upsample = [
            Upsample(source.part("upsample").part(index), shape.latent, rate, before() if index == 0 else None)
            for index, rate in enumerate(shape.upsample)
        ]
        self._wave = Wave(source.part("decoder"), shape)

    def __call__(self, states: Sequence[CodecState], x: torch.Tensor) -> torch.Tensor:
        """[B, T, hidden] to [B, samples], in -1..1; the rows' states are moved on."""
        tails = gather(states)
        for block in self._upsample:
            x = block(tails, x)
        wave = self._wave(tails, x)
        scatter(tails, states)
        return wave


class Wave:
    """From [B, T, latent] to samples."""

    def __init__(self, source: Source, shape: CodecShape) -> None:
        first, steps, width = source.part("0.conv"), CHUNK * prod(shape.upsample), shape.channels
        self._first = source.convolution(
            first.read("weight", width, shape.latent, TAPS), first.read("bias", width), steps=steps
        )
        self._blocks = []
        for index, rate in enumerate(shape.blocks, start=1):
            self._blocks.append(_Block(source.part(index).part("block"), width, rate, steps))
            steps, width = steps * rate, width // 2
        last = source.part(len(shape.blocks) + 2).part("conv")
        self._snake = Snake(source.part(len(shape.blocks) + 1), width)
        self._last = source.convolution(last.read("weight", 1, width, TAPS), last.read("bias", 1), steps=steps)

    def __call__(self, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """[B, T, latent] to [B, samples], in -1..1."""
        x = self._first(tails, x)
        for block in self._blocks[:TOGETHER]:
            x = block(tails, x)
        return torch.cat([self._finish(tails[row : row + 1], x[row : row + 1]) for row in range(x.shape[0])])

    def _finish(self, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        for block in self._blocks[TOGETHER:]:
            x = block(tails, x)
        return self._last.snaked(self._snake, tails, x).squeeze(2).clamp_(-1.0, 1.0)


def memory(shape: CodecShape) -> int:
    """Frames after which nothing earlier is left in the convolutions of this file."""
    past = TAPS - 1
    steps = past
    for rate in reversed(shape.blocks):
        steps = -(-(steps + past * sum(DILATIONS)) // rate) + 1
    steps += past
    for rate in reversed(shape.upsample):
        steps = -(-(steps + past) // rate)
    return steps
