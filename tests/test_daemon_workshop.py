"""Work that has to find something, or be told something, before it knows its segments."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from daemon.core import Voiced
from daemon.faults import JobMistake, Unspeakable
from daemon.job import Job, Progress, State
from daemon.making.recogniser import RecogniserUnavailable
from tests.recipes import Asking, lines

Start = Callable[..., Awaitable[Voiced]]
TEXT = b"One.\nTwo two.\nThree three three.\n"


@pytest.fixture(autouse=True)
def asking() -> Iterator[Asking]:
    with lines() as asking:
        yield asking


async def begin(voiced: Voiced) -> Job:
    return await voiced.jobs.start("asking", TEXT, "lines.txt", {}, seed=3)


async def until(job: Job, *states: State) -> Progress:
    async with asyncio.timeout(30):
        async for told in job.watch():
            if told.state in states:
                return told
    raise AssertionError(f"it ended otherwise: {job.progress()}")


def planned(job: Job) -> dict[str, object]:
    found: dict[str, object] = json.loads((job.ledger.path / "plan.json").read_bytes())
    return found


async def test_it_rests_until_somebody_has_chosen(start: Start, asking: Asking) -> None:
    voiced = await start()
    job = await begin(voiced)
    told = await until(job, State.PAUSED)
    assert (told.phase, told.segments) == ("choosing", 0)
    assert "--choose 2" in told.question
    assert planned(job)["ready"] is False
    await voiced.jobs.resume(job.id)
    assert (await until(job, State.PAUSED)).question == told.question
    await voiced.jobs.resume(job.id, "2")
    assert (await until(job, State.DONE)).done == 2
    assert asking.prepared == [None, None, "2"]
    written = planned(job)
    assert [(one["text"], one["seed"]) for one in written["segments"]] == [  # type: ignore[attr-defined]
        ("Two two.", 3),
        ("Three three three.", 3),
    ]
    assert "ready" not in written
    with pytest.raises(JobMistake, match="nothing to choose"):
        await voiced.jobs.resume(job.id, "1")


async def test_another_job_goes_first_while_one_has_to_choose(start: Start) -> None:
    voiced = await start()
    job = await begin(voiced)
    await until(job, State.PAUSED)
    other = await voiced.jobs.start("lines", TEXT, "lines.txt", {}, 1)
    await until(other, State.DONE)
    await voiced.jobs.cancel(job.id)
    assert job.state is State.CANCELLED


async def test_a_choice_outlives_the_process(start: Start, asking: Asking) -> None:
    voiced = await start()
    job = await begin(voiced)
    await until(job, State.PAUSED)
    asking.hold = asyncio.Event()
    await voiced.jobs.resume(job.id, "3")
    async with asyncio.timeout(30):
        async for told in job.watch():
            if told.share is not None:
                break
    assert (told.state, told.phase, told.share) == (State.RUNNING, "thinking", 0.5)
    await voiced.jobs.close()
    asking.hold = None
    later = await start()
    assert [one.run_id for one in later.jobs.interrupted()] == [job.id]
    again = await later.jobs.resume(job.id)
    assert (await until(again, State.DONE)).done == 1
    assert asking.prepared == [None, "3", "3"]


async def test_what_a_house_cannot_do_is_told_before_there_is_a_run(start: Start, asking: Asking) -> None:
    voiced = await start()
    asking.wrong = RecogniserUnavailable("nobody can listen here")
    with pytest.raises(RecogniserUnavailable, match="nobody can listen"):
        await begin(voiced)
    assert voiced.runs.list(10) == []


async def test_what_is_found_is_checked_like_any_plan(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = await start()
    job = await begin(voiced)
    await until(job, State.PAUSED)

    def check(*_: object, **__: object) -> None:
        raise Unspeakable("nobody speaks so")

    monkeypatch.setattr(voiced.jobs._workshop, "_check", check)
    await voiced.jobs.resume(job.id, "1")
    told = await until(job, State.FAILED)
    assert told.error == "nobody speaks so"


async def test_an_earlier_run_that_is_gone_is_spoken_anew(start: Start) -> None:
    voiced = await start()
    first = await voiced.jobs.start("lines", TEXT, "lines.txt", {}, 1)
    await until(first, State.DONE)
    waiting = await begin(voiced)
    await until(waiting, State.PAUSED)
    second = await voiced.jobs.start("lines", TEXT + b"Four.", "lines.txt", {}, None, after=first.id)
    told = await until(second, State.DONE)
    lines = [json.loads(line) for line in (second.ledger.path / "segments.jsonl").read_text().splitlines() if line]
    assert [one.get("from") for one in sorted(lines, key=lambda one: one["id"])] == [first.id] * 3 + [None]
    assert told.done == 4
    third = await voiced.jobs.start("lines", TEXT, "lines.txt", {}, None, after=first.id)
    voiced.runs.remove(first.id)
    assert (await until(third, State.DONE)).done == 3
