"""Which engine is chosen, and the sentence that says why."""

from __future__ import annotations

import json
import os
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models import load
from models.backend import EngineUnavailable
from models.load import Arrivals, Choice, Wish, arrived, choose

if TYPE_CHECKING:
    from checkpoints import Shelf


def empty(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen3_tts", "tts_model_type": "base"}))


@pytest.fixture
def models(tmp_path: Path, checkpoint: Shelf) -> Path:
    """A models folder with presets (0.6B and 1.7B), a designer and a cloner, all tiny."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name, kind, shape in (
        ("large", "custom_voice", "small"), ("presets", "custom_voice", "nano"), ("designer", "voice_design", "nano"),
        ("cloner", "base", "nano"),
    ):  # fmt: skip
        os.symlink(checkpoint(kind, shape), folder / name)
    return folder


def names(choice: Choice) -> list[str]:
    return [backend.facts.model for backend in (choice.backend, *choice.others)]


def test_auto_takes_the_built_in_voice_where_no_checkpoint_lies(tmp_path: Path) -> None:
    choice = choose(Wish(models_dir=tmp_path))
    assert choice.backend.facts.name == "builtin"
    assert f"no Qwen3-TTS checkpoint lies in {tmp_path}" in choice.reason


def test_auto_says_why_a_checkpoint_cannot_be_used(tmp_path: Path) -> None:
    empty(tmp_path / "half")
    choice = choose(Wish(models_dir=tmp_path))
    assert choice.backend.facts.name == "builtin"
    assert "half: model.safetensors is missing" in choice.reason


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        ({}, "no Qwen3-TTS checkpoint"),
        ({"device": "cuda"}, "on the CPU only"),
        ({"dtype": "float16"}, "float16 needs a GPU"),
        ({"model": "half"}, "half cannot be used .*model.safetensors is missing"),
        ({"model": "nobody"}, "no model is called 'nobody'; here are half"),
    ],
)
def test_what_is_asked_for_by_name_and_cannot_run_is_refused(tmp_path: Path, wish: dict[str, str], why: str) -> None:
    if wish:
        empty(tmp_path / "half")
    with pytest.raises(EngineUnavailable, match=why):
        choose(Wish(engine="qwen", models_dir=tmp_path, **wish))  # type: ignore[arg-type]


def test_a_missing_package_is_named_and_torch_is_not_imported_to_find_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(tmp_path / "half")
    monkeypatch.setattr(load, "find_spec", lambda name: None if name == "torch" else util.find_spec(name))
    choice = choose(Wish(models_dir=tmp_path))
    assert "not the package torch: pip install 'voiced[qwen]'" in choice.reason
    with pytest.raises(EngineUnavailable, match="not the package torch"):
        choose(Wish(engine="qwen", models_dir=tmp_path))


def test_the_tone_takes_its_slots_and_cost() -> None:
    choice = choose(Wish(engine="tone", slots=3, tone_step_ms=5))
    assert choice.backend.facts.slots == 3
    assert "not speech" in choice.reason


def test_small_presets_go_first_and_the_built_in_voice_last(models: Path) -> None:
    choice = choose(Wish(models_dir=models))
    assert names(choice) == ["presets", "large", "designer", "cloner", "builtin"]
    assert choice.reason.startswith("presets speaks (custom_voice, 0.6B, int8 on the CPU): presets go before designs")
    assert choice.backend.facts.slots == 4


@pytest.mark.parametrize("name", ["large", "LARGE", "path"])
def test_the_model_that_is_named_is_the_default(models: Path, name: str) -> None:
    choice = choose(Wish(models_dir=models, model=str(models / "large") if name == "path" else name, dtype="bfloat16"))
    assert names(choice) == ["large", "presets", "designer", "cloner", "builtin"]
    assert "1.7B, bfloat16 on the CPU): it was asked for" in choice.reason


def test_a_model_somewhere_else_is_named_by_its_path(tmp_path: Path, checkpoint: Shelf) -> None:
    folder = checkpoint("custom_voice")
    assert names(choose(Wish(models_dir=tmp_path, model=str(folder)))) == ["custom_voice", "builtin"]


def test_the_built_in_voice_can_be_the_default_beside_others(models: Path) -> None:
    choice = choose(Wish(models_dir=models, model="builtin"))
    assert names(choice)[0] == "builtin"
    assert len(choice.others) == 4


def test_a_name_that_is_none_stops_the_start(models: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no model is called 'nobody'; here are presets, large"):
        choose(Wish(models_dir=models, model="nobody"))


def test_broken_folders_are_passed_over_with_the_reason(models: Path, checkpoint: Shelf) -> None:
    import damage

    empty(models / "a-half")
    cut = damage.copied(checkpoint("custom_voice"), models / "b-cut")
    damage.truncate(cut / "model.safetensors")
    odd = damage.copied(checkpoint("custom_voice"), models / "c-odd")
    damage.configure(odd, talker_config={"num_code_groups": 7})
    choice = choose(Wish(models_dir=models))
    assert names(choice)[0] == "presets"
    assert "passed over a-half: model.safetensors is missing" in choice.reason
    assert "passed over b-cut: model.safetensors: it " in choice.reason
    assert "7 codebooks" in choice.reason
    with pytest.raises(EngineUnavailable, match="b-cut cannot be used"):
        choose(Wish(engine="qwen", models_dir=models, model="b-cut"))
    assert "b-cut cannot be used" in choose(Wish(models_dir=models, model="b-cut")).reason


def test_what_has_arrived_is_what_nobody_knows(models: Path, checkpoint: Shelf) -> None:
    import damage

    known = names(choose(Wish(models_dir=models)))
    assert arrived(Wish(models_dir=models), known) == Arrivals()
    found = arrived(Wish(models_dir=models), {"presets", "builtin"})
    assert [backend.facts.model for backend in found.speaking] == ["large", "designer", "cloner"]
    damage.truncate(damage.copied(checkpoint("base"), models / "cut") / "model.safetensors")
    empty(models / "half")
    found = arrived(Wish(models_dir=models), known)
    assert found.speaking == ()
    assert found.passed_over.keys() == {"cut", "half"}
    assert found.passed_over["half"] == "model.safetensors is missing"
    assert arrived(Wish(models_dir=models, model="nobody"), known).passed_over == found.passed_over
    assert "float16 needs a GPU" in arrived(Wish(models_dir=models, dtype="float16"), known).passed_over["half"]
    assert arrived(Wish(models_dir=models / "nowhere"), known) == Arrivals()


def test_nothing_arrives_where_an_engine_was_asked_for(models: Path) -> None:
    found = arrived(Wish("tone", models_dir=models), {"tone"})
    assert (found.speaking, found.passed_over["presets"]) == ((), "the engine `tone` was asked for")


def test_a_tokenizer_arrives_without_a_voice(models: Path, checkpoint: Shelf) -> None:
    os.symlink(checkpoint("base") / "speech_tokenizer", models / "codec")
    found = arrived(Wish(models_dir=models), names(choose(Wish(models_dir=models))))
    assert ([one.facts.model for one in found.tokenizers], found.speaking) == (["codec"], ())
