"""Jobs: planned before they are spoken, spoken at the lowest priority, whole after every interruption."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.core import Voiced
from daemon.faults import InputMistake, JobMistake, Malformed, UnknownPipeline, Unspeakable
from daemon.gate import Gate, Verdict
from daemon.job import Job, Progress, State
from daemon.job_folder import speakers
from daemon.narrator import Narrator
from daemon.pipelines.plan import Taken
from outputs.assembly import Assembly, Part
from outputs.run import RunBusy
from tests.recipes import lines

Start = Callable[..., Awaitable[Voiced]]
TEXT = b"One.\nTwo two.\nThree three three.\nFour.\nFive five.\nSix.\n"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with lines():
        yield


async def begin(voiced: Voiced, data: bytes = TEXT, **options: object) -> Job:
    return await voiced.jobs.start("lines", data, "lines.txt", options, seed=3)


async def ended(job: Job, seconds: float = 30) -> Progress:
    async with asyncio.timeout(seconds):
        async for told in job.watch():
            last = told
    return last


async def until(job: Job, done: int) -> None:
    async with asyncio.timeout(30):
        async for told in job.watch():
            if told.done >= done:
                return


def meta(job: Job) -> dict[str, object]:
    found: dict[str, object] = json.loads((job.ledger.path / "meta.json").read_bytes())
    return found


def ledger(job: Job) -> list[dict[str, Any]]:
    """What is told of its segments, in order."""
    lines = (job.ledger.path / "segments.jsonl").read_text().splitlines()
    return sorted((json.loads(line) for line in lines if line), key=lambda line: str(line["id"]))


async def test_a_job_leaves_a_folder_that_tells_all(start: Start) -> None:
    voiced = await start()
    job = await begin(voiced, voice="tone-2")
    planned = json.loads((job.ledger.path / "plan.json").read_bytes())
    assert [one["text"] for one in planned["segments"]] == TEXT.decode().splitlines()
    assert {one["seed"] for one in planned["segments"]} == {3}
    told = await ended(job)
    assert (told.state, told.done, told.segments) == (State.DONE, 6, 6)
    assert told.seconds == pytest.approx(sum(map(len, TEXT.decode().splitlines())) * 0.08)
    (made,) = meta(job)["artifacts"]  # type: ignore[misc]
    assert made["name"] == "all.bin"
    assert (meta(job)["state"], meta(job)["spoken"]) == ("done", 6)
    assert (job.ledger.path / "input" / "lines.txt").read_bytes() == TEXT
    info = voiced.runs.find(job.id)
    assert (info.task, info.state) == ("lines", "done")


async def test_a_segment_tells_how_it_was_made(start: Start) -> None:
    voiced = await start(normalize="on")
    job = await begin(voiced, b"Two cups.\nAt 14:30, **2 cups**.\n")
    await ended(job)
    told = ledger(job)
    assert "spoken" not in told[0]
    assert told[1]["spoken"] == "At fourteen thirty, two cups."
    who = {"voice": "tone", "language": "en", "model": "tone", "engine": "tone", "revision": "1", "dtype": ""}
    assert who.items() <= told[0].items()
    assert speakers(voiced.runs.find(job.id)) == [{**who, "segments": 2}]
    assert meta(job)["versions"].keys() == {"voiced", "python"}  # type: ignore[attr-defined]


async def test_the_plan_tells_how_all_will_be_read_aloud_before_a_segment_is_spoken(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    voiced = await start(normalize="on")
    gate, took = asyncio.Event(), Narrator.take

    async def waits(*given: Any) -> Taken:
        await gate.wait()
        return await took(*given)

    monkeypatch.setattr(Narrator, "take", waits)
    job = await begin(voiced, b"Two cups.\nAt 14:30, **2 cups**.\n...\n")
    async with asyncio.timeout(30):
        async for told in job.watch():
            if told.phase == "speaking":
                break
    plan = json.loads((job.ledger.path / "plan.json").read_bytes())
    assert plan["read"]
    assert [one["spoken"] for one in plan["segments"]] == [None, "At fourteen thirty, two cups.", None]
    await voiced.jobs.pause(job.id)
    gate.set()
    monkeypatch.setattr(Narrator, "read", None)  # once is enough
    await voiced.jobs.resume(job.id)
    assert (await ended(job)).state is State.DONE
    spoken = {line["id"]: line.get("spoken") for line in ledger(job)}
    assert spoken == {one["id"]: one["spoken"] for one in plan["segments"]}


async def test_what_cannot_be_done_is_told_before_there_is_a_folder(start: Start) -> None:
    voiced = await start()
    with pytest.raises(UnknownPipeline, match="lines"):
        await voiced.jobs.start("knitting", TEXT, "x", {}, 1)
    with pytest.raises(InputMistake, match="colour"):
        await begin(voiced, colour="blue")
    with pytest.raises(Malformed, match="no line"):
        await begin(voiced, b"")
    with pytest.raises(Unspeakable, match="nobody"):
        await begin(voiced, voice="nobody")
    assert voiced.runs.list(10) == []


async def test_pausing_cancelling_and_going_on(start: Start) -> None:
    voiced = await start(tone_step_ms=2)
    job = await begin(voiced)
    await until(job, 1)
    await voiced.jobs.pause(job.id)
    spoken = len(job.takes)
    with pytest.raises(RunBusy):
        voiced.runs.remove(job.id)
    await asyncio.sleep(0.1)
    assert (job.state, len(job.takes)) == (State.PAUSED, spoken)
    await voiced.jobs.resume(job.id)
    with pytest.raises(JobMistake, match="already"):
        await voiced.jobs.resume(job.id)
    assert (await ended(job)).state is State.DONE

    other = await begin(voiced)
    await until(other, 1)
    await voiced.jobs.cancel(other.id)
    assert (other.state, meta(other)["state"]) == (State.CANCELLED, "cancelled")
    with pytest.raises(JobMistake, match="cancelled"):
        await voiced.jobs.pause(other.id)
    again = await voiced.jobs.resume(other.id)
    assert again.progress().done >= 1
    assert (await ended(again)).state is State.DONE
    whole = (job.ledger.path / "all.bin").read_bytes()
    assert (again.ledger.path / "all.bin").read_bytes() == whole


async def test_what_is_done_and_whole_is_not_done_again(start: Start) -> None:
    voiced = await start()
    job = await begin(voiced)
    await ended(job)
    before = meta(job)
    with pytest.raises(JobMistake, match=f"is done, and nothing of it is missing; `voiced run --again {job.id}`"):
        await voiced.jobs.resume(job.id)
    (job.ledger.path / "all.bin").unlink()
    with pytest.raises(JobMistake, match="nothing to choose"):
        await voiced.jobs.resume(job.id, "2")
    assert meta(job) == before
    await ended(await voiced.jobs.resume(job.id))
    assert (job.ledger.path / "all.bin").is_file()


@pytest.mark.parametrize("state", ["cancelled", "interrupted"])
async def test_a_choice_where_there_is_none_changes_nothing(start: Start, state: str) -> None:
    voiced = await start(tone_step_ms=2)
    job = await begin(voiced)
    await until(job, 1)
    await (voiced.jobs.cancel(job.id) if state == "cancelled" else voiced.jobs.close())
    later = voiced if state == "cancelled" else await start()
    with pytest.raises(JobMistake, match="nothing to choose"):
        await later.jobs.resume(job.id, "2")
    assert later.runs.find(job.id).state == state


async def test_one_at_a_time_in_order(start: Start) -> None:
    voiced = await start(tone_step_ms=1)
    first, second = await begin(voiced), await begin(voiced)
    await until(first, 1)
    assert (first.state, second.state) == (State.RUNNING, State.WAITING)
    await voiced.jobs.cancel(second.id)
    assert (await ended(first)).state is State.DONE
    assert second.state is State.CANCELLED


async def test_a_damaged_segment_is_spoken_again_and_no_other(start: Start) -> None:
    voiced = await start()
    job = await begin(voiced)
    await ended(job)
    whole = (job.ledger.path / "all.bin").read_bytes()
    (job.ledger.path / "segments" / "0002.flac").write_bytes(b"bent")
    (job.ledger.path / "segments" / "0005.flac").unlink()
    with (job.ledger.path / "segments.jsonl").open("ab") as file:
        file.write(b'{"id": "0001", "sha')
    before = {path.name: path.stat().st_mtime_ns for path in (job.ledger.path / "segments").iterdir()}
    again = await voiced.jobs.resume(job.id)
    await ended(again)
    after = {path.name: path.stat().st_mtime_ns for path in (job.ledger.path / "segments").iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {"0002.flac", "0005.flac"}
    assert (job.ledger.path / "all.bin").read_bytes() == whole


async def test_what_was_left_reads_as_interrupted_and_goes_on(start: Start, tmp_path: Path) -> None:
    voiced = await start(tone_step_ms=2)
    job = await begin(voiced)
    await until(job, 2)
    await voiced.jobs.close()
    assert voiced.runs.find(job.id).state == "interrupted"
    later = await start()
    again = await later.jobs.resume(job.id)
    assert again.progress().done >= 2
    assert (await ended(again)).state is State.DONE


async def test_a_reply_overtakes_a_job(start: Start) -> None:
    voiced = await start(tone_step_ms=2, slots=2)
    job = await begin(voiced, b"A long line that takes a while to be spoken.\n" * 40)
    await until(job, 1)
    began = asyncio.get_running_loop().time()
    async for _ in voiced.speak("Yes."):
        break
    assert asyncio.get_running_loop().time() - began < 1
    assert job.state is State.RUNNING
    await voiced.jobs.cancel(job.id)


async def test_an_ornament_without_a_word_is_silence(start: Start) -> None:
    voiced = await start()
    job = await begin(voiced, b"One.\n* * *\nTwo.")
    told = await ended(job)
    assert (told.state, told.seconds) == (State.DONE, pytest.approx(8 * 0.08))
    joined = Assembly([Part(job.ledger.path / take.file) for take in job.takes.values()], 24_000)
    assert len(b"".join(joined)) == joined.samples * 2
    assert 0 <= joined.samples - round(told.seconds * 24_000) <= 480, (
        "a file without any sample is one block of silence"
    )


async def test_a_bad_take_is_taken_again_and_no_other(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate itself is tested elsewhere; here it says of one segment that its first two takes are bad."""
    voiced = await start()
    judged: list[str] = []

    async def judge(self: Gate, pcm: bytes, rate: int, text: str, *_: object, **__: object) -> Verdict:
        judged.append(text)
        bad = text == "Four." and judged.count(text) < 3
        return Verdict(not bad, 0.5 if bad else 2.0, ("words: other ones were heard",) if bad else ())

    monkeypatch.setattr(Gate, "judge", judge)
    job = await voiced.jobs.start("lines", TEXT, "lines.txt", {}, 3, verify=4)
    assert (await ended(job)).state is State.DONE
    assert judged.count("Four.") == 3
    assert len(judged) == 6 + 2
    told = {one["id"]: one for one in json.loads((job.ledger.path / "verify.json").read_bytes())["segments"]}
    assert [take["seed"] for take in told["0004"]["takes"]] == [3, 4, 5]
    assert (told["0004"]["seed"], told["0004"]["good"]) == (5, True)
    assert len(told["0001"]["takes"]) == 1


