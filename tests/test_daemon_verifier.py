"""Bad takes are taken again before anybody hears them, and no others; what is asked for is not blamed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.faults import Malformed, ShuttingDown, TextTooLong, UnknownVoice
from daemon.gate import Gate, Verdict
from daemon.limits import MAX_SEED
from daemon.making.recogniser import Heard
from daemon.take import Take
from daemon.utterance import Priority, Utterance
from daemon.verifier import MAX_CHARACTERS, Verifier, _words
from models.stream import DeadlinePassed
from tests.kept import SECOND, Family, Start, hear, models, preset, rows
from voices.profile import Defaults

__all__ = ["models"]

TEXT = "The kitchen light is on."


class Ear:
    """A recogniser that mishears so many takes, and then hears what was said."""

    def __init__(self, text: str, bad: int = 0) -> None:
        self.text, self.bad, self.times = text, bad, 0

    async def heard(self, wav: bytes, language: str | None, *, words: bool = False) -> Heard:
        self.times += 1
        return Heard("quite another thing altogether" if self.times <= self.bad else self.text)


class Judge(Gate):
    """A gate that says what it is told to, and notes what it was given."""

    def __init__(self, *verdicts: Verdict) -> None:
        super().__init__(None)
        self.verdicts, self.given = list(verdicts), list[tuple[bytes, str, str, float]]()

    async def judge(
        self, pcm: bytes, sample_rate: int, text: str, language: str, finish_reason: str = "stop", *, speed: float = 1.0
    ) -> Verdict:
        self.given.append((pcm, text, finish_reason, speed))
        return self.verdicts.pop(0)


BAD, WORSE, GOOD = Verdict(False, 0.5, ("words: wrong",)), Verdict(False, 0.2, ("silence: all",)), Verdict(True, 1.5)


def planted(voiced: Voiced, gate: Gate) -> Voiced:
    voiced.speech._verifier = Verifier(voiced.speech.open, gate, voiced.settings.markup)
    return voiced


@pytest.mark.parametrize("bad", [0, 1, 2])
async def test_built_in_speech_that_is_misheard_is_taken_again(start: Start, bad: int) -> None:
    ear = Ear(TEXT, bad)
    voiced = planted(await start(engine="builtin"), Gate(ear))
    plain, _ = await hear(voiced, TEXT, voice="heart", seed=4 + bad)
    pcm, take = await hear(voiced, TEXT, voice="heart", seed=4, verify=5, door="rest")
    assert pcm == plain
    assert ear.times == bad + 1
    assert take.seed == 4 + bad
    assert [(one.seed, one.kept, one.verdict.good) for one in take.attempts] == [
        (4 + n, n == bad, n == bad) for n in range(bad + 1)
    ]
    assert take.run_id is not None
    run = voiced.runs.find(take.run_id)
    report = json.loads((run.path / "report.json").read_bytes())
    assert report == take.report and report["good"] is True and len(report["takes"]) == bad + 1
    assert (run.input["seed"], run.meta["seed"], run.input["verify"]) == (4 + bad, 4 + bad, 5)
    assert [one["name"] for one in run.meta["artifacts"]] == ["audio.wav", "report.json"]  # type: ignore[attr-defined]
    assert len(voiced.runs.list(9)) == 1, "the other takes leave nothing"


async def test_the_best_is_heard_where_none_is_good(start: Start, models: Family) -> None:
    voiced = planted(await start(), Judge(WORSE, BAD, BAD))
    pcm, take = await hear(voiced, TEXT, voice="tone", language="en", seed=MAX_SEED, verify=3)
    assert [(one.seed, one.kept) for one in take.attempts] == [(MAX_SEED, False), (0, True), (1, False)]
    assert take.seed == 0 and take.report is not None and take.report["good"] is False
    assert take.outcome == "stop" and len(pcm) > 0


async def test_without_a_seed_the_voices_own_is_the_first(start: Start, models: Family) -> None:
    voiced = planted(await start(), Judge(BAD, GOOD, GOOD))
    voiced.store.create(preset("steady", "tone", defaults=Defaults(seed=41)))
    _, take = await hear(voiced, TEXT, voice="steady", language="en", verify=2)
    assert [one.seed for one in take.attempts] == [41, 42] and take.seed == 42
    _, drawn = await hear(voiced, TEXT, voice="tone", language="en", verify=2)
    assert drawn.seed == drawn.attempts[0].seed


async def test_a_pause_that_was_asked_for_is_not_blamed(start: Start, models: Family) -> None:
    judge = Judge(GOOD)
    voiced = planted(await start(), judge)
    text = "[pause 1s]Do re. [pause 5s] [rate 2]Mi fa so.[/rate][pause 2s]"
    pcm, take = await hear(voiced, text, voice="tone", language="en", verify=1, speed=0.5)
    (given, words, reason, speed) = judge.given[0]
    assert [end - begin for begin, end in take.rests] == [24_000, 120_000, 48_000]
    assert all(pcm[2 * begin : 2 * end] == bytes(2 * (end - begin)) for begin, end in take.rests)
    assert len(pcm) - len(given) == 8 * SECOND
    assert any(given) and (words, reason) == ("Do re. Mi fa so.", "stop")
    assert 0.5 < speed < 1.0


async def test_built_in_speech_with_a_long_pause_is_good_at_once(start: Start) -> None:
    voiced = await start(engine="builtin")
    _, take = await hear(voiced, "The light is on. [pause 6s] Good night to all of you.", voice="heart", verify=3)
    assert take.report is not None and take.report["good"] and len(take.attempts) == 1


async def test_what_is_spoken_in_the_end_has_its_subtitles(start: Start) -> None:
    voiced = planted(await start(engine="builtin"), Judge(BAD, GOOD))
    wishes = {"voice": "heart", "subtitles": ("srt",), "seed": 1}
    _, plain = await hear(voiced, f"{TEXT} Good night.", keep=False, **{**wishes, "seed": 2})
    _, take = await hear(voiced, f"{TEXT} Good night.", verify=3, door="rest", **wishes)
    assert take.sentences == plain.sentences and len(take.sentences) == 2
    assert take.artifacts == ["audio.wav", "subtitles.srt", "report.json"]


async def test_a_deadline_is_for_all_takes(start: Start, models: Family) -> None:
    voiced = planted(await start(tone_step_ms=20), Judge(*[BAD] * 10))
    models[0]._step_s = 0.02
    with pytest.raises(DeadlinePassed, match=r"within 0\.6 s"):
        await hear(voiced, "la " * 8, voice="tone", language="en", verify=10, deadline_s=0.6)
    assert rows(voiced) == (0, 0)
    assert not voiced.runs.list(9)


async def test_what_cannot_be_verified_is_refused_at_once(start: Start) -> None:
    voiced = await start()
    for tries in (-1, 11):
        with pytest.raises(Malformed, match="from 0 to 10"):
            await hear(voiced, TEXT, verify=tries)
    with pytest.raises(TextTooLong, match=f"up to {MAX_CHARACTERS}.*long_form"):
        await hear(voiced, "a" * (MAX_CHARACTERS + 1), verify=1)
    with pytest.raises(Malformed, match="written"):
        await hear(voiced, "", Writing(), verify=1)
    with pytest.raises(UnknownVoice):
        await hear(voiced, TEXT, verify=3, voice="nobody")
    await voiced.speech.close(0.1)
    with pytest.raises(ShuttingDown):
        await hear(voiced, TEXT, verify=3)


async def test_whoever_leaves_ends_the_takes(start: Start, models: Family) -> None:
    voiced = planted(await start(), Judge(*[BAD] * 10))
    models[0]._step_s = 0.02
    task = asyncio.create_task(hear(voiced, "la " * 99, voice="tone", language="en", verify=9, door="rest"), name="x")
    while rows(voiced) == (0, 0):
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert rows(voiced) == (0, 0) and not voiced.runs.list(9)


async def test_takes_are_spoken_as_urgently_as_they_were_asked_for(start: Start) -> None:
    voiced, asked = await start(), list[Utterance]()

    @asynccontextmanager
    async def speak(utterance: Utterance) -> AsyncIterator[Take]:
        asked.append(utterance)
        async with voiced.speech.open(utterance) as take:
            yield take

    wish = Utterance(TEXT, "tone", "en", priority=Priority.REPLY, deadline_s=9.0, verify=2, door="rest", keep=True)
    chosen = await Verifier(speak, Judge(BAD, BAD), "auto").answer(wish)
    assert chosen.attempts[0].kept and len(asked) == 2
    for utterance in asked:
        assert replace(utterance, seed=None) == replace(wish, verify=0, keep=False, door="python")


async def test_one_request_is_counted_once(start: Start) -> None:
    voiced = planted(await start(), Judge(BAD, BAD, GOOD))
    await hear(voiced, TEXT, verify=3, door="rest")
    page = voiced.metrics.page(voiced.engine).decode()
    assert 'voiced_requests_total{door="rest",outcome="stop"} 1.0' in page


def test_words_are_those_without_tags_at_their_speed() -> None:
    assert _words("[voice x]One[/voice] [pause 1s] two.", "auto") == ("One two.", 1.0)
    words, rate = _words("[rate 2]One two.[/rate]", "auto")
    assert (words, rate) == ("One two.", 2.0)
    assert _words("[rate 2]One.[/rate]", "off")[1] == 1.0
    assert _words("", "auto") == ("", 1.0)
