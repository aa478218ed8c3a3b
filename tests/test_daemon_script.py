"""Texts with tags, whole and while they are written, on tones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.faults import LanguageNotSpoken, NothingToSay, UnknownVoice, Unspeakable
from daemon.text.score import BadMarkup
from daemon.utterance import Utterance
from models.backend import FinishReason, Frame, Line
from models.stream import Stream
from tests.kept import FRAME, LANGUAGES, SECOND, Family, Start, hear, models, pieces, rows, say
from tests.live import LiveTone, choice

__all__ = ["models"]

TEXTS = (
    "Plain words. And more of them, at some length.",
    "[pause 700ms]Hello there. [voice tone-2]It is late.[/voice] [pause 0.25s] Good **night**![pause 1s]",
    "[voice tone-2]All of it is hers. Every word.[/voice]",
    "One [rate 2]two three four[/rate] five. [pitch +3]Six seven.[/pitch] [gain -6]Eight.[/gain]",
    "Die [lang de]Küche[/lang] is [emotion sad]cold[/emotion], said [say as=digits]4711[/say].",
    '[sub alias="Doctor Who"]Dr. Who[/sub] is here [voice tone] … [/voice] and not there.',
    '<speak>Hello <break time="300ms"/> <voice name="tone-2">my dear</voice>. <prosody rate="fast">Go on.</prosody></speak>',
)


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_sounds_the_same_however_it_comes(start: Start, models: Family, text: str) -> None:
    voiced = await start(flush=5)
    for wishes in ({}, {"voice": "tone", "language": "en"}):
        whole = await say(voiced, text, seed=1, **wishes)
        assert whole
        for size in (1, 7):
            assert await asyncio.wait_for(say(voiced, "", pieces(text, size), seed=1, **wishes), 20) == whole
    assert rows(voiced) == (0, 0)


@pytest.mark.parametrize("text", TEXTS[:3])
async def test_sentence_by_sentence_too(start: Start, text: str) -> None:
    voiced = await start(flush=5)
    for wishes in ({}, {"voice": "tone", "language": "en"}):
        whole = await say(voiced, text, seed=1, **wishes)
        assert await asyncio.wait_for(say(voiced, "", pieces(text, 1), seed=1, **wishes), 20) == whole


async def test_pauses_are_as_long_as_they_say(start: Start, models: Family) -> None:
    voiced = await start()
    hello, night = await say(voiced, "Hello.", voice="tone"), await say(voiced, "Night.", voice="tone")
    text = "[pause 1.234s][pause]Hello.[pause 300ms]Night.[pause 2s]"
    pcm, take = await hear(voiced, text, voice="tone")
    rests = [bytes(round(seconds * SECOND / 2) * 2) for seconds in (1.234, 0.5, 0.3, 2)]
    assert pcm == rests[0] + rests[1] + hello + rests[2] + night + rests[3]
    assert take.timing.audio_ms == pytest.approx(len(pcm) / SECOND * 1000)
    assert (take.outcome, take.finish_reason) == ("stop", "stop")


@pytest.mark.parametrize(
    "text", ["[pause 1s]", "[pause] … [pause]", "[voice tone-2] [/voice]", "<speak><break/></speak>"]
)
async def test_pauses_alone_say_nothing(start: Start, models: Family, text: str) -> None:
    voiced = await start()
    for wishes in ({}, {"voice": "tone", "language": "en"}):
        with pytest.raises(NothingToSay):
            await asyncio.wait_for(say(voiced, text, **wishes), 20)
        with pytest.raises(NothingToSay):
            await asyncio.wait_for(say(voiced, "", pieces(text, 3), **wishes), 20)
    assert rows(voiced) == (0, 0)
    assert [line for tone in models for line in tone.lines] == []


@pytest.mark.parametrize(
    ("tag", "fault", "told"),
    [
        ("[voice nobody]", UnknownVoice, "'nobody'"),
        ("[emotion furious]", Unspeakable, "'furious'"),
        ("[lang sw]", LanguageNotSpoken, "'sw'"),
    ],
)
async def test_what_cannot_be_is_told_before_a_whole_text_begins(
    start: Start, models: Family, tag: str, fault: type[Exception], told: str
) -> None:
    voiced = await start()
    text = f"A good beginning. {tag}And a bad end."
    with pytest.raises(fault, match=told):
        async with voiced.speech.open(Utterance(text, voice="tone")):
            pytest.fail("it was taken")
    assert all(not tone.lines for tone in models)
    heard = b""
    with pytest.raises(fault, match=told):
        async with voiced.speech.open(Utterance("", voice="tone"), pieces(text, 4)) as take:
            async for pcm in take:
                heard += pcm
    assert (heard, take.outcome) == (await say(voiced, "A good beginning.", voice="tone"), "error")
    assert rows(voiced) == (0, 0)


async def test_how_much_tags_mean(start: Start, models: Family) -> None:
    voiced = await start()
    text = "Say [pause 1s] and [gesture wave=2] now."
    plain = await say(voiced, text, markup="off")
    assert len(plain) == (len(text) - 4) * FRAME  # brackets are not said
    pcm, take = await hear(voiced, text, markup="auto")
    assert (len(pcm) - SECOND, take.warnings) == (len("Sayand gesture wave=2 now.") * FRAME, [])
    pcm, take = await hear(voiced, text, markup="on", door="rest")
    assert len(pcm) - SECOND == len("Sayand now.") * FRAME
    assert "[gesture wave=2] is no tag" in take.warnings[0]
    assert voiced.runs.find(take.run_id or "").meta["warnings"] == take.warnings
    _, take = await hear(voiced, "Go [gesture wave=2] on.", markup="on")  # of one part
    assert len(take.warnings) == 1
    _, take = await hear(voiced, "", pieces(text, 5), markup="on")
    assert len(take.warnings) == 1
    with pytest.raises(BadMarkup, match="is no tag"):
        await say(voiced, text, markup="strict")
    with pytest.raises(BadMarkup, match="is no tag"):
        await say(voiced, "", pieces(text, 5), markup="strict")


async def test_a_settled_voice_that_has_nothing_to_say_is_passed_over(start: Start, models: Family) -> None:
    voiced = await start(deadline=5)
    writing = Writing()
    async with voiced.speech.open(Utterance("", voice="tone", language="en"), writing) as take:
        reading = asyncio.create_task(take.begin(), name="reader")
        await asyncio.sleep(0.01)  # the reader waits for the first voice
        writing.write("[voice tone-2]Hello.[/voice]")
        writing.end()
        await asyncio.wait_for(reading, 20)
        heard = b"".join([pcm async for pcm in take])
    assert heard == await say(voiced, "Hello.", voice="tone-2")
    assert rows(voiced) == (0, 0)


async def test_the_deadline_is_that_of_the_first_audio(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    tone = LiveTone(slots=1, step_ms=2)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    voiced = await start(deadline=6)
    text = "[voice tone]" + "x" * 60 + "[/voice][voice tone-2]" + "y" * 60 + "[/voice]"
    seen = _openings(voiced, monkeypatch)
    await say(voiced, text, deadline_s=7)
    assert seen == [7, None]
    seen.clear()
    await say(voiced, "", pieces("[voice tone-2]Hello.[/voice] And more.", 3), voice="tone", language="en")
    assert seen == [6, 6, None]  # nothing was heard of the first


async def test_two_hundred_voices_take_two_slots_at_most(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    tone = LiveTone(slots=4)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    voiced = await start(slots=4)
    text = "".join(f"[voice tone{'-2' * (number % 2)}]Words {number}. [/voice]" for number in range(200))
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, sum(rows(voiced)))
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch(), name="watch")
    pcm = await asyncio.wait_for(say(voiced, text), 30)
    watching.cancel()
    assert len(pcm) == sum(len(f"Words {number}.") for number in range(200)) * FRAME
    assert most == 2
    assert max(tone.batches) <= 2
    assert len(tone.lines) == 200


@pytest.mark.parametrize("queue", [0, 4])
async def test_a_dialogue_needs_no_more_than_one_slot(
    start: Start, monkeypatch: pytest.MonkeyPatch, queue: int
) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone(slots=1)))
    voiced = await start(slots=1, queue=queue)
    text = "One. [voice tone-2]Two.[/voice] Three. [voice tone-2]Four.[/voice]"
    assert len(await asyncio.wait_for(say(voiced, text), 20)) == len("One.Two.Three.Four.") * FRAME


async def test_who_leaves_in_the_middle_leaves_nothing(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone(step_ms=1)))
    voiced = await start()
    text = "One. [voice tone-2]" + "x" * 300 + "[/voice] [pause 3s] Two. " * 5
    before = asyncio.all_tasks()
    for written in (False, True):
        async with voiced.speech.open(
            Utterance("" if written else text, door="rest"), pieces(text, 3) if written else None
        ) as take:
            heard = 0
            async for pcm in take:
                heard += len(pcm)
                if heard > 10 * FRAME:
                    break
        assert take.outcome == "cancelled"
        assert asyncio.all_tasks() == before
        assert rows(voiced) == (0, 0)
        assert voiced.runs.find(take.run_id or "").state == "cancelled"


@pytest.mark.parametrize("reason", ["length", "runaway"])
async def test_a_voice_that_is_cut_off_ends_the_take(
    start: Start, monkeypatch: pytest.MonkeyPatch, reason: FinishReason
) -> None:
    tone = LiveTone()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(tone))
    voiced = await start()
    step = tone.step

    def cut(slots: Sequence[int]) -> list[Frame]:
        cuts = {slot for slot in slots if tone._rows[slot].line.speaker == "tone-2"}
        return [replace(one, end=reason, dry=False) if one.slot in cuts else one for one in step(slots)]

    monkeypatch.setattr(tone, "step", cut)
    opened = _openings(voiced, monkeypatch)
    text = "One. [voice tone-2]Two.[/voice] Three. " + "[voice tone-2]Four.[/voice] Five. " * 50
    async with voiced.speech.open(Utterance(text, door="rest")) as take:
        heard = b"".join([pcm async for pcm in take])
        await asyncio.sleep(0.05)
        assert rows(voiced) == (0, 0)  # whoever is still inside holds nothing
    assert len(opened) <= 3
    assert (take.outcome, take.finish_reason, len(heard)) == (reason, reason, 5 * FRAME)
    assert voiced.runs.find(take.run_id or "").meta["finish_reason"] == reason


async def test_what_was_written_is_kept_as_it_was_written(start: Start, models: Family) -> None:
    voiced = await start()
    _, take = await hear(voiced, "", pieces(TEXTS[1], 7), door="rest")
    assert voiced.runs.find(take.run_id or "").input["text"] == TEXTS[1]


async def test_a_writer_that_fails_is_heard_to_where_it_failed(start: Start, models: Family) -> None:
    voiced = await start()

    async def broken() -> AsyncIterator[str]:
        yield "One two three. [voice tone-2]Four"
        raise ConnectionError("planted")

    with pytest.raises(ConnectionError, match="planted"):
        await asyncio.wait_for(say(voiced, "", broken()), 20)
    assert rows(voiced) == (0, 0)


async def test_each_part_is_asked_as_its_tags_say(start: Start, models: Family) -> None:
    voiced = await start()
    text = "One. [voice tone-2]Two [emotion sad]three[/emotion][/voice] [lang de]vier[/lang]"
    await say(voiced, text, language="en", instruct="softly", seed=4)
    lines = models[0].lines
    assert [(line.speaker, line.language) for line in lines] == [
        ("tone", "en"), ("tone-2", "en"), ("tone-2", "en"), ("tone", "de"),
    ]  # fmt: skip
    assert [line.instruct for line in lines] == [
        "softly", "softly", "Speak sadly, slowly and with a low voice. softly", "softly",
    ]  # fmt: skip
    assert {line.seed for line in lines} == {4}
    assert set(LANGUAGES) >= {line.language for line in lines}


def _openings(voiced: Voiced, monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The deadlines of all rows that are opened from now on."""
    seen: list[float | None] = []
    opened = voiced.engine.open

    def spy(line: Line, **how: Any) -> Stream:
        seen.append(how["deadline_s"])
        return opened(line, **how)

    monkeypatch.setattr(voiced.engine, "open", spy)
    return seen
