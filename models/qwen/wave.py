"""Samples as listeners get them: 16 bits, without the silence before the first sound, faded where speech is cut off."""

from __future__ import annotations

from typing import Final

import torch

FRAME_SAMPLES: Final = 1920
# -60 dBFS: below what a quiet room lets through.
_SILENCE: Final = 1e-3
# Long enough not to click, short enough not to be heard as a word.
_FADE_SAMPLES: Final = 960


def is_silent(wave: torch.Tensor) -> bool:
    """Whether nothing in these float samples would be heard."""
    return bool(wave.abs().max() < _SILENCE) if wave.numel() else True


def leading_silence(wave: torch.Tensor) -> int:
    """Samples [n] of whole silent frames before the first one with a sound in it."""
    loud = (wave.view(-1, FRAME_SAMPLES).abs().amax(1) >= _SILENCE).nonzero()
    return int(loud[0]) * FRAME_SAMPLES if len(loud) else wave.numel()


def faded(wave: torch.Tensor) -> torch.Tensor:
    """The same samples with the last of them going down to nothing."""
    count = min(_FADE_SAMPLES, wave.numel())
    down = torch.cos(torch.linspace(0, torch.pi / 2, count))
    return torch.cat([wave[: wave.numel() - count], wave[wave.numel() - count :] * down])


def to_pcm(wave: torch.Tensor) -> bytes:
    """Float samples in -1..1 as s16le."""
    return (wave * 32767).round_().to(torch.int16).numpy().tobytes()
