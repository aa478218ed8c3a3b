"""A checkpoint is loaded whole, or an error names the file and what was expected of it; nothing stays behind."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from pathlib import Path

import damage
import pytest
import torch
from checkpoints import KINDS, Kind, Shelf
from qwen_core import loaded, part, passage, speak

from models.backend import Line
from models.qwen import checkpoint as product
from models.qwen import config
from models.qwen.checkpoint import Checkpoint, Plan
from models.qwen.config import BadCheckpoint
from models.qwen.linear import Precision
from models.qwen.tokens import Tokens
from models.qwen.weights import Tensors, opened

PRECISIONS: list[Precision] = ["float32", "bfloat16", "int8", "int4"]


@pytest.fixture
def folder(checkpoint: Shelf, tmp_path: Path) -> Path:
    return damage.copied(checkpoint("custom_voice", "small"), tmp_path / "broken")


def said(model: Checkpoint) -> list[list[int]]:
    who = part(model, Line("ryan", "en", 0))
    return speak(model, passage(model, who, "Hello there.", 3, max_new_tokens=8))[0].frames.tolist()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_loads_at_every_precision(checkpoint: Shelf, kind: Kind, precision: Precision) -> None:
    model = product.load(checkpoint(kind, "small", dtype="bfloat16"), Plan(precision))
    assert model.shape.task == kind
    assert model.talker.budget.dtype == (torch.float32 if precision == "float32" else torch.bfloat16)
    assert bool(model.voiceprint) == (kind != "voice_design")


def test_a_copy_in_shards_speaks_the_same(folder: Path, checkpoint: Shelf) -> None:
    damage.shard(folder)
    assert said(product.load(folder, Plan("float32"))) == said(loaded(checkpoint("custom_voice", "small")))


def test_a_folder_may_be_removed_while_its_model_speaks(folder: Path) -> None:
    model = product.load(folder, Plan("int8"))
    before = said(model)
    for file in [*folder.rglob("*.*")]:
        if file.is_file():
            file.unlink()
    assert said(model) == before


def main(folder: Path) -> Path:
    return folder / "model.safetensors"


def codec(folder: Path) -> Path:
    return folder / "speech_tokenizer" / "model.safetensors"


def is_mapped(folder: Path) -> bool:
    return str(folder) in Path("/proc/self/maps").read_text()


def whole_numbers(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(main(folder))
    save_file(tensors | {"talker.codec_head.weight": tensors["talker.codec_head.weight"].int()}, main(folder))


def lost_shard(folder: Path) -> None:
    damage.shard(folder)
    (folder / "model-00001-of-00002.safetensors").unlink()


def pointing_outside(folder: Path) -> None:
    map_ = {"talker.codec_head.weight": "../outside.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": map_}))


LAYER = "talker.model.layers.0.self_attn.q_proj.weight"
HEAD = "talker.code_predictor.lm_head.7.weight"
WAVE = "decoder.decoder.6.conv.weight"

DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), r"broken/config.json is missing"),
    "no codec config": (
        lambda folder: (folder / "speech_tokenizer" / "config.json").unlink(), r"speech_tokenizer/config.json is missing",
    ),
    "no weights": (lambda folder: main(folder).unlink(), r"broken/model.safetensors is missing"),
    "no codec weights": (lambda folder: codec(folder).unlink(), r"speech_tokenizer/model.safetensors is missing"),
    "no vocabulary": (lambda folder: (folder / "vocab.json").unlink(), r"broken: .*vocab.json missing"),
    "not json": (lambda folder: (folder / "config.json").write_text("<html>"), r"broken/config.json is not JSON"),
    "another model": (lambda folder: damage.configure(folder, model_type="llama"), "'llama' model; this engine speaks"),
    "25 Hz": (
        lambda folder: damage.configure(folder, tokenizer_type="qwen3_tts_tokenizer_25hz"), r"12hz \(12.5 Hz\)",
    ),
    "a tensor of the talker": (lambda folder: damage.drop(main(folder), LAYER), f"broken: the tensor {LAYER} is missing"),
    "a head of the predictor": (lambda folder: damage.drop(main(folder), HEAD), f"the tensor {HEAD} is missing"),
    "a tensor of the codec": (lambda folder: damage.drop(codec(folder), WAVE), f"the tensor {WAVE} is missing"),
    "a shape": (lambda folder: damage.reshape(main(folder), LAYER, 3, 3), r"q_proj.weight has shape \[3, 3\]; .*\[128, 64\]"),
    "a shape of the codec": (lambda folder: damage.reshape(codec(folder), WAVE, 1, 1, 7), r"shape \[1, 1, 7\]; .*\[1, 3, 7\]"),
    "cut short": (lambda folder: damage.truncate(main(folder)), r"broken/model.safetensors is not a whole safetensors"),
    "codec cut short": (
        lambda folder: damage.truncate(codec(folder)), r"speech_tokenizer/model.safetensors is not a whole safetensors",
    ),
    "whole numbers": (whole_numbers, "codec_head.weight holds torch.int32; weights are floating"),
    "a lost shard": (lost_shard, "model-00001-of-00002.safetensors is missing"),
    "pointing outside": (pointing_outside, "a shard is not the name of"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_checkpoint_is_one_clear_error(folder: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    harm, words = DAMAGES[name]
    harm(folder)
    with pytest.raises(BadCheckpoint, match=words) as raised:
        product.load(folder, Plan("int8"))
    assert "\n" not in str(raised.value)
    assert str(folder) in str(raised.value)
    assert capfd.readouterr() == ("", "")
    del raised
    if is_mapped(folder):
        gc.collect()
        assert not is_mapped(folder)


def test_what_was_half_loaded_is_given_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    build = product.Talker

    def watched(*args: object) -> object:
        talker = build(*args)  # type: ignore[arg-type]
        made.append(weakref.ref(talker))
        return talker

    monkeypatch.setattr(product, "Talker", watched)
    damage.drop(codec(folder), WAVE)  # the last thing that is read
    with pytest.raises(BadCheckpoint):
        product.load(folder, Plan("int8"))
    gc.collect()
    assert [talker() for talker in made] == [None]


class Watched:
    """Reads weights, and tells which of them still live as they were read."""

    def __init__(self, weights: Tensors) -> None:
        self._weights = weights
        self._read: dict[str, weakref.ref[torch.Tensor]] = {}
        self.tables: list[str] = []

    def read(self, name: str, *shape: int) -> torch.Tensor:
        tensor = self._weights.read(name, *shape)
        self._read[name] = weakref.ref(tensor)
        return tensor

    def table(self, name: str, *shape: int) -> torch.Tensor:
        self.tables.append(name)
        return self._weights.table(name, *shape)

    @property
    def kept(self) -> list[str]:
        gc.collect()
        return [name for name, tensor in self._read.items() if tensor() is not None]


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_nothing_is_kept_twice(checkpoint: Shelf, precision: Precision) -> None:
    """Of the mapped file nothing lives on but the text embedding, of which rows are looked up."""
    folder = checkpoint("custom_voice", "small", dtype="float16")
    with opened(folder) as main, opened(folder / "speech_tokenizer") as codec:
        watched = Watched(main)
        model = product.build(config.read(folder), Tokens(folder), watched, codec, Plan(precision))
        kept = watched.kept
    assert model.shape.task == "custom_voice"
    assert (kept, watched.tables) == ([], ["talker.model.text_embedding.weight"])
