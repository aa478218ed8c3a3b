"""The package installs with a compiler and without one; only with one are there kernels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.qwen.native import library

ROOT = Path(__file__).parents[1]
BUILT = Path("models/qwen/native/_native.so")


def build(folder: Path, compiler: str) -> str:
    """What `setup.py` says that builds the library of a copy of the sources, in place, with this compiler."""
    for name in ("setup.py", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / BUILT.parent, folder / BUILT.parent, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    command = [sys.executable, "setup.py", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "CC": compiler}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("compiler", ["false", "no-such-compiler"])
def test_without_a_compiler_there_is_no_library_and_no_error(tmp_path: Path, compiler: str) -> None:
    assert "_native" in build(tmp_path, compiler)
    assert not (tmp_path / BUILT).exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_with_a_compiler_there_is_one(tmp_path: Path) -> None:
    build(tmp_path, "cc")
    assert not isinstance(library._load(tmp_path / BUILT, ""), str)
    needed = subprocess.run(["ldd", tmp_path / BUILT], capture_output=True, text=True).stdout
    assert "python" not in needed
    assert "torch" not in needed
