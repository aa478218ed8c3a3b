"""What the talker hears, position by position, is what the package lets it hear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from checkpoints import Kind, Shelf
from qwen_core import Pair, fresh, part, passage

from models.backend import Line
from models.qwen.passage import Passage

TEXTS = ["Hello there, this is a test.", "x", "你好，今天天气不错。", "A house. " * 12]
VOICES: list[tuple[Kind, str]] = [
    ("custom_voice", "preset"), ("custom_voice", "preset auto"), ("custom_voice", "preset instructed"),
    ("custom_voice", "dialect"), ("custom_voice", "dialect auto"), ("custom_voice", "dialect english"),
    ("voice_design", "design"), ("voice_design", "design auto"), ("voice_design", "design chinese"),
    ("voice_design", "no design"),
    ("base", "clone"), ("base", "clone auto"), ("base", "embedding"), ("base", "embedding auto"),
]  # fmt: skip


@pytest.fixture(scope="module", params=["nano", "small"])
def pairs(request: pytest.FixtureRequest, checkpoint: Shelf) -> Iterator[dict[Kind, Pair]]:
    yield {kind: Pair(checkpoint, kind, request.param) for kind in ("custom_voice", "voice_design", "base")}


def text_track(mine: Passage, frames: int) -> torch.Tensor:
    """What is added to frames of silence."""
    mine.heard = torch.zeros_like(mine._prompts.pad)
    track = []
    for frame in range(1, frames + 1):
        mine.frames = frame
        track.append(mine.input())
    return torch.stack(track)


@pytest.mark.parametrize("whole", [False, True], ids=["along", "whole"])
@pytest.mark.parametrize(("kind", "name"), VOICES)
def test_every_voice_in_both_layouts(pairs: dict[Kind, Pair], kind: Kind, name: str, whole: bool) -> None:
    pair = pairs[kind]
    voice = pair.voices[name]
    for text in TEXTS:
        theirs = pair.prompt(text, **voice.theirs, non_streaming_mode=whole)
        mine = passage(pair.ours, voice.ours, text, non_streaming_mode=whole)
        with torch.inference_mode():
            torch.testing.assert_close(mine.prompt(), theirs.inputs, rtol=1e-4, atol=1e-5)
            frames = len(theirs.trailing) + 20
            pad = theirs.options["tts_pad_embed"].reshape(1, -1).expand(20, -1)
            expected = torch.cat([theirs.trailing, pad])
            torch.testing.assert_close(text_track(mine, frames), expected, rtol=1e-4, atol=1e-5)


def test_an_instruction_is_dropped_where_it_was_not_trained(pairs: dict[Kind, Pair]) -> None:
    model = pairs["custom_voice"].ours
    told = part(model, Line("ryan", "en", 0, instruct="Whisper."))
    assert bool(told.instruction) == (not model.shape.small)


def test_no_text_is_the_end_at_once(checkpoint: Shelf) -> None:
    model = fresh(checkpoint("custom_voice"))
    who = part(model, Line("ryan", "en", 0))
    for whole in (False, True):
        mine = passage(model, who, "", non_streaming_mode=whole)
        with torch.inference_mode():
            prompt = mine.prompt()
        spoken = prompt[-1] - model.prompts.control("codec_bos_id")[0]
        torch.testing.assert_close(spoken, model.prompts.pad if whole else model.prompts.end)


def test_text_of_any_length_is_looked_up(checkpoint: Shelf) -> None:
    prompts = fresh(checkpoint("custom_voice")).prompts
    with torch.inference_mode():
        assert prompts.text([]).shape == (0, 32)
        many = prompts.text([5, 7, 5])
        assert torch.equal(many[0], many[2])
        torch.testing.assert_close(prompts.text([7])[0], many[1])
