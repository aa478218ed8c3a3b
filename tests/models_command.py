"""`voiced models …` in the process of the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.__main__ import main
from tests.folders import FOLDER, SLUG, WEIGHTS
from tests.hub import Hub

Run = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def models(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`models("pull", …)` in this process, with its data in tmp_path."""
    monkeypatch.setenv("VOICED_ENGINE", "tone")

    def run(*words: str) -> Done:
        capsys.readouterr()
        code = main(["models", *words, "--data-dir", str(tmp_path)])
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def pull(hub: Hub, models: Run) -> Run:
    """`pull(…)` from the hub, without a second try."""
    return lambda *words, name=SLUG: models("pull", name, "--from", hub.address, "--retries", "0", *words)


def weights(folder: Path) -> bytes:
    """What was pulled."""
    return (folder / "models" / FOLDER / WEIGHTS).read_bytes()
