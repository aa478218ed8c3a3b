"""Several models in one daemon, from their folders to the samples: tiny checkpoints, the real engine."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daemon import settings
from daemon.core import Voiced
from daemon.faults import UnknownModel, UnknownVoice
from daemon.utterance import Priority
from models.backend import EngineUnavailable, OutOfMemory
from models.model import State

if TYPE_CHECKING:
    from checkpoints import Shelf

House = Callable[..., Awaitable[Voiced]]
# Tiny models speak noise without end; two seconds of it will do.
SAMPLING = {"max_new_tokens": 24, "stop_guard": False}


@pytest.fixture
async def house(tmp_path: Path, checkpoint: Shelf) -> AsyncIterator[House]:
    """`await house(model_cache=2, …)` runs a core on two presets models: `one` (0.6B) and `two` (1.7B), both tiny."""
    folder = tmp_path / "data" / "models"
    folder.mkdir(parents=True)
    os.symlink(checkpoint("custom_voice", "nano", end=-50.0), folder / "one")
    os.symlink(checkpoint("custom_voice", "small", end=-50.0), folder / "two")
    async with AsyncExitStack() as stack:

        async def begin(**options: object) -> Voiced:
            wishes = {"data_dir": tmp_path / "data", "preload": False, **options}
            return await stack.enter_async_context(Voiced(settings.read(wishes, environ={})))

        yield begin


async def say(voiced: Voiced, text: str = "Hello there.", **wishes: object) -> bytes:
    wishes = {"seed": 1, "language": "en", "sampling": SAMPLING, **wishes}
    return b"".join([pcm async for pcm in voiced.speak(text, **wishes)])


def loaded(voiced: Voiced) -> list[str]:
    return [model.model for model in voiced.engine.status().models if model.state is State.READY]


async def test_one_speaks_then_the_other_in_its_place(house: House) -> None:
    voiced = await house()
    assert voiced.reason.startswith("one speaks (custom_voice, 0.6B, int8 on the CPU): presets go before")
    first = await say(voiced)
    assert loaded(voiced) == ["one"]
    second = await say(voiced, voice="vivian", model="two")
    assert loaded(voiced) == ["two"]
    assert first and second and first != second
    assert await say(voiced) == first, "loaded anew, it says the same"
    assert await say(voiced, voice="vivian", model="TWO") == second


async def test_both_stay_where_the_cache_holds_two(house: House) -> None:
    voiced = await house(model_cache=2, model="two")
    for model in ("one", "two", "tts-1", None, "builtin"):
        assert await say(voiced, model=model)
    assert loaded(voiced) == ["two", "one", "builtin"]
    with pytest.raises(UnknownModel, match="no model is called 'three'; here are 'two', 'one', 'builtin'"):
        await say(voiced, model="three")
    with pytest.raises(UnknownVoice, match="no voice is called 'heart'; the voices of two are aiden"):
        await say(voiced, model="two", voice="heart")


async def test_voices_are_the_default_models_first_and_the_built_in_ones_last(house: House) -> None:
    voiced = await house()
    known = [(profile.id, profile.model) for profile in voiced.casting.profiles()]
    assert known[0] == ("aiden", "one")
    assert ("uncle-fu", "one") in known
    assert known[-5] == ("heart", "builtin")
    assert len(known) == 9 + 5
    assert voiced.casting.find("uncle_fu").id == "uncle-fu"
    assert await say(voiced, voice="heart", sampling={})
    assert loaded(voiced) == ["builtin"]
    cards = voiced.models()
    assert [(card.id, card.state, card.default) for card in cards] == [
        ("one", "unloaded", True), ("two", "unloaded", False), ("builtin", "ready", False),
    ]  # fmt: skip
    assert cards[1].voices == cards[0].voices
    await voiced.load("two")
    assert loaded(voiced) == ["two", "builtin"]
    assert voiced.models()[1].memory_mb >= 0
    await voiced.unload("two")
    with pytest.raises(UnknownModel):
        await voiced.load("three")


@pytest.mark.parametrize("dtype", ["int8", "float32"])
async def test_a_book_that_makes_way_for_a_reply_goes_on_with_the_same_samples(house: House, dtype: str) -> None:
    voiced = await house(dtype=dtype)
    wishes = {"text": "A long book, and a long day. It goes on.", "seed": 7, "language": "en"}
    sampling = {"max_new_tokens": 150, "stop_guard": False}
    alone = await say(voiced, **wishes, sampling=sampling)
    heard, replies = [], 0
    async for pcm in voiced.speak(**wishes, sampling=sampling, priority=Priority.BATCH):
        heard.append(pcm)
        if replies < 2 and loaded(voiced) == ["one"]:
            assert await say(voiced, voice="ryan", model="two", priority=Priority.REPLY)
            replies += 1
    assert replies == 2
    assert b"".join(heard) == alone


async def test_what_is_parked_keeps_nothing_of_the_model(house: House) -> None:
    voiced = await house()
    backend = voiced.engine._host.models["one"].backend
    async with voiced.speech.open(_utterance(priority=Priority.BATCH)) as take:
        await take.begin()
        weights = _weak(backend)
        assert weights() is not None
        assert await say(voiced, voice="ryan", model="two", priority=Priority.REPLY)
        assert take.outcome is None
        assert weights() is None, "the weights are gone while the row waits"


async def test_idle_memory_is_given_back_and_measured(house: House, caplog: pytest.LogCaptureFixture) -> None:
    voiced = await house(idle_unload=0.2)
    with caplog.at_level(logging.INFO, logger="models.model"):
        await say(voiced)
        async with asyncio.timeout(20):
            while loaded(voiced):
                await asyncio.sleep(0.05)
    lines = [record.getMessage() for record in caplog.records if record.name == "models.model"]
    assert lines[0].startswith("loaded one in ")
    assert lines[1].startswith("unloaded one: freed ")
    assert await say(voiced)


async def test_a_broken_folder_is_passed_over_and_the_others_speak(
    house: House, tmp_path: Path, checkpoint: Shelf
) -> None:
    import damage

    folder = damage.copied(checkpoint("custom_voice", "nano", end=-50.0), tmp_path / "data" / "models" / "broken")
    damage.truncate(folder / "speech_tokenizer" / "model.safetensors")
    voiced = await house(preload=True)
    assert "passed over broken: speech_tokenizer/model.safetensors" in voiced.reason
    assert await say(voiced)


async def test_what_turns_out_to_be_broken_leaves_the_others_speaking(
    house: House, tmp_path: Path, checkpoint: Shelf
) -> None:
    import damage

    folder = damage.copied(checkpoint("custom_voice", "nano", end=-50.0), tmp_path / "data" / "models" / "broken")
    damage.drop(folder / "model.safetensors", "talker.codec_head.weight")
    voiced = await house(preload=True, model="broken")
    assert "but broken could not be loaded" in voiced.reason
    assert "talker.codec_head.weight is missing" in voiced.reason
    assert loaded(voiced) == ["one"]
    assert await say(voiced), "nobody named the broken one"
    with pytest.raises(EngineUnavailable, match=r"talker\.codec_head\.weight is missing"):
        await say(voiced, model="broken")
    assert voiced.engine.status().state is State.READY
    assert await say(voiced, voice="heart", sampling={})


async def test_memory_that_runs_out_in_torch_is_told_and_survived(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.qwen import checkpoint as held
    from models.qwen.codec import Codec

    voiced = await house(slots=4, model_cache=2)
    await say(voiced, model="two")
    load, decode, failures = held.load, Codec.decode, ["load", "step"]

    def fail(what: str, work: Callable[..., object]) -> Callable[..., object]:
        def planted(*args: object, **named: object) -> object:
            if what in failures:
                failures.remove(what)
                raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9")
            return work(*args, **named)

        return planted

    monkeypatch.setattr(held, "load", fail("load", load))
    assert await say(voiced, model="one")
    assert loaded(voiced) == ["one"], "the other made room"
    monkeypatch.setattr(Codec, "decode", fail("step", decode))
    with pytest.raises(OutOfMemory, match="not enough memory to speak"):
        await say(voiced, model="one")
    assert await say(voiced, model="one")
    assert [card.slots for card in voiced.models() if card.id == "one"] == [2]
    page = voiced.metrics.page(voiced.engine).decode()
    assert 'voiced_out_of_memory{model="one"} 2.0' in page


def _utterance(**wishes: object) -> object:
    from daemon.utterance import Utterance

    sampling = {"max_new_tokens": 200, "stop_guard": False}
    return Utterance(text="A long book.", language="en", seed=1, sampling=sampling, **wishes)  # type: ignore[arg-type]


def _weak(backend: object) -> Callable[[], object]:
    import weakref

    return weakref.ref(backend._rows._checkpoint.talker)  # type: ignore[attr-defined]
