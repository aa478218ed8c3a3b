"""`voiced models` and `voiced voices`, which list what the engine has."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command import voiced


def test_voices_and_models_are_listed(tmp_path: Path) -> None:
    checkpoint = tmp_path / "models" / "fine-tune"
    checkpoint.mkdir(parents=True)
    (checkpoint / "config.json").write_text('{"model_type": "qwen3_tts"}')
    voices = json.loads(voiced("voices", "list", "--json", "--data-dir", str(tmp_path)).stdout)
    assert [voice["id"] for voice in voices] == ["tone", "tone-2"]
    assert voiced("voices", "--data-dir", str(tmp_path)).stdout.startswith(b"id      label")
    models = json.loads(voiced("models", "list", "--json", "--data-dir", str(tmp_path)).stdout)
    assert [(model["id"], model["speaks"]) for model in models] == [("tone", True), ("fine-tune", False)]
