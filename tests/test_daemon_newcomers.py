"""Models that come while the house is open: tiny checkpoints laid into the folder of a running core."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daemon import newcomers
from daemon.core import Voiced
from daemon.faults import UnknownModel, VoiceNotInstalled
from models import load
from models.model import State
from voices.profile import Profile

if TYPE_CHECKING:
    from checkpoints import Shelf

Start = Callable[..., Awaitable[Voiced]]
# Tiny models speak noise without end; a second of it will do.
SAMPLING = {"max_new_tokens": 12, "stop_guard": False}


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks unless the test does."""
    monkeypatch.setattr(newcomers, "LOOK_EVERY_S", 3600.0)


@pytest.fixture
def shelf(tmp_path: Path, checkpoint: Shelf) -> Callable[..., None]:
    """`shelf("presets", "custom_voice")` lays a checkpoint into the models folder."""

    def lay(name: str, *kind: str, whole: bool = True, **options: object) -> None:
        folder = tmp_path / "data" / "models"
        folder.mkdir(parents=True, exist_ok=True)
        made = checkpoint(*kind, **options)  # type: ignore[arg-type]
        if whole:
            os.symlink(made, folder / name)
        else:
            shutil.copytree(made, folder / name, ignore=shutil.ignore_patterns("model.safetensors"))

    return lay


async def say(voiced: Voiced, **wishes: object) -> bytes:
    wishes = {"seed": 1, "language": "en", "sampling": SAMPLING, **wishes}
    return b"".join([pcm async for pcm in voiced.speak("Hello there.", **wishes)])


async def test_who_has_come_is_known_everywhere(start: Start, shelf: Callable[..., None]) -> None:
    voiced = await start(engine="auto")
    first = await say(voiced, sampling={})
    with pytest.raises(VoiceNotInstalled, match="'ryan' needs the model"):
        voiced.casting.find("ryan")
    shelf("presets", "custom_voice", end=-50.0)
    with pytest.raises(UnknownModel):
        await voiced.load("presets")
    await voiced.newcomers.look()
    assert [(card.id, card.default, card.state) for card in voiced.models()] == [
        ("builtin", True, "ready"), ("presets", False, "unloaded"),
    ]  # fmt: skip
    assert voiced.casting.find("ryan").installed
    assert "ryan" not in [one.id for one in voiced.casting.everyone() if not one.installed]
    assert voiced.newcomers.why_not("presets") == ""
    heard = await say(voiced, voice="ryan")
    assert heard
    assert [one.model for one in voiced.engine.status().models if one.state is State.READY] == ["builtin", "presets"]
    assert await say(voiced, sampling={}) == first, "who speaks unasked has not changed"
    await voiced.unload("presets")
    assert await say(voiced, voice="ryan") == heard
    await voiced.newcomers.look()
    assert len(voiced.models()) == 2


async def test_it_says_what_it_would_have_said_after_a_restart(start: Start, shelf: Callable[..., None]) -> None:
    shelf("presets", "custom_voice", end=-50.0)
    voiced = await start(engine="auto", preload=False)
    shelf("larger", "custom_voice", "small", end=-50.0)
    await voiced.newcomers.look()
    late = await say(voiced, voice="vivian", model="larger")
    assert [card.id for card in voiced.models()] == ["presets", "builtin", "larger"]
    again = await start(engine="auto", preload=False)
    assert [card.id for card in again.models()] == ["presets", "larger", "builtin"]
    assert await say(again, voice="vivian", model="larger") == late


async def test_it_comes_while_another_speaks(start: Start, shelf: Callable[..., None]) -> None:
    shelf("presets", "custom_voice", end=-50.0)
    voiced = await start(engine="auto", model_cache=2)
    alone = await say(voiced, voice="ryan", sampling={"max_new_tokens": 60, "stop_guard": False})
    speaking = asyncio.create_task(say(voiced, voice="ryan", sampling={"max_new_tokens": 60, "stop_guard": False}))
    while not voiced.engine.status().speaking:
        await asyncio.sleep(0.001)
    shelf("larger", "custom_voice", "small", end=-50.0)
    await voiced.newcomers.look()
    assert await say(voiced, voice="ryan", model="larger")
    assert await speaking == alone


