"""The library is found, checked and loaded; and where it is not there, that is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from models.qwen.native import library
from models.qwen.native.library import NativeError

ROOT = Path(__file__).parents[1]


def test_it_is_there_wherever_there_is_a_compiler() -> None:
    if shutil.which("cc") is None:
        pytest.skip("no C compiler here")
    assert library.why_not() is None, "install voiced again: pip install -e ."


def test_paths_are_known_and_one_is_used() -> None:
    names = library.paths()
    assert names[-1] == "portable"
    assert set(names) <= {"avx512bf16", "avx512vnni", "avx512", "avxvnni", "avx2", "neon", "portable"}
    for name in names:
        library.use(name)
        assert library.path() == name
    library.use(names[0])
    with pytest.raises(NativeError, match=r"can run .*portable"):
        library.use("abacus")
    assert library.path() == names[0]


def said(variable: str | None, code: str = "print(library.why_not(), library.path())") -> str:
    """What a fresh process prints that has the variable."""
    environment = {name: value for name, value in os.environ.items() if name != library.VARIABLE}
    if variable is not None:
        environment[library.VARIABLE] = variable
    program = f"from models.qwen.native import library\ntry:\n    {code}\nexcept library.NativeError as error:\n    print(error)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_variable_chooses() -> None:
    assert said(None) == said("") == f"None {library.paths()[0]}"
    assert said("portable") == "None portable"
    assert said("off") == "VOICED_NATIVE is off"
    assert said("abacus").startswith("VOICED_NATIVE is 'abacus': this machine can run")
    assert said("off", "library.use('portable')") == "VOICED_NATIVE is off"


def test_a_library_that_is_not_there_or_no_library_is_said(tmp_path: Path) -> None:
    missing = library._load(tmp_path / "_native.so", "")
    assert isinstance(missing, str)
    assert "no C compiler" in missing
    (tmp_path / "broken.so").write_bytes(b"no library at all")
    broken = library._load(tmp_path / "broken.so", "")
    assert isinstance(broken, str)
    assert "cannot be loaded" in broken


def test_a_library_that_is_cut_short_anywhere_does_not_kill_the_process(tmp_path: Path) -> None:
    whole = library.FILE.read_bytes()
    for length in (0, 10, 63, 64, 4096, len(whole) // 3, len(whole) // 2, len(whole) - 5000, len(whole) - 1):
        (tmp_path / "cut.so").write_bytes(whole[:length])
        told = library._load(tmp_path / "cut.so", "")
        assert isinstance(told, str), length
        assert told.startswith("cut.so ")
        assert told.endswith("; install voiced again")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
def test_a_library_of_other_sources_is_not_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "other.c"
    source.write_text("int vn_version(void) { return 0; }")
    subprocess.run(["cc", "-shared", "-fPIC", str(source), "-o", str(tmp_path / "other.so")], check=True)
    without = library._load(tmp_path / "other.so", "")
    assert isinstance(without, str)
    assert "cannot be loaded" in without
    monkeypatch.setattr(library, "VERSION", -1)
    other = library._load(library.FILE, "")
    assert isinstance(other, str)
    assert "other sources" in other


def test_finding_it_takes_no_torch() -> None:
    assert said(None, "import sys; library.why_not(); print('torch' in sys.modules)") == "False"
