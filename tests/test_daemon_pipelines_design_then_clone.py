"""A voice is designed, chosen, locked and speaks, on tones that stand for a model each."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from pydantic import ValidationError

from daemon.core import Voiced
from daemon.faults import InputMistake, Unspeakable
from daemon.gate import Gate, Verdict
from daemon.job import Job, Progress, State
from daemon.making.auditions import AuditionRoom
from daemon.making.profiles import Draft, Profiles
from daemon.making.samples import sample
from daemon.pipelines.design_then_clone import Options, plan
from daemon.pipelines.plan import Plan
from outputs.ledger import Ledger
from tests.kept import Family, Start, models
from tests.live import choice
from voices.auditions import KEPT, Audition
from voices.store import VoiceExists

__all__ = ["models"]

HARBOUR = Path(__file__).parent / "data" / "lines" / "harbour.txt"
SAILOR = {"description": "an old sailor, hoarse and slow", "voice": "sailor", "audition_text": "Ahoy there!"}


async def begin(voiced: Voiced, seed: int = 40, data: bytes = b"", **options: Any) -> Job:
    wishes = {**SAILOR, "choose": 2, **options}
    return await voiced.jobs.start("design_then_clone", data or HARBOUR.read_bytes(), "harbour.txt", wishes, seed)


async def ended(job: Job) -> Progress:
    """What it told last; one that waits for a choice has ended, too."""
    async with asyncio.timeout(20):
        async for told in job.watch():
            if told.state not in (State.WAITING, State.RUNNING):
                return told
    raise AssertionError


async def done(job: Job) -> Path:
    told = await ended(job)
    assert told.state is State.DONE, told
    return job.ledger.path


def report(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "report.json").read_bytes())
    return found


def planned(data: bytes = b"One.\n\nTwo.", **options: Any) -> Plan:
    return plan(data, "lines.txt", Options.model_validate({**SAILOR, **options}))


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_the_plan_has_the_lines_and_no_voice_yet() -> None:
    found = planned(HARBOUR.read_bytes(), language="en", speed=0.9, seed=7, title="The Harbour")
    assert (found.title, found.language, len(found.segments)) == ("The Harbour", "en", 4)
    assert {(one.voice, one.language, one.speed, one.seed) for one in found.segments} == {(None, "en", 0.9, 7)}
    assert [one.pause_ms for one in found.segments] == [600, 1200, 600, 0]
    assert found.warnings == ("line 5, '***', holds no word and is left out",)
    assert planned().title == "lines"


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InputMistake) as caught:
        planned(
            b"...\n", description="  ", voice="The Sailor", audition_text="...", per_chapter=True, choose=5, takes=3
        )
    told = {one.path: one.message for one in caught.value.details}
    assert told.keys() == {"description", "voice", "audition_text", "per_chapter", "choose", ""}
    assert "small letters, digits and hyphens" in told["voice"]
    assert told["choose"] == "there is no take 5: the takes are 1 to 3"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"choose": "best"}, "choose: a take is chosen by gate, hand"),
        ({"choose": "seed:9", "audition_seed": 5}, "choose: there is no seed 9"),
    ],
)
def test_choices_that_cannot_be(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(InputMistake, match=told):
        planned(**wrong)


def test_text_in_another_encoding() -> None:
    with pytest.raises(InputMistake, match="is not UTF-8"):
        planned("Ночь.".encode("cp1251"))
    assert planned("Ночь.".encode("cp1251"), encoding="cp1251").segments[0].text == "Ночь."


@pytest.mark.parametrize("given", [{"takes": 9}, {"takes": 0}, {"label": ""}, {"choose": 1.5}, {"chooze": 1}])
def test_options_that_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({**SAILOR, **given})


def test_a_description_is_needed_and_every_option_is_described() -> None:
    with pytest.raises(ValidationError, match="description"):
        Options.model_validate({})
    assert all(field.get("description") for field in Options.model_json_schema()["properties"].values())


# --- the whole way ----------------------------------------------------------------------------------------------------


async def test_a_voice_is_designed_and_speaks_the_lines(start: Start, models: Family) -> None:
    voiced = await start()
    run = await done(await begin(voiced, label="The Sailor"))
    voice = await voiced.profiles.get("sailor")
    assert (voice.label, voice.kind, voice.description) == ("The Sailor", "clone", SAILOR["description"])
    assert voice.reference is not None and voice.reference.transcript == "Ahoy there!"
    assert "take 2, seed 41" in voice.origin
    assert voiced.store.recording(voice) == (run / "auditions" / "2.wav").read_bytes()
    assert {line.voice_prompt is not None for line in models[2].lines} == {True}
    written = json.loads((run / "plan.json").read_bytes())
    assert {one["voice"] for one in written["segments"]} == {"sailor"}
    told = report(run)
    assert [(one["take"], one["seed"], one["file"]) for one in told["takes"]] == [
        (1, 40, "auditions/1.wav"), (2, 41, "auditions/2.wav"), (3, 42, "auditions/3.wav"),
    ]  # fmt: skip
    assert told["chosen"] == {"take": 2, "seed": 41, "by": "take", "good": True}
    assert (told["voice"], told["text"], told["model"]) == ("sailor", "Ahoy there!", "designer")
    assert [(one["line"], one["segments"]) for one in told["lines"]] == [
        (1, ["segments/0001.flac"]),
        (2, ["segments/0002.flac"]),
        (4, ["segments/0003.flac"]),
        (6, ["segments/0004.flac"]),
    ]
    made = {one["name"] for one in json.loads((run / "meta.json").read_bytes())["artifacts"]}
    sound = {f"audio.{ending}" for ending in ("flac", "srt", "vtt", "words.json")}
    assert made == {*sound, "report.json", *(f"auditions/{n}.wav" for n in (1, 2, 3))}


async def test_the_same_work_makes_the_same_voice(start: Start, models: Family) -> None:
    voiced = await start()
    first = await done(await begin(voiced))
    await voiced.profiles.delete("sailor")
    second = await done(await begin(voiced))
    for name in ("audio.flac", "report.json", "auditions/1.wav"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    other = await done(await begin(voiced, seed=41, voice="another"))
    assert [take["seed"] for take in report(other)["takes"]] == [41, 42, 43]


async def test_a_voice_without_an_id_is_called_after_its_label(start: Start, models: Family) -> None:
    voiced = await start()
    for name in ("the-sailor", "the-sailor-2"):
        assert report(await done(await begin(voiced, voice=None, label="The Sailor")))["voice"] == name
    assert report(await done(await begin(voiced, voice=None)))["voice"] == "an-old-sailor-hoarse-and-slow"


async def test_who_names_a_seed_has_heard_it_before(start: Start, models: Family) -> None:
    voiced = await start()
    told = report(await done(await begin(voiced, choose="seed:1234", takes=1)))
    assert told["chosen"] == {"take": 1, "seed": 1234, "by": "seed", "good": True}
    told = report(await done(await begin(voiced, voice="second", choose=1235, audition_seed=1233)))
    assert told["chosen"] == {"take": 3, "seed": 1235, "by": "seed", "good": True}


async def test_it_is_tried_in_the_language_of_its_lines(start: Start, models: Family) -> None:
    voiced = await start(language="zh")
    german = b"Guten Abend, ich komme aus Hamburg.\nWo ist hier bitte der Bahnhof?"
    assert report(await done(await begin(voiced, data=german, audition_text=None)))["text"] == sample("de")
    told = report(await done(await begin(voiced, voice="second", audition_text=None, language="en")))
    assert told["text"] == sample("en")
    told = report(await done(await begin(voiced, voice="third", audition_text=None, data=b"Yes.")))
    assert told["text"] == sample("zh"), "a word is of no language"
    words = "What a lovely evening this is by the sea."
    told = report(await done(await begin(voiced, voice="fourth", data=german, audition_text=words)))
    assert told["language"] == "en", "words that are given are of their own"


async def test_a_file_for_each_line_at_the_level_of_the_whole(start: Start, models: Family) -> None:
    voiced = await start()
    long = b"This is a sentence of forty letters now. This is another one that has as many letters as that.\nShort one."
    run = await done(await begin(voiced, data=long, separate=True, budget=80, audio="wav", sentence_ms=500))
    lines = report(run)["lines"]
    assert [(one["file"], len(one["segments"])) for one in lines] == [("lines/0001.wav", 2), ("lines/0002.wav", 1)]
    first, whole = (soundfile.info(run / name).duration for name in ("lines/0001.wav", "audio.wav"))
    assert first == pytest.approx(lines[0]["seconds"] + 0.5)
    assert whole == pytest.approx(first + 0.6 + lines[1]["seconds"])
    begun = soundfile.read(run / "lines" / "0001.wav", dtype="int16")[0]
    assert np.array_equal(begun, soundfile.read(run / "audio.wav", dtype="int16")[0][: len(begun)])
    plain = await done(await begin(voiced, data=long, voice="second", separate=True, loudness=None, audio="wav"))
    assert soundfile.info(plain / "lines" / "0002.wav").duration == pytest.approx(lines[1]["seconds"])


# --- what keeps it from it --------------------------------------------------------------------------------------------


async def test_an_id_must_be_free_before_anything_is_tried(start: Start, models: Family) -> None:
    voiced = await start()
    await voiced.profiles.create(Draft("design", id="sailor", description="somebody"))
    with pytest.raises(VoiceExists, match=r"'sailor' already.*-p voice=sailor"):
        await begin(voiced)
    with pytest.raises(VoiceExists, match="'tone'"):
        await begin(voiced, voice="tone")
    assert voiced.runs.list(10) == []


async def test_a_house_without_the_models(start: Start) -> None:
    voiced = await start()
    with pytest.raises(Unspeakable, match="no model here designs voices; `voiced models pull"):
        await begin(voiced)


async def test_a_model_that_does_not_design(start: Start, models: Family) -> None:
    voiced = await start()
    with pytest.raises(Unspeakable, match="tone cannot do this; designer can"):
        await begin(voiced, model="tone")


# --- the choice -------------------------------------------------------------------------------------------------------


def judging(monkeypatch: pytest.MonkeyPatch, *scores: float) -> list[tuple[int, str, str]]:
    """The gate gives these scores in turn; what it was asked is remembered."""
    heard: list[tuple[int, str, str]] = []

    async def judge(gate: Gate, pcm: bytes, rate: int, text: str, language: str, *_: Any, **__: Any) -> Verdict:
        heard.append((len(pcm), text, language))
        score = scores[len(heard) - 1]
        return Verdict(score > 1, score, () if score > 1 else ("silence: there is nothing to hear",))

    monkeypatch.setattr(Gate, "judge", judge)
    return heard


async def test_the_gate_chooses_the_best_and_tells_why(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = judging(monkeypatch, 0.5, 1.4, 1.9, 1.9)
    voiced = await start()
    told = report(await done(await begin(voiced, choose="gate", takes=4)))
    assert heard == [(11 * 3840, "Ahoy there!", "en")] * 4
    assert told["chosen"] == {"take": 3, "seed": 42, "by": "gate", "good": True}
    assert [one["verdict"]["score"] for one in told["takes"]] == [0.5, 1.4, 1.9, 1.9]
    assert told["takes"][0]["verdict"]["reasons"] == ["silence: there is nothing to hear"]


async def test_where_no_take_is_good_the_best_is_taken_with_a_warning(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, 0.1, 0.3, 0.2)
    voiced = await start()
    run = await done(await begin(voiced, choose="gate"))
    assert report(run)["chosen"] == {"take": 2, "seed": 41, "by": "gate", "good": False}
    warnings = json.loads((run / "meta.json").read_bytes())["warnings"]
    assert warnings[-1].startswith("the gate lets no take pass; take 2, the best of them, is locked as sailor")


async def test_the_gate_itself_listens(start: Start, models: Family) -> None:
    voiced = await start()
    run = await done(await begin(voiced, choose="gate"))
    assert all(take["verdict"]["facts"]["speech_s"] > 0 for take in report(run)["takes"])


async def test_by_hand_it_waits_until_somebody_has_listened(start: Start, models: Family) -> None:
    voiced = await start()
    job = await begin(voiced, choose="hand")
    told = await ended(job)
    assert told.state is State.PAUSED
    assert told.question == (
        "Listen to auditions/1.wav, auditions/2.wav, auditions/3.wav in the run folder, then choose one: "
        f"`voiced runs resume {job.id} --choose 2`"
    )
    assert all((job.ledger.path / f"auditions/{number}.wav").is_file() for number in (1, 2, 3))
    told = await ended(await voiced.jobs.resume(job.id, "7"))
    assert told.question.startswith("there is no take 7: the takes are 1 to 3. Listen to")
    told = await ended(await voiced.jobs.resume(job.id, "the first"))
    assert "its number or seed:NUMBER, not by 'the first'. Listen to" in told.question
    told = await ended(await voiced.jobs.resume(job.id))
    assert told.question.startswith("Listen to"), "what was wrong once is not complained of again"
    run = await done(await voiced.jobs.resume(job.id, "3"))
    assert report(run)["chosen"] == {"take": 3, "seed": 42, "by": "hand", "good": True}
    assert len(models[1].lines) == 3, "one audition was held"


async def test_an_audition_that_the_house_forgot_meanwhile(start: Start, models: Family) -> None:
    voiced = await start()
    job = await begin(voiced, choose="hand")
    await ended(job)
    (held,) = voiced.auditions.auditions.all()
    for _ in range(KEPT):
        await voiced.auditions.hold("somebody else", text="x", takes=1)
    assert held.id not in {one.id for one in voiced.auditions.auditions.all()}
    run = await done(await voiced.jobs.resume(job.id, "1"))
    voice = await voiced.profiles.get("sailor")
    assert voiced.store.recording(voice) == (run / "auditions" / "1.wav").read_bytes()
    assert voice.origin.startswith(f"{held.id}, take 1")


async def test_a_take_that_is_no_recording_to_be_cloned(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    voiced = await start()
    monkeypatch.setattr("daemon.pipelines.design.chosen.MAX_SECONDS", 0.5)
    told = await ended(await begin(voiced, choose="gate"))
    assert told.error == "no take can be made a voice: they last 0.9, 0.9, 0.9 s; try another seed or audition_text"
    monkeypatch.undo()
    seconds = {40: 0.1, 41: 1.0, 42: 1.0}
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*models))
    hold = AuditionRoom.hold

    async def short(room: AuditionRoom, *args: Any, **more: Any) -> Audition:
        held = await hold(room, *args, **more)
        return held.model_copy(
            update={"takes": tuple(one.model_copy(update={"seconds": seconds[one.seed]}) for one in held.takes)}
        )

    monkeypatch.setattr(AuditionRoom, "hold", short)
    told = await ended(job := await begin(voiced, choose=1))
    assert told.question.startswith("take 1 lasts 0.1 s, of which no voice can be made. Listen to")
    judging(monkeypatch, 1.9, 1.5, 1.7)
    assert report(await done(await voiced.jobs.resume(job.id, "gate")))["chosen"]["take"] == 3


# --- kills ------------------------------------------------------------------------------------------------------------


async def killed_behind(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, voiced: Voiced, **options: Any) -> Job:
    """A job whose process ends in the instant in which `owner.name` has returned."""
    real = getattr(owner, name)

    async def and_killed(*args: Any, **more: Any) -> Any:
        await real(*args, **more)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, and_killed)
        job = await begin(voiced, **options)
        assert job.task is not None
        await asyncio.wait({job.task})
    job.ledger.release()
    return job


async def test_killed_behind_the_audition_it_is_not_held_again(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await start()
    job = await killed_behind(monkeypatch, AuditionRoom, "hold", first)
    assert not (job.ledger.path / "auditions").exists()
    again = await start()
    run = await done(await again.jobs.resume(job.id))
    assert len(models[1].lines) == 3
    assert len(again.auditions.auditions.all()) == 1
    assert report(run)["chosen"]["take"] == 2


async def test_killed_behind_the_lock_the_voice_is_its_own(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await start()
    job = await killed_behind(monkeypatch, Profiles, "lock", first)
    assert [voice.id for voice in first.store.profiles()] == ["sailor"]
    planned = Ledger.look(job.ledger.path).plan()
    assert planned is not None and not planned["ready"]
    again = await start()
    run = await done(await again.jobs.resume(job.id))
    assert [voice.id for voice in again.store.profiles()] == ["sailor"]
    assert report(run)["voice"] == "sailor"
    calm = await done(await begin(again, voice="calm"))
    assert (run / "audio.flac").read_bytes() == (calm / "audio.flac").read_bytes()


async def test_killed_behind_the_lock_of_a_voice_without_an_id(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await start()
    job = await killed_behind(monkeypatch, Profiles, "lock", first, voice=None, label="Sailor")
    again = await start()
    assert report(await done(await again.jobs.resume(job.id)))["voice"] == "sailor"
    assert len(again.store.profiles()) == 1


async def test_an_id_that_somebody_took_meanwhile(start: Start, models: Family) -> None:
    voiced = await start()
    job = await begin(voiced, choose="hand")
    await ended(job)
    await voiced.profiles.create(Draft("design", id="sailor", description="somebody"))
    told = await ended(await voiced.jobs.resume(job.id, "1"))
    assert told.state is State.FAILED
    assert "a voice 'sailor' already" in told.error
    await voiced.profiles.delete("sailor")
    await done(await voiced.jobs.resume(job.id))
    assert (await voiced.profiles.get("sailor")).kind == "clone"
