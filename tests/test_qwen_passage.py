"""A passage knows when its next frame can be made, and what is heard then."""

from __future__ import annotations

import pytest
import torch
from checkpoints import Shelf
from qwen_core import Spoken, loaded, part, passage, speak, step

from models.backend import Line
from models.qwen.checkpoint import Checkpoint
from models.qwen.prompt import Part, Reference

TEXT = "Hello there, my dear friend of the house."


@pytest.fixture(scope="module")
def model(checkpoint: Shelf) -> Checkpoint:
    return loaded(checkpoint("custom_voice", end=-50.0))


@pytest.fixture(scope="module")
def who(model: Checkpoint) -> Part:
    return part(model, Line("ryan", "en", 0))


def test_a_frame_needs_its_own_text_token(model: Checkpoint, who: Part) -> None:
    mine, spoken = passage(model, who, None, 1, max_new_tokens=40), {0: Spoken()}
    ids = model.tokens.encode(TEXT)
    assert not mine.ready
    for frame, number in enumerate(ids):
        mine.stretch.ids.append(number)
        assert mine.ready
        step(model, {0: mine}, spoken)
        assert (mine.frames, mine.ready) == (frame + 1, False)
    mine.stretch.ended = True
    while not spoken[0].over:
        assert mine.ready
        step(model, {0: mine}, spoken)
    mine.close()
    whole = speak(model, passage(model, who, TEXT, 1, max_new_tokens=40))[0]
    assert torch.equal(spoken[0].frames, whole.frames)
    assert len(whole.codes) == 39


@pytest.mark.parametrize("in_context", [False, True])
def test_a_whole_text_waits_for_its_end(model: Checkpoint, who: Part, in_context: bool) -> None:
    reference = Reference(model.tokens.encode("said"), torch.zeros(3, 16, dtype=torch.long))
    mine = passage(
        model, Part("english", reference=reference) if in_context else who, None, non_streaming_mode=not in_context
    )
    mine.stretch.ids += model.tokens.encode(TEXT)
    assert (mine.waits_for_end, mine.ready) == (True, False)
    mine.stretch.ended = True
    assert (mine.waits_for_end, mine.ready) == (False, True)


def test_the_end_of_the_text_is_heard_once_and_then_nothing(model: Checkpoint, who: Part) -> None:
    mine = passage(model, who, TEXT)
    prompts, count = model.prompts, len(mine.stretch.ids)
    with torch.inference_mode():
        mine.prompt()
        mine.heard = torch.zeros(32)
        track = []
        for mine.frames in range(1, count + 30):
            track.append(mine.input())
        expected = torch.cat([prompts.text(mine.stretch.ids[1:]), prompts.end[None], prompts.pad.expand(29, -1)])
        torch.testing.assert_close(torch.stack(track), expected[: len(track)])


def test_text_that_is_written_while_some_is_looked_up_is_not_lost(model: Checkpoint, who: Part) -> None:
    """Looking up sixteen at a time ends where the text ends for now."""
    ids = model.tokens.encode(TEXT * 3)
    mine = passage(model, who, None)
    with torch.inference_mode():
        expected = torch.cat([model.prompts.text(ids[1:]), model.prompts.end[None]])
        mine.stretch.ids += ids[:1]
        mine.prompt()
        mine.heard = torch.zeros(32)
        for mine.frames in range(1, len(ids) + 1):
            while not mine.ready:
                mine.stretch.ids += ids[len(mine.stretch.ids) :][: 1 + mine.frames % 7]
                mine.stretch.ended = len(mine.stretch.ids) == len(ids)
            torch.testing.assert_close(mine.input(), expected[mine.frames - 1])


def test_closing_gives_the_cache_back_however_often(model: Checkpoint, who: Part) -> None:
    before = model.talker.budget.used
    mine = passage(model, who, TEXT)
    step(model, {0: mine}, {0: Spoken()})
    assert model.talker.budget.used > before
    mine.close()
    mine.close()
    assert model.talker.budget.used == before
