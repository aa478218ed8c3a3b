"""Which voice prompts belong to a checkpoint: known without loading it, and without torch."""

from __future__ import annotations

import hashlib
from pathlib import Path

from models.qwen.config import ModelShape
from models.qwen.tensorfile import numbers


def voiceprint(folder: Path, shape: ModelShape) -> str:
    """A digest that a checkpoint shares with all that understand its prompts; empty where it speaks with none.

    The same for copies, shards and wider dtypes of the same weights. Raises BadCheckpoint.
    """
    if shape.task == "base":
        return _of_ears(folder, shape)
    return _of_presets(folder, shape) if shape.task == "custom_voice" and shape.speakers else ""


def _of_ears(folder: Path, shape: ModelShape) -> str:
    """Of what turns a recording into a prompt, the speaker encoder and the codec: a bias of each tells them from others.

    Talkers tuned on a frozen speaker encoder share it.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(numbers(folder, "speaker_encoder.fc.bias", shape.talker.hidden).tobytes())
    digest.update(numbers(folder / "speech_tokenizer", "decoder.pre_conv.conv.bias", shape.codec.latent).tobytes())
    return digest.hexdigest()


def _of_presets(folder: Path, shape: ModelShape) -> str:
    """Of the embeddings that prompts are mixed from, with their names: another voice under one of them is another mix."""
    names = sorted(shape.speakers)
    size = shape.vocab, shape.talker.hidden
    rows = numbers(folder, "talker.model.codec_embedding.weight", *size, rows=[shape.speakers[name] for name in names])
    digest = hashlib.blake2b(" ".join(names).encode(), digest_size=16)
    digest.update(rows.tobytes())
    return digest.hexdigest()
