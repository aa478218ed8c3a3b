"""A model without weights: numbers made up at full dimensions, in memory. Speed does not depend on their values."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import torch

from models.qwen import blueprint, checkpoint, config
from models.qwen.backend import CodecPrecision, Qwen
from models.qwen.checkpoint import Checkpoint, Plan
from models.qwen.linear import Precision
from models.qwen.tokens import Tokens
from models.synthetic import Size

# Normal numbers that all tensors are cut from, each beginning somewhere else. Most matrices of 1.7B fit in.
_POOL: Final = 1 << 24
# What says "do not end" (see Numbers) in the talker's inputs, and how loud its head hears it.
_CHANNEL: Final = 0
_LOUD: Final = -1000.0
# Whose outputs are added to what the talker's layers hand on.
_ONTO_TALKER: Final = r"talker\.(model\.layers\.\d+\.(self_attn\.o_proj|mlp\.down_proj)|text_projection\.linear_fc2)\."
_WORDS: Final = "talker.model.text_embedding.weight"

# One number everywhere, where a name holds the pattern; else normal numbers around 0 with this spread, else with a
# spread that keeps outputs as large as inputs, times this gain.
_CONSTANT: Final = ((r"cluster_usage$|initialized$|norm\.weight$", 1.0), (r"gamma$|layer_scale", 0.3))
_SPREAD: Final = (
    (r"embed(ding)?_sum$", 1.0),
    (r"\.(alpha|beta)$", 0.1),
    (r"embedding\.(\d+\.)?weight$", 0.25),  # sixteen of them are added up
    (r"bias$", 0.01),
)
# What is added to the wave on its way, and its last convolution: together they keep it within -1..1.
_GAIN: Final = ((r"block\.\d\.conv2\.", 0.3), (r"decoder\.decoder\.6\.", 0.05))


class Numbers:
    """Made-up tensors (see weights.Tensors), the same for the same name and shape.

    Speech never ends by itself: every embedding of a code has a constant in one channel, no layer touches that channel,
    and the head takes it for a loud no to the end. So all takes have the length they are asked for, here and in the
    package, at every precision.

    Args:
        dtype: of the tensors, as a file would have it.
        end: the id that ends speech; -1 for the speech tokenizer.
    """

    def __init__(self, dtype: torch.dtype, end: int = -1) -> None:
        self._dtype, self._end = dtype, end
        self._pool = torch.randn(_POOL, generator=torch.Generator().manual_seed(0)).to(dtype)

    def read(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor of its own, but for the text embedding: its rows overlap, so that it takes no memory."""
        if (constant := _of(_CONSTANT, name)) is not None:
            return torch.full(shape, constant, dtype=self._dtype)
        if name == _WORDS:
            rows, width = shape
            return torch.as_strided(self._cut(name, rows + width) * _spread(name, shape), shape, (1, 1))
        tensor = (self._cut(name, torch.Size(shape).numel()) * _spread(name, shape)).view(shape)
        return _lean(name, tensor, self._end) if self._end >= 0 else tensor

    def table(self, name: str, *shape: int) -> torch.Tensor:
        """See Tensors.table."""
        return self.read(name, *shape)

    def _cut(self, name: str, count: int) -> torch.Tensor:
        start = zlib.crc32(name.encode()) % _POOL
        if start + count <= _POOL:
            return self._pool[start : start + count]
        return self._pool.repeat(-(-(start + count) // _POOL))[start : start + count]


def _spread(name: str, shape: tuple[int, ...]) -> float:
    spread = _of(_SPREAD, name)
    return (_of(_GAIN, name) or 1.0) * float(_inputs(name, shape)) ** -0.5 if spread is None else spread


def _of(table: tuple[tuple[str, float], ...], name: str) -> float | None:
    return next((value for pattern, value in table if re.search(pattern, name)), None)


def _inputs(name: str, shape: tuple[int, ...]) -> int:
    """How many numbers are added up to one output."""
    if re.search(r"upsample\.\d\.0\.conv", name):  # transposed, and its steps do not overlap
        return shape[0]
    if re.search(r"block\.1\.conv", name):  # transposed, two steps overlap
        return 2 * shape[0]
    return torch.Size(shape[1:]).numel()


def _lean(name: str, tensor: torch.Tensor, end: int) -> torch.Tensor:
    if ".codec_embedding." in name:
        tensor[:, _CHANNEL] = 1 / 16
    elif re.match(_ONTO_TALKER, name):
        tensor[_CHANNEL] = 0.0
    elif name == "talker.codec_head.weight":
        tensor[:, _CHANNEL] = 0.0
        tensor[end] = 0.0
        tensor[end, _CHANNEL] = _LOUD
    return tensor


class Synthetic(Qwen):
    """Qwen3-TTS at a released size, without a checkpoint.

    Args:
        codec: what the speech tokenizer computes in.
    """

    def __init__(self, size: Size, *, slots: int, precision: Precision, codec: CodecPrecision = "float32") -> None:
        with TemporaryDirectory(prefix="voiced-synthetic-") as name:
            folder = blueprint.write(Path(name) / "model", size)
            super().__init__(folder, f"synthetic-{size}", slots=slots, precision=precision, codec=codec)
            self._shape, self._tokens = config.read(folder), Tokens(folder)

    def _read(self, plan: Plan) -> Checkpoint:
        end = self._shape.ids["codec_eos_token_id"]
        main, codec = Numbers(torch.bfloat16, end), Numbers(torch.float32)
        return checkpoint.build(self._shape, self._tokens, main, codec, plan)
