"""Without the library in C everything is as it was: torch computes, slower, and it is said."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkpoints import Shelf

from models.qwen.backend import Qwen

# What the kernels stand in for.
PARTS = ("stack", "talker", "predictor", "frames", "linear")


@pytest.mark.timeout(300)
def test_what_the_kernels_stand_in_for_works_without_them() -> None:
    files = [str(Path(__file__).with_name(f"test_qwen_{part}.py")) for part in PARTS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files],
        env={**os.environ, "VOICED_NATIVE": "off"}, cwd=Path(__file__).parent.parent, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()[-3000:]


def test_a_model_says_what_it_lacks(
    checkpoint: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("models.qwen.backend.why_not", lambda: "_native.so was not built")
    backend = Qwen(checkpoint("custom_voice"), "nano")
    with caplog.at_level(logging.WARNING):
        backend.load()
    assert "torch's own kernels, which are slower: _native.so was not built" in caplog.text
