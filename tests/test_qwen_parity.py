"""The engine says what the unmodified package says, token for token, in float32."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from checkpoints import Kind, Shelf
from qwen_core import Pair, Spoken, drawing_as_the_package, dribble, passage, speak

SHORT = "Hello there, this is a test."
LONG = "Hello there my dear long friend of the house, how are you doing today, in the morning and on the evening?"
CHINESE = "你好，今天天气不错。"
TEXTS = [SHORT, "No.", CHINESE, LONG]
GREEDY = {"do_sample": False, "subtalker_dosample": False}


@pytest.fixture(scope="module")
def pairs(checkpoint: Shelf) -> Iterator[Any]:
    """`pairs("base", "nano")`, made once."""
    made: dict[Any, Pair] = {}

    def get(kind: Kind, shape: str, **options: Any) -> Pair:
        key = (kind, shape, *options.items())
        if key not in made:
            made[key] = Pair(checkpoint, kind, shape, **options)
        return made[key]

    yield get


def agree(spoken: Spoken, codes: torch.Tensor) -> bool:
    return spoken.error is None and torch.equal(spoken.frames, codes)


def compare(pair: Pair, name: str, text: str, seed: int, **rules: Any) -> None:
    """Speak alone with both, drawing alike, and see that the codes are the same."""
    voice = pair.voices[name]
    (codes,) = pair.theirs(text, seed, **voice.theirs, **rules)
    mine = passage(pair.ours, voice.ours, text, **rules)
    with drawing_as_the_package(mine, seeds=[seed]):
        (spoken,) = speak(pair.ours, mine)
    assert agree(spoken, codes), f"{len(spoken.frames)} frames, {len(codes)} of the package"


# Kind, voice, text, whole text in the prompt. Every seed is another.
CASES: list[tuple[Kind, str, str, bool]] = [
    ("custom_voice", "preset", SHORT, False),
    ("custom_voice", "preset", SHORT, True),
    ("custom_voice", "preset auto", "No.", False),
    ("custom_voice", "preset instructed", SHORT, True),
    ("custom_voice", "preset instructed", SHORT, False),
    ("custom_voice", "dialect", CHINESE, False),
    ("custom_voice", "dialect auto", CHINESE, True),
    ("custom_voice", "dialect english", SHORT, False),
    ("voice_design", "design", SHORT, True),
    ("voice_design", "design auto", SHORT, False),
    ("voice_design", "design chinese", CHINESE, True),
    ("voice_design", "no design", SHORT, False),
    ("base", "clone", SHORT, False),
    ("base", "clone", LONG, False),
    ("base", "clone auto", "No.", False),
    ("base", "clone auto", SHORT, True),
    ("base", "embedding", SHORT, False),
    ("base", "embedding auto", SHORT, True),
]


@pytest.mark.parametrize("shape", ["nano", "small"])
@pytest.mark.parametrize(("kind", "name", "text", "whole"), CASES)
def test_a_voice_alone_sampled(pairs: Any, shape: str, kind: Kind, name: str, text: str, whole: bool) -> None:
    seed = CASES.index((kind, name, text, whole))
    compare(pairs(kind, shape), name, text, seed, non_streaming_mode=whole, max_new_tokens=8)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["nano", "small", "wide"])
@pytest.mark.parametrize(("kind", "name", "text", "whole"), CASES)
def test_a_voice_alone_at_length(pairs: Any, shape: str, kind: Kind, name: str, text: str, whole: bool) -> None:
    for seed in range(4):
        compare(pairs(kind, shape), name, text, 100 + seed, non_streaming_mode=whole, max_new_tokens=60)
    compare(pairs(kind, shape), name, text, 0, non_streaming_mode=whole, max_new_tokens=60, **GREEDY)


BATCHES: dict[Kind, list[str]] = {
    "custom_voice": ["preset", "dialect auto", "preset instructed", "preset auto"],
    "voice_design": ["design", "no design", "design auto", "design chinese"],
    "base": ["clone", "embedding", "clone auto", "embedding auto"],
}


@pytest.mark.parametrize("shape", ["nano", "small"])
@pytest.mark.parametrize("whole", [False, True], ids=["along", "whole"])
@pytest.mark.parametrize("kind", BATCHES)
def test_four_greedy_in_one_batch_with_rows_that_come_and_go(pairs: Any, shape: str, whole: bool, kind: Kind) -> None:
    pair = pairs(kind, shape)
    rules = {"non_streaming_mode": whole, "max_new_tokens": 9, **GREEDY}
    theirs = pair.theirs(TEXTS, **pair.together(BATCHES[kind]), **rules)
    for joins in ([0, 0, 0, 0], [3, 0, 1, 5]):
        rows = [
            passage(pair.ours, pair.voices[name].ours, text, **rules)
            for name, text in zip(BATCHES[kind], TEXTS, strict=True)
        ]
        spoken = speak(pair.ours, *rows, joins=joins)
        assert [agree(mine, codes) for mine, codes in zip(spoken, theirs, strict=True)] == [True] * 4


@pytest.mark.parametrize("kind", BATCHES)
def test_four_sampled_in_one_batch(pairs: Any, kind: Kind) -> None:
    # Of a checkpoint that never ends, so that the package's one generator serves all rows to the last frame.
    pair = pairs(kind, "small", end=-50.0)
    rules = {"max_new_tokens": 9, "non_streaming_mode": False}
    theirs = pair.theirs(TEXTS, 7, **pair.together(BATCHES[kind]), **rules)
    rows = [
        passage(pair.ours, pair.voices[name].ours, text, **rules)
        for name, text in zip(BATCHES[kind], TEXTS, strict=True)
    ]
    with drawing_as_the_package(*rows, together=7):
        spoken = speak(pair.ours, *rows)
    assert [agree(mine, codes) for mine, codes in zip(spoken, theirs, strict=True)] == [True] * 4
    assert [(mine.end, len(mine.codes)) for mine in spoken] == [("length", 8)] * 4


def test_rows_that_come_and_go_draw_what_they_draw_alone(pairs: Any) -> None:
    pair, seeds, joins = pairs("custom_voice", "nano"), [1, 2, 3, 4, 5], [0, 4, 1, 9, 2]
    voice, rules = pair.voices["preset"], {"max_new_tokens": 10, "non_streaming_mode": False}
    theirs = [
        pair.theirs(text, seed, **voice.theirs, **rules)[0] for text, seed in zip([*TEXTS, "x"], seeds, strict=True)
    ]
    rows = [passage(pair.ours, voice.ours, text, **rules) for text in [*TEXTS, "x"]]
    with drawing_as_the_package(*rows, seeds=seeds):
        spoken = speak(pair.ours, *rows, joins=joins)
    assert [agree(mine, codes) for mine, codes in zip(spoken, theirs, strict=True)] == [True] * 5


RULES: list[dict[str, Any]] = [
    {"top_k": 0, "subtalker_top_k": 0},
    {"top_k": 5, "subtalker_top_k": 3},
    {"top_p": 0.8, "subtalker_top_p": 0.5},
    {"temperature": 0.5, "subtalker_temperature": 1.7},
    {"repetition_penalty": 1.3, "top_k": 2},
    {"do_sample": False, "subtalker_top_k": 10},
    {"do_sample": True, "subtalker_dosample": False, "repetition_penalty": 1.0},
    {"temperature": 1.5, "top_p": 0.3, "top_k": 40, "repetition_penalty": 0.8},
]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: " ".join(f"{key}={value}" for key, value in rules.items()))
def test_other_sampling(pairs: Any, rules: dict[str, Any]) -> None:
    pair = pairs("custom_voice", "small", end=-50.0)
    compare(pair, "preset", SHORT, 11, non_streaming_mode=False, max_new_tokens=10, **rules)


@pytest.mark.parametrize(("kind", "name", "most"), [("custom_voice", "preset", 36), ("base", "clone", 20)])
def test_a_text_longer_than_what_is_looked_up_at_once(pairs: Any, kind: Kind, name: str, most: int) -> None:
    compare(pairs(kind, "nano", end=-50.0), name, LONG, 3, non_streaming_mode=False, max_new_tokens=most)


def test_a_prompt_longer_than_what_is_heard_at_once(pairs: Any) -> None:
    pair = pairs("custom_voice", "small", end=-50.0)
    text = " ".join([LONG] * 4)
    assert len(pair.ours.tokens.encode(text)) > 256
    compare(pair, "preset", text, 3, non_streaming_mode=True, max_new_tokens=6)


def test_the_last_token_is_never_heard(pairs: Any) -> None:
    pair = pairs("custom_voice", "small", end=-50.0)
    for most in (2, 3, 7):
        spoken = speak(pair.ours, passage(pair.ours, pair.voices["preset"].ours, SHORT, max_new_tokens=most))[0]
        (codes,) = pair.theirs(SHORT, max_new_tokens=most, **pair.voices["preset"].theirs)
        assert (len(spoken.codes), spoken.end) == (most - 1, "length")
        assert len(codes) == most - 1


@pytest.mark.parametrize(
    ("kind", "name"), [("custom_voice", "preset"), ("voice_design", "design auto"), ("base", "embedding")]
)
def test_text_that_comes_in_bursts(pairs: Any, kind: Kind, name: str) -> None:
    """The same tokens as of the whole text, whatever stalls."""
    pair = pairs(kind, "nano")
    voice, rules = pair.voices[name], {"max_new_tokens": 10, "non_streaming_mode": False}
    waited = 0
    for seed in range(2):
        (codes,) = pair.theirs(LONG, seed, **voice.theirs, **rules)
        for bursts in range(4):
            mine = passage(pair.ours, voice.ours, None, **rules)
            with drawing_as_the_package(mine, seeds=[seed]):
                spoken, stalls = dribble(pair.ours, mine, LONG, random.Random(bursts))
            assert agree(spoken, codes)
            waited += stalls
    assert waited > 5


def test_a_checkpoint_in_bfloat16_is_heard_in_float32(pairs: Any) -> None:
    """Weights of a released dtype: the package in float32 and ours are the same."""
    pair = pairs("custom_voice", "small", dtype="bfloat16")
    compare(pair, "preset", SHORT, 2, non_streaming_mode=False, max_new_tokens=8)