async def test_jobs_that_have_ended_are_forgotten_one_day(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.jobs.MAX_ENDED", 2)
    voiced = await start()
    jobs = [await begin(voiced, b"One.") for _ in range(4)]
    for job in jobs:
        await ended(job)
    waiting = await begin(voiced, b"One.")
    assert voiced.jobs.all() == [*jobs[-1:], waiting]
    assert voiced.runs.find(jobs[0].id).state == "done"
    await ended(waiting)


async def test_only_what_sounds_otherwise_is_spoken_again(start: Start) -> None:
    voiced = await start()
    table = "id,text,voice,filename,note\nhalt,Halt!,tone,halt,at the gate\npass,Pass.,tone,pass,\nbye,Bye.,tone,,\n"
    first = await voiced.jobs.start("npc_pack", table.encode(), "a.csv", {"audio": "wav"}, 3)
    assert (await ended(first)).state is State.DONE
    changed = table.replace("tone,halt,at the gate", "tone,gate/halt,by night").replace("Bye.", "Good night.")
    second = await voiced.jobs.start("npc_pack", changed.encode(), "a.csv", {"audio": "wav"}, after=first.id)
    assert (await ended(second)).state is State.DONE
    told = [json.loads(line) for line in (second.ledger.path / "segments.jsonl").read_text().splitlines() if line]
    assert {one["id"]: one.get("from") for one in told} == {"halt": first.id, "pass": first.id, "bye": None}
    files = {path.relative_to(second.ledger.path).as_posix() for path in second.ledger.path.glob("files/**/*.wav")}
    assert files == {"files/gate/halt.wav", "files/pass.wav", "files/tone/bye.wav"}, "under its new name all the same"


async def test_what_has_lost_its_folder_is_cancelled_all_the_same(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    voiced = await start(tone_step_ms=2)
    job, other = await begin(voiced), await begin(voiced)
    await until(job, 1)
    shutil.rmtree(other.ledger.path)
    assert (await voiced.jobs.cancel(other.id)).state is State.CANCELLED
    assert "could not be written down" in caplog.text
    assert (await ended(job)).state is State.DONE
    assert not other.ledger.path.exists()
