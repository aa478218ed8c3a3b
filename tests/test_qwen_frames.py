"""A step moves many passages, and what befalls one of them leaves the others as they were."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
import torch
from checkpoints import Shelf
from qwen_core import EXACT, Spoken, fresh, loaded, part, passage, speak, step

from models.backend import Line, RowFailed
from models.qwen.cache import BLOCK
from models.qwen.checkpoint import Checkpoint
from models.qwen.config import CONTROL_IDS
from models.qwen.linear import Precision
from models.qwen.passage import Passage

TEXTS = [
    "Hello there.",
    "A longer text, to be spoken beside the others.",
    "No!",
    "你好，今天。",
    "Ça va?",
    "1, 2, 3",
    "x",
    "Why?",
]
RULES: list[dict[str, Any]] = [
    {}, {"top_k": 0}, {"temperature": 0.3, "top_p": 0.7}, {"do_sample": False}, {"repetition_penalty": 2.0},
    {"subtalker_dosample": False}, {"top_k": 3, "subtalker_top_k": 1}, {"do_sample": False, "subtalker_dosample": False},
]  # fmt: skip
ALL: list[Precision] = ["float32", *EXACT]


def rows(model: Checkpoint, count: int = 8, **rules: Any) -> list[Passage]:
    """Passages that differ in text, seed, speaker and sampling."""
    presets = ["ryan", "eric", "sohee"]
    return [
        passage(
            model,
            part(model, Line(presets[row % 3], "auto" if row % 2 else "en", 0)),
            TEXTS[row],
            row,
            **{"max_new_tokens": 10, **RULES[row], **rules},
        )
        for row in range(count)
    ]


def alone(model: Checkpoint, count: int = 8, **rules: Any) -> list[list[list[int]]]:
    return [speak(model, one)[0].frames.tolist() for one in rows(model, count, **rules)]


@pytest.mark.parametrize("shape", ["small", pytest.param("nano", marks=pytest.mark.slow)])
@pytest.mark.parametrize("precision", ALL)
def test_a_row_says_the_same_alone_and_in_a_batch(checkpoint: Shelf, shape: str, precision: Precision) -> None:
    """Whatever rules its neighbours have, and whenever they come."""
    model = loaded(checkpoint("custom_voice", shape, end=-50.0), precision)
    expected = alone(model)
    for joins in ([0] * 8, [0, 3, 1, 0, 7, 2, 2, 9]):
        assert [one.frames.tolist() for one in speak(model, *rows(model), joins=joins)] == expected


@pytest.mark.parametrize("seed", [0, 1])
def test_a_seed_is_a_take(checkpoint: Shelf, seed: int) -> None:
    model = loaded(checkpoint("custom_voice", end=-50.0))
    who = part(model, Line("ryan", "en", 0))
    first, again, other = (
        speak(model, passage(model, who, "Hello.", number, max_new_tokens=6))[0].frames
        for number in (seed, seed, seed + 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_only_codes_are_spoken(checkpoint: Shelf) -> None:
    """The control ids, the largest part of the vocabulary here, are never drawn, even where all are as likely."""
    model = loaded(checkpoint("custom_voice", end=-50.0))
    who = part(model, Line("ryan", "en", 0))
    hot = {"temperature": 10.0, "top_k": 0, "subtalker_temperature": 10.0, "max_new_tokens": 60}
    spoken = speak(model, *(passage(model, who, "Hello.", seed, **hot) for seed in range(4)))
    firsts = torch.cat([one.frames[:, 0] for one in spoken])
    assert int(firsts.max()) < model.shape.vocab - CONTROL_IDS
    assert len(firsts.unique()) > 50


@pytest.mark.parametrize("greedy", [False, True])
def test_nobody_ends_before_the_third_frame(checkpoint: Shelf, greedy: bool) -> None:
    model = loaded(checkpoint("custom_voice", end=50.0))
    rules = {"do_sample": not greedy, "subtalker_dosample": not greedy}
    assert [(len(one.codes), one.end) for one in speak(model, *rows(model, 4, **rules))] == [(2, "stop")] * 4


def test_an_end_beside_others_that_go_on(checkpoint: Shelf) -> None:
    """Rows of one batch end at frames of their own, and the others say what they say alone."""
    model = loaded(checkpoint("custom_voice", "small", end=2.0))
    expected = alone(model, max_new_tokens=25)
    spoken = speak(model, *rows(model, max_new_tokens=25))
    assert [one.frames.tolist() for one in spoken] == expected
    assert len({len(frames) for frames in expected}) > 2
    assert model.talker.budget.used == 0


def harm(one: Passage, way: int) -> None:
    """Plant numbers that are not finite: in what a row heard last, in its cache, or all over a layer of it."""
    if way == 0:
        assert one.heard is not None
        one.heard = one.heard * float("nan")
    elif way == 1:
        one.cache.memory[0, 0, 3, 0] = float("nan")
    else:
        one.cache.memory[1, -1] = float("inf")


@pytest.mark.parametrize("precision", ALL)
def test_a_row_whose_numbers_overflow_fails_alone(checkpoint: Shelf, precision: Precision) -> None:
    model = loaded(checkpoint("custom_voice", "small", end=-50.0), precision)
    expected = alone(model, max_new_tokens=9)
    passages, spoken = rows(model, max_new_tokens=9), {row: Spoken() for row in range(8)}
    for frame in range(9):
        with torch.inference_mode():
            for way in range(3) if frame == 4 else ():
                harm(passages[2 + way], way)
        step(model, {row: passages[row] for row in range(8) if not spoken[row].over}, spoken)
    for one in passages:
        one.close()
    for row in range(8):
        harmed = row in (2, 3, 4)
        assert spoken[row].frames.tolist() == (expected[row][:4] if harmed else expected[row])
        assert isinstance(spoken[row].error, RowFailed) == harmed
    assert "overflowed" in str(spoken[2].error)
    assert model.talker.budget.used == 0


@pytest.mark.parametrize("precision", ALL)
def test_an_overflow_in_the_predictor_fails_its_row(checkpoint: Shelf, precision: Precision) -> None:
    """The talker is sound, and what it hands to the predictor for one row is not."""
    model = loaded(checkpoint("custom_voice", "small", end=-50.0), precision)
    expected = alone(model, 4)
    predict = type(model.frames._predictor).__call__
    passages, spoken = rows(model, 4), {row: Spoken() for row in range(4)}

    def overflowing(self: Any, hidden: torch.Tensor, *more: Any) -> Any:
        hidden = hidden.clone()
        hidden[1] = float("inf")
        return predict(self, hidden, *more)

    for frame in range(10):
        going = {row: passages[row] for row in range(4) if not spoken[row].over}
        with patch.object(type(model.frames._predictor), "__call__", overflowing if frame == 6 else predict):
            step(model, going, spoken)
    for one in passages:
        one.close()
    assert isinstance(spoken[1].error, RowFailed)
    assert [spoken[row].frames.tolist() for row in (0, 2, 3)] == [expected[row] for row in (0, 2, 3)]


def test_every_row_of_a_broken_checkpoint_fails_and_none_hangs(checkpoint: Shelf) -> None:
    model = fresh(checkpoint("custom_voice", "small"), "int8")
    with patch.object(type(model.talker), "logits", lambda self, hidden: torch.full((len(hidden), 1152), float("nan"))):
        spoken = speak(model, *rows(model, 3))
    assert all(isinstance(one.error, RowFailed) for one in spoken)
    assert model.talker.budget.used == 0


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_row_beyond_the_budget_ends_and_its_neighbours_do_not(checkpoint: Shelf, precision: Precision) -> None:
    folder = checkpoint("custom_voice", end=-50.0)
    # Room for three blocks: every row takes one, and the first that needs a second one while all three are there ends.
    model = fresh(folder, precision, positions=3 * BLOCK)
    who = part(model, Line("ryan", "en", 0))
    texts = ["and so on " * 11, "Hello.", "No."]

    def three(other: Checkpoint) -> list[Passage]:
        most = [60, 30, 20]
        return [
            passage(other, who, text, seed, max_new_tokens=frames, non_streaming_mode=not seed)
            for seed, (text, frames) in enumerate(zip(texts, most, strict=True))
        ]

    spoken = speak(model, *three(model))
    wide = fresh(folder, precision)
    expected = [speak(wide, one)[0] for one in three(wide)]
    assert [one.end for one in spoken] == ["length"] * 3
    assert len(spoken[0].codes) < len(expected[0].codes) == 59
    assert spoken[0].frames.tolist() == expected[0].frames.tolist()[: len(spoken[0].codes)]
    for row in (1, 2):
        assert spoken[row].frames.tolist() == expected[row].frames.tolist()
    assert model.talker.budget.used == 0


def test_a_prompt_beyond_the_budget_ends_before_its_first_frame(checkpoint: Shelf) -> None:
    model = fresh(checkpoint("custom_voice"), positions=BLOCK)
    who = part(model, Line("ryan", "en", 0))
    long, short = (
        passage(model, who, "long " * 100, non_streaming_mode=True),
        passage(model, who, "x", max_new_tokens=4),
    )
    spoken = speak(model, short, long, joins=[0, 1])
    assert (spoken[1].end, len(spoken[1].codes)) == ("length", 0)
    assert spoken[0].codes
    assert model.talker.budget.used == 0


@pytest.mark.parametrize(
    "error",
    [RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory"), MemoryError()],
)
@pytest.mark.parametrize("when", ["prompt", "later"])
def test_memory_that_cannot_be_had_fails_one_row(checkpoint: Shelf, error: Exception, when: str) -> None:
    model = fresh(checkpoint("custom_voice", "small", end=-50.0), "int8")
    expected = alone(model, 4, max_new_tokens=7)
    passages, spoken = rows(model, 4, max_new_tokens=7), {row: Spoken() for row in range(4)}
    fails_at = 0 if when == "prompt" else 4

    def poor(positions: int) -> None:
        raise error

    for frame in range(10):
        if frame == fails_at:
            passages[1].cache.reserve = poor  # type: ignore[method-assign]
        step(model, {row: passages[row] for row in range(4) if not spoken[row].over}, spoken)
    for one in passages:
        one.close()
    assert isinstance(spoken[1].error, RowFailed)
    assert "no memory left" in str(spoken[1].error)
    assert len(spoken[1].codes) == fails_at
    assert [spoken[row].frames.tolist() for row in (0, 2, 3)] == [expected[row] for row in (0, 2, 3)]
    assert model.talker.budget.used == 0


def test_an_error_that_is_not_about_memory_is_not_hidden(checkpoint: Shelf) -> None:
    model = fresh(checkpoint("custom_voice"))
    (one,) = rows(model, 1)

    def broken(positions: int) -> None:
        raise RuntimeError("a mistake of ours")

    one.cache.reserve = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="mistake of ours"):
        step(model, {0: one}, {0: Spoken()})


def test_nothing_to_move_is_nothing_made(checkpoint: Shelf) -> None:
    assert fresh(checkpoint("custom_voice")).frames.step([]) == []
