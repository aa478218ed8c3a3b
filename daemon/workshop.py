"""The work on a job: what it needs first is found, its segments are spoken, its artifacts are made."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from daemon import job_folder
from daemon.job import Job, State
from daemon.narrator import Narrator
from daemon.pipelines import captioned, halting
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.recipe import Demanding, Preparing, Recipe
from daemon.pipelines.tools import PREPARED, NeedsChoice, Tools, Work
from models.backend import EngineUnavailable
from models.batch import QueueFull
from outputs.recording import StorageFailed, storage
from outputs.run import RunNotFound, Runs

_LOG = logging.getLogger(__name__)

# Segments of one job that are asked for at once: as many as a model has slots on a CPU. A reply takes one at the next frame.
WIDTH: Final = 4
# An engine that cannot speak now may in a while: a model is loaded, a queue is full. So often a minute is waited for it.
_AGAIN_S: Final = 2.0
_PATIENCE: Final = 30
# A plan that is read in less has no share to tell of; and nobody looks more often.
_TELL_S: Final = 0.5
# Somebody may remove a file while the work goes on; a disk that loses one after the other is to be told of, not fed.
_LOSSES: Final = 3


class Workshop:
    """Does jobs, one at a time each."""

    def __init__(self, narrator: Narrator, tools: Tools, runs: Runs, check: Callable[[Plan], None]) -> None:
        """`check` raises what is wrong with the voices of a plan."""
        self._narrator, self._tools, self._runs, self._check = narrator, tools, runs, check
        self.closed = False

    def see(self, recipe: Recipe, plan: Plan, options: object) -> None:
        """Raise what keeps this house from the work, before it is begun."""
        captioned.able(self._tools, options)
        if isinstance(recipe, Demanding):
            recipe.able(self._tools, options)
        self._check(plan)

    async def do(self, job: Job) -> None:
        """All that is left of it, up to its artifacts. Raises NeedsChoice, and what keeps it from going on."""
        captioned.able(self._tools, job.options)  # a house may have lost what it had at the start
        if not job.ready:
            await self._prepare(job)
        if not job.read:
            await self._read(job)
        if job.after is not None:
            with suppress(RunNotFound):  # removed since; whatever it held is spoken anew
                await asyncio.to_thread(job_folder.take_over, job, self._runs.find(job.after))
        await self._speak_whole(job)
        job.change(phase="assembling")
        with halting.telling(partial(_teller(job), "assembling")):
            made = await halting.in_thread(job_folder.assembled, job)
        await asyncio.to_thread(job.ledger.finish, "done", job.told(), made)

    async def _prepare(self, job: Job) -> None:
        assert isinstance(job.recipe, Preparing)
        job.change(phase="preparing")
        folder, name = job.ledger.path, str(job.request["name"])
        with storage(folder):
            (folder / PREPARED).mkdir(exist_ok=True)
        data = await asyncio.to_thread(job.ledger.input, name)
        work = Work(folder, name, data, job.seed, job.choice, _teller(job))
        try:
            plan = seeded(await job.recipe.prepare(self._tools, work, job.plan, job.options), job.seed)
        except NeedsChoice:
            if job.choice is not None:  # it was none of those that there are, and is not to be complained of for ever
                job.choice = None
                await asyncio.to_thread(job_folder.planned, job, job.plan, ready=False)
            raise
        self._check(plan)
        await asyncio.to_thread(job_folder.planned, job, plan, choice=job.choice)
        job.planned(plan)

    async def _read(self, job: Job) -> None:
        """Look at how every segment will be read aloud, so that its plan tells."""
        whole, read, told = len(job.plan.segments), list[Segment](), time.monotonic()
        for segment in job.plan.segments:
            read.append(await self._narrator.read(segment))
            if time.monotonic() - told >= _TELL_S:
                told = time.monotonic()
                job.change(phase="reading", share=len(read) / whole)
        plan = replace(job.plan, segments=tuple(read))
        await asyncio.to_thread(job_folder.planned, job, plan, choice=job.choice, read=True)
        job.planned(plan, read=True)

    async def _speak_whole(self, job: Job) -> None:
        """Every segment, until all are there as they were written."""
        await self._speak_all(job)
        losses = 0
        while lost := await asyncio.to_thread(job_folder.lost, job):
            if (losses := losses + 1) > _LOSSES:
                raise StorageFailed(f"{job.ledger.path}: segments are lost again and again, such as {lost[0]}")
            _LOG.warning("%d segments of run %s are gone or damaged; they are spoken again", len(lost), job.id)
            for segment in lost:
                job.lose(segment)
            await self._speak_all(job)

    async def _speak_all(self, job: Job) -> None:
        """Every segment that is missing, some at once, in their order."""
        job.change(phase="speaking")
        waiting = iter([one for one in job.plan.segments if one.id not in job.takes])

        async def speak_some() -> None:
            for segment in waiting:
                job.keep(await self._speak(job, segment))

        async with asyncio.TaskGroup() as group:
            for number in range(WIDTH):
                group.create_task(speak_some(), name=f"job {job.id}, voice {number}")

    async def _speak(self, job: Job, segment: Segment) -> Taken:
        """One segment into its file, tried again while the engine cannot."""
        listener = self._tools.recogniser if captioned.aligned(job.options) else None
        for tries in range(_PATIENCE):
            try:
                return await self._narrator.take(job.ledger, segment, job.tries, listener)
            except (EngineUnavailable, QueueFull):
                if self.closed or tries == _PATIENCE - 1:
                    raise
                await asyncio.sleep(_AGAIN_S)
        raise AssertionError


def _teller(job: Job) -> Callable[[str, float | None], None]:
    """What its pipeline tells of itself, from whichever thread."""
    loop = asyncio.get_running_loop()

    def change(what: str, share: float | None) -> None:
        if job.state is State.RUNNING:  # what a thread tells may come late
            job.change(phase=what, share=share)

    def tell(what: str, share: float | None) -> None:
        loop.call_soon_threadsafe(change, what, share)

    return tell


def seeded(plan: Plan, seed: int) -> Plan:
    """Every segment that names no seed has this one."""
    return replace(
        plan, segments=tuple(one if one.seed is not None else replace(one, seed=seed) for one in plan.segments)
    )
