"""The tokenizer alone: the same codes and the same sound as the models that hold one, and no voice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import damage
import numpy as np
import pytest
from checkpoints import Shelf

from daemon import settings
from daemon.core import Voiced
from daemon.faults import UnknownModel
from models.backend import AudioCodec, Backend, Line, RowFailed
from models.load import Wish, choose
from models.qwen.backend import Qwen
from models.qwen.config import BadCheckpoint
from models.qwen.tokenizer import Tokenizer
from tests.test_qwen_codec import codes_of
from tests.test_qwen_coding import made
from tests.test_qwen_encoder import recording
from tests.test_web_voices import humming

TABLE = codes_of(70, seed=1)[0].T.numpy().astype(np.int16)
NAME = "Qwen3-TTS-Tokenizer-12Hz"


@pytest.fixture
def models(checkpoint: Shelf, tmp_path: Path) -> Path:
    """A models folder with a tokenizer in it."""
    folder = tmp_path / "data" / "models"
    damage.copied(checkpoint("base") / "speech_tokenizer", folder / NAME)
    return folder


def test_it_is_the_codec_of_every_model(checkpoint: Shelf, models: Path) -> None:
    alone: Backend = Tokenizer(models / NAME, "alone")
    whole = Qwen(checkpoint("base"), "whole")
    assert isinstance(alone, AudioCodec)
    assert (alone.facts.codebook, alone.facts.encodes, alone.facts.speakers) == (64, True, ())
    wave = recording(1.0)
    assert np.array_equal(made(alone, wave), made(whole, wave))
    whole.load()
    for _ in range(2):
        alone.load()
        alone.warm_up()
        assert list(alone.decoding(TABLE)) == list(whole.decoding(TABLE))
        alone.unload()


def test_it_has_no_voice(models: Path) -> None:
    alone = Tokenizer(models / NAME, "alone")
    alone.load()
    acts: list[Callable[[], Any]] = [
        lambda: alone.join(0, Line("", "en", 1)), lambda: alone.feed(0, "a"), lambda: alone.end_text(0),
        lambda: alone.park(0), lambda: alone.restore(0, None),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(RowFailed, match="alone has no voice"):
            act()
    assert isinstance(alone.step([0])[0].error, RowFailed)
    alone.leave(0)


def test_damaged_ones_are_told_or_passed_over(models: Path) -> None:
    for name in ("cut", "bent", "old"):
        damage.copied(models / NAME, models / name)
    damage.truncate(models / "cut" / "model.safetensors")
    damage.configure(models / "bent", decoder_config=None)
    damage.configure(models / "old", model_type="qwen3_tts_tokenizer_25hz")
    assert [one.facts.model for one in choose(Wish(models_dir=models)).tokenizers] == [NAME]
    assert choose(Wish(models_dir=models, engine="builtin")).tokenizers == ()
    with pytest.raises(BadCheckpoint, match="decoder_config"):
        Tokenizer(models / "bent", "x")
    damage.drop(models / NAME / "model.safetensors", "decoder.pre_conv.conv.bias")
    with pytest.raises(BadCheckpoint, match=r"decoder\.pre_conv\.conv\.bias is missing"):
        Tokenizer(models / NAME, "x").load()


async def test_a_house_with_the_built_in_voice_codes_with_it(models: Path) -> None:
    async with Voiced(settings.read({"data_dir": models.parent}, environ={})) as voiced:
        assert list(voiced.engine.models) == ["builtin"]
        assert list(voiced.engine.codecs) == [NAME]
        told = await voiced.codec.encode(humming(1.0), "qwen3-tts-tokenizer")
        assert (told.model, len(told.table)) == (NAME, 13)
        heard = b"".join([pcm async for pcm in voiced.codec.decode(told.table)])
        alone = Tokenizer(models / NAME, "alone")
        alone.load()
        assert heard == b"".join(alone.decoding(told.table))
        assert [card.id for card in voiced.models()] == ["builtin"]
        assert [model.model for model in voiced.engine.status().models] == ["builtin"]
        with pytest.raises(UnknownModel, match="here are 'builtin'"):
            await anext(voiced.speak("Hello.", model=NAME))
        assert b"".join([pcm async for pcm in voiced.speak("Hello.")])


async def test_beside_a_model_it_is_the_second_choice(models: Path, checkpoint: Shelf) -> None:
    shutil.copytree(checkpoint("base"), models / "base")
    async with Voiced(settings.read({"data_dir": models.parent, "preload": False}, environ={})) as voiced:
        assert list(voiced.engine.codecs) == ["base", NAME]
        assert (await voiced.codec.encode(humming(1.0))).model == "base"
        assert (await voiced.codec.encode(humming(1.0), NAME.lower())).model == NAME
