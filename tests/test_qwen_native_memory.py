"""Memory of packed weights: aligned, apart from each other, and given back with the last of them."""

from __future__ import annotations

import gc
import mmap
import re
import sys
import threading
from ctypes import memset
from itertools import pairwise
from pathlib import Path
from weakref import ref

import pytest

from models.qwen.native import memory
from models.qwen.native.memory import CHUNK, LINE, PAGE, room


def test_rooms_are_aligned_zero_and_apart() -> None:
    rooms = [room(size) for size in (1, 63, 64, 65, 4096, CHUNK - 1, 3, CHUNK + 5)]
    for one in rooms:
        assert one.address % LINE == 0
        assert one.bytes() == bytes(one.size)
    ends = sorted((one.address, one.address + one.size) for one in rooms)
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    for number, one in enumerate(rooms):
        memset(one.address, number + 1, one.size)
    assert all(one.bytes() == bytes([number + 1]) * one.size for number, one in enumerate(rooms))


def test_rooms_share_chunks_that_begin_at_large_pages() -> None:
    first, second = room(CHUNK - LINE), room(2 * CHUNK)
    assert second.address % PAGE == 0
    assert first._chunk is not second._chunk
    a, b = room(100), room(100)
    assert a._chunk is b._chunk


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_large_pages_are_asked_for_in_memory_that_may_have_them() -> None:
    one = room(2 * CHUNK)
    mappings = re.findall(
        r"^([0-9a-f]+)-([0-9a-f]+) (\S+) .*?^VmFlags: (.*?)$",
        Path("/proc/self/smaps").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    kind, flags = next(
        (kind, flags) for start, end, kind, flags in mappings if int(start, 16) <= one.address < int(end, 16)
    )
    assert kind == "rw-p"
    assert "hg" in flags.split()


def test_a_chunk_goes_with_its_last_room() -> None:
    memory._open = None
    first = room(100)
    second = room(100)
    chunk = ref(first._chunk)
    del first
    gc.collect()
    assert chunk() is not None
    del second
    gc.collect()
    assert chunk() is None
    assert room(100).bytes() == bytes(100)


@pytest.mark.skipif(sys.platform != "linux", reason="counts mappings in /proc")
def test_memory_is_given_back_to_the_system() -> None:
    def mapped() -> int:
        return sum(
            int(line.split()[1])
            for line in Path("/proc/self/status").read_text().splitlines()
            if line.startswith("VmSize")
        )

    before = mapped()
    big = room(512 << 20)
    assert mapped() - before >= 512 << 10
    del big
    gc.collect()
    assert mapped() - before < 64 << 10


def test_a_system_without_large_pages_gives_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[bool] = []

    class Refusing(mmap.mmap):
        def madvise(self, *_: int) -> None:
            refused.append(True)
            raise OSError(22, "no such advice")

    monkeypatch.setattr(memory.mmap, "mmap", Refusing)
    assert room(CHUNK + 1).bytes()[:9] == bytes(9)
    assert refused


def test_no_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MemoryError, match="MB for packed weights"):
        room(1 << 60)


def test_rooms_are_taken_by_many_threads_at_once() -> None:
    taken: list[memory.Room] = []
    threads = [threading.Thread(target=lambda: taken.extend(room(70) for _ in range(200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.address for one in taken}) == 1600
    starts = sorted(one.address for one in taken)
    assert all(b - a >= 70 for a, b in pairwise(starts))
