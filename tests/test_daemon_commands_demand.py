"""What the doctor says of memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daemon import settings
from daemon.commands import demand
from models import ram

if TYPE_CHECKING:
    from checkpoints import Shelf


def read(folder: Path, **options: object) -> settings.Settings:
    return settings.read({"data_dir": folder, **options}, environ={})


def test_every_release_is_weighed_before_any_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ram, "available", lambda: 2_000_000_000)
    told = list(demand.rows(read(tmp_path)))
    assert told[0] == (
        "2.0 GB are free; 1 model at once in int8, and 344 MB where 4 slots speak for a minute (never more than 1024 MB a model)",
        False,
    )
    assert told[1] == ("qwen3-tts-0.6b-customvoice takes GB: int4 1.5, int8 1.7, bfloat16 2.3, float32 4.1"
                       "; 2.1 GB with its slots are more than is free; not here", True)  # fmt: skip
    assert len(told) == 6
    assert not any(much for _, much in demand.rows(read(tmp_path, dtype="int4", slots=1)) if "0.6b-custom" in _)


def test_what_is_here_is_weighed_and_what_is_broken_named(
    tmp_path: Path, checkpoint: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ram, "available", lambda: 20_000_000_000)
    (tmp_path / "models" / "half").mkdir(parents=True)
    (tmp_path / "models" / "half" / "config.json").write_text('{"model_type": "qwen3_tts"}')
    os.symlink(checkpoint("custom_voice"), tmp_path / "models" / "mine")
    told = list(demand.rows(read(tmp_path)))
    assert ("half cannot be used: model.safetensors is missing", True) in told
    assert any(text.startswith("mine takes GB: int4") for text, _ in told)
    assert not any("0.6b-customvoice" in text for text, _ in told)


def test_the_number_of_slots_is_the_engines() -> None:
    from models.qwen import backend

    assert demand.SLOTS == backend.SLOTS
    assert demand.slot_minute("float32") == 2 * demand.slot_minute("int8")
