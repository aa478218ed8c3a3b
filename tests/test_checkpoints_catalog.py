"""A checkpoint is what its config.json says."""

from __future__ import annotations

import json
from pathlib import Path

from models.catalog import checkpoints, recognise


def write(folder: Path, config: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return folder


def test_a_checkpoint_under_any_name(tmp_path: Path) -> None:
    write(tmp_path / "my fine tune", {"model_type": "qwen3_tts", "tts_model_type": "custom_voice"})
    (found,) = checkpoints(tmp_path)
    assert (found.id, found.task) == ("my fine tune", "custom_voice")


def test_what_is_something_else_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "Qwen3-TTS-12Hz-0.6B-Base", {"model_type": "llama"})
    write(tmp_path / "broken", "{")
    write(tmp_path / "list", [1])
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "config.json").write_text("[" * 100_000)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    assert checkpoints(tmp_path) == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert checkpoints(tmp_path / "nothing") == ()
    assert recognise(tmp_path / "nothing") is None
