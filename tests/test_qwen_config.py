"""A checkpoint's own description: what is read of it, and what is said of one that cannot be used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import damage
import pytest
from checkpoints import SHAPES, SPEAKERS, Shelf

from models.qwen import checkpoint, config
from models.qwen.checkpoint import Plan
from models.qwen.config import BadCheckpoint


@pytest.fixture
def folder(checkpoint: Shelf, tmp_path: Path) -> Path:
    return damage.copied(checkpoint("custom_voice"), tmp_path / "broken")


def test_a_shape_is_what_the_files_say(checkpoint: Shelf) -> None:
    shape = config.read(checkpoint("custom_voice", "small"))
    sizes = SHAPES["small"]
    assert (shape.task, shape.small, shape.text_hidden) == ("custom_voice", False, 96)
    for read, made in (
        (shape.talker, sizes.talker),
        (shape.predictor, sizes.predictor),
        (shape.codec.stack, sizes.codec),
    ):
        assert (read.layers, read.hidden, read.heads) == (
            made.num_hidden_layers, made.hidden_size, made.num_attention_heads,
        )  # fmt: skip
        assert (read.kv_heads, read.head_dim, read.intermediate) == (
            made.num_key_value_heads, made.head_dim, made.intermediate_size,
        )  # fmt: skip
    assert (shape.talker.eps, shape.talker.theta) == (1e-6, 1e6)
    assert (shape.vocab, shape.codebook_size, shape.codec.window) == (128 + 1024, 128, 9)
    assert set(shape.speakers) == set(SPEAKERS)
    assert shape.dialects == {"eric": "sichuan_dialect", "dylan": "beijing_dialect"}
    assert shape.generation["top_k"] == 50
    assert shape.codec.hop == 1920
    assert config.read(checkpoint("custom_voice")).small


def test_a_checkpoint_is_known_by_its_files_and_not_by_its_name(checkpoint: Shelf, tmp_path: Path) -> None:
    assert config.read(damage.copied(checkpoint("base"), tmp_path / "Model.v2 (copy)")).task == "base"


def test_sampling_defaults_may_be_missing(folder: Path) -> None:
    (folder / "generation_config.json").unlink()
    assert config.read(folder).generation == {}


@pytest.mark.parametrize("name", ["config.json", "speech_tokenizer/config.json"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ("{}", "model_type must be str"),
        (b"\xff\xfe\x00", "is not JSON"),
        ('{"model_type": "llama"}', "llama"),
    ],
)
def test_a_file_that_is_no_description_is_named(
    folder: Path, name: str, content: str | bytes | None, words: str
) -> None:
    file = folder / name
    file.unlink()
    if content is not None:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(BadCheckpoint, match=words) as raised:
        config.read(folder)
    assert str(file) in str(raised.value)
    assert len(str(raised.value)) < 400 + len(str(file))


def test_a_folder_in_place_of_a_file_is_named(folder: Path) -> None:
    (folder / "config.json").unlink()
    (folder / "config.json").mkdir()
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        config.read(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tokenizer_type": "qwen3_tts_tokenizer_25hz"}, "25hz.*only qwen3_tts_tokenizer_12hz"),
        ({"tts_model_type": "singing"}, "singing.*base, custom_voice, voice_design"),
        ({"tts_model_type": None}, "tts_model_type must be str"),
        ({"talker_config": {"num_code_groups": 8}}, "8 codebooks"),
        ({"talker_config": None}, "talker_config"),
        ({"talker_config": {"code_predictor_config": None}}, "code_predictor_config"),
        ({"talker_config": {"hidden_size": "wide"}}, "talker_config.hidden_size must be int"),
        ({"talker_config": {"hidden_size": 32.5}}, "hidden_size must be int"),
        ({"talker_config": {"spk_id": ["ryan"]}}, "spk_id must map names to ids"),
        ({"talker_config": {"codec_language_id": {"english": "x"}}}, "codec_language_id must map names to ids"),
        ({"tts_pad_token_id": None}, "tts_pad_token_id must be int"),
    ],
)
def test_a_description_that_does_not_fit_is_named(folder: Path, change: dict[str, Any], words: str) -> None:
    damage.configure(folder, **change)
    with pytest.raises(BadCheckpoint, match=words) as raised:
        config.read(folder)
    assert "config.json" in str(raised.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "qwen3_tts_tokenizer_25hz"}, "25hz.*expected qwen3_tts_tokenizer_12hz"),
        ({"decoder_config": {"upsample_rates": [8, 5, 4]}}, "640 samples a frame"),
        ({"decoder_config": {"upsample_rates": "many"}}, "list of whole numbers"),
        ({"decoder_config": {"upsampling_ratios": [2, -2]}}, "list of whole numbers"),
        ({"output_sample_rate": 16_000}, "24000 Hz"),
        ({"decoder_config": None}, "decoder_config"),
    ],
)
def test_a_codec_that_does_not_fit_is_named(folder: Path, change: dict[str, Any], words: str) -> None:
    damage.configure(folder / "speech_tokenizer", **change)
    with pytest.raises(BadCheckpoint, match=words):
        config.read(folder)


def test_names_are_compared_without_case_and_a_table_may_be_null(folder: Path) -> None:
    file = folder / "config.json"
    whole = json.loads(file.read_text())
    talker = whole["talker_config"]
    talker["spk_id"] = {"Ryan": 70, "Eric": 71}
    talker["spk_is_dialect"] = {"Ryan": False, "Eric": "Sichuan_Dialect"}
    file.write_text(json.dumps(whole))
    shape = config.read(folder)
    assert shape.speakers == {"ryan": 70, "eric": 71}
    assert shape.dialects == {"eric": "sichuan_dialect"}
    talker["spk_id"] = talker["spk_is_dialect"] = None
    file.write_text(json.dumps(whole))
    shape = config.read(folder)
    assert (shape.speakers, shape.dialects) == ({}, {})


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all keys."""
    for key, inner in value.items():
        yield (*path, key)
        if isinstance(inner, dict):
            yield from leaves(inner, (*path, key))


