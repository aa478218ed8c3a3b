"""Random numbers that depend on nothing but the row's own seed, the frame and the codebook."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from models.qwen.config import CODEBOOKS

# Frames drawn at once: five seconds, so that drawing costs next to nothing a frame.
_AHEAD: Final = 64


class Draws:
    """Uniform numbers in [0, 1) of one row; number (frame, codebook) is the same however it is come by.

    Philox is a counter: its n-th number is a function of the key (the seed) and n, here frame * 16 + codebook.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.Generator(np.random.Philox(key=seed))
        self._numbers = torch.empty(0, CODEBOOKS)
        self._start = 0

    def of(self, frame: int) -> torch.Tensor:
        """The numbers of a frame, float32 [16]. Frames are asked for in order; the last block may be asked for again."""
        while frame >= self._start + len(self._numbers):
            self._start += len(self._numbers)
            block = self._random.random((_AHEAD, CODEBOOKS), dtype=np.float32)
            self._numbers = torch.from_numpy(block)
        return self._numbers[frame - self._start]
