"""Times of words in a job: heard segment by segment, kept in the ledger, never heard twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from transcriber import SAID, Transcriber, transcriber

from daemon.core import Voiced
from daemon.job import Job, Progress, State
from daemon.making.recogniser import RecogniserUnavailable
from daemon.pipelines import long_form
from tests.test_daemon_pipelines_captioned import closely, loud

Start = Callable[..., Awaitable[Voiced]]
TEXT = "\n\n".join(SAID).encode()
# What the tone takes for a letter, and a blank.
LETTER_MS = 80


@pytest.fixture
def desk() -> Iterator[Transcriber]:
    with transcriber() as server:
        server.said = {text: len(text) * LETTER_MS / 1000 for text in SAID}
        yield server


async def ended(job: Job) -> Progress:
    async with asyncio.timeout(30):
        async for told in job.watch():
            last = told
    return last


async def read_out(voiced: Voiced, text: bytes = TEXT, *, after: str | None = None, **options: object) -> Job:
    wishes = {"voice": "tone", "language": "en", "audio": "flac", "words": "aligned", **options}
    return await voiced.jobs.start("long_form", text, "x.txt", wishes, 3, after)


def words(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((job.ledger.path / "audio.words.json").read_bytes())
    return found


async def test_every_word_is_where_it_was_heard(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    job = await read_out(voiced)
    assert (await ended(job)).state is State.DONE
    assert len(desk.forms) == len(SAID)
    assert {form["language"] for form in desk.forms} == {b"en"}
    found = words(job)
    assert found["times"] == "aligned"
    assert [one["text"] for one in found["words"]] == " ".join(SAID).split()
    begin = 0.0
    told = iter(found["words"])
    for segment in job.plan.segments:
        letters = len(segment.text.replace(" ", ""))
        at, step = begin, len(segment.text) * LETTER_MS / letters
        for word in segment.text.split():
            one = next(told)
            assert not one["estimated"]
            assert one["start_ms"] == pytest.approx(at, abs=20)
            at += len(word) * step
            assert one["end_ms"] == pytest.approx(at, abs=25)
        begin += len(segment.text) * LETTER_MS + segment.pause_ms
    (made,) = [
        one
        for one in json.loads((job.ledger.path / "meta.json").read_bytes())["artifacts"]
        if one["name"] == "audio.words.json"
    ]
    assert made["times"] == "aligned"


async def test_nobody_is_asked_where_estimates_will_do(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    for options in ({"words": "estimated"}, {"subtitles": False}):
        job = await read_out(voiced, **options)
        assert (await ended(job)).state is State.DONE
    assert desk.forms == []


async def test_a_house_without_a_recogniser_refuses_at_once(start: Start, desk: Transcriber) -> None:
    voiced = await start()
    with pytest.raises(RecogniserUnavailable, match="words=aligned needs somebody who listens"):
        await read_out(voiced)
    assert voiced.runs.list(10) == []


NAMES = ("audio.words.json", "audio.srt", "audio.vtt", "audio.flac")


async def test_what_was_heard_is_kept_and_not_heard_again(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    job = await read_out(voiced)
    assert (await ended(job)).state is State.DONE
    made = {name: (job.ledger.path / name).read_bytes() for name in NAMES}
    (job.ledger.path / "segments" / f"{job.plan.segments[2].id}.flac").unlink()
    again = await voiced.jobs.resume(job.id)
    assert (await ended(again)).state is State.DONE
    assert len(desk.forms) == len(SAID) + 1
    assert {name: (job.ledger.path / name).read_bytes() for name in NAMES} == made


async def test_whoever_stops_listening_ends_it_and_it_goes_on_later(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    whole = await read_out(voiced)
    await ended(whole)
    desk.answer = lambda found: (500, {}) if "boat" in found["text"] else (200, found)
    job = await read_out(voiced)
    told = await ended(job)
    assert told.state is State.FAILED
    assert "answers 500" in told.error
    desk.answer = lambda found: (200, found)
    assert (await ended(await voiced.jobs.resume(job.id))).state is State.DONE
    for name in NAMES:
        assert (job.ledger.path / name).read_bytes() == (whole.ledger.path / name).read_bytes()


async def test_a_run_that_nobody_listened_to_is_not_taken_over(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    estimated = await read_out(voiced, words="estimated")
    await ended(estimated)
    heard = await read_out(voiced, after=estimated.id)
    await ended(heard)
    assert len(desk.forms) == len(SAID)
    later = await read_out(voiced, after=heard.id)
    assert (await ended(later)).state is State.DONE
    assert len(desk.forms) == len(SAID), "what was heard is taken over with the segments"
    assert words(later) == words(heard)


async def test_a_house_that_has_lost_its_recogniser_says_so(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    desk.answer = lambda found: (500, {})
    job = await read_out(voiced)
    await ended(job)
    await voiced.jobs.close()
    deaf = await start()
    told = await ended(await deaf.jobs.resume(job.id))
    assert told.state is State.FAILED
    assert "no recogniser is configured" in told.error


async def test_captions_have_words_that_were_heard(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    job = await voiced.jobs.start(
        "subtitles", b"1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n", "x.srt",
        {"voice": "tone", "language": "en", "audio": "flac", "words": "aligned", "fit": "stretch"}, 3,
    )  # fmt: skip
    assert (await ended(job)).state is State.DONE
    assert words(job)["times"] == "aligned"
    assert all(1000 <= one["start_ms"] < one["end_ms"] <= 2050 for one in words(job)["words"])


def test_the_cues_of_a_book_wait_for_the_voice_and_go_with_it(tmp_path: Path) -> None:
    options = long_form.Options.model_validate({"audio": "flac", "loudness": None, "paragraph_ms": 400})
    plan = long_form.plan("\n\n".join(f"This is line {number}." for number in range(20)).encode(), "x.txt", options)
    long_form.assemble(tmp_path, plan, loud(tmp_path, plan, [2.0] * 20, silence_s=0.7), options)
    closely(tmp_path, 20)
