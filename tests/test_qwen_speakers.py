"""The voices that a checkpoint names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checkpoints import SPEAKERS, Shelf

from models.qwen import config
from models.qwen.config import ModelShape
from models.qwen.speakers import speakers


@pytest.fixture(scope="module")
def shape(checkpoint: Shelf) -> ModelShape:
    return config.read(checkpoint("custom_voice"))


def test_presets_have_labels_and_their_best_language_first(shape: ModelShape) -> None:
    found = {speaker.id: speaker for speaker in speakers(shape)}
    assert set(found) == set(SPEAKERS)
    assert found["uncle_fu"].label == "Uncle Fu"
    assert {name: speaker.languages[0] for name, speaker in found.items()} == {
        "vivian": "zh", "serena": "zh", "uncle_fu": "zh", "dylan": "zh", "eric": "zh", "ryan": "en", "aiden": "en",
        "ono_anna": "ja", "sohee": "ko",
    }  # fmt: skip
    assert all(sorted(speaker.languages) == sorted(found["ryan"].languages) for speaker in found.values())
    assert all(len(set(speaker.languages)) == 10 and speaker.description for speaker in found.values())


def test_a_speaker_that_nobody_knows_is_a_speaker(shape: ModelShape) -> None:
    (one,) = speakers(replace(shape, speakers={"my_mother": 3}))
    assert (one.id, one.label, one.languages[0]) == ("my_mother", "My Mother", "zh")
    (one,) = speakers(replace(shape, speakers={"ryan": 3}, languages={"german": 1}))
    assert one.languages == ("de",)
    (one,) = speakers(replace(shape, speakers={"x": 3}, languages={}))
    assert one.languages == ()


def test_designed_voices_are_one_and_a_base_has_none(checkpoint: Shelf) -> None:
    (one,) = speakers(config.read(checkpoint("voice_design")))
    assert (one.id, len(one.languages)) == ("designed", 10)
    assert speakers(config.read(checkpoint("base"))) == ()
