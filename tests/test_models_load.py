"""Which engine is chosen, and the sentence that says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.backend import EngineUnavailable
from models.load import Wish, choose


def checkpoint(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen3_tts"}))


def test_auto_takes_the_built_in_voice_where_no_checkpoint_lies(tmp_path: Path) -> None:
    choice = choose(Wish(models_dir=tmp_path))
    assert choice.backend.facts.name == "builtin"
    assert f"no Qwen3-TTS checkpoint lies in {tmp_path}" in choice.reason


def test_auto_says_that_a_checkpoint_cannot_be_used_yet(tmp_path: Path) -> None:
    checkpoint(tmp_path / "qwen")
    choice = choose(Wish(models_dir=tmp_path))
    assert choice.backend.facts.name == "builtin"
    assert "holds a Qwen3-TTS checkpoint" in choice.reason


def test_what_is_asked_for_by_name_and_cannot_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no Qwen3-TTS checkpoint"):
        choose(Wish(engine="qwen", models_dir=tmp_path))


def test_the_tone_takes_its_slots_and_cost() -> None:
    choice = choose(Wish(engine="tone", slots=3, tone_step_ms=5))
    assert choice.backend.facts.slots == 3
    assert "not speech" in choice.reason
