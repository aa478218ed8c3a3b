"""Kept voices of every kind, spoken by their names, on tones that stand for a model each."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.core import Voiced
from daemon.faults import UnknownVoice, Unspeakable, VoiceNotInstalled
from models.backend import StalePrompt
from tests.kept import FRAME, RECORDING, Family, Start, clone, design, hear, models, preset, rows, say
from tests.live import LiveTone, choice
from tests.profiles import kept_by_hand
from voices.profile import Defaults, Profile, Reference, Share
from voices.store import ReferenceLost

__all__ = ["models"]

TEXT = "Hello there."
WORDS = "What is said."
IN_CONTEXT = Reference("", "", WORDS, "in-context")
ALONE = Reference("", "", None, "embedding")
OWN = Defaults(
    language="de", instruct="softly", seed=11, speed=2.0, pitch=1.0, gain=-6.0, sampling={"temperature": 0.5}
)


def keep(voiced: Voiced, *voices: Profile) -> None:
    for voice in voices:
        voiced.store.create(voice, RECORDING if voice.reference else None, "wav")


async def test_each_kind_is_spoken_as_its_model_wants_it(start: Start, models: Family) -> None:
    voiced = await start()
    keep(
        voiced,
        preset("calm", defaults=Defaults(instruct="calmly", seed=3)),
        design("sailor"),
        clone("anna", reference=IN_CONTEXT),
        clone("bert", reference=ALONE),
        Profile("blend", "Blend", "mix", ("en",), "cloner", "", shares=(Share("anna", 1), Share("bert", 3))),
    )
    for name in ("calm", "sailor", "anna", "bert", "blend"):
        _, take = await hear(voiced, TEXT, voice=name, language="en", seed=1 if name != "calm" else None)
        assert (take.voice.id, take.voice.stored) == (name, True)
    tone, designer, cloner = models
    assert [(line.speaker, line.instruct, line.seed, line.model) for line in tone.lines] == [
        ("tone-2", "calmly", 3, "tone")
    ]
    assert [(line.speaker, line.instruct, line.model, line.voice_prompt) for line in designer.lines] == [
        ("", "an old sailor", "designer", None)
    ]
    anna, bert, blend = [line.voice_prompt or b"" for line in cloner.lines]
    assert (anna.endswith(WORDS.encode()), bert.endswith(b"None")) == (True, True)
    assert blend.count(b"0.250000") == blend.count(b"0.750000") == 1


async def test_a_voice_has_many_names_and_its_id_goes_first(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("annas-sister", label="Bert"), preset("carl"), preset("bert", label="Dora"))
    voiced.store.rename("carl", "karl")
    found = {name: voiced.casting.find(name).id for name in ("bert", "BERT ", "Dora", "carl", "karl", "annas-sister")}
    assert list(found.values()) == ["bert", "bert", "bert", "karl", "karl", "annas-sister"]
    assert (await hear(voiced, TEXT, voice="carl"))[1].voice.id == "karl"
    for nothing in ("", " ", "nobody"):
        with pytest.raises(UnknownVoice):
            voiced.casting.find(nothing)


async def test_defaults_hold_where_a_request_is_silent(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("calm", defaults=OWN), preset("plain"))
    pcm, take = await hear(voiced, TEXT, voice="calm")
    (line,) = models[0].lines
    assert (line.language, line.instruct, line.seed, dict(line.sampling)) == ("de", "softly", 11, {"temperature": 0.5})
    assert (take.language, take.seed, len(pcm)) == ("de", 11, pytest.approx(len(TEXT) * FRAME / 2, rel=0.05))
    wishes = {
        "language": "en", "instruct": "loudly", "seed": 5, "speed": 1.0, "pitch": -1.0, "gain": 6.0,
        "sampling": {"top_k": 3},
    }  # fmt: skip
    asked = await say(voiced, TEXT, voice="calm", **wishes)
    line = models[0].lines[1]
    assert (line.language, line.instruct, line.seed) == ("en", "loudly", 5)
    assert dict(line.sampling) == {"temperature": 0.5, "top_k": 3}
    # pitch and gain are added up, and here they come to nothing
    assert asked == await say(voiced, TEXT, voice="plain", language="en")


async def test_a_default_language_settles_the_voice(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("calm", defaults=Defaults(language="de")), preset("plain"))
    assert voiced.casting.settled("calm", None)
    assert not voiced.casting.settled("plain", None)
    assert voiced.casting.cast("calm", None, "Good morning to everybody.")[1] == "de"
    assert voiced.casting.cast("calm", "en", "Guten Morgen.")[1] == "en"


async def test_moods_are_the_voices_own_or_the_houses(start: Start, models: Family) -> None:
    voiced = await start()
    keep(
        voiced,
        preset("calm", emotions={"Proud": "Speak proudly.", "sad": "Speak as at a grave."}),
        design("sailor", defaults=Defaults(instruct="Speak slowly.")),
    )
    for voice, emotion, instruct in (
        ("calm", "proud", None), ("calm", "SAD", "and slowly"), ("sailor", "whisper", None), ("sailor", None, None),
    ):  # fmt: skip
        await say(voiced, TEXT, voice=voice, emotion=emotion, instruct=instruct)
    tone, designer, _ = models
    assert [line.instruct for line in tone.lines] == ["Speak proudly.", "Speak as at a grave. and slowly"]
    assert [line.instruct for line in designer.lines] == [
        "an old sailor\nSpeak in a whisper.", "an old sailor\nSpeak slowly.",
    ]  # fmt: skip
    with pytest.raises(Unspeakable, match="no emotion 'proud'; there are angry, bored"):
        await say(voiced, TEXT, voice="sailor", emotion="proud")


async def test_each_voice_of_a_text_has_its_own_seed_and_speed(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("fast", defaults=Defaults(seed=1, speed=2.0)), preset("calm", defaults=Defaults(seed=2)))
    text = f"[voice fast]{TEXT}[/voice] [voice calm]{TEXT}[/voice] [voice tone]{TEXT}[/voice]"
    pcm = await say(voiced, text, language="en")
    assert len(pcm) == len(TEXT) * FRAME * 5 / 2
    await say(voiced, text, language="en", seed=9)
    assert [line.seed for line in models[0].lines] == [1, 2, 1, 9, 9, 9]


async def test_a_designed_voice_is_its_own_alone(start: Start, models: Family) -> None:
    voiced = await start()
    text = "Ahoy. [emotion sad]Alas.[/emotion] [voice tone-2]And you?[/voice]"
    await say(voiced, text, task="voice-design", instruct="an old sailor", language="en")
    assert [line.instruct for line in models[1].lines] == [
        "an old sailor", "an old sailor\nSpeak sadly, slowly and with a low voice.",
    ]  # fmt: skip
    assert [line.instruct for line in models[0].lines] == [None]


async def test_kept_voices_speak_when_they_are_asked(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("aaa"), design("bbb"), clone("ccc", reference=ALONE))
    for language in ("en", "de", None):
        for model in (None, "tone"):
            assert voiced.casting.cast(None, language, TEXT, model)[0].id == "tone"
    assert voiced.casting.cast(None, "en", TEXT, "designer")[0].id == "designed"
    with pytest.raises(Unspeakable, match="cloner speaks with the voice of a recording; name one"):
        await say(voiced, TEXT, model="cloner")
    with pytest.raises(Unspeakable, match="cloner speaks with the voice of a recording; name one"):
        await say(voiced, TEXT, model="cloner", voice="alloy")
    assert (await hear(voiced, TEXT, model="cloner", voice="ccc"))[1].voice.id == "ccc"


async def test_the_house_may_speak_with_a_kept_voice(start: Start, models: Family, tmp_path: Path) -> None:
    first = await start()
    keep(first, clone("anna", reference=ALONE, defaults=Defaults(language="zh")))
    voiced = await start(voice="anna")
    assert (await hear(voiced, TEXT))[1].voice.id == "anna"
    assert (await hear(voiced, TEXT, voice="alloy", language="de"))[1].language == "de"
    assert (await hear(voiced, TEXT, model="cloner"))[1].voice.id == "anna"
    assert (await hear(voiced, TEXT, model="tone"))[1].voice.id == "tone"
    assert voiced.casting.cast(None, None, "…1")[1] == "zh"
    voiced.store.rename("anna", "berta")
    assert (await hear(voiced, TEXT))[1].voice.id == "berta"
    voiced.store.delete("berta")
    assert (await hear(voiced, TEXT))[1].voice.id == "tone"


async def test_a_voice_without_its_model_is_told_how_to_get_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone()))
    voiced = await start()
    keep(voiced, design("sailor"), clone("anna", reference=ALONE), clone("berta", reference=ALONE, model="elsewhere"))
    assert {one.id: (one.installed, one.model) for one in voiced.casting.everyone() if one.stored} == {
        "sailor": (False, "qwen3-tts-1.7b-voicedesign"),
        "anna": (False, "qwen3-tts-0.6b-base"),
        "berta": (False, "elsewhere"),
    }
    assert [one.id for one in voiced.casting.profiles()] == ["tone", "tone-2"]
    with pytest.raises(VoiceNotInstalled, match=r"'sailor' needs .*; `voiced models pull qwen3-tts-1.7b-voicedesign`"):
        await say(voiced, TEXT, voice="sailor")
    with pytest.raises(VoiceNotInstalled, match="needs the model elsewhere"):
        await say(voiced, f"Hello. [voice berta]{TEXT}[/voice]")


async def test_what_changes_on_the_disk_is_there_at_once(start: Start, models: Family) -> None:
    voiced = await start()
    with pytest.raises(UnknownVoice):
        await say(voiced, TEXT, voice="sailor")
    kept_by_hand(voiced.store, design("sailor"))
    time.sleep(0.25)
    await say(voiced, TEXT, voice="sailor")
    kept_by_hand(voiced.store, design("sailor", "a young sailor"))
    time.sleep(0.25)
    await say(voiced, TEXT, voice="sailor")
    assert [line.instruct for line in models[1].lines] == ["an old sailor", "a young sailor"]
    (voiced.store.folder / "profiles" / "sailor.json").unlink()
    time.sleep(0.25)
    with pytest.raises(UnknownVoice):
        await say(voiced, TEXT, voice="sailor")


async def test_a_broken_profile_disturbs_nobody(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, design("sailor"))
    (voiced.store.folder / "profiles" / "bad.json").write_text("{")
    time.sleep(0.25)
    await say(voiced, TEXT, voice="sailor")
    assert [one.file for one in voiced.store.broken()] == ["bad.json"]
    with pytest.raises(UnknownVoice):
        await say(voiced, TEXT, voice="bad")


async def test_an_unreadable_folder_keeps_nobody_from_speaking(
    start: Start, models: Family, caplog: pytest.LogCaptureFixture
) -> None:
    voiced = await start()
    voiced.store.folder.mkdir(parents=True)
    profiles = voiced.store.folder / "profiles"
    profiles.symlink_to(profiles)  # a circle cannot be read, not even by root
    with caplog.at_level(logging.ERROR, logger="daemon.core"):
        for _ in range(3):
            assert await say(voiced, TEXT)
            time.sleep(0.21)
    assert len([one for one in caplog.records if "kept voices cannot be read" in one.getMessage()]) == 1


async def test_a_kept_voice_goes_before_a_models_own_of_the_same_name(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("tone", defaults=Defaults(seed=5)), design("designed"))
    for model in (None, "tone"):
        assert voiced.casting.find("tone", model).stored
    assert [one.id for one in voiced.casting.profiles("tone")] == ["tone-2", "tone"]
    assert not voiced.casting.cast(None, "en", TEXT)[0].stored
    _, take = await hear(voiced, TEXT, task="voice-design", instruct="a young sailor")
    assert (take.voice.stored, models[1].lines[-1].instruct) == (False, "a young sailor")


# --- prompts ------------------------------------------------------------------------------------------------------


async def test_a_prompt_is_made_once_and_outlives_the_core(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    keep(voiced, clone("anna", reference=IN_CONTEXT), clone("bert", reference=ALONE))
    first = await asyncio.gather(*(say(voiced, TEXT, voice="anna", seed=1) for _ in range(3)))
    assert len(set(first)) == 1
    await say(voiced, TEXT, voice="bert")
    (long, rate, words), (short, _, none) = cloner.imprinted
    assert (words, none, long - short) == (
        WORDS,
        None,
        rate // 2,
    )  # half a second of silence, for one that is gone on from
    await voiced.__aexit__()
    again = await start()
    cloner.imprinted.clear()
    assert await say(again, TEXT, voice="anna", seed=1) == first[0]
    await say(again, TEXT, voice="bert")
    assert cloner.imprinted == []


async def test_another_transcript_or_mode_is_another_prompt(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    keep(voiced, clone("anna", reference=IN_CONTEXT))
    await say(voiced, TEXT, voice="anna")
    anna = voiced.store.get("anna")
    for change in ({"transcript": "Other words."}, {"mode": "embedding"}, {"mode": "in-context"}):
        assert anna.reference is not None
        anna = voiced.store.update(replace(anna, reference=replace(anna.reference, **change)))  # type: ignore[arg-type]
        await say(voiced, TEXT, voice="anna")
    assert [words for _, _, words in cloner.imprinted] == [WORDS, "Other words.", None]


@pytest.mark.parametrize("text", [TEXT, f"First. [voice anna]{TEXT}[/voice]"])
async def test_a_stale_prompt_is_made_again_at_the_next_request(start: Start, models: Family, text: str) -> None:
    voiced, cloner = await start(), models[2]
    keep(voiced, clone("anna", reference=ALONE))
    wishes = {"voice": "anna"} if text == TEXT else {"voice": "tone", "language": "en"}
    await say(voiced, text, **wishes)
    cloner.stale.add(cloner.lines[0].voice_prompt or b"")
    with pytest.raises(StalePrompt):
        await say(voiced, text, **wishes)
    assert len(cloner.imprinted) == 1
    cloner.stale.clear()  # what is made now is known
    await say(voiced, text, **wishes)
    assert len(cloner.imprinted) == 2


async def test_a_recording_that_was_changed_or_lost_is_no_voice(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, clone("anna", reference=ALONE))
    anna = voiced.store.get("anna")
    path = voiced.store.audio(anna)
    whole = path.read_bytes()
    path.write_bytes(whole[:-2])
    with pytest.raises(ReferenceLost, match="is not the recording"):
        await say(voiced, TEXT, voice="anna")
    path.write_bytes(whole)
    await say(voiced, TEXT, voice="anna")
    path.unlink()
    assert await say(voiced, TEXT, voice="anna")  # what was made of it is enough
    assert len(models[2].imprinted) == 1


async def test_another_voice_does_not_wait_for_one_that_is_being_made(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    voiced, cloner = await start(), models[2]
    keep(voiced, clone("anna", reference=ALONE), clone("bert", reference=IN_CONTEXT))
    await say(voiced, TEXT, voice="bert")
    held = threading.Event()
    monkeypatch.setattr(cloner, "prepare", lambda: held.wait(60))
    waiting = asyncio.create_task(say(voiced, TEXT, voice="anna"), name="anna")
    await asyncio.sleep(0.05)
    try:
        assert await asyncio.wait_for(say(voiced, TEXT, voice="bert"), 20)
    finally:
        held.set()
        await waiting


# --- mixes --------------------------------------------------------------------------------------------------------


def mix(name: str, *shares: str, model: str = "cloner") -> Profile:
    return Profile(name, name.title(), "mix", ("en",), model, "", shares=tuple(Share(one, 1.0) for one in shares))


async def test_mixes_of_mixes_and_of_speakers(start: Start, models: Family) -> None:
    voiced = await start()
    keep(voiced, preset("calm"), mix("both", "tone", "calm", model="tone"), mix("more", "both", "tone", model="tone"))
    pcm = await say(voiced, TEXT, voice="more", seed=1)
    assert [len(parts) for parts in models[0].blended] == [2, 2]
    assert models[0].blended[0] == [("tone", 1.0), ("tone-2", 1.0)]
    assert await say(voiced, TEXT, voice="more", seed=1) == pcm
    assert len(models[0].blended) == 2


async def test_a_mix_that_cannot_be_says_why(start: Start, models: Family) -> None:
    voiced = await start()
    keep(
        voiced, clone("anna", reference=ALONE), design("sailor", model="designer"), mix("ring", "gnir"),
        mix("gnir", "ring"), mix("strange", "anna", "tone"), mix("lost", "anna", "gone"),
        mix("described", "sailor", model="designer"),
    )  # fmt: skip
    for name, why in (
        ("ring", "is mixed of mixes more than 3 deep"),
        ("strange", "'strange' is mixed of 'tone': no voice is called 'tone'; the voices of cloner are"),
        ("lost", "'lost' is mixed of 'gone': no voice is called 'gone'"),
        ("described", "'sailor' is a description, and has no voice to mix before it is locked"),
    ):
        with pytest.raises(Unspeakable, match=why):
            await asyncio.wait_for(say(voiced, TEXT, voice=name), 20)
    assert rows(voiced) == (0, 0)


async def test_a_mix_of_a_stale_voice_is_made_again(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    keep(voiced, clone("anna", reference=ALONE), mix("half", "anna"))
    await say(voiced, TEXT, voice="anna")
    anna = cloner.lines[0].voice_prompt or b""
    made = cloner.imprint

    def remade(*args):  # type: ignore[no-untyped-def]
        return made(*args) + b" anew"

    cloner.imprint = remade  # type: ignore[method-assign]
    cloner.stale.add(anna)
    await say(voiced, TEXT, voice="half")
    assert (cloner.lines[1].voice_prompt or b"").count(b"anew") == 1
