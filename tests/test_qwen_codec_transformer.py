"""Who looks at whom in the codec's ring of frames, and how long its convolutions remember."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from models.qwen.codec_transformer import BLOCK, _masks
from models.qwen.codec_wave import memory
from models.qwen.config import CodecShape, StackShape


@pytest.mark.parametrize("window", [1, 2, 8, 9, 72])
def test_every_frame_sees_its_window_and_nothing_else(window: int) -> None:
    slots = -(-(window + BLOCK - 1) // BLOCK) * BLOCK
    masks, around = _masks(window, slots), slots // BLOCK
    ring = torch.full((slots,), -1)
    for block in range(4 * around):
        frames = torch.arange(block * BLOCK, (block + 1) * BLOCK)
        ring[frames % slots] = frames
        mask = masks[block if block < around else around + block % around]
        for frame, row in zip(frames.tolist(), mask, strict=True):
            assert sorted(ring[row == 0].tolist()) == list(range(max(0, frame - window + 1), frame + 1))


def test_convolutions_remember_ten_frames() -> None:
    stack = StackShape(8, 512, 16, 16, 64, 1024, 1e-5, 1e4)
    shape = CodecShape(stack, 72, 2048, 512, 1024, 1536, (2, 2), (8, 5, 4, 3))
    assert memory(shape) == 10
    assert memory(replace(shape, blocks=(2,))) == 17
