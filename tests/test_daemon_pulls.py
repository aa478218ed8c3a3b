"""Pulls inside the daemon: stopped at once, gone on with, and failing with the sentence of the command line."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from daemon import pulls
from daemon.core import Voiced
from daemon.faults import InputMistake, JobMistake, Malformed, UnknownModel
from daemon.hubs import named, order
from daemon.job import Job, Progress, State
from models.checkpoints.client import PullFailed
from models.checkpoints.digest import _READ_BYTES
from models.checkpoints.download import Patience
from models.checkpoints.pull import pull
from models.checkpoints.workshop import Workshop
from tests.folders import COMMIT, FOLDER, SLUG, WEIGHTS
from tests.hub import Hub, hub
from tests.pulling import content, whole
from tests.recipes import lines
from tests.tricks import Cut, Drip, Hang, Lie, Page, Status, Trick

__all__ = ["hub"]

Start = Callable[..., Awaitable[Voiced]]


@pytest.fixture(autouse=True)
def around(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.address)


async def ended(job: Job) -> Progress:
    async with asyncio.timeout(30):
        async for told in job.watch():
            last = told
    return last


async def arrived(hub: Hub) -> None:
    assert await asyncio.to_thread(hub.arrived.wait, 20)


def models(voiced: Voiced) -> Path:
    return voiced.settings.data_dir / "models"


async def gathered(hub: Hub, voiced: Voiced, bytes_: int) -> None:
    """Wait until so many bytes of the weights are on the disk."""
    parts = models(voiced) / ".partial" / SLUG / "parts"
    async with asyncio.timeout(20):
        while not hub.requests(WEIGHTS):  # smaller files come first
            await asyncio.sleep(0.01)
        while max((path.stat().st_size for path in parts.glob("*") if not path.suffix), default=0) < bytes_:
            await asyncio.sleep(0.01)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("pull ")]


async def gone() -> None:
    async with asyncio.timeout(30):
        while threads():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
async def test_a_model_comes_and_its_job_tells_what_came(hub: Hub, start: Start, source: str) -> None:
    voiced = await start()
    job = await voiced.pull(SLUG, source)
    seen = [(told.phase, told.share) async for told in job.watch()]
    assert job.state is State.DONE, job.error
    assert content(models(voiced) / FOLDER) == whole(hub)
    told = json.loads((job.ledger.path / "pulled.json").read_bytes())
    assert (told["id"], told["task"], told["source"], told["bytes"]) == (
        FOLDER, "base", hub.address, sum(map(len, whole(hub).values())),
    )  # fmt: skip
    assert any(phase.startswith("fetching ") and phase.endswith(" of 1 MB") and share for phase, share in seen)
    assert all(share is None or 0 <= share <= 1 for _, share in seen)
    assert job.plan.warnings == (f"{FOLDER} is here, and cannot be used: the engine `tone` was asked for",)
    await gone()


async def test_what_is_here_already_is_not_fetched_again(hub: Hub, start: Start) -> None:
    voiced = await start()
    await ended(await voiced.pull(SLUG))
    hub.asked.clear()
    job = await voiced.pull(FOLDER, revision=COMMIT)
    assert (await ended(job)).state is State.DONE
    assert not any(one.file for one in hub.asked)
    assert json.loads((job.ledger.path / "pulled.json").read_bytes())["fetched_bytes"] == 0


@pytest.mark.parametrize("how", ["pause", "cancel"])
async def test_stopped_it_keeps_what_is_here(hub: Hub, start: Start, how: str) -> None:
    voiced = await start()
    hub.tricks[WEIGHTS] = [Hang(500_000)]
    job = await voiced.pull(SLUG)
    await gathered(hub, voiced, 500_000)
    async with asyncio.timeout(20):  # though the hub is silent, and nobody hears it
        stopped = await getattr(voiced.jobs, how)(job.id)
    assert stopped.state is (State.PAUSED if how == "pause" else State.CANCELLED)
    again = await voiced.jobs.resume(job.id)
    async with asyncio.timeout(20):
        while again.phase != "waiting for the hub":
            await asyncio.sleep(0.01)
    hub.go_on.set()
    assert (await ended(again)).state is State.DONE
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, 500_000]
    assert content(models(voiced) / FOLDER) == whole(hub)
    await gone()


async def test_stopped_nothing_more_comes(hub: Hub, start: Start) -> None:
    voiced = await start()
    hub.tricks[WEIGHTS] = [Drip(10_000, 0.05)]
    job = await voiced.pull(SLUG)
    await gathered(hub, voiced, 50_000)
    await voiced.jobs.cancel(job.id)
    await asyncio.wait_for(gone(), 20)
    (part,) = (
        path for path in (models(voiced) / ".partial" / SLUG / "parts").iterdir() if path.stat().st_size > 10_000
    )
    assert part.stat().st_size < 700_000
    assert (await ended(await voiced.jobs.resume(job.id))).state is State.DONE


async def test_stopped_between_two_tries(hub: Hub, start: Start) -> None:
    voiced = await start()
    hub.tricks["list"] = [Status(503, (("Retry-After", "30"),))]
    job = await voiced.pull(SLUG)
    while not hub.asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert threads()
    await voiced.jobs.cancel(job.id)
    await asyncio.wait_for(gone(), 20)


async def test_one_model_is_pulled_once_at_a_time(hub: Hub, start: Start) -> None:
    voiced = await start()
    hub.tricks[WEIGHTS] = [Hang(1000)]
    both = await asyncio.gather(voiced.pull(SLUG), voiced.pull(f"Qwen/{FOLDER}"), return_exceptions=True)
    (job,) = [one for one in both if isinstance(one, Job)]
    (mistake,) = [one for one in both if isinstance(one, JobMistake)]
    assert str(mistake).startswith(f"run {job.id} pulls {FOLDER} already")
    await arrived(hub)
    await voiced.jobs.pause(job.id)
    with pytest.raises(JobMistake, match="already, and is paused"):
        await voiced.pull(SLUG)
    await voiced.jobs.cancel(job.id)
    hub.go_on.set()
    assert (await ended(await voiced.pull(SLUG))).state is State.DONE


async def test_somebody_else_is_pulling_it(hub: Hub, start: Start) -> None:
    voiced = await start()
    with Workshop(models(voiced), SLUG):
        told = await ended(await voiced.pull(SLUG))
    assert told.error.startswith("it is being pulled or removed by process")


async def test_a_name_or_a_token_that_is_none(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = await start()
    with pytest.raises(UnknownModel, match=f"no model is called 'nobody'; there are .*{SLUG}"):
        await voiced.pull("nobody")
    for name in ("../../etc", "../x", "a/b/c", "/etc/passwd", "a/.x", "http://nas/x"):
        with pytest.raises(UnknownModel):
            await voiced.pull(name)
    for name in ("", "x" * 201):
        with pytest.raises(InputMistake):
            await voiced.pull(name)
    monkeypatch.setenv("HF_TOKEN", "naïve")
    with pytest.raises(Malformed, match="HF_TOKEN holds no token"):
        await voiced.pull(SLUG)
    assert voiced.runs.list(10) == []


TROUBLE: dict[str, tuple[str, Trick]] = {
    "401": ("list", Status(401)),
    "403": ("list", Status(403)),
    "404": ("list", Status(404)),
    "416": (WEIGHTS, Status(416)),
    "429": (WEIGHTS, Status(429)),
    "500": (WEIGHTS, Status(500)),
    "page": (WEIGHTS, Page()),
    "longer": (WEIGHTS, Lie(7)),
    "silently longer": (WEIGHTS, Lie(7, silent=True)),
    "cut": (WEIGHTS, Cut(0)),
    "no list": ("list", Page()),
}


@pytest.mark.parametrize("trouble", TROUBLE)
async def test_what_goes_wrong_is_told_as_on_the_command_line(
    hub: Hub, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    at, trick = TROUBLE[trouble]
    monkeypatch.setattr(pulls._Watch, "sleep", lambda *_: None)
    hub.tricks[at] = [trick] * 10
    with pytest.raises(PullFailed) as caught:
        pull(order(SLUG, named("huggingface"), None, Patience(wait_s=0)), tmp_path / "by hand")
    hub.tricks[at] = [trick] * 10
    voiced = await start()
    told = await ended(await voiced.pull(SLUG))
    assert (told.state, told.error) == (State.FAILED, str(caught.value))
    hub.tricks.clear()
    assert (await ended(await voiced.jobs.resume(told.run_id))).state is State.DONE


async def test_a_silent_hub_and_a_full_disk(hub: Hub, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = await start()
    stall = Patience(stall_s=0.2, retries=0)
    monkeypatch.setattr("models.checkpoints.order.Patience", lambda: stall)
    hub.tricks[WEIGHTS] = [Hang(1000)]
    assert "sent nothing for 0.2 s; 1000 of 900001 bytes are kept" in (await ended(await voiced.pull(SLUG))).error
    hub.go_on.set()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Workshop, "place", full)
    told = await ended(await voiced.pull(SLUG))
    assert told.error == f"the disk is full: make room in {models(voiced)}; what is here is kept, pull again"


async def test_left_by_its_process_it_goes_on_in_the_next(hub: Hub, start: Start) -> None:
    voiced = await start()
    hub.tricks[WEIGHTS] = [Hang(600_000)]
    job = await voiced.pull(SLUG)
    await gathered(hub, voiced, 600_000)
    await voiced.jobs.close()
    assert voiced.runs.find(job.id).state == "interrupted"
    hub.go_on.set()
    await gone()
    later = await start(resume_jobs=True)
    await later.go_on()
    (again,) = later.jobs.all()
    assert (again.id, (await ended(again)).state) == (job.id, State.DONE)
    assert hub.requests(WEIGHTS)[-1].start == 600_000


async def test_a_pull_and_a_book_do_not_wait_for_each_other(hub: Hub, start: Start) -> None:
    with lines():
        voiced = await start(tone_step_ms=3)
        book = await voiced.jobs.start("lines", b"A line that takes a while.\n" * 200, "book.txt", {}, 1)
        hub.tricks[WEIGHTS] = [Hang(1000)]
        waiting = await voiced.pull(SLUG)
        await arrived(hub)
        assert (book.state, waiting.state) == (State.RUNNING, State.RUNNING)
        await voiced.jobs.cancel(book.id)
        other = await voiced.jobs.start("lines", b"One.", "one.txt", {}, 1)
        assert (await ended(other)).state is State.DONE
        second = await voiced.pull("somebody/else")
        await asyncio.sleep(0.1)
        assert (waiting.state, second.state) == (State.RUNNING, State.WAITING), "pulls take turns"
        hub.go_on.set()
        assert "has no somebody/else" in (await ended(second)).error
        assert (await ended(waiting)).state is State.DONE


async def test_the_house_answers_while_much_is_checked(hub: Hub, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop has no part in it, and who watches is told four times a second at most."""
    monkeypatch.setattr("models.checkpoints.digest._READ_BYTES", _READ_BYTES // 4096)
    voiced = await start()
    job = await voiced.pull(SLUG)
    phases = [told.phase async for told in job.watch()]
    assert (job.state, len(phases) < 40) == (State.DONE, True)
