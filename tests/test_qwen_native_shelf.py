"""Packed weights beside a checkpoint: what was put there comes back whole, or not at all."""

from __future__ import annotations

import ctypes
import logging
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.qwen.native import library, shelf
from models.qwen.native.memory import Room, room
from models.qwen.native.shelf import NAME, Shelf

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))

SIZES = {"a": 1, "b": 4096, "c": 100_003, "d": 64, "e": 3 << 20}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "speech_tokenizer").mkdir(parents=True)
    save_file({"w": torch.arange(12.0)}, folder / "model.safetensors")
    save_file({"c": torch.arange(3.0)}, folder / "speech_tokenizer" / "model.safetensors")
    return folder


def filled(size: int, seed: str) -> Room:
    made = room(size)
    ctypes.memmove(made.address, random.Random(seed).randbytes(size), size)
    return made


def put(folder: Path) -> None:
    kept = Shelf(folder)
    for name, size in SIZES.items():
        kept.put(name, filled(size, name))
    kept.close()


def taken(folder: Path) -> dict[str, bytes]:
    kept = Shelf(folder)
    found = {name: one.bytes() for name, size in SIZES.items() if (one := kept.take(name, size))}
    kept.close()
    return found


EXPECTED = {name: random.Random(name).randbytes(size) for name, size in SIZES.items()}


def test_what_was_put_comes_back(folder: Path) -> None:
    assert taken(folder) == {}
    put(folder)
    before = (folder / NAME).stat().st_mtime_ns
    assert taken(folder) == EXPECTED
    assert (folder / NAME).stat().st_mtime_ns == before, "nothing new is no reason to write"
    assert [path.name for path in folder.iterdir() if path.suffix == ".part"] == []


def test_one_of_another_size_is_made_anew_and_the_others_stay(folder: Path) -> None:
    put(folder)
    kept = Shelf(folder)
    assert kept.take("b", 4095) is None
    assert kept.take("nothing", 1) is None
    for name in "acde":
        assert kept.take(name, SIZES[name])
    kept.put("b", filled(4096, "other"))
    kept.close()
    assert taken(folder) == {**EXPECTED, "b": random.Random("other").randbytes(4096)}


def test_another_checkpoint_or_version_is_no_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder)
    assert taken(folder) == EXPECTED
    with monkeypatch.context() as patch:
        patch.setattr(shelf, "VERSION", 99)
        assert taken(folder) == {}
    weights = folder / "speech_tokenizer" / "model.safetensors"
    about = weights.stat()
    save_file({"c": torch.arange(3.0) + 1}, weights)
    assert taken(folder) == {}
    os.utime(weights, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert taken(folder) == EXPECTED, "size, time and header are what tells files apart"
    save_file({"d": torch.arange(3.0)}, weights)
    os.utime(weights, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert taken(folder) == {}, "another header"


def test_a_file_that_is_cut_anywhere_is_not_used(folder: Path) -> None:
    put(folder)
    whole = (folder / NAME).read_bytes()
    for length in [0, 5, 20, 60, 300, 4096, 5000, len(whole) // 2, len(whole) - 1]:
        (folder / NAME).write_bytes(whole[:length])
        assert taken(folder) == {}, length
    (folder / NAME).write_bytes(whole + b"x")
    assert taken(folder) == {}


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_found_where_it_is(folder: Path, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    put(folder)
    data, dice = bytearray((folder / NAME).read_bytes()), random.Random(seed)
    at, length = dice.randrange(len(data)), dice.choice([1, 8, 512, 4096, 100_000])
    data[at : at + length] = bytes(dice.choice([0, 255]) for _ in range(min(length, len(data) - at)))
    (folder / NAME).write_bytes(data)
    with caplog.at_level(logging.WARNING):
        found = taken(folder)
    assert found.items() <= EXPECTED.items(), "what comes back is right, or does not come back"


def test_pages_that_have_changed_places_are_found(folder: Path) -> None:
    put(folder)
    data = bytearray((folder / NAME).read_bytes())
    last = len(data) - (2 << 20)
    page = 8 * 4096
    data[last : last + page], data[last + page : last + 2 * page] = (
        data[last + page : last + 2 * page],
        data[last : last + page],
    )
    (folder / NAME).write_bytes(data)
    found = taken(folder)
    assert "e" not in found
    assert found.items() <= EXPECTED.items()


def test_no_room_or_no_right_to_write_is_no_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1 << 20))  # type: ignore[attr-defined]
    put(folder)
    assert not (folder / NAME).exists()
    monkeypatch.undo()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    kept = Shelf.__new__(Shelf)
    monkeypatch.undo()
    Shelf.__init__(kept, folder)
    monkeypatch.setattr(Path, "open", refuse)
    kept.put("a", filled(1, "a"))
    kept.close()
    monkeypatch.undo()
    assert taken(folder) == {}


def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(folder: Path) -> None:
    put(folder)
    script = f"""
import ctypes, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from pathlib import Path
from models.qwen.native.memory import room
from models.qwen.native.shelf import Shelf
kept = Shelf(Path({str(folder)!r}))
for name, size in {SIZES!r}.items():
    kept.put(name, room(size * 8))
print("now", flush=True)
kept.close()
"""
    for delay in (0.0, 0.005, 0.02, 0.05):
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        try:
            child.wait(delay or 0.0001)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        old, new = taken(folder), {name: Shelf(folder).take(name, size * 8) for name, size in SIZES.items()}
        assert old == EXPECTED or all(new.values())
        put(folder)
