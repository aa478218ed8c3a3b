"""A job in its run folder: begun, taken up again, taken over by a later one."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any, Final

from daemon.faults import JobMistake
from daemon.job import Job
from daemon.narrator import taken
from daemon.pipelines import written
from daemon.pipelines.captioned import aligned
from daemon.pipelines.listened import WORDS
from daemon.pipelines.plan import Plan
from daemon.pipelines.table import CHORES, find
from daemon.pipelines.written import Written
from outputs.info import STATES, RunInfo
from outputs.ledger import SEGMENTS, Ledger
from outputs.recording import StorageFailed, storage
from outputs.run import Runs

# What the gate said of every take.
VERIFIED: Final = "verify.json"
_WHO: Final = ("voice", "language", "model", "engine", "revision", "dtype")


def begin(runs: Runs, pipeline: str, request: Mapping[str, object], name: str, data: bytes, plan: Written) -> Ledger:
    """A new folder with its input and what is planned so far, or none. Raises StorageFailed."""
    versions = {"voiced": version("voiced"), "python": platform.python_version()}
    facts = {"title": plan.plan.title, "name": name, "segments": len(plan.plan.segments), "versions": versions}
    return runs.begin_work(pipeline, request, facts, name, data, plan.as_dict())


def reopened(ledger: Ledger) -> Job:
    """The job of a folder, with whatever is spoken of it. Raises JobMistake, UnknownPipeline, InputMistake, StorageFailed."""
    request = ledger.request
    pipeline = str(request["pipeline"])
    recipe, options = find(pipeline, request["options"])
    planned = ledger.plan()
    if planned is None:
        raise JobMistake(f"run {ledger.id} was left before it was planned; start it again")
    job = Job(pipeline, recipe, ledger, written.read(planned), options, request)
    lines = ledger.taken()
    for one in job.plan.segments:
        if one.id in lines:
            job.have(taken(one, lines[one.id]))
    return job


def give_back(ledger: Ledger, before: RunInfo) -> None:
    """Let go of a run that was reopened in vain: it stands as it did."""
    with suppress(StorageFailed):  # then it reads as interrupted, which loses nothing
        if before.state in STATES:
            ledger.note(before.state, {"finished": before.meta.get("finished")})
    ledger.release()


def is_whole(run: RunInfo) -> bool:
    """Whether a pipeline is done, and has all that it spoke and made. Reads all of its segments. Raises StorageFailed."""
    if run.state != "done" or run.task in CHORES:
        return False
    for one in run.artifacts:
        file = run.path / str(one.get("name"))
        if not file.is_file() or file.stat().st_size != one.get("bytes"):
            return False
    ledger = Ledger.look(run.path)
    planned, lines = ledger.plan(), ledger.taken()
    return planned is not None and all(one.id in lines for one in written.read(planned).plan.segments)


def take_over(job: Job, earlier: RunInfo) -> None:
    """What an earlier run has spoken as it would be spoken now. Raises StorageFailed."""
    old = Ledger.look(earlier.path)
    planned = old.plan()
    before = {one.id: one for one in written.read(planned).plan.segments} if planned else {}
    lines = old.taken()
    for segment in job.plan.segments:
        line, was = lines.get(segment.id), before.get(segment.id)
        if line is None or (aligned(job.options) and WORDS not in line):  # nobody has listened to it yet
            continue
        if was is not None and segment.id not in job.takes and segment.sounds_like(was):
            with storage(earlier.path):
                flac = (earlier.path / SEGMENTS / f"{segment.id}.flac").read_bytes()
            facts = {name: value for name, value in line.items() if name not in ("id", "sha256")}
            job.have(taken(segment, job.ledger.keep(segment.id, flac, {**facts, "from": earlier.run_id})))


def lost(job: Job) -> list[str]:
    """The ids of segments that were spoken and are not there any more, or not as they were written. Raises StorageFailed."""
    whole = job.ledger.taken()
    return [one.id for one in job.plan.segments if one.id in job.takes and one.id not in whole]


def planned(job: Job, plan: Plan, *, choice: str | None = None, ready: bool = True, read: bool = False) -> None:
    """Write down what is planned now. Raises StorageFailed."""
    job.ledger.write_plan(Written(plan, ready, choice, read).as_dict())


def speakers(run: RunInfo) -> Sequence[Mapping[str, object]]:
    """Who has spoken how many of its segments, and with what. Reads all of them. Raises StorageFailed."""
    lines = Ledger.look(run.path).taken().values()
    found = Counter(tuple((name, line[name]) for name in _WHO if name in line) for line in lines)
    return [{**dict(who), "segments": count} for who, count in found.most_common()]


def assembled(job: Job) -> Sequence[Mapping[str, object]]:
    """The artifacts, and what the gate said where there was one. Raises StorageFailed."""
    takes = [job.takes[one.id] for one in job.plan.segments]
    made = [*job.recipe.assemble(job.ledger.path, job.plan, takes, job.options)]
    return [*made, _verified(job)] if job.tries else made


def _verified(job: Job) -> Mapping[str, object]:
    lines = job.ledger.taken()
    told = [{"id": one.id, "text": one.text, **_heard(lines[one.id])} for one in job.plan.segments]
    bad = [str(one["id"]) for one in told if not one["good"]]
    data = json.dumps({"not_good": bad, "segments": told}, ensure_ascii=False, indent=1).encode() + b"\n"
    job.ledger.write(VERIFIED, data)
    return {"name": VERIFIED, "bytes": len(data)}


def _heard(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"good": line.get("good", True), "seed": line["seed"], "takes": line.get("takes", [])}
