"""The lock between all writers, and a disk that does not do what it should."""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from profiles import WAV, clone, design, files, seen

from voices import disk
from voices.store import Store, StoreFailed

DIGEST = hashlib.sha256(WAV).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.below(tmp_path)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of our own, in the repository's root."""
    code = "import sys, time\nfrom pathlib import Path\nfrom voices import disk\nfrom voices.store import *\n" + code
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *map(str, arguments)]
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, cwd=root, text=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE)


def test_another_process_is_waited_for(store: Store) -> None:
    child = python(
        """
        with disk.exclusive(Path(sys.argv[1]) / ".lock"):
            print("held", flush=True)
            sys.stdin.readline()
        """.replace("\n        ", "\n"),
        store.folder,
    )
    with child:
        assert child.stdout
        assert child.stdin
        assert child.stdout.readline() == "held\n"
        thread = threading.Thread(target=store.create, args=(design(),))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert seen(store) == []  # reading waits for nobody
        child.kill()
        thread.join(30)
        assert seen(store) == ["storyteller"]


def test_who_waits_too_long_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_PATIENCE_S", 0.1)
    with disk.exclusive(store.folder / ".lock"), pytest.raises(StoreFailed, match="another process has held it for"):
        store.create(design())


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file may grow over this many bytes, for all of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full(store: Store) -> None:
    anna = store.create(clone(), WAV, "wav")
    before = {path: (store.folder / path).read_bytes() for path in files(store)}
    with full_disk(20):
        for attempt in (
            lambda: store.create(design()),
            lambda: store.update(replace(anna, label="Nan")),
            lambda: store.update(anna, b"another recording, longer than twenty", "wav"),
            lambda: store.rename("anna", "bea"),
        ):
            with pytest.raises(StoreFailed, match=r"\.(json|wav): File too large"):
                attempt()
    assert {path: (store.folder / path).read_bytes() for path in files(store)} == before
    assert store.profiles() == (anna,)
