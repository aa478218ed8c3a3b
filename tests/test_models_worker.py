"""The engine's thread: in order, and no hindrance to leaving."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from models.worker import Worker


async def test_work_is_done_in_order_in_one_thread() -> None:
    worker = Worker("under test")
    threads = await asyncio.gather(*(worker.do(threading.get_ident) for _ in range(5)))
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()
    worker.stop()


@pytest.mark.parametrize("error", [ValueError("planted"), KeyboardInterrupt("planted")])
async def test_what_work_raises_is_raised(error: BaseException) -> None:
    def fail() -> None:
        raise error

    worker = Worker("under test")
    with pytest.raises(type(error), match="planted"):
        await worker.do(fail)
    assert await worker.do(lambda: 1) == 1
    worker.stop()


async def test_stop_iteration_wakes_whoever_waits() -> None:
    worker = Worker("under test")
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(worker.do(lambda: next(iter(()))), 20)
    worker.stop()


async def test_work_that_is_cancelled_before_its_turn_is_not_done() -> None:
    worker, done, go_on = Worker("under test"), list[str](), threading.Event()
    slow = asyncio.create_task(worker.do(lambda: go_on.wait(20)), name="slow")
    late = asyncio.create_task(worker.do(lambda: done.append("late")), name="late")
    await asyncio.sleep(0.01)
    late.cancel()
    await asyncio.sleep(0.01)
    go_on.set()
    await slow
    await worker.do(lambda: done.append("last"))
    assert done == ["last"]
    worker.stop()


def test_work_that_hangs_does_not_keep_the_process() -> None:
    program = (
        "import asyncio, time\nfrom models.worker import Worker\n"
        "async def main():\n"
        "    task = asyncio.create_task(Worker('hung').do(lambda: time.sleep(60)))\n"
        "    await asyncio.sleep(0.1)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=50)
    assert done.returncode == 0
