"""Auditions on tones: held, chosen from, and what is left of one that fails."""

from __future__ import annotations

import asyncio
import io
import wave

import pytest

from daemon.faults import LanguageNotSpoken, Malformed, NothingToSay, Unspeakable
from daemon.making.profiles import Draft
from daemon.making.samples import sample
from models.backend import RowFailed
from tests.kept import FRAME, Family, Start, hear, models, rows, say
from tests.live import choice, family
from voices.auditions import NoSuchAudition
from voices.profile import Defaults

__all__ = ["models"]


async def test_a_description_is_heard_with_several_seeds(start: Start, models: Family) -> None:
    voiced = await start()
    held = await voiced.auditions.hold("an old sailor", text="**Ahoy** there!", language="en", takes=3, seed=2**31 - 2)
    assert [(one.take, one.seed, round(one.seconds, 2)) for one in held.takes] == [
        (1, 2**31 - 2, 0.88), (2, 2**31 - 1, 0.88), (3, 0, 0.88),
    ]  # fmt: skip
    assert (held.description, held.text, held.language, held.model) == (
        "an old sailor",
        "Ahoy there!",
        "en",
        "designer",
    )
    assert {(line.instruct, line.seed) for line in models[1].lines} == {
        ("an old sailor", one.seed) for one in held.takes
    }
    with wave.open(io.BytesIO(voiced.auditions.auditions.audio(held.id, 2).read_bytes())) as file:
        assert (file.getframerate(), file.getnframes() * 2) == (24_000, len("Ahoy there!") * FRAME)
    assert voiced.auditions.auditions.all() == [held] == [voiced.auditions.auditions.find(held.id)]
    assert voiced.runs.list(10) == []


async def test_without_a_text_a_sample_is_spoken(start: Start, models: Family) -> None:
    voiced = await start(language="de")
    for language, text in (("en", sample("en")), ("de_AT", sample("de")), (None, sample("de"))):
        held = await voiced.auditions.hold("a robot", language=language, takes=1)
        assert held.text == text
    assert sample("zh-CN") == sample("ZH_cn") != sample("tlh") == sample("en")


async def test_tags_are_no_words_of_a_recording(start: Start, models: Family) -> None:
    voiced = await start()
    held = await voiced.auditions.hold("a robot", text="Say [pause 1s] this.", takes=1)
    assert held.takes[0].seconds == pytest.approx(len("Say pause 1s this.") * 0.08)
    assert models[0].lines == []


@pytest.mark.parametrize(
    ("wish", "fault"),
    [
        ({"description": " "}, Malformed),
        ({"takes": 0}, Malformed),
        ({"takes": 9}, Malformed),
        ({"text": "…"}, NothingToSay),
        ({"text": "Привет!", "language": "ru"}, LanguageNotSpoken),
        ({"model": "tone"}, Unspeakable),
    ],
)
async def test_what_cannot_be_held_leaves_nothing(
    start: Start, models: Family, wish: dict[str, object], fault: type[Exception]
) -> None:
    voiced = await start()
    with pytest.raises(fault):
        await voiced.auditions.hold(**{"description": "a robot", **wish})  # type: ignore[arg-type]
    assert voiced.auditions.auditions.all() == ()
    assert rows(voiced) == (0, 0)


async def test_no_model_that_designs(start: Start) -> None:
    voiced = await start()
    with pytest.raises(Unspeakable, match="no model here designs voices; `voiced models pull"):
        await voiced.auditions.hold("a robot")


async def test_the_first_take_that_fails_ends_the_others(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    tones = family(step_ms=2)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    join = tones[1].join

    def failing(slot, line):  # type: ignore[no-untyped-def]
        if line.seed == 1:
            raise RowFailed("planted")
        join(slot, line)

    monkeypatch.setattr(tones[1], "join", failing)
    voiced = await start()
    before = asyncio.all_tasks()
    with pytest.raises(RowFailed):
        await voiced.auditions.hold("a robot", text="x" * 500, takes=3, seed=0)
    assert asyncio.all_tasks() == before
    assert rows(voiced) == (0, 0)
    assert voiced.auditions.auditions.all() == ()


async def test_who_gives_up_leaves_nothing_and_others_go_on(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*family(step_ms=1)))
    voiced = await start(model_cache=3)
    talking = asyncio.create_task(say(voiced, "x" * 100, voice="tone"), name="talking")
    holding = asyncio.create_task(voiced.auditions.hold("a robot", text="y" * 2000), name="holding")
    await asyncio.sleep(0.1)
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    assert len(await talking) == 100 * FRAME
    assert rows(voiced) == (0, 0)
    assert not voiced.auditions.auditions.folder.exists()


async def test_a_locked_take_is_a_voice_that_stays(start: Start, models: Family) -> None:
    voiced = await start()
    held = await voiced.auditions.hold("an old sailor, hoarse", text="Ahoy there!", language="en", takes=2, seed=5)
    draft = Draft("clone", id="sailor", emotions={"proud": "Speak proudly."}, defaults=Defaults(seed=1, gain=0.0))
    made = await voiced.profiles.lock(held.id, 2, draft)
    wav = voiced.auditions.auditions.audio(held.id, 2).read_bytes()
    assert voiced.store.recording(made) == wav
    assert (made.kind, made.description, made.emotions) == (
        "clone",
        "an old sailor, hoarse",
        {"proud": "Speak proudly."},
    )
    assert made.reference is not None
    assert (made.reference.transcript, made.reference.mode) == ("Ahoy there!", "in-context")
    assert "take 2, seed 6" in made.origin
    voiced.auditions.auditions.remove(held.id)
    first = await say(voiced, "Hello.", voice="sailor")
    assert [words for _, _, words in models[2].imprinted] == ["Ahoy there!"]
    again = await start()
    pcm, take = await hear(again, "Hello.", voice="sailor")
    assert (pcm, take.voice.kind, len(models[2].imprinted)) == (first, "clone", 1)
    with pytest.raises(NoSuchAudition):
        await voiced.profiles.lock(held.id, 1, draft)


async def test_the_seed_that_was_heard_is_the_one_that_is_told(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    tones = family(runs_away=2)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    voiced = await start()
    held = await voiced.auditions.hold("a robot", text="Hello.", takes=1, seed=5)
    assert held.takes[0].seed == 7