WRONG: tuple[Any, ...] = (None, "x", -1, 0, 10**12, 2.5, True, [], {}, {"a": "b"}, {"a": -1}, float("nan"))


@pytest.mark.parametrize("part", ["", "speech_tokenizer"])
def test_no_value_in_a_description_does_worse_than_a_clear_error(folder: Path, part: str) -> None:
    """Every key, with everything that might stand there by mistake: it is refused, or it does not matter."""
    file = folder / part / "config.json"
    whole = json.loads(file.read_text())
    refused = 0
    for path in list(leaves(whole)):
        if "encoder" in path[0]:
            continue  # of the package's part
        for wrong in WRONG:
            changed = json.loads(json.dumps(whole))
            place = changed
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = wrong
            file.write_text(json.dumps(changed))
            try:
                config.read(folder)
            except BadCheckpoint as error:
                assert str(folder) in str(error)
                refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("part", "path", "wrong"),
    [
        ("", ("talker_config", "codec_eos_token_id"), 10**6),
        ("", ("talker_config", "codec_pad_id"), -1),
        ("", ("tts_bos_token_id",), 10**6),
        ("", ("talker_config", "vocab_size"), 64),
        ("", ("talker_config", "hidden_size"), 0),
        ("", ("talker_config", "num_attention_heads"), 0),
        ("", ("talker_config", "num_attention_heads"), 3),
        ("", ("talker_config", "head_dim"), 7),
        ("", ("talker_config", "head_dim"), "x"),
        ("", ("talker_config", "num_hidden_layers"), -1),
        ("", ("talker_config", "spk_id"), {"ryan": 10**6}),
        ("", ("talker_config", "codec_language_id"), {"english": 10**6}),
        ("", ("talker_config", "spk_is_dialect"), {"eric": "klingon"}),
        ("", ("talker_config", "spk_is_dialect"), "x"),
        ("speech_tokenizer", ("decoder_config", "sliding_window"), 0),
        ("speech_tokenizer", ("decoder_config", "codebook_size"), 3),
    ],
)
def test_a_number_out_of_range_is_an_error_before_anything_is_spoken(
    folder: Path, part: str, path: tuple[str, ...], wrong: Any
) -> None:
    file = folder / part / "config.json"
    whole = json.loads(file.read_text())
    place = whole
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    file.write_text(json.dumps(whole))
    with pytest.raises(BadCheckpoint):
        checkpoint.load(folder, Plan("float32"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="nowhere"):
        config.read(tmp_path / "nowhere")


def test_a_codec_that_is_not_there_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "speech_tokenizer")
    with pytest.raises(BadCheckpoint, match=r"speech_tokenizer/config.json is missing"):
        config.read(folder)
