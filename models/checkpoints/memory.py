"""How much memory a model's weights take, known before anything is downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Bytes a weight of the linear layers takes. int8 has one scale a row, which is nothing; int4 is counted in groups of
# 32 with a 16-bit scale and zero each.
BYTES: Final = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.0, "int4": 0.625}
# The codec's decoder, and its encoder with the speaker encoder, which only references need; both stay in float32.
CODEC_DECODER: Final = 114_300_000
CODEC_ENCODER: Final = 56_250_000


@dataclass(frozen=True, slots=True)
class Weights:
    """How many weights a model has, by what becomes of them."""

    linear: int
    """Talker, code predictor and their heads: what quantisation makes small."""
    embedding: int
    """Text and code embeddings with the text projection: looked up, never quantised."""
    speaker_encoder: int
    """In `base` checkpoints only."""


WEIGHTS: Final = {
    "0.6B": Weights(553_648_128, 352_062_464, 8_860_000),
    "1.7B": Weights(1_527_775_232, 388_763_648, 12_010_000),
}


def memory(size: str, task: str, dtype: str) -> int:
    """Bytes for weights, embeddings and codec; the process itself and its listeners come on top.

    Raises KeyError for a size or dtype that is not in the tables.
    """
    reference = CODEC_ENCODER * 4 if task in ("base", "tokenizer") else 0
    if task == "tokenizer":
        return CODEC_DECODER * 4 + reference
    weights, plain = WEIGHTS[size], 4 if dtype == "float32" else 2
    if task == "base":
        reference += weights.speaker_encoder * plain
    return round(weights.linear * BYTES[dtype]) + weights.embedding * plain + CODEC_DECODER * 4 + reference
