"""Long work in the background: planned, spoken segment by segment at the lowest priority, assembled, written down."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields, replace
from typing import Any, Final

from daemon.faults import JobMistake, describe, is_ours
from daemon.job import ENDED, Job, State
from daemon.limits import MAX_SEED
from daemon.narrator import Narrator, taken
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.table import RECIPES, find
from models.backend import EngineUnavailable
from models.batch import QueueFull
from outputs.info import RunInfo
from outputs.ledger import SEGMENTS, Ledger
from outputs.run import Runs, StorageFailed

_LOG = logging.getLogger(__name__)

# Segments of one job that are asked for at once: as many as a model has slots on a CPU. A reply takes one at the next frame.
WIDTH: Final = 4
# An engine that cannot speak now may in a while: a model is loaded, a queue is full.
_AGAIN_S: Final = 2.0
# What the gate said of every take.
VERIFIED: Final = "verify.json"
# A sentence that is bad ten times is the text's fault, or the voice's.
MAX_TRIES: Final = 10
# More than these are looked for by hand.
MAX_INTERRUPTED: Final = 100
_PATIENCE: Final = 30


class Jobs:
    """All of them; `run` must be running while any is to be done."""

    def __init__(self, narrator: Narrator, runs: Runs, check: Callable[[Plan], None], *, at_once: int = 1) -> None:
        """`check` raises what is wrong with the voices of a plan; `at_once` jobs are done at a time."""
        self._narrator, self._runs, self._check = narrator, runs, check
        self._jobs: dict[str, Job] = {}
        self._turn = asyncio.Semaphore(at_once)
        self._closed = False

    # --- asked from outside -------------------------------------------------------------------------------------

    async def start(
        self, pipeline: str, data: bytes, name: str, options: Mapping[str, Any], seed: int | None = None,
        after: str | None = None, verify: int = 0,
    ) -> Job:  # fmt: skip
        """Plan the work and queue it. Nothing is left of what cannot be planned.

        `after` is an earlier run: what it has spoken, word for word and in the same manner, is taken over. With `verify`
        a segment is taken up to so many times, until one take is good.

        Raises UnknownPipeline, InputMistake, what casting raises, and StorageFailed.
        """
        recipe, read = find(pipeline, options)
        plan = await asyncio.to_thread(recipe.plan, data, name, read)
        earlier = None if after is None else await asyncio.to_thread(self._runs.find, after)
        if seed is None:
            seed = secrets.randbelow(MAX_SEED + 1) if earlier is None else int(str(earlier.input.get("seed", 0)))
        plan = replace(plan, segments=tuple(_seeded(one, seed) for one in plan.segments))
        self._check(plan)
        request = {"pipeline": pipeline, "name": name, "options": dict(options), "seed": seed, "verify": verify}
        ledger = await asyncio.to_thread(self._begin, pipeline, request, name, data, plan)
        job = Job(pipeline, recipe, ledger, plan, read, verify)
        if earlier is not None:
            await asyncio.to_thread(_take_over, job, earlier)
        return self._enter(job)

    def find(self, run_id: str) -> Job | None:
        """A job that this process knows."""
        return self._jobs.get(run_id)

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
        await asyncio.to_thread(job.ledger.finish, "cancelled", _told(job), [])
        return job

    async def resume(self, run_id: str) -> Job:
        """Go on with one that rests, failed, was cancelled or interrupted. Raises JobMistake, RunNotFound, LedgerBusy."""
        job = self._jobs.get(run_id)
        if job is not None and job.state is State.PAUSED:
            job.change(State.WAITING)
            return self._enter(job)
        if job is not None and job.state not in ENDED:
            raise JobMistake(f"run {run_id} is at work already")
        info = await asyncio.to_thread(self._runs.find, run_id)
        if info.task not in RECIPES:
            raise JobMistake(f"run {info.run_id} is {info.task}, and no pipeline that could go on")
        ledger = await asyncio.to_thread(Ledger.reopen, info.path)
        try:
            return self._enter(await self._reopened(ledger))
        except BaseException:
            await asyncio.to_thread(ledger.release)
            raise

    def interrupted(self) -> Sequence[RunInfo]:
        """Runs of pipelines that a process has left, the oldest first. Raises StorageFailed."""
        found = self._runs.list(MAX_INTERRUPTED, state="interrupted")
        return [info for info in reversed(found) if info.task in RECIPES and info.run_id not in self._jobs]

    # --- the work -----------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop working; runs that have not ended read as interrupted. Safe to call twice."""
        self._closed = True
        for job in self._jobs.values():
            await self._halt(job)
            job.ledger.release()

    def _enter(self, job: Job) -> Job:
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._work(job), name=f"job {job.id}")
        return job

    async def _work(self, job: Job) -> None:
        """Wait for a turn, do it, write down how it ended."""
        try:
            async with self._turn:
                job.change(State.RUNNING, phase="speaking")
                await self._speak_all(job)
                job.change(phase="assembling")
                takes = [job.takes[one.id] for one in job.plan.segments]
                made = await asyncio.to_thread(_assembled, job, takes)
                await asyncio.to_thread(job.ledger.finish, "done", _told(job), made)
            job.change(State.DONE)
        except Exception as error:  # noqa: BLE001 - the boundary of a job
            await self._failed(job, error)

    async def _failed(self, job: Job, error: Exception) -> None:
        while isinstance(error, ExceptionGroup):  # of the voices that spoke at once; the first tells why
            error = error.exceptions[0]
        if is_ours(error):
            _LOG.error("job %s failed", job.id, exc_info=error)
        told = describe(error).message
        with suppress(StorageFailed):
            await asyncio.to_thread(job.ledger.finish, "failed", {**_told(job), "error": told}, [])
        job.change(State.FAILED, error=told)

    async def _speak_all(self, job: Job) -> None:
        """Every segment that is missing, some at once, in their order."""
        waiting = iter([one for one in job.plan.segments if one.id not in job.takes])

        async def speak_some() -> None:
            for segment in waiting:
                job.keep(await self._speak(job, segment))

        async with asyncio.TaskGroup() as group:
            for number in range(WIDTH):
                group.create_task(speak_some(), name=f"job {job.id}, voice {number}")

    async def _speak(self, job: Job, segment: Segment) -> Taken:
        """One segment into its file, tried again while the engine cannot."""
        for tries in range(_PATIENCE):
            try:
                return await self._narrator.take(job.ledger, segment, job.tries)
            except (EngineUnavailable, QueueFull):
                if self._closed or tries == _PATIENCE - 1:
                    raise
                await asyncio.sleep(_AGAIN_S)
        raise AssertionError

    # --- its folder ---------------------------------------------------------------------------------------------

    def _begin(self, pipeline: str, request: dict[str, object], name: str, data: bytes, plan: Plan) -> Ledger:
        ledger = self._runs.begin_work(
            pipeline, request, {"title": plan.title, "segments": len(plan.segments)}, name, data
        )
        try:
            ledger.write_plan(asdict(plan))
        except BaseException:
            ledger.release()
            raise
        return ledger

    async def _reopened(self, ledger: Ledger) -> Job:
        request = await asyncio.to_thread(lambda: ledger.request)
        pipeline = str(request["pipeline"])
        recipe, options = find(pipeline, request["options"])
        planned = await asyncio.to_thread(ledger.plan)
        if planned is None:
            raise JobMistake(f"run {ledger.id} was left before it was planned; start it again")
        plan = Plan(
            tuple(_segment(one) for one in planned["segments"]), planned["title"], planned["author"], planned["language"],
            tuple(planned["warnings"]),
        )  # fmt: skip
        job = Job(pipeline, recipe, ledger, plan, options, int(request.get("verify", 0)))
        lines = await asyncio.to_thread(ledger.taken)
        for one in plan.segments:
            if one.id in lines:
                job.have(taken(one, lines[one.id]))
        return job

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


