"""Kept voices through their whole life."""

from __future__ import annotations

import asyncio
import time

import pytest

from daemon.core import Voiced
from daemon.faults import PoorReference, UnknownVoice, Unspeakable
from daemon.making.profiles import Draft
from models.backend import Speaker
from tests.kept import RECORDING, Family, Start, models, say
from tests.live import LiveTone, choice
from voices.document import BrokenProfile
from voices.profile import Defaults, Share
from voices.store import NoSuchVoice, VoiceExists

__all__ = ["models"]

WORDS = "What is said."


async def made(voiced: Voiced, kind: str, **facts: object) -> str:
    """The id of a voice that is kept now."""
    audio = RECORDING if kind == "clone" else None
    draft = Draft(kind, **facts)  # type: ignore[arg-type]
    return (await voiced.profiles.create(draft, audio, suffix="wav", force=True))[0].id


async def test_each_kind_gets_what_its_draft_leaves_open(start: Start, models: Family) -> None:
    voiced = await start()
    facts: tuple[dict[str, object], ...] = (
        {"kind": "preset", "speaker": "Tone-2", "label": "Calm voice"},
        {"kind": "design", "description": "an old sailor, hoarse and slow"},
        {"kind": "clone", "label": "Anna", "transcript": WORDS},
        {"kind": "clone", "label": "Anna"},
        {"kind": "mix", "id": "blend", "shares": (Share("tone", 1), Share("calm-voice", 2))},
    )
    names = [await made(voiced, **one) for one in facts]  # type: ignore[arg-type]
    assert names == ["calm-voice", "an-old-sailor-hoarse-and-slow", "anna", "anna-2", "blend"]
    found = {one.id: one for one in voiced.store.profiles()}
    assert [(found[name].model, found[name].speaker) for name in names] == [
        ("tone", "tone-2"), ("", ""), ("", ""), ("", ""), ("tone", ""),
    ]  # fmt: skip
    modes = [one.mode if (one := found[name].reference) else None for name in names]
    assert modes == [None, None, "in-context", "embedding", None]
    for name in names:
        assert await say(voiced, "Hello.", voice=name)


async def test_a_name_is_one_voices(start: Start, models: Family) -> None:
    voiced = await start()
    await made(voiced, "preset", id="calm", speaker="tone")
    await voiced.profiles.update("calm", {}, "quiet")
    for taken in ("quiet", "calm", "tone", "designed", "alloy", "default"):
        with pytest.raises(VoiceExists):
            await made(voiced, "preset", id=taken, speaker="tone")
        if taken not in ("quiet", "calm"):
            with pytest.raises(VoiceExists):
                await voiced.profiles.update("quiet", {}, taken)
    (voiced.store.folder / "profiles" / "broken.json").write_text("{")
    time.sleep(0.25)
    assert await made(voiced, "preset", label="Broken", speaker="tone") == "broken-2"
    assert await made(voiced, "preset", label="Alloy", speaker="tone") == "alloy-2"
    back = await voiced.profiles.update("quiet", {}, "calm")  # its own name of old
    assert (back.id, back.aliases) == ("calm", ("quiet",))


async def test_many_at_once_are_all_kept(start: Start, models: Family) -> None:
    voiced = await start()
    names = await asyncio.gather(*(made(voiced, "preset", id=f"v{n}", speaker="tone") for n in range(20)))
    assert {one.id for one in voiced.store.profiles()} == set(names)


async def test_what_is_no_voice_is_said_so(start: Start, models: Family) -> None:
    voiced = await start()
    for kind, facts, fault in (
        ("preset", {"speaker": "nobody"}, UnknownVoice), ("preset", {}, UnknownVoice),
        ("preset", {"speaker": "designed"}, Unspeakable), ("mix", {}, Unspeakable),
        ("mix", {"shares": (Share("nobody", 1),)}, UnknownVoice),
        ("mix", {"shares": (Share("designed", 1),)}, Unspeakable),
        ("mix", {"shares": (Share("tone", 1), Share("designed", 1))}, Unspeakable),
        ("clone", {"mode": "in-context"}, Unspeakable), ("clone", {"model": "tone"}, Unspeakable),
        ("design", {}, BrokenProfile), ("design", {"description": "x", "id": "No Id"}, (BrokenProfile, ValueError)),
    ):  # fmt: skip
        with pytest.raises(fault):  # type: ignore[arg-type]
            await made(voiced, kind, **facts)  # type: ignore[arg-type]
    with pytest.raises(Unspeakable, match="there is none"):
        await voiced.profiles.create(Draft("clone"))
    assert voiced.store.profiles() == ()


