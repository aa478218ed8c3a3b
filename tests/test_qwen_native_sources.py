"""The C sources under what watches them: sanitizers, valgrind, and every warning a compiler has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "models/qwen/native"
SOURCES = [*sorted(FOLDER.glob("*.c")), ROOT / "tests/native/driver.c"]
FLAGS = ["-std=c11", "-ffp-contract=off", "-fno-fast-math", "-pthread", "-g", f"-I{FOLDER}"]

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")


def build(program: Path, *flags: str) -> Path:
    subprocess.run(["cc", "-O1", *FLAGS, *flags, *SOURCES, "-o", program, "-lm"], check=True)
    return program


@needs_compiler
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_source_has_a_warning(tmp_path: Path) -> None:
    for source in SOURCES:
        flags = ["-Wall", "-Wextra", "-Wpointer-arith", "-Wstrict-prototypes", "-Werror"]
        subprocess.run(["cc", "-O3", *FLAGS, *flags, "-c", source, "-o", tmp_path / "object.o"], check=True)


@needs_compiler
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kernels_are_clean_under_the_sanitizers(tmp_path: Path) -> None:
    program = build(tmp_path / "driver", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    subprocess.run([program], check=True)


@needs_compiler
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_threads_are_clean_under_the_thread_sanitizer(tmp_path: Path) -> None:
    program = build(tmp_path / "driver", "-fsanitize=thread")
    subprocess.run([program, "stay"], check=True)  # it cannot follow a fork


@needs_compiler
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
def test_kernels_are_clean_under_valgrind(tmp_path: Path) -> None:
    """Those of 256 bits and the portable ones: it knows no others."""
    watch = ["valgrind", "-q", "--error-exitcode=9", "--leak-check=full"]
    subprocess.run([*watch, build(tmp_path / "driver")], check=True)


@needs_compiler
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_steps_and_codec_are_clean_under_the_sanitizers(tmp_path: Path) -> None:
    """Their own tests, in a Python that has loaded the sanitizers first; Python's own leaks are not ours."""
    built = tmp_path / "_native.so"
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["cc", "-O1", "-g", "-shared", "-fPIC", *FLAGS, *checks, *SOURCES, "-o", built, "-lm"], check=True)
    found = [
        subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    program = """
import sys
from pathlib import Path
import pytest
from models.qwen.native import library
library.FILE = Path(sys.argv[1])
assert library.why_not() is None, library.why_not()
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-o", "timeout=900", *sys.argv[2:]]))
"""
    files = [str(Path(__file__).with_name(f"test_qwen_native_{part}.py")) for part in ("sound", "steps", "codes")]
    environ = {**os.environ, "LD_PRELOAD": " ".join(found), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(built), f"--basetemp={tmp_path / 'inner'}", *files],
        cwd=Path(__file__).parent.parent, env=environ, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()[-2000:] + done.stderr.decode()[-4000:]
