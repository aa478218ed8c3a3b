"""Long work in the background: queued, begun, stopped, gone on with, and its end always written down."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from daemon import job_folder
from daemon.faults import JobMistake, describe, is_ours
from daemon.job import ENDED, Job, State
from daemon.limits import MAX_SEED
from daemon.pipelines.filenames import of_input
from daemon.pipelines.recipe import Preparing
from daemon.pipelines.table import CHORES, find, is_job
from daemon.pipelines.tools import NeedsChoice
from daemon.pipelines.written import Written
from daemon.workshop import Workshop, seeded
from outputs.info import RunInfo
from outputs.ledger import Ledger
from outputs.run import Runs, StorageFailed

_LOG = logging.getLogger(__name__)

# A sentence that is bad ten times is the text's fault, or the voice's.
MAX_TRIES: Final = 10
# More than these are looked for by hand.
MAX_INTERRUPTED: Final = 100
# Of jobs that have ended; their run folders tell of the others.
MAX_ENDED: Final = 100


class Jobs:
    """All of them; the engine must be running while any is to be done."""

    def __init__(self, workshop: Workshop, runs: Runs, *, at_once: int = 1) -> None:
        """`at_once` jobs are done at a time, the others wait in order."""
        self._workshop, self._runs = workshop, runs
        self._jobs: dict[str, Job] = {}
        self._turn, self._chores = asyncio.Semaphore(at_once), asyncio.Semaphore(1)

    # --- asked from outside -------------------------------------------------------------------------------------

    async def start(
        self, pipeline: str, data: bytes, name: str, options: Mapping[str, Any], seed: int | None = None,
        after: str | None = None, verify: int = 0,
    ) -> Job:  # fmt: skip
        """Plan the work and queue it. Nothing is left of what cannot be planned.

        `name` is whatever the input is called, with the ending that tells what it is.

        `after` is an earlier run: what it has spoken, word for word and in the same manner, is taken over. With `verify`
        a segment is taken up to so many times, until one take is good.

        Raises UnknownPipeline, InputMistake, what keeps the house from it, what casting raises, and StorageFailed.
        """
        recipe, read = find(pipeline, options)
        name = of_input(name)
        plan = await asyncio.to_thread(recipe.plan, data, name, read)
        earlier = None if after is None else await asyncio.to_thread(self._runs.find, after)
        if seed is None:
            seed = secrets.randbelow(MAX_SEED + 1) if earlier is None else int(str(earlier.input.get("seed", 0)))
        self._workshop.see(recipe, plan, read)
        planned = Written(await asyncio.to_thread(seeded, plan, seed), not isinstance(recipe, Preparing))
        request = {
            "pipeline": pipeline, "name": name, "options": dict(options), "seed": seed, "verify": verify,
            "after": earlier.run_id if earlier else None,
        }  # fmt: skip
        ledger = await asyncio.to_thread(job_folder.begin, self._runs, pipeline, request, name, data, planned)
        return self._enter(Job(pipeline, recipe, ledger, planned, read, request))

    def find(self, run_id: str) -> Job | None:
        """A job that this process knows."""
        return self._jobs.get(run_id)

    def all(self) -> Sequence[Job]:
        """Every job that this process knows, the latest of those that have ended too; the first begun first."""
        return list(self._jobs.values())

    async def pause(self, run_id: str) -> Job:
        """Let it rest: what is being spoken is given up and spoken again later. Raises JobMistake."""
        job = self._known(run_id, State.WAITING, State.RUNNING)
        job.change(State.PAUSED)
        await self._halt(job)
        return job

    async def cancel(self, run_id: str) -> Job:
        """End it; what was spoken stays. Raises JobMistake."""
        job = self._known(run_id, State.WAITING, State.RUNNING, State.PAUSED)
        job.change(State.CANCELLED)
        await self._halt(job)
        await self._end(job, "cancelled", job.told())
        return job

    async def resume(self, run_id: str, choice: str | None = None) -> Job:
        """Go on with one that rests, failed, was cancelled or interrupted; `choice` is the answer it has been waiting for.

        One that is done goes on where something of it is missing. Raises JobMistake, RunNotFound, LedgerBusy, StorageFailed.
        """
        job = self._jobs.get(run_id)
        if job is not None and job.state is State.PAUSED:
            await _choose(job, choice)
            job.change(State.WAITING)
            return self._enter(job)
        if job is not None and job.state not in ENDED:
            raise JobMistake(f"run {run_id} is at work already")
        info = await asyncio.to_thread(self._runs.find, run_id)
        if not is_job(info.task):
            raise JobMistake(f"run {info.run_id} is {info.task}, and no pipeline that could go on")
        if choice is None and await asyncio.to_thread(job_folder.is_whole, info):
            raise JobMistake(
                f"run {info.run_id} is done, and nothing of it is missing; `voiced run --again {info.run_id}` makes it again"
            )
        ledger = await asyncio.to_thread(Ledger.reopen, info.path)
        try:
            job = await asyncio.to_thread(job_folder.reopened, ledger)
            await _choose(job, choice)
            return self._enter(job)
        except BaseException:
            await asyncio.to_thread(job_folder.give_back, ledger, info)
            raise

    def interrupted(self) -> Sequence[RunInfo]:
        """Runs of pipelines that a process has left, the oldest first. Raises StorageFailed."""
        found = self._runs.list(MAX_INTERRUPTED, state="interrupted")
        return [info for info in reversed(found) if is_job(info.task) and info.run_id not in self._jobs]

    # --- the work -----------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop working; runs that have not ended read as interrupted. Safe to call twice."""
        self._workshop.closed = True
        for job in self._jobs.values():
            await self._halt(job)
            job.ledger.release()

    def _enter(self, job: Job) -> Job:
        ended = [one.id for one in self._jobs.values() if one.state in ENDED]
        for forgotten in ended[: -MAX_ENDED + 1]:
            del self._jobs[forgotten]
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._work(job), name=f"job {job.id}")
        return job

    async def _work(self, job: Job) -> None:
        """Wait for a turn, do it, write down how it ended."""
        try:
            async with self._chores if job.pipeline in CHORES else self._turn:
                job.change(State.RUNNING)
                await self._workshop.do(job)
            job.change(State.DONE)
        except NeedsChoice as question:
            job.task = None
            job.change(State.PAUSED, phase="choosing", question=str(question))
        except Exception as error:  # noqa: BLE001 - the boundary of a job
            await self._failed(job, error)

    async def _failed(self, job: Job, error: Exception) -> None:
        while isinstance(error, ExceptionGroup):  # of the voices that spoke at once; the first tells why
            error = error.exceptions[0]
        if is_ours(error):
            _LOG.error("job %s failed", job.id, exc_info=error)
        told = describe(error).message
        await self._end(job, "failed", {**job.told(), "error": told})
        job.change(State.FAILED, error=told)

    async def _end(self, job: Job, state: str, facts: Mapping[str, object]) -> None:
        """Write down how it ended, where there is still a folder and room in it."""
        try:
            await asyncio.to_thread(job.ledger.finish, state, facts, [])
        except StorageFailed as error:
            _LOG.warning("that run %s is %s could not be written down: %s", job.id, state, error)

    def _known(self, run_id: str, *states: State) -> Job:
        job = self._jobs.get(run_id)
        if job is None or job.state not in states:
            stands = f"it is {job.state}" if job else "it is not at work here"
            raise JobMistake(f"run {run_id[:40]} cannot be stopped: {stands}")
        return job

    async def _halt(self, job: Job) -> None:
        task, job.task = job.task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _choose(job: Job, choice: str | None) -> None:
    """Write the answer down, so that a kill does not make it be asked for again. Raises JobMistake, StorageFailed."""
    if choice is None:
        return
    if job.ready:
        raise JobMistake(f"run {job.id} has nothing to choose")
    job.choice = choice
    await asyncio.to_thread(job_folder.planned, job, job.plan, choice=choice, ready=False)
