"""A checkpoint in memory: everything that speaking needs, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from models.qwen import config, weights
from models.qwen.codec import Codec
from models.qwen.config import ModelShape
from models.qwen.frames import Frames
from models.qwen.linear import Precision, independent
from models.qwen.native import shelf
from models.qwen.native.shelf import Shelf
from models.qwen.predictor import Predictor
from models.qwen.prompt import Prompts
from models.qwen.talker import Talker
from models.qwen.tokens import Tokens
from models.qwen.voiceprint import voiceprint
from models.qwen.weights import Tensors


@dataclass(frozen=True, slots=True)
class Plan:
    """How a checkpoint is to be held."""

    precision: Precision
    codec: torch.dtype = torch.float32
    cache_bytes: int = 1 << 30
    """What keys and values of all rows may take."""
    exact_rows: bool = False
    """A row is the same alone and among others in every precision, at the price of speed where that takes single products."""

    @property
    def one_by_one(self) -> bool:
        """Whether rows have to be multiplied each by itself."""
        return self.exact_rows and not independent(self.precision)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The parts of one model, ready to speak."""

    shape: ModelShape
    tokens: Tokens
    talker: Talker
    prompts: Prompts
    frames: Frames
    codec: Codec
    voiceprint: str = ""
    """Which voice prompts it can speak from; empty where it takes none."""


def load(folder: Path, plan: Plan) -> Checkpoint:
    """Read the checkpoint in `folder`. Raises BadCheckpoint."""
    shape, tokens = config.read(folder), Tokens(folder)
    packed = shelf.opened(folder)
    try:
        with weights.opened(folder) as main, weights.opened(folder / "speech_tokenizer") as codec:
            model = build(shape, tokens, main, codec, plan, packed)
    finally:
        if packed is not None:
            packed.close()
    return replace(model, voiceprint=voiceprint(folder, shape))


@torch.inference_mode()
def build(
    shape: ModelShape, tokens: Tokens, main: Tensors, codec: Tensors, plan: Plan, packed: Shelf | None = None
) -> Checkpoint:
    """Put a model together from tensors, wherever they come from, and what is packed of them already."""
    talker = Talker(shape, main, plan.precision, plan.cache_bytes, packed)
    predictor = Predictor(shape, main, plan.precision, packed)
    prompts = Prompts(shape, main, predictor.embeddings, tokens.assistant, plan.precision, plan.one_by_one)
    return Checkpoint(
        shape=shape,
        tokens=tokens,
        talker=talker,
        prompts=prompts,
        frames=Frames(shape, talker, predictor, prompts, plan.one_by_one),
        codec=Codec(shape.codec, codec, dtype=plan.codec, shelf=packed),
    )
