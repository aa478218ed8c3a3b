"""Threads that multiply together: so many, all of them, every time; asleep, crowded, forked."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from ctypes import CDLL, CFUNCTYPE, c_int, c_void_p
from pathlib import Path

import pytest

from models.qwen.native import pool as pools
from models.qwen.native.library import library
from models.qwen.native.pool import Pool

Task = CFUNCTYPE(None, c_void_p, c_int, c_int)


def run(pool: Pool | None, task: object) -> None:
    library().vn_pool_run(pool and pool.pointer, Task(task), None)


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
def test_every_thread_does_the_task_once_and_the_caller_is_one(threads: int) -> None:
    pool = Pool(threads)
    assert pool.threads == threads
    for _ in range(30):
        did: list[tuple[int, int, int]] = []
        run(pool, lambda _, number, of, did=did: did.append((number, of, threading.get_native_id())))
        assert sorted((number, of) for number, of, _ in did) == [(number, threads) for number in range(threads)]
        assert (0, threads, threading.get_native_id()) in did
        assert len({thread for *_, thread in did}) == threads


def test_no_pool_is_the_caller_alone() -> None:
    did: list[tuple[int, int]] = []
    run(None, lambda _, number, of: did.append((number, of)))
    assert did == [(0, 1)]
    assert library().vn_pool_threads(None) == 1
    library().vn_pool_meet(None, 0)
    library().vn_pool_close(None)
    assert Pool(0).threads == Pool(-5).threads == 1


def test_nobody_passes_a_meeting_before_all_are_there() -> None:
    pool = Pool(4)
    turns = [0] * 4
    wrong: list[list[int]] = []

    def task(_: int, number: int, of: int) -> None:
        for turn in range(1, 20):
            turns[number] = turn
            library().vn_pool_meet(pool.pointer, number)
            if turns != [turn] * of:
                wrong.append(list(turns))
            library().vn_pool_meet(pool.pointer, number)

    run(pool, task)
    assert not wrong


def test_threads_that_sleep_are_woken() -> None:
    pool = Pool(3)
    did: list[int] = []
    for _ in range(5):
        time.sleep(0.02)
        run(pool, lambda _, number, __: did.append(number))
    assert sorted(did) == sorted([0, 1, 2] * 5)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_without_work_take_no_time() -> None:
    pool = Pool(4)
    run(pool, lambda *_: None)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - before < 0.5, "three that spin would take two cores' time and more"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_end_with_their_pool() -> None:
    def threads() -> set[str]:
        return {path.name for path in Path("/proc/self/task").iterdir()}

    before = threads()
    pool = Pool(5)
    begun = threads() - before
    assert len(begun) == 4
    del pool
    gc.collect()
    until = time.monotonic() + 20  # a thread that has ended is listed for a moment
    while threads() & begun:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2, reason="one core")
def test_a_thread_leaves_the_callers_core() -> None:
    pool, here, cores = Pool(2), CDLL(None).sched_getcpu, os.sched_getaffinity(0)
    threads = dict[int, int]()
    run(pool, lambda _, number, __: threads.update({number: threading.get_native_id()}))
    apart = 0
    for _ in range(10):
        for on in ({min(cores)}, cores):  # together on one core, and then free to go
            for thread in threads.values():
                os.sched_setaffinity(thread, on)
        time.sleep(0.002)
        found = dict[int, int]()
        run(pool, lambda _, number, __, found=found: found.update({number: here()}))
        apart += found[0] != found[1]
    assert apart >= 5
    assert os.sched_getaffinity(threads[1]) == cores


def test_pools_are_shared_by_their_number_of_threads() -> None:
    assert pools.pool(2) is pools.pool(2)
    assert pools.pool(3) is not pools.pool(2)


FORKED = """
import os, signal, sys
import torch
from models.qwen.native.pool import Pool
from models.qwen.native.products import Native, pack
weight, x = torch.randn(700, 300), torch.randn(5, 300)
pool = Pool(3)
native = Native(pack(weight, "int8"), pool)
y = native(x)
child = os.fork()
if not child:
    signal.alarm(60)
    right = torch.equal(native(x), y) and pool.threads == 1 and torch.equal(Native(pack(weight, "int8"), Pool(2))(x), y)
    del native, pool
    os._exit(not right)
assert os.waitpid(child, 0)[1] == 0
assert torch.equal(native(x), y) and pool.threads == 3
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_multiplies_alone() -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED]
    subprocess.run(command, cwd=Path(__file__).parents[1], check=True, timeout=110)
