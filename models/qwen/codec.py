"""The decoder of the 12 Hz speech tokenizer: codes to samples, frame by frame, exact, many rows at once.

The arithmetic is that of `Qwen3TTSTokenizerV2Decoder.forward` over a row's whole history (qwen-tts 0.1.1), however the
frames are handed in: every convolution keeps the end of its input, attention keeps its window. Matrices with nothing
between them are multiplied together once. On a CPU in float32 with packed weights (see convolution.py) a row's samples
are the same to the last bit in any chunking and beside any neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.codec_parts import Source
from models.qwen.codec_state import CodecState, Layout
from models.qwen.codec_transformer import Hearing
from models.qwen.codec_wave import Sound, memory
from models.qwen.config import CODEBOOKS, CodecShape
from models.qwen.native.hearing import NativeHearing
from models.qwen.native.library import why_not
from models.qwen.native.numbers import kept
from models.qwen.native.shelf import Shelf
from models.qwen.native.sound import NativeSound
from models.qwen.weights import Tensors

__all__ = ["Codec", "CodecState"]

# Frames of all rows together that go through at once: more only takes memory (3 MB a frame).
PIECE: Final = 32


class Codec:
    """The decoder. It may be called from one thread at a time; rows are held by their callers."""

    def __init__(
        self,
        shape: CodecShape,
        weights: Tensors,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        shelf: Shelf | None = None,
    ) -> None:
        """Read and pack the tensors `decoder.*`, or take them packed from the shelf. Raises BadCheckpoint."""
        self._hop, self._dtype, self._device = shape.hop, dtype, device
        self._hidden, self._memory = shape.stack.hidden, memory(shape)
        self._layout = Layout()
        source = Source(weights, "decoder.", self._layout, dtype, device, shelf)
        self._tables = _Tables(source.part("quantizer"), shape)
        plain = dtype == torch.float32 and torch.device(device).type == "cpu"
        native = plain and why_not() is None and NativeHearing.fits(shape)
        enter = partial(_entrance, source, shape)
        self._transform = NativeHearing(source, shape, enter) if native else Hearing(source, shape, enter)
        leave = partial(_exit, source.part("pre_transformer"), shape)
        self._speak = NativeSound(source, shape, leave) if native else Sound(source, shape, leave)

    def start(self) -> CodecState:
        """A fresh row."""
        tails = torch.zeros(self._layout.size, dtype=self._dtype, device=self._device)
        return CodecState(tails, self._transform.ring())

    @torch.inference_mode()
    def decode(self, states: Sequence[CodecState], codes: torch.Tensor) -> torch.Tensor:
        """The samples of T more frames of every row: codes [B, 16, T] to float32 [B, 1920 * T] in -1..1."""
        rows, _, frames = codes.shape
        wave = torch.empty(rows, frames * self._hop, device=self._device)
        step = max(1, PIECE // max(1, rows))
        for at in range(0, frames if rows else 0, step):
            piece = codes[:, :, at : at + step]
            wave[:, at * self._hop : (at + piece.shape[2]) * self._hop] = self._speak(states, self._hear(states, piece))
        return wave

    @torch.inference_mode()
    def prime(self, state: CodecState, codes: torch.Tensor) -> None:
        """Move a row past the frames of a reference, codes [16, T]; of its wave no more is made than it leaves traces of."""
        recent = torch.empty(1, 0, self._hidden, dtype=self._dtype, device=self._device)
        for at in range(0, codes.shape[1], PIECE):
            fresh = self._hear([state], codes[None, :, at : at + PIECE])
            recent = torch.cat([recent, fresh], dim=1)[:, -self._memory :]
        if recent.shape[1]:
            self._speak([state], recent)

    def _hear(self, states: Sequence[CodecState], codes: torch.Tensor) -> torch.Tensor:
        """Codes [B, 16, T] to the transformer's frames [B, T, hidden]."""
        return self._transform(states, self._tables(codes.to(self._device)))


_CODEBOOKS: Final = ("rvq_first.vq.layers.0", *(f"rvq_rest.vq.layers.{index}" for index in range(CODEBOOKS - 1)))


def _codebook(source: Source, size: int, width: int) -> torch.Tensor:
    usage = source.read("_codebook.cluster_usage", size).clamp(min=1e-5)
    return source.read("_codebook.embedding_sum", size, width) / usage[:, None]


class _Tables:
    """Sixteen codebooks: the first stands alone, the others are added up."""

    def __init__(self, source: Source, shape: CodecShape) -> None:
        size, width = shape.codebook_size, shape.codebook_dim // 2

        def table() -> torch.Tensor:
            return torch.cat([_codebook(source.part(name), size, width) for name in _CODEBOOKS])

        self._table = kept("codec.tables", source.shelf, (CODEBOOKS * size, width), table).to(source.device)
        self._starts = (torch.arange(CODEBOOKS) * size).to(source.device)
        self._size = size

    def __call__(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes [B, 16, T] to float32 [B, T, codebook_dim]: the first codebook's half and the others'."""
        rows, _, frames = codes.shape
        if codes.numel() and not 0 <= int(codes.min()) <= int(codes.max()) < self._size:
            raise IndexError(f"codes are {int(codes.min())}..{int(codes.max())}; the codebooks hold {self._size}")
        entries = codes.transpose(1, 2).reshape(-1, CODEBOOKS) + self._starts
        first = F.embedding(entries[:, 0], self._table)
        rest = F.embedding_bag(entries[:, 1:].contiguous(), self._table, mode="sum")
        return torch.cat([first, rest], dim=1).view(rows, frames, -1)


def _exit(source: Source, shape: CodecShape) -> tuple[torch.Tensor, torch.Tensor]:
    """From the transformer to what makes samples: a matrix."""
    weight = source.read("output_proj.weight", shape.latent, shape.stack.hidden)
    return weight, source.read("output_proj.bias", shape.latent)


def _entrance(source: Source, shape: CodecShape) -> tuple[torch.Tensor, torch.Tensor]:
    """From the codebooks to the transformer: two projections, a convolution and a matrix, as one convolution."""
    width, hidden = shape.codebook_dim, shape.stack.hidden
    projections = [
        source.read(f"quantizer.{part}.output_proj.weight", width, width // 2, 1).squeeze(2)
        for part in ("rvq_first", "rvq_rest")
    ]
    taps = source.read("pre_conv.conv.weight", shape.latent, width, 3)
    matrix = source.read("pre_transformer.input_proj.weight", hidden, shape.latent)
    bias = source.read("pre_transformer.input_proj.bias", hidden) + matrix @ source.read(
        "pre_conv.conv.bias", shape.latent
    )
    return torch.einsum("hl,lwt,wc->hct", matrix, taps, torch.cat(projections, dim=1)), bias
