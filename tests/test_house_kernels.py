"""The whole house where the kernels cannot be had: it speaks, slower, and says why and what would help."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import aiohttp
import numpy as np
import pytest
from checkpoints import Shelf

from daemon.bench.server import serving
from models.qwen.native import library

ROOT = Path(__file__).parents[1]
ROOMS = ("daemon", "protocol", "web", "models", "voices", "outputs")
LIBRARY = Path("models/qwen/native/_native.so")
TEXT = "The kitchen light is on, and the window stands open."
FRAME_BYTES = 3840

pytestmark = pytest.mark.skipif(not library.FILE.exists(), reason="there are no kernels here to lose")
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")


class Said(NamedTuple):
    """What was heard, and what the log says of the kernels."""

    pcm: bytes
    complaints: list[str]


async def speak(data: Path, *options: str) -> Said:
    """A daemon of the tree that is worked in says the same twice."""
    words = ("--data-dir", str(data), "--engine", "qwen", *options)
    async with serving(*words) as server, aiohttp.ClientSession() as web:
        url = f"http://{server.http[0]}:{server.http[1]}"
        wish = {"text": TEXT, "voice": "ryan", "seed": 7, "format": "pcm"}
        heard = []
        for _ in range(2):
            async with web.post(f"{url}/api/v1/speech", json=wish) as response:
                assert response.status == 200, await response.text()
                heard.append(await response.read())
        async with web.get(f"{url}/readyz") as response:
            assert response.status == 200
        assert heard[0] == heard[1]
        assert len(heard[0]) >= 3 * FRAME_BYTES
        assert not any("Traceback" in line for line in server.said)
        return Said(heard[0], [line for line in server.said if "kernels" in line])


@pytest.fixture(scope="module")
def data(checkpoint: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(checkpoint("custom_voice", "nano", end=2.0), data / "models" / "presets")
    return data


@pytest.fixture(scope="module")
def plain(data: Path) -> bytes:
    """What is heard where the kernels are there and not wanted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(library.VARIABLE, "off")
        said = asyncio.run(speak(data))
    (line,) = said.complaints
    assert line.endswith("which are slower: VOICED_NATIVE is off")
    return said.pcm


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed tree to damage; whatever is started now is started from it."""
    for room in ROOMS:
        if room != "models":
            (tmp_path / room).symlink_to(ROOT / room)
    shutil.copytree(ROOT / "models", tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- what may have happened to the library -----------------------------------------------------------------------


def removed(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    """As a full disk leaves it."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def of_another_processor(file: Path) -> None:
    content = bytearray(file.read_bytes())
    machine = int.from_bytes(content[18:20], sys.byteorder)  # `e_machine` of ELF
    content[18:20] = (183 if machine == 62 else 62).to_bytes(2, sys.byteorder)  # x86-64 for AArch64, or the other way
    file.write_bytes(content)


def a_text(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\nsize 261312\n")


def of_an_older_interface(file: Path) -> None:
    """Every function is there, and means something else."""
    source = file.with_suffix(".c")
    source.write_text("\n".join(f"int {name}(void) {{ return 0; }}" for name in library._PROTOTYPES))
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(file)], check=True)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (removed, "no C compiler when voiced was installed; get one and install again"),
        (cut, "is cut short"),
        (of_another_processor, "cannot be loaded"),
        (a_text, "cannot be loaded"),
        pytest.param(of_an_older_interface, "was built from other sources than these", marks=needs_compiler),
    ],
)
async def test_a_house_whose_library_is_gone_or_damaged_speaks_and_says_so(
    damage: Callable[[Path], None], told: str, tree: Path, data: Path, plain: bytes
) -> None:
    damage(tree / LIBRARY)
    said = await speak(data)
    assert said.pcm == plain
    (line,) = said.complaints
    assert line.startswith("presets is computed with torch's own kernels, which are slower: _native.so ")
    assert told in line
    assert line.endswith(("install again", "install voiced again"))


async def test_a_seed_is_the_same_speech_without_the_library_where_no_weight_is_rounded(tree: Path, data: Path) -> None:
    """In float32 both choose the same codes; of the codec's sums only the order differs."""
    with_it = await speak(data, "--dtype", "float32")
    assert with_it.complaints == []
    removed(tree / LIBRARY)
    without = await speak(data, "--dtype", "float32")
    one, other = (np.frombuffer(said.pcm, "<i2").astype(int) for said in (with_it, without))
    assert len(one) == len(other)
    assert np.abs(one - other).max() <= 2


# --- an install without a compiler -------------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What pip puts into a virtual environment where the C compiler has gone; whatever is started now is started there."""
    pytest.importorskip("setuptools")
    source, target = tmp_path / "source", tmp_path / "installed"
    source.mkdir()
    older = target / LIBRARY
    older.parent.mkdir(parents=True)
    older.write_bytes(b"of an older version")
    os.utime(older, (0, 0))
    shutil.copytree(ROOT / "models", source / "models")  # a failed build takes away what is older than the sources
    for name in {*ROOMS, "setup.py", "pyproject.toml", "README.md", "LICENSE"} - {"models"}:
        (source / name).symlink_to(ROOT / name)
    build = ("build", "--build-base", str(tmp_path / "build"), "--build-lib", str(target))
    around = {**os.environ, "CC": str(tmp_path / "no-compiler")}
    done = subprocess.run([sys.executable, "setup.py", *build], cwd=source, env=around, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no-compiler" in done.stdout + done.stderr, "it was looked for"
    assert not older.exists()
    monkeypatch.chdir(target)
    return target


async def test_an_install_without_a_compiler_speaks_and_the_doctor_tells_what_was_lost(
    installed: Path, data: Path, plain: bytes
) -> None:
    said = await speak(data)
    assert said.pcm == plain
    assert len(said.complaints) == 1
    words = [sys.executable, "-m", "daemon", "doctor", "--data-dir", str(data), "--engine", "qwen"]
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout
    (finding,) = [line for line in done.stdout.splitlines() if " kernels " in line]
    assert finding.startswith(" note kernels ")
    assert "half as fast" in finding
    assert finding.endswith("get one and install again")
    assert "Traceback" not in done.stderr