async def test_a_poor_recording_is_turned_down_unless_it_is_wanted(start: Start, models: Family) -> None:
    voiced = await start()
    with pytest.raises(PoorReference) as told:
        await voiced.profiles.create(Draft("clone", id="anna"), b"no audio")
    assert told.value.details
    kept, report = await voiced.profiles.create(Draft("clone", id="anna"), RECORDING, force=True)
    assert (kept.id, report is not None) == ("anna", True)


async def test_its_model_may_come_later(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone()))
    voiced = await start()
    assert await made(voiced, "design", id="sailor", description="an old sailor") == "sailor"
    assert not voiced.casting.everyone()[-1].installed


async def test_what_is_changed_is_heard(start: Start, models: Family) -> None:
    voiced = await start()
    await made(voiced, "preset", id="calm", speaker="tone-2")
    await voiced.profiles.update("calm", {"defaults": Defaults(seed=9)})
    await say(voiced, "Hello.", voice="calm")
    assert models[0].lines[0].seed == 9
    for name in ("nobody", "tone"):
        with pytest.raises(NoSuchVoice):
            await voiced.profiles.update(name, {})
        with pytest.raises(NoSuchVoice):
            await voiced.profiles.delete(name)


async def test_what_is_deleted_leaves_nothing(start: Start, models: Family) -> None:
    voiced = await start()
    await made(voiced, "clone", id="anna", transcript=WORDS)
    await say(voiced, "Hello.", voice="anna")
    prompts = voiced.store.folder / "prompts"
    await made(voiced, "clone", id="anna-s-twin", transcript=WORDS)
    await voiced.profiles.delete("anna")
    assert len([one for one in prompts.iterdir() if one.name[0] != "."]) == 1  # her twin's
    await voiced.profiles.delete("anna-s-twin")
    assert [one for one in prompts.iterdir() if one.name[0] != "."] == []
    assert list((voiced.store.folder / "refs").glob("*.wav")) == []
    with pytest.raises(UnknownVoice):
        await say(voiced, "Hello.", voice="anna")


async def test_a_voice_travels_with_its_prompt(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    await made(voiced, "clone", id="anna", transcript=WORDS, defaults=Defaults(seed=3))
    heard = await say(voiced, "Hello.", voice="anna")
    bundle = await voiced.profiles.export("anna")
    await voiced.profiles.delete("anna")
    there = await start()
    cloner.imprinted.clear()
    assert (await there.profiles.bring(bundle)).id == "anna"
    assert (await there.profiles.bring(bundle, "berta")).id == "berta"
    for name in ("anna", "berta"):
        assert await say(there, "Hello.", voice=name) == heard
    assert cloner.imprinted == []
    for taken in ("anna", "tone", "nova"):
        with pytest.raises(VoiceExists):
            await there.profiles.bring(bundle, taken)


async def test_a_mix_is_of_the_model_that_is_named(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = LiveTone(), LiveTone(model="large")
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(small, large))
    voiced = await start()
    shares = (Share("tone", 1), Share("tone-2", 1))
    for name, model in (("first", ""), ("other", "large")):
        await made(voiced, "mix", id=name, shares=shares, model=model)
        await say(voiced, "Hello.", voice=name)
    assert [len(one.blended) for one in (small, large)] == [1, 1]


async def test_a_bundle_takes_no_models_own_name(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = LiveTone(speakers=(Speaker("other", "Other", ("en",)),))
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(elsewhere))
    voiced = await start()
    await made(voiced, "preset", id="tone", speaker="other")
    bundle = await voiced.profiles.export("tone")
    await voiced.profiles.delete("tone")
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone()))
    there = await start()
    with pytest.raises(VoiceExists, match="there is a voice 'tone' already"):
        await there.profiles.bring(bundle)
    assert (await there.profiles.bring(bundle, "guest")).id == "guest"
    assert [one.id for one in there.store.profiles()] == ["guest"]
