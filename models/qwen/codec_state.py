"""What one row of the codec remembers, and where in it each layer keeps its part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(slots=True)
class CodecState:
    """One row's whole past. It owns its tensors: it can wait, and be used again later beside any other rows."""

    tails: torch.Tensor
    """[numbers]: the last inputs of every convolution, one span after the other."""
    ring: torch.Tensor
    """[layers, 2, kv_heads, slots, head_dim]: keys and values of the last frames; frame p lies in slot p mod slots."""
    position: int = 0
    """Frames decoded so far."""

    def clone(self) -> CodecState:
        """Another row with the same past, such as a voice's reference."""
        return CodecState(self.tails.clone(), self.ring.clone(), self.position)

    @property
    def nbytes(self) -> int:
        """Bytes that the row holds."""
        return self.tails.nbytes + self.ring.nbytes


@dataclass(frozen=True, slots=True)
class Span:
    """The part of `CodecState.tails` that one convolution keeps: its last `steps` inputs of `channels` numbers."""

    at: int
    steps: int
    channels: int

    def room(self, tails: torch.Tensor, fresh: int) -> tuple[torch.Tensor, torch.Tensor]:
        """[B, steps + fresh, channels] with the past in front, and the view behind it, yet to be written."""
        joined = tails.new_empty(tails.shape[0], self.steps + fresh, self.channels)
        joined[:, : self.steps] = self._part(tails)
        return joined, joined[:, self.steps :]

    def keep(self, tails: torch.Tensor, joined: torch.Tensor) -> None:
        """Remember the end of `joined`."""
        self._part(tails).copy_(joined[:, joined.shape[1] - self.steps :])

    def _part(self, tails: torch.Tensor) -> torch.Tensor:
        return tails[:, self.at : self.at + self.steps * self.channels].view(-1, self.steps, self.channels)


class Layout:
    """Hands out spans while the layers are built."""

    def __init__(self) -> None:
        self.size = 0

    def span(self, steps: int, channels: int) -> Span:
        """The next free span."""
        span = Span(self.size, steps, channels)
        self.size += steps * channels
        return span


def gather(states: Sequence[CodecState]) -> torch.Tensor:
    """The rows' tails as [B, numbers]; a row alone is used where it lies."""
    return states[0].tails[None] if len(states) == 1 else torch.stack([state.tails for state in states])


def scatter(tails: torch.Tensor, states: Sequence[CodecState]) -> None:
    """Give tails that were moved on back to their rows."""
    if len(states) > 1:
        for state, tail in zip(states, tails, strict=True):
            state.tails.copy_(tail)
