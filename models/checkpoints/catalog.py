"""What models there are, told by what a folder holds, never by its name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The value of `model_type` in the config.json of every Qwen3-TTS checkpoint, fine-tuned ones included.
QWEN_MODEL_TYPE: Final = "qwen3_tts"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder with a Qwen3-TTS model."""

    id: str
    path: Path
    task: str
    """`custom_voice`, `voice_design` or `base`, as its config says; empty when it does not."""


def checkpoints(models_dir: Path) -> Sequence[Checkpoint]:
    """Every checkpoint below the data root's models folder, by name; what cannot be read is passed over."""
    try:
        folders = sorted(path for path in models_dir.iterdir() if path.is_dir())
    except OSError:
        return ()
    found = (recognise(folder) for folder in folders)
    return tuple(checkpoint for checkpoint in found if checkpoint is not None)


def recognise(folder: Path) -> Checkpoint | None:
    """The checkpoint in this folder, or None when it holds something else."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(config, dict) or config.get("model_type") != QWEN_MODEL_TYPE:
        return None
    return Checkpoint(folder.name, folder, str(config.get("tts_model_type") or ""))
