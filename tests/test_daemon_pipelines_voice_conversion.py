"""Speech to speech: what is said in a recording is said again, at its time, whatever happens on the way."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from clips import RATE, band, hiss, silence, spoken, wav

from daemon.core import Voiced
from daemon.faults import InputMistake, Unspeakable
from daemon.job import Job, Progress, State
from daemon.making.recogniser import RecogniserUnavailable
from daemon.pipelines import transcribed, voice_conversion
from daemon.pipelines.voice_conversion import Options, plan
from outputs.container import write
from outputs.convert import Recorded
from outputs.decoder import UnreadableAudio
from tests.transcriber import SAID, Transcriber, edges, recording, transcriber

Start = Callable[..., Awaitable[Voiced]]
TEXTS = [SAID[2], SAID[1], SAID[3], SAID[1]]


@pytest.fixture
def desk() -> Iterator[Transcriber]:
    with transcriber() as server:
        yield server


@pytest.fixture
def short_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribed, "LEAST_S", 4.0)
    monkeypatch.setattr(transcribed, "MOST_S", 10.0)


async def ended(job: Job) -> Progress:
    async with asyncio.timeout(60):
        async for told in job.watch():
            last = told
    return last


async def converted(voiced: Voiced, data: bytes, name: str = "me.wav", **options: object) -> Job:
    return await voiced.jobs.start("voice_conversion", data, name, {"voice": "tone", "audio": "wav", **options}, seed=3)


def test_what_is_no_recording_is_refused_at_once() -> None:
    for data in (b"", b"hello", wav(silence(1))[:20]):
        with pytest.raises(UnreadableAudio):
            plan(data, "x.wav", Options())
    assert plan(wav(silence(1)), "some talk.wav", Options()).title == "some talk"
    assert plan(bytes(4) + b"ftypM4A " + bytes(99), "x.m4a", Options(title="A talk", language="de")).title == "A talk"


async def test_a_house_without_a_recogniser_says_so(start: Start) -> None:
    voiced = await start()
    with pytest.raises(RecogniserUnavailable, match="no recogniser is configured: set `recogniser`"):
        await converted(voiced, wav(silence(1)))
    assert voiced.runs.list(10) == []


async def test_a_voice_that_is_not_here_is_told_before_anybody_listens(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    with pytest.raises(Unspeakable, match="no voice is called"):
        await converted(voiced, wav(silence(1)), voice="nobody")
    assert (voiced.runs.list(10), desk.forms) == ([], [])


async def test_each_sentence_is_said_again_in_its_time(start: Start, desk: Transcriber) -> None:
    voiced, said = await start(recogniser=desk.url), recording(TEXTS, gap_s=3.0)
    job = await converted(voiced, wav(said, 16_000), "talk.wav")
    told = await ended(job)
    assert (told.state, told.error, told.segments) == (State.DONE, "", 4)
    assert [one.text for one in job.plan.segments] == TEXTS
    assert {(one.language, one.voice, one.seed) for one in job.plan.segments} == {("en", "tone", 3)}
    assert (job.plan.title, job.plan.language, job.plan.warnings) == ("talk", "en", ())
    for segment, (begin, end) in zip(job.plan.segments, edges(said, 16_000), strict=True):
        assert segment.start_ms == pytest.approx(begin * 1000, abs=20)
        assert segment.end_ms == pytest.approx(end * 1000, abs=20)
    track, rate = soundfile.read(job.ledger.path / "audio.wav")
    for (begin, _), segment in zip(edges(track, rate), job.plan.segments, strict=True):
        assert begin * 1000 == pytest.approx(segment.start_ms, abs=20)
    made = {one["name"] for one in json.loads((job.ledger.path / "meta.json").read_bytes())["artifacts"]}
    assert {"audio.wav", "audio.srt", "audio.vtt", "report.json"} <= made


async def test_it_goes_on_with_the_portion_that_is_missing(
    start: Start, desk: Transcriber, short_portions: None
) -> None:
    voiced, data = await start(recogniser=desk.url), wav(recording(TEXTS * 2), 16_000)
    whole = await converted(voiced, data)
    assert (await ended(whole)).state is State.DONE
    count = len(desk.forms)
    assert count >= 4, "it is heard in portions"
    assert "language" not in desk.forms[0]
    assert {form["language"] for form in desk.forms[1:]} == {b"en"}, "the first one tells the language of all"

    desk.answer = lambda found: (200, found) if len(desk.forms) < count + 3 else (500, {})
    job = await converted(voiced, data)
    told = await ended(job)
    assert told.state is State.FAILED
    assert "answers 500" in told.error
    desk.answer = lambda found: (200, found)
    again = await voiced.jobs.resume(job.id)
    assert (await ended(again)).state is State.DONE
    assert len(desk.forms) == 2 * count + 1, "one portion was listened to twice, and no other"
    assert [one.text for one in again.plan.segments] == [one.text for one in whole.plan.segments] == TEXTS * 2
    assert (job.ledger.path / "audio.wav").read_bytes() == (whole.ledger.path / "audio.wav").read_bytes()


async def test_it_may_rest_while_it_listens(start: Start, desk: Transcriber, short_portions: None) -> None:
    voiced, listening = await start(recogniser=desk.url), threading.Event()

    def slow(found: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        listening.wait(30)
        return 200, found

    desk.answer = slow
    job = await converted(voiced, wav(recording(TEXTS), 16_000))
    async with asyncio.timeout(60):
        while not desk.forms:
            await asyncio.sleep(0.01)
    await voiced.jobs.pause(job.id)
    assert (job.state, job.plan.segments) == (State.PAUSED, ())
    listening.set()
    await voiced.jobs.resume(job.id)
    assert (await ended(job)).state is State.DONE
    assert [one.text for one in job.plan.segments] == TEXTS


async def test_progress_is_told_while_it_is_listened_to(start: Start, desk: Transcriber, short_portions: None) -> None:
    voiced = await start(recogniser=desk.url)
    job = await converted(voiced, wav(recording(TEXTS), 16_000))
    async with asyncio.timeout(60):
        shares = [told.share async for told in job.watch() if told.phase == "listening"]
    assert shares and all(share is not None and 0 < share <= 1 for share in shares)
    assert shares == sorted(shares, key=lambda share: share or 0)


@pytest.mark.parametrize("samples", [silence(3), hiss(3, -30), band()], ids=["silence", "hiss", "music"])
async def test_where_nobody_speaks_no_words_were_heard(
    start: Start, desk: Transcriber, samples: np.ndarray[Any, Any]
) -> None:
    """The service hears `Good morning.` in whatever is loud."""
    voiced = await start(recogniser=desk.url)
    job = await converted(voiced, wav(samples), "song.wav")
    told = await ended(job)
    assert told.state is State.FAILED
    assert told.error == "no words were heard in song.wav: it should hold speech that can be understood"


async def test_a_service_that_hears_nothing(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    desk.answer = lambda found: (200, {"text": "", "language": "english", "segments": [], "words": []})
    assert "no words were heard" in (await ended(await converted(voiced, wav(recording(TEXTS[:1]), 16_000)))).error
    desk.answer = lambda found: (200, {"text": "[Music] ♪", "segments": [{"start": 0, "end": 2, "text": "[Music] ♪"}]})
    assert "no words were heard" in (await ended(await converted(voiced, wav(recording(TEXTS[:1]), 16_000)))).error


async def test_thanks_that_nobody_said_are_left_out(start: Start, desk: Transcriber) -> None:
    def thankful(found: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        end = found["segments"][0]["end"]
        thanks = {"start": end + 1.6, "end": end + 2.2, "text": " Thanks for watching!"}
        return 200, {**found, "words": [], "segments": [found["segments"][0], thanks, *found["segments"][1:]]}

    voiced, desk.answer = await start(recogniser=desk.url), thankful
    job = await converted(voiced, wav(recording(TEXTS[:2], gap_s=4.0), 16_000))
    assert (await ended(job)).state is State.DONE
    assert [one.text for one in job.plan.segments] == TEXTS[:2]
    (warning,) = job.plan.warnings
    assert "'Thanks for watching!' at" in warning
    assert json.loads((job.ledger.path / "meta.json").read_bytes())["warnings"] == [warning]


@pytest.mark.parametrize("left", [("words",), ("words", "segments"), ("words", "segments", "language")])
async def test_a_service_may_tell_little(start: Start, desk: Transcriber, left: tuple[str, ...]) -> None:
    voiced = await start(recogniser=desk.url)
    desk.answer = lambda found: (200, {name: value for name, value in found.items() if name not in left})
    said = recording(TEXTS[:2], gap_s=0.9)
    job = await converted(voiced, wav(said, 16_000))
    assert (await ended(job)).state is State.DONE
    assert [one.text for one in job.plan.segments] == TEXTS[:2]
    real = edges(said, 16_000)
    assert job.plan.segments[0].start_ms == pytest.approx(real[0][0] * 1000, abs=150)
    assert job.plan.segments[1].end_ms == pytest.approx(real[1][1] * 1000, abs=250)


async def test_the_language_may_be_told(start: Start, desk: Transcriber) -> None:
    voiced = await start(recogniser=desk.url)
    job = await converted(voiced, wav(recording(TEXTS[:1]), 16_000), language="en-GB")
    await ended(job)
    assert [form["language"] for form in desk.forms] == [b"en"]
    assert (job.plan.language, job.plan.segments[0].language) == ("en-GB", "en-GB")


async def test_what_does_not_fit_is_told(start: Start, desk: Transcriber) -> None:
    """The tone takes 80 ms for a letter, which is longer than anybody takes."""
    voiced = await start(recogniser=desk.url)
    job = await converted(voiced, wav(recording(TEXTS, gap_s=0.8), 16_000), max_stretch=1.1)
    assert (await ended(job)).state is State.DONE
    report = json.loads((job.ledger.path / "report.json").read_bytes())
    assert report["captions"] == 4
    fits = {one["id"] for one in report["does_not_fit"]}
    expected = {
        one.id
        for one, following in pairwise(job.plan.segments)
        if one.start_ms + len(one.text) * 80 / 1.1 > following.start_ms + 1
    }
    assert fits == expected != set()
    assert all("runs" in one["note"] and "line" not in one for one in report["does_not_fit"])


@pytest.mark.parametrize("kind", ["flac", "mp3", "opus", "m4a"])
async def test_every_kind_of_file(start: Start, desk: Transcriber, kind: str, tmp_path: Path) -> None:
    said = recording(TEXTS[:2], rate=24_000)
    (tmp_path / "in.wav").write_bytes(wav(said, 24_000))
    write(tmp_path / f"in.{kind}", Recorded(tmp_path / "in.wav", 24_000), kind)
    voiced = await start(recogniser=desk.url)
    job = await converted(voiced, (tmp_path / f"in.{kind}").read_bytes(), f"in.{kind}")
    told = await ended(job)
    assert (told.state, told.error) == (State.DONE, "")
    assert [one.text for one in job.plan.segments] == TEXTS[:2]
    for segment, (begin, _) in zip(job.plan.segments, edges(said, 24_000), strict=True):
        assert segment.start_ms == pytest.approx(begin * 1000, abs=40)


def test_its_options_are_those_of_the_house() -> None:
    assert Options().fit == "stretch"
    for wrong in ({"fit": "squeeze"}, {"max_stretch": 3.0}, {"language": "German!"}, {"voices": {}}):
        with pytest.raises(ValueError):
            Options.model_validate(wrong)
    with pytest.raises(InputMistake, match="fit"):
        from daemon.pipelines.table import find

        find("voice_conversion", {"fit": "squeeze"})
    assert voice_conversion.ABOUT


@pytest.mark.hearing
@pytest.mark.filterwarnings("default")
async def test_whisper_hears_and_a_voice_says_it(start: Start) -> None:
    voiced = await start(engine="builtin", recogniser="whisper")
    texts = [
        "In the morning it comes back and looks for something to eat.",
        "He told me that the nights were the worst part.",
    ]
    said = np.concatenate([silence(1.5), spoken("heart", texts[0]), silence(2), spoken("heart", texts[1]), silence(1)])
    job = await converted(voiced, wav(said), voice="heart")
    told = await ended(job)
    assert (told.state, told.error) == (State.DONE, "")
    assert [one.text.replace(",", "") for one in job.plan.segments] == texts
    for segment, (begin, end) in zip(job.plan.segments, edges(said, RATE), strict=True):
        assert segment.start_ms == pytest.approx(begin * 1000, abs=150)
        assert segment.end_ms == pytest.approx(end * 1000, abs=300)
