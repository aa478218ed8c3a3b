"""Samples as listeners get them."""

from __future__ import annotations

import numpy as np
import torch

from models.qwen.wave import FRAME_SAMPLES, faded, is_silent, leading_silence, to_pcm


def sounding(*loud: bool) -> torch.Tensor:
    """Frames of noise and of next to nothing."""
    wave = 5e-4 * torch.sin(torch.arange(len(loud) * FRAME_SAMPLES, dtype=torch.float32))
    for frame, one in enumerate(loud):
        wave[frame * FRAME_SAMPLES + 100] = 0.5 if one else 0.0
    return wave


def test_silence_is_what_nobody_hears() -> None:
    assert is_silent(sounding(False, False))
    assert not is_silent(sounding(False, True))
    assert not is_silent(-sounding(True))
    assert is_silent(torch.zeros(0))


def test_whole_silent_frames_go_before_the_first_sound() -> None:
    assert leading_silence(sounding(True, False)) == 0
    assert leading_silence(sounding(False, True, False, True)) == FRAME_SAMPLES
    assert leading_silence(sounding(False, False)) == 2 * FRAME_SAMPLES
    assert leading_silence(-sounding(False, True)) == FRAME_SAMPLES


def test_a_fade_ends_in_nothing_and_leaves_the_rest() -> None:
    wave = torch.ones(2 * FRAME_SAMPLES)
    down = faded(wave)
    assert len(down) == len(wave)
    assert torch.equal(down[:-960], wave[:-960])
    assert bool((down[-960:].diff() <= 0).all())
    assert abs(float(down[-1])) < 1e-6
    assert float(down.diff().abs().max()) < 0.01  # no click
    assert bool((wave == 1).all())
    assert len(faded(torch.ones(10))) == 10
    assert len(faded(torch.ones(0))) == 0


def test_samples_are_little_endian_and_reach_full_scale() -> None:
    pcm = to_pcm(torch.tensor([0.0, 1.0, -1.0, 0.5, 1 / 32767]))
    assert np.frombuffer(pcm, "<i2").tolist() == [0, 32767, -32767, 16384, 1]
