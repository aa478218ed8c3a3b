"""A clone prompt: what a reference recording, or a mix of voices, becomes once, and every utterance with it starts from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from models.backend import StalePrompt
from models.qwen.config import CODEBOOKS, ModelShape

VERSION: Final = 1
_KEY: Final = "voiced.clone"


@dataclass(frozen=True, slots=True, eq=False)
class ClonePrompt:
    """How a voice sounds: to the model that made it, and to no other."""

    embedding: torch.Tensor
    """[hidden] float32: the speaker embedding, as wide as the talker."""
    codes: torch.Tensor | None
    """[frames, 16] int64: the recording itself, 80 ms a frame; None where the embedding alone is the voice."""
    text: str
    """What is said in the recording; empty without codes."""
    model: str
    """The `voiceprint` of the checkpoint that made it."""

    def to_bytes(self) -> bytes:
        """The prompt as a safetensors file: the same bytes for the same prompt."""
        tensors = {"embedding": self.embedding}
        if self.codes is not None:
            tensors["codes"] = self.codes.to(torch.int16)
        # One key, as safetensors writes several in any order.
        about = {"version": VERSION, "text": self.text, "model": self.model}
        return save({name: tensor.contiguous() for name, tensor in tensors.items()}, {_KEY: json.dumps(about)})

    @classmethod
    def from_bytes(cls, data: bytes) -> ClonePrompt:
        """The prompt that `to_bytes` wrote. Raises StalePrompt."""
        tensors, about = _tensors(data), _about(data)
        text, model = about.get("text"), about.get("model")
        if not isinstance(text, str) or not isinstance(model, str):
            raise StalePrompt("this clone prompt does not say what was spoken and which model made it")
        if "embedding" not in tensors or tensors.keys() - {"embedding", "codes"}:
            raise StalePrompt(f"this clone prompt holds {sorted(tensors)}; expected an embedding and maybe codes")
        embedding, codes = tensors["embedding"], tensors.get("codes")
        if embedding.dtype != torch.float32 or embedding.dim() != 1 or not len(embedding):
            raise StalePrompt(f"this clone prompt's embedding is {_described(embedding)}; expected float32 [hidden]")
        if not embedding.isfinite().all():
            raise StalePrompt("this clone prompt's embedding holds numbers that are not finite")
        if codes is not None and (codes.dtype != torch.int16 or codes.dim() != 2 or codes.shape[1] != CODEBOOKS):
            raise StalePrompt(
                f"this clone prompt's codes are {_described(codes)}; expected int16 [frames, {CODEBOOKS}]"
            )
        if codes is not None and (not len(codes) or codes.min() < 0):
            raise StalePrompt("this clone prompt's codes are none, or below zero")
        if (codes is None) == bool(text.strip()):
            raise StalePrompt("a clone prompt has codes and their transcript, or neither; this one has one of them")
        return cls(embedding, None if codes is None else codes.long(), text, model)

    def check(self, model: str, shape: ModelShape) -> None:
        """See that the loaded checkpoint (its voiceprint and shape) can speak from this prompt. Raises StalePrompt."""
        if self.model != model or len(self.embedding) != shape.talker.hidden:
            raise StalePrompt("this clone prompt was made by another model; make it again")
        if self.codes is not None and int(self.codes.max()) >= shape.codebook_size:
            raise StalePrompt(f"this clone prompt holds a code above {shape.codebook_size - 1}, the model's last")


def _tensors(data: bytes) -> dict[str, torch.Tensor]:
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise StalePrompt(f"this is not a clone prompt: {error}") from error


def _about(data: bytes) -> dict[str, Any]:
    """What stands beside the tensors; only called on a file that could be read."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    try:
        about = json.loads(header["__metadata__"][_KEY])
        version = about["version"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise StalePrompt("this is a safetensors file, but not a clone prompt") from error
    if version != VERSION:
        raise StalePrompt(f"this clone prompt is of version {version!r}; version {VERSION} can be read")
    return dict(about)


def _described(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {list(tensor.shape)}"
