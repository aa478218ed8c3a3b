"""The voices of one checkpoint as embeddings: its speakers, voice prompts, and what lies between them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from models.backend import BadReference, RowFailed
from models.qwen import sphere
from models.qwen.checkpoint import Checkpoint
from models.qwen.clone import ClonePrompt


def prompt(checkpoint: Checkpoint, data: bytes) -> ClonePrompt:
    """A voice prompt that this checkpoint can speak from. Raises StalePrompt, or RowFailed where it takes none."""
    if not checkpoint.voiceprint:
        raise RowFailed("this checkpoint takes no voice prompts")
    read = ClonePrompt.from_bytes(data)
    read.check(checkpoint.voiceprint, checkpoint.shape)
    return read


def embedding(checkpoint: Checkpoint, voice: str | bytes) -> torch.Tensor:
    """[hidden] float32 of a voice prompt, or of a speaker by name. Raises BadReference or StalePrompt."""
    if isinstance(voice, bytes):
        return prompt(checkpoint, voice).embedding
    speakers = checkpoint.shape.speakers
    if voice not in speakers:
        raise BadReference(f"this model has no speaker {voice!r}; it has {', '.join(sorted(speakers)) or 'none'}")
    return checkpoint.prompts.first[speakers[voice]].float()


@torch.inference_mode()
def blend(checkpoint: Checkpoint, parts: Sequence[tuple[str | bytes, float]]) -> ClonePrompt:
    """The voice between these, each with its weight, the same in any order. Raises BadReference or StalePrompt."""
    if not parts or not all(math.isfinite(weight) and weight > 0 for _, weight in parts):
        raise BadReference("a voice is mixed of at least one other, each with a weight above zero")
    found = [(weight, embedding(checkpoint, voice)) for voice, weight in parts]
    if len(found) == 1:
        return _sound(checkpoint, found[0][1])
    weights = torch.tensor([weight for weight, _ in found], dtype=torch.float64)
    try:
        return _sound(checkpoint, sphere.mean(torch.stack([one for _, one in found]), weights).float())
    except ValueError as error:
        raise BadReference(f"these voices cannot be mixed: {error}") from error


def _sound(checkpoint: Checkpoint, embedding: torch.Tensor) -> ClonePrompt:
    return ClonePrompt(embedding, None, "", checkpoint.voiceprint)
