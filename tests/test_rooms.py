"""The house's walls: who may import whom, seen in fresh interpreters and by the contracts themselves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("daemon", "protocol", "web", "models", "voices", "outputs")


def came_along(module: str) -> set[str]:
    """The names of all modules that a fresh interpreter has after importing this one."""
    program = f"import {module}, sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_the_one_in_this_repository(room: str) -> None:
    spec = find_spec(room)
    assert spec is not None
    assert spec.origin == str(ROOT / room / "__init__.py")


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("models.engine", {"torch", "aiohttp", "wyoming", "daemon", "voices", "outputs", "numpy"}),
        ("models.load", {"torch", "aiohttp", "wyoming", "daemon", "hibari", "onnxruntime", "py_nanotts"}),
        ("models.batch", {"torch", "numpy", "asyncio"}),
        ("voices.profile", {"daemon", "models", "outputs", "asyncio"}),
        ("outputs.run", {"daemon", "models", "voices", "asyncio", "numpy", "av"}),
        ("outputs.audio", {"daemon", "models", "voices", "asyncio", "av"}),
        ("daemon.core", {"torch", "aiohttp", "wyoming", "web", "protocol", "av"}),
        ("daemon.text.clean", {"asyncio", "models", "numpy"}),
        ("daemon.text.sentences", {"asyncio", "models", "numpy"}),
        ("daemon.cli", {"pydantic", "numpy", "asyncio", "models", "aiohttp"}),
        ("daemon.__main__", {"pydantic", "numpy", "models", "aiohttp", "wyoming", "web", "protocol"}),
        ("protocol.wyoming", {"torch", "aiohttp", "web"}),
        ("protocol.server", {"torch", "aiohttp", "web"}),
        ("protocol.stream", {"torch", "aiohttp", "web", "wyoming"}),
        ("web.app", {"torch", "wyoming", "av", "onnxruntime", "hibari"}),
    ],
)
def test_what_comes_along(module: str, never: set[str]) -> None:
    assert not came_along(module) & never


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder)


@pytest.mark.parametrize(
    ("where", "planted", "contract"),
    [
        ("models/batch.py", "import daemon.faults", "The engine room sees no other room"),
        ("daemon/speech.py", "import aiohttp", "The core knows no door"),
        ("web/app.py", "import models.engine", "The web speaks through the core"),
        ("protocol/stream.py", "import asyncio", "A grammar has no socket"),
        ("models/builtin.py", "import torch", "torch is imported in models.qwen only"),
        ("daemon/core.py", "import daemon.__main__", "The composition root is imported by none"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, where: str, planted: str, contract: str) -> None:
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static", "templates")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert lint(tmp_path).returncode == 0
    file = tmp_path / where
    file.write_text(file.read_text() + f"\n{planted}\n")
    broken = lint(tmp_path)
    assert broken.returncode != 0
    assert any(contract in line and "BROKEN" in line for line in broken.stdout.splitlines())