async def test_a_kept_voice_gets_the_model_that_it_needs(start: Start, shelf: Callable[..., None]) -> None:
    voiced = await start(engine="auto")
    voiced.store.create(Profile("sailor", "Sailor", "design", ("en",), "", "", "An old sailor.", stored=True))
    with pytest.raises(VoiceNotInstalled, match=r"'sailor' needs the model qwen3-tts-1\.7b-voicedesign"):
        await say(voiced, voice="sailor")
    shelf("designer", "voice_design", end=-50.0)
    await voiced.newcomers.look()
    assert voiced.casting.find("sailor").model == "designer"
    assert await say(voiced, voice="sailor")


async def test_a_tokenizer_codes_and_nobody_speaks_with_it(
    start: Start, shelf: Callable[..., None], tmp_path: Path
) -> None:
    voiced = await start(engine="auto")
    shelf("presets", "custom_voice")
    models = tmp_path / "data" / "models"
    shutil.copytree(models / "presets" / "speech_tokenizer", models / "codec")
    (models / "presets").unlink()
    await voiced.newcomers.look()
    assert [card.id for card in voiced.models()] == ["builtin"]
    assert voiced.codec.able("codec").model == "codec"
    assert voiced.newcomers.why_not("codec") == ""


async def test_what_cannot_be_used_is_told_once_and_looked_at_again(
    start: Start, shelf: Callable[..., None], checkpoint: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(newcomers, "LOOK_EVERY_S", 0.02)
    voiced = await start(engine="auto")
    shelf("half", "custom_voice", whole=False)
    async with asyncio.timeout(30):
        while voiced.newcomers.why_not("half") != "model.safetensors is missing":
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert caplog.text.count("passed over half: model.safetensors is missing") == 1
    half, whole = tmp_path / "data" / "models" / "half", checkpoint("custom_voice")
    for weights in (
        "speech_tokenizer/model.safetensors",
        "model.safetensors",
    ):  # of which the folder above tells nothing
        shutil.copy(whole / weights, half / weights)
    async with asyncio.timeout(30):
        while voiced.newcomers.why_not("half"):
            await asyncio.sleep(0.01)
    assert "half is here now" in caplog.text
    assert voiced.newcomers.why_not("nobody") == "it cannot be found in the models folder"


async def test_the_watch_survives_whatever_lies_there(
    start: Start, shelf: Callable[..., None], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newcomers, "LOOK_EVERY_S", 0.02)
    broken = [RuntimeError("nobody has thought of this")]
    arrived = newcomers.arrived

    def stumble(*given: object) -> object:
        if broken:
            raise broken.pop()
        return arrived(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(newcomers, "arrived", stumble)
    voiced = await start(engine="auto")
    async with asyncio.timeout(30):
        while "could not be looked through" not in caplog.text:
            await asyncio.sleep(0.01)
    shelf("presets", "custom_voice")
    async with asyncio.timeout(30):
        while voiced.newcomers.why_not("presets"):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("engine", ["tone", "builtin"])
async def test_who_asked_for_an_engine_gets_no_other(start: Start, shelf: Callable[..., None], engine: str) -> None:
    voiced = await start(engine=engine)
    shelf("presets", "custom_voice")
    await voiced.newcomers.look()
    assert [card.id for card in voiced.models()] == [engine]
    assert voiced.newcomers.why_not("presets") == f"the engine `{engine}` was asked for"


async def test_a_missing_package_is_named(
    start: Start, shelf: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    voiced = await start(engine="auto")
    shelf("presets", "custom_voice")
    monkeypatch.setattr(load, "find_spec", lambda _: None)
    await voiced.newcomers.look()
    assert "pip install 'voiced[qwen]'" in voiced.newcomers.why_not("presets")