def _assembled(job: Job, takes: Sequence[Taken]) -> Sequence[Mapping[str, object]]:
    """The artifacts, and what the gate said where there was one."""
    made = [*job.recipe.assemble(job.ledger.path, job.plan, takes, job.options)]
    if job.tries:
        lines = job.ledger.taken()
        told = [{"id": one.id, "text": one.text, **_heard(lines[one.id])} for one in job.plan.segments]
        bad = [str(one["id"]) for one in told if not one["good"]]
        data = json.dumps({"not_good": bad, "segments": told}, ensure_ascii=False, indent=1).encode() + b"\n"
        job.ledger.write(VERIFIED, data)
        made.append({"name": VERIFIED, "bytes": len(data)})
    return made


def _heard(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"good": line.get("good", True), "seed": line["seed"], "takes": line.get("takes", [])}


def _seeded(segment: Segment, seed: int) -> Segment:
    return segment if segment.seed is not None else replace(segment, seed=seed)


def _take_over(job: Job, earlier: RunInfo) -> None:
    """What an earlier run has spoken as it is planned now. Raises StorageFailed."""
    old = Ledger.look(earlier.path)
    before = {str(one["id"]): _segment(one) for one in (old.plan() or {"segments": []})["segments"]}
    lines = old.taken()
    for segment in job.plan.segments:
        line = lines.get(segment.id)
        if line is not None and before.get(segment.id) == segment:
            flac = (earlier.path / SEGMENTS / f"{segment.id}.flac").read_bytes()
            facts = {name: value for name, value in line.items() if name not in ("id", "sha256")}
            job.have(taken(segment, job.ledger.keep(segment.id, flac, {**facts, "from": earlier.run_id})))


def _segment(told: Mapping[str, Any]) -> Segment:
    names = {field.name for field in fields(Segment)}
    return Segment(**{name: value for name, value in told.items() if name in names})


def _told(job: Job) -> dict[str, object]:
    now = job.progress()
    return {"segments": now.segments, "spoken": now.done, "seconds": now.seconds, "warnings": list(job.plan.warnings)}
