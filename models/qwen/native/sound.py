"""From the codec's frames to samples in the native library; see models.qwen.codec_wave, whose arithmetic it is."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from models.qwen.codec_parts import Source, Weights, spread
from models.qwen.codec_state import CodecState
from models.qwen.codec_wave import DILATIONS, TAPS, TOGETHER
from models.qwen.config import CodecShape
from models.qwen.native.stages import BETWEEN, LEFT, RIGHT, STREAM, Snake, Stages, kept

_EPS = 1e-6


class NativeSound:
    """Upsampling blocks and wave of one codec."""

    def __init__(self, source: Source, shape: CodecShape, before: Weights) -> None:
        """`before` makes a matrix [latent, hidden] and its bias that stand in front."""

        def build(stages: Stages) -> None:
            for index, rate in enumerate(shape.upsample):
                part = source.part("upsample").part(index)
                _upsample(stages, part, shape.latent, rate, before() if index == 0 else None)
            _wave(stages, source.part("decoder"), shape)

        self._program = kept("codec.sound", source.shelf, source.layout, build)

    def __call__(self, states: Sequence[CodecState], x: torch.Tensor) -> torch.Tensor:
        """[B, T, hidden] to [B, samples] in -1..1; the rows' states are moved on."""
        return self._program(states, x).squeeze(2)


def _turn(hand: int) -> int:
    """The other one of two regions."""
    return RIGHT if hand == LEFT else LEFT


def _upsample(
    stages: Stages, source: Source, width: int, rate: int, before: tuple[torch.Tensor, torch.Tensor] | None
) -> None:
    weight, bias = spread(source.read("0.conv.weight", width, width, rate), source.read("0.conv.bias", width), rate)
    weight = weight.squeeze(2)
    if before is not None:
        bias = bias + weight @ before[1]
        weight = weight @ before[0]
    here, block, wide = stages.last, source.part(1), 4 * width
    stages.mix(weight, bias, raw=STREAM, act=_turn(here), rate=rate)
    stages.near(
        block.read("dwconv.conv.weight", width, 1, TAPS), block.read("dwconv.conv.bias", width),
        (block.read("norm.weight", width), block.read("norm.bias", width)), _EPS, act=BETWEEN,
    )  # fmt: skip
    stages.mix(block.read("pwconv1.weight", wide, width), block.read("pwconv1.bias", wide), act=here, gelu=True)
    gamma = block.read("gamma", width)
    weight, bias = block.read("pwconv2.weight", width, wide), block.read("pwconv2.bias", width)
    stages.mix(weight * gamma[:, None], bias * gamma, raw=STREAM, act=_turn(here), onto=True)


def _wave(stages: Stages, source: Source, shape: CodecShape) -> None:
    count, width = len(shape.blocks), shape.channels
    leads = [_snake(source.part(n).part("block.0"), width >> (n - 1)) for n in range(1, count + 1)]
    leads.append(_snake(source.part(count + 1), width >> count))
    first = source.part("0.conv")
    weight, bias = first.read("weight", width, shape.latent, TAPS), first.read("bias", width)
    stages.mix(weight, bias, act=_turn(stages.last), snake=leads[0])
    for index, rate in enumerate(shape.blocks):
        if index == TOGETHER:
            stages.together = len(stages.made)
        _block(stages, source.part(index + 1).part("block"), width >> index, rate, leads[index + 1])
    last = source.part(count + 2).part("conv")
    stages.wave(last.read("weight", 1, width >> count, TAPS), last.read("bias", 1))


def _block(stages: Stages, source: Source, width: int, rate: int, after: Snake) -> None:
    """`after` is the Snake that the next block begins with."""
    half, rise = width // 2, source.part("1.conv")
    units = [source.part(index) for index, _ in enumerate(DILATIONS, start=2)]
    snakes = [_snake(unit.part("act1"), half) for unit in units] + [after]
    weight, bias = spread(rise.read("weight", width, half, 2 * rate), rise.read("bias", half), rate)
    stages.mix(weight, bias, raw=STREAM, act=_turn(stages.last), rate=rate, snake=snakes[0])
    for unit, dilation, snake in zip(units, DILATIONS, snakes[1:], strict=True):
        near, mix, here = unit.part("conv1.conv"), unit.part("conv2.conv"), stages.last
        weight, bias = near.read("weight", half, half, TAPS), near.read("bias", half)
        stages.mix(weight, bias, act=BETWEEN, dilation=dilation, snake=_snake(unit.part("act2"), half))
        weight, bias = mix.read("weight", half, half, 1), mix.read("bias", half)
        stages.mix(weight, bias, raw=STREAM, act=_turn(here), onto=True, snake=snake)


def _snake(source: Source, channels: int) -> Snake:
    """See codec_parts.Snake."""
    return source.read("alpha", channels).exp(), 1.0 / (source.read("beta", channels).exp() + 1e-9)
