"""Pulls of models inside the daemon: each in a thread of its own, which can be told to stop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from daemon.newcomers import Newcomers
from models.checkpoints.order import Order
from models.checkpoints.pull import Moment, Pulled, pull
from models.worker import Worker

Tell = Callable[[str, float | None], None]

# As often as an eye follows a bar.
_EVERY_S: Final = 0.25
# A transfer stops at its next byte. Whoever stops it does not wait for a hub that sends none.
_GRACE_S: Final = 1.0


class Pulls:
    """Brings models into the data folder, and into the house."""

    def __init__(self, newcomers: Newcomers) -> None:
        self._newcomers = newcomers
        self._leaving: dict[str, asyncio.Task[Pulled]] = {}
        """Pulls that were stopped and still wait for a byte, by the model's slug: until then the model is theirs."""

    async def pull(self, order: Order, tell: Tell) -> tuple[Pulled, str]:
        """Bring a model whole, and why it cannot be used here; empty where it is one of the house now.

        Cancelled, it stops within a second; what is here by then is kept. Raises PullFailed.
        """
        while leaving := self._leaving.get(order.slug):
            tell("waiting for the hub", None)
            await asyncio.wait({leaving})
        pulled = await self._fetch(order, tell)
        await self._newcomers.look()
        return pulled, self._newcomers.why_not(pulled.checkpoint.id)

    async def _fetch(self, order: Order, tell: Tell) -> Pulled:
        stop, worker = threading.Event(), Worker(f"pull {order.slug}")
        work = worker.do(partial(_pulled, order, self._newcomers.models_dir, _Watch(tell, stop)))
        task = asyncio.create_task(work, name=f"pull {order.slug}")
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            stop.set()
            self._leaving[order.slug] = task
            task.add_done_callback(partial(self._gone, order.slug))
            await asyncio.wait({task}, timeout=_GRACE_S)
            raise
        finally:
            worker.stop()
        return task.result()

    def _gone(self, slug: str, task: asyncio.Task[Pulled]) -> None:
        del self._leaving[slug]
        if not task.cancelled():
            task.exception()  # it was told to stop, and nobody asks how it ended


class _Stopped(Exception):
    """Nobody wants it any more."""


class _Watch:
    """Hears how far a pull is, in its thread; ends it when it is told to stop."""

    def __init__(self, tell: Tell, stop: threading.Event) -> None:
        self._tell, self._stop = tell, stop
        self._told, self._told_at = "", float("-inf")

    def __call__(self, moment: Moment) -> None:
        """Tell it, when it is time to. Raises _Stopped."""
        if self._stop.is_set():
            raise _Stopped
        now = time.monotonic()
        if moment.doing != self._told or now - self._told_at >= _EVERY_S:
            self._told, self._told_at = moment.doing, now
            self._tell(_phase(moment), moment.done / max(moment.total, 1))

    def sleep(self, seconds: float) -> None:
        """Between two tries. Raises _Stopped."""
        if self._stop.wait(seconds):
            raise _Stopped


def _pulled(order: Order, models_dir: Path, watch: _Watch) -> Pulled:
    return pull(replace(order, patience=replace(order.patience, sleep=watch.sleep)), models_dir, watch)


def _phase(moment: Moment) -> str:
    if moment.doing == "checking":
        return f"checking {moment.path}"
    return f"{moment.doing} {moment.done / 1e6:.0f} of {moment.total / 1e6:.0f} MB"
