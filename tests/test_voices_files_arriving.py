"""Files on their way in."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from io import FileIO
from pathlib import Path

import pytest

from voices.files.arriving import HIDDEN, Arriving, FileTooLarge, UploadsFailed, clear

# Writes, says so, and waits to be killed.
_WRITER = """
import sys, time
from pathlib import Path
from voices.files.arriving import Arriving
arriving = Arriving.begin(Path(sys.argv[1]), 1000)
arriving.write(b"half a file")
print("written", flush=True)
time.sleep(60)
"""


def test_it_is_hidden_private_and_hashed_while_it_comes(tmp_path: Path) -> None:
    arriving = Arriving.begin(tmp_path / "deep" / "files", 10)
    for piece in (b"0123", b"", b"456789"):
        arriving.write(piece)
    assert arriving.path.name.startswith(HIDDEN)
    assert arriving.path.read_bytes() == b"0123456789"
    assert arriving.path.stat().st_mode & 0o777 == 0o600
    assert arriving.digest == hashlib.sha256(b"0123456789").hexdigest()
    arriving.move(tmp_path / "deep" / "files" / "kept")
    arriving.discard()
    arriving.discard()
    assert [path.name for path in (tmp_path / "deep" / "files").iterdir()] == ["kept"]


def test_one_byte_too_many_is_not_written(tmp_path: Path) -> None:
    arriving = Arriving.begin(tmp_path, 3)
    arriving.write(b"123")
    with pytest.raises(FileTooLarge, match="upload_mb"):
        arriving.write(b"4")
    assert arriving.path.read_bytes() == b"123"
    arriving.discard()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UploadsFailed, match="file/below"):
        Arriving.begin(tmp_path / "file" / "below", 1)


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    arriving = Arriving(tmp_path / "x", FileIO("/dev/full", "w"), 100)
    with pytest.raises(UploadsFailed, match="No space left"):
        arriving.write(b"x")
    arriving.discard()


def test_only_what_a_kill_has_left_is_cleared(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    with writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"written\n"
        (path,) = tmp_path.iterdir()
        clear(path)
        assert path.read_bytes() == b"half a file"  # its writer lives
        os.kill(writer.pid, signal.SIGKILL)
    clear(path)
    clear(path)
    assert not list(tmp_path.iterdir())
