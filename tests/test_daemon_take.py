"""A take and the strands that it is made of."""

from __future__ import annotations

import asyncio

import pytest

from daemon.core import Voiced
from daemon.delivery import Delivery
from daemon.strand import Rest, Strand
from daemon.take import Take
from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon
from daemon.utterance import Utterance
from models.backend import Line
from tests.kept import FRAME, SECOND, Family, Start, models, rows

__all__ = ["models"]


def strand(voiced: Voiced, speaker: str = "tone") -> Strand:
    role = voiced.roles.cast(Utterance("x", speaker, "en"), "")
    return Strand(role, voiced.engine.open(Line(speaker, "en", 1, model="tone")), Delivery())


def begun(voiced: Voiced) -> Take:
    return Take(Utterance("x"), strand(voiced), 0.0, None)


async def hear(take: Take) -> bytes:
    return b"".join([pcm async for pcm in take])


async def test_it_is_its_strands_one_after_the_other(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    take.precede(Rest(0.5, 24_000))
    take.speak("One.")
    take.end_text()
    take.follow(Rest(0.25, 24_000))
    second = strand(voiced, "tone-2")
    take.follow(second)
    assert take.newest is second
    take.speak("Two.")
    take.end_text()
    take.complete()
    pcm = await hear(take)
    assert len(pcm) == 0.75 * SECOND + 8 * FRAME
    assert pcm[: SECOND // 2] == bytes(SECOND // 2)
    assert (take.characters, take.outcome, take.role.voice.id, take.speaking.voice.id) == (8, "stop", "tone", "tone-2")
    assert rows(voiced) == (0, 0)


async def test_it_waits_for_the_voice_that_comes(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    take.speak("One.")
    take.end_text()
    reading = asyncio.create_task(hear(take), name="reader")
    await asyncio.sleep(0.05)
    assert not reading.done()
    take.follow(strand(voiced))
    take.speak("Two.")
    take.end_text()
    take.complete()
    assert len(await asyncio.wait_for(reading, 20)) == 8 * FRAME


async def test_two_strands_and_no_third(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    await asyncio.wait_for(take.room(), 20)
    take.follow(strand(voiced))
    for ahead in (0, 1):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(take.room(ahead), 0.01)
    await take.end("cancelled")
    await asyncio.wait_for(take.room(0), 20)
    assert rows(voiced) == (0, 0)


async def test_nothing_follows_what_is_over(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    await take.end("cancelled")
    assert take.over
    take.follow(strand(voiced))
    take.follow(Rest(1.0, 24_000))
    assert (await asyncio.wait_for(hear(take), 20), rows(voiced), take.outcome) == (b"", (0, 0), "cancelled")


async def test_a_failure_is_heard_after_what_was_said(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    take.speak("One.")
    take.end_text()
    take.fail(ConnectionError("planted"))
    heard = 0
    with pytest.raises(ConnectionError, match="planted"):
        async for pcm in take:
            heard += len(pcm)
    assert heard == 4 * FRAME
    await take.end("error")
    await take.end("stop")
    assert (take.outcome, rows(voiced)) == ("error", (0, 0))


async def test_who_is_withdrawn_is_not_waited_for(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    reading = asyncio.create_task(hear(take), name="reader")
    await asyncio.sleep(0.01)
    take.withdraw()
    take.follow(strand(voiced))
    take.speak("Two.")
    take.end_text()
    take.complete()
    assert len(await asyncio.wait_for(reading, 20)) == 4 * FRAME


async def test_sentences_for_a_model_of_living_text_are_kept_apart(start: Start, models: Family) -> None:
    voiced = await start()
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")
    read = Strand(role, voiced.engine.open(Line("tone", "en", 1)), Delivery(), Reading("en", "tone", Lexicon(()), True))
    take = Take(Utterance("x"), read, 0.0, None)
    for sentence in ("One.", "Two."):
        take.speak(sentence)
    take.end_text()
    take.complete()
    await hear(take)
    assert "".join(models[0].feeds) == "One. Two. "


async def test_it_knows_its_pauses(start: Start, models: Family) -> None:
    voiced = await start()
    take = begun(voiced)
    take.precede(Rest(0.5, 24_000))
    take.speak("One.")
    take.end_text()
    take.follow(Rest(0.25, 24_000))
    take.complete()
    await hear(take)
    spoken = 4 * FRAME // 2
    assert take.rests == [(0, 12_000), (12_000 + spoken, 18_000 + spoken)]
    assert take.sentences == [] and take.subtitles() == {} and take.report is None


async def test_what_lies_in_its_folder_is_named_when_it_is_over(start: Start) -> None:
    voiced = await start()
    async with voiced.speech.open(Utterance("Do re. Mi.", "tone", "en", subtitles=("vtt", "words"))) as take:
        assert take.artifacts == []
        await hear(take)
    assert take.artifacts == ["audio.wav", "subtitles.vtt", "subtitles.words.json"]
    assert take.run_id is not None
    folder = voiced.runs.find(take.run_id).path
    assert {name: (folder / name).read_bytes() for name in take.artifacts[1:]} == take.subtitles()


async def test_a_folder_that_takes_no_subtitles_keeps_nobody_from_hearing(start: Start) -> None:
    voiced = await start()
    async with voiced.speech.open(Utterance("Do re. Mi.", "tone", "en", subtitles=("srt",))) as take:
        assert take.run_id is not None
        (voiced.runs.find(take.run_id).path / "subtitles.srt").mkdir()
        assert len(await hear(take)) > 0
    assert take.storage_error is not None and take.run_id is None and take.outcome == "stop"
