"""Which prompts belong to which checkpoint: told by weights, not by folders, and without torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import damage
import pytest
import torch
from checkpoints import Kind, Shelf
from safetensors.torch import load_file, save_file

from models.qwen import config
from models.qwen.config import BadCheckpoint
from models.qwen.voiceprint import voiceprint

BIAS = "speaker_encoder.fc.bias"
ROWS = "talker.model.codec_embedding.weight"


def of(folder: Path) -> str:
    return voiceprint(folder, config.read(folder))


def weights(folder: Path, part: str = "") -> Path:
    return folder / part / "model.safetensors"


def widen(file: Path) -> None:
    save_file({name: tensor.float() for name, tensor in load_file(file).items()}, file, {"format": "pt"})


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("kind", ["base", "custom_voice"])
def test_it_is_the_same_for_copies_shards_and_wider_dtypes(
    checkpoint: Shelf, tmp_path: Path, kind: Kind, dtype: str
) -> None:
    mine = of(checkpoint(kind, dtype=dtype))
    assert len(mine) == 32
    copy = damage.copied(checkpoint(kind, dtype=dtype), tmp_path / "copy")
    assert of(copy) == mine
    widen(weights(copy))
    assert of(copy) == mine
    damage.shard(copy)
    damage.shard(copy / "speech_tokenizer")
    assert of(copy) == mine


def test_it_tells_models_apart(checkpoint: Shelf) -> None:
    folders = [
        checkpoint(kind, shape, seed=seed)
        for kind in ("base", "custom_voice")
        for shape, seed in (("nano", 0), ("nano", 1), ("small", 0))
    ]
    assert len({of(folder) for folder in folders}) == 6


def test_a_model_that_describes_its_voices_has_none(checkpoint: Shelf, tmp_path: Path) -> None:
    assert of(checkpoint("voice_design")) == ""
    folder = damage.copied(checkpoint("custom_voice"), tmp_path / "nobody")
    damage.configure(folder, talker_config={"spk_id": {}, "spk_is_dialect": {}})
    assert of(folder) == ""


@pytest.mark.parametrize(
    ("kind", "part", "name", "changes"),
    [
        ("base", "", BIAS, True),
        ("base", "speech_tokenizer", "decoder.pre_conv.conv.bias", True),
        ("base", "", "talker.model.norm.weight", False),
        ("custom_voice", "", "talker.model.norm.weight", False),
        ("custom_voice", "speech_tokenizer", "decoder.pre_conv.conv.bias", False),
    ],
)
def test_it_is_of_what_prompts_are_made_from(
    checkpoint: Shelf, tmp_path: Path, kind: Kind, part: str, name: str, changes: bool
) -> None:
    folder = damage.copied(checkpoint(kind), tmp_path / "tuned")
    damage.plant(weights(folder, part), name, 0.5, at=(0,))
    assert (of(folder) != of(checkpoint(kind))) == changes


def test_another_voice_under_a_preset_s_name_is_another_print(checkpoint: Shelf, tmp_path: Path) -> None:
    folder, shape = (
        damage.copied(checkpoint("custom_voice"), tmp_path / "tuned"),
        config.read(checkpoint("custom_voice")),
    )
    damage.plant(weights(folder), ROWS, 0.5, at=(0,))
    assert of(folder) == of(checkpoint("custom_voice")), "no speaker's row"
    damage.configure(folder, talker_config={"spk_id": {**shape.speakers, "ryan": shape.speakers["sohee"]}})
    swapped = of(folder)
    assert swapped != of(checkpoint("custom_voice"))
    damage.plant(weights(folder), ROWS, 0.5, at=(shape.speakers["vivian"], 3))
    assert of(folder) not in (swapped, of(checkpoint("custom_voice")))


def whole_numbers(folder: Path) -> None:
    tensors = load_file(weights(folder))
    save_file(tensors | {BIAS: torch.ones(32, dtype=torch.int32)}, weights(folder))


def pointing_past_the_end(folder: Path) -> None:
    data = weights(folder).read_bytes()
    weights(folder).write_bytes(data[: 8 + int.from_bytes(data[:8], "little") + 10])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: weights(folder).unlink(), "model.safetensors is missing"),
        (lambda folder: weights(folder).write_bytes(b""), "not a whole safetensors file"),
        (lambda folder: weights(folder).write_bytes(b"\xff" * 64), "not a whole safetensors file"),
        (lambda folder: weights(folder).write_bytes((2).to_bytes(8, "little") + b"[]"), "its head cannot be read"),
        (lambda folder: damage.drop(weights(folder), BIAS), f"{BIAS} is missing"),
        (lambda folder: damage.reshape(weights(folder), BIAS, 7), r"has shape \[7\]; its config.json means \[32\]"),
        (whole_numbers, "holds I32; weights are floating point numbers"),
        (pointing_past_the_end, "not a whole safetensors file"),
        (lambda folder: (folder / "model.safetensors.index.json").write_text("{"), "does not list the shards"),
    ],
)
def test_a_damaged_folder_is_one_clear_error(
    checkpoint: Shelf, tmp_path: Path, harm: Callable[[Path], object], words: str
) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "broken")
    harm(folder)
    with pytest.raises(BadCheckpoint, match=words):
        of(folder)
