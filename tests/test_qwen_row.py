"""A row by itself: what it hands over, when it gives up, and when it tries again."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch
from checkpoints import Shelf

from models.qwen.pacing import Costs
from models.qwen.row import Row
from models.qwen.script import Script, Stretch
from models.qwen.tokens import Tokens

FRAME = 2 * 1920
LOUD, QUIET = torch.full((1920,), 0.5), torch.zeros(1920)


@dataclass
class Fake:
    """A passage that needs no model."""

    stretch: Stretch
    seed: int
    ready: bool = True
    waits_for_end: bool = False
    closed: int = 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Played:
    """A row, its passages, and frames that never repeat."""

    row: Row
    passages: list[Fake] = field(default_factory=list)
    codecs: list[object] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(0))

    def frame(self, wave: torch.Tensor = LOUD, codes: torch.Tensor | None = None) -> bytes:
        """Make a frame and turn it into samples at once."""
        assert self.row.passage() is not None
        number = next(self.numbers)
        self.row.take(torch.arange(16) * 7 + number * number if codes is None else codes)
        return self.sound(wave)

    def sound(self, wave: torch.Tensor = LOUD) -> bytes:
        # so slow a step that every frame is a chunk
        return self.row.pcm(wave.repeat(len(self.row.waiting)), 0.0) if self.row.due(0.0, _costs(0.079)) else b""


def _costs(step_s: float) -> Costs:
    costs = Costs()
    costs.stepped(step_s)
    return costs


@pytest.fixture(scope="module")
def tokens(checkpoint: Shelf) -> Tokens:
    return Tokens(checkpoint("custom_voice"))


def played(tokens: Tokens, text: str | None = "Hello there.", guarded: bool = True) -> Played:
    """A row of this text; None leaves it open."""
    script = Script(tokens)
    if text is not None:
        script.write(text)
        script.end()

    def begin(stretch: Stretch, seed: int) -> Any:
        one.passages.append(Fake(stretch, seed))
        return one.passages[-1]

    def remember() -> Any:
        one.codecs.append(object())
        return one.codecs[-1]

    one = Played(Row(script, 5, begin, remember, guarded))
    return one


def test_a_text_is_one_passage_and_ends(tokens: Tokens) -> None:
    one = played(tokens)
    assert len(one.frame()) == FRAME
    assert one.row.end is None
    one.row.finish("stop")
    assert (one.row.end, one.row.passage(), len(one.passages), one.passages[0].closed) == ("stop", None, 1, 1)
    one.row.close()


def test_no_text_is_over_without_a_passage(tokens: Tokens) -> None:
    one = played(tokens, "")
    assert (one.row.passage(), one.row.end, one.passages) == (None, "stop", [])
    one.row.close()


def test_a_row_without_text_waits(tokens: Tokens) -> None:
    one = played(tokens, None)
    assert (one.row.passage(), one.row.end) == (None, None)
    one.row.script.write("Hello the")
    assert one.row.passage() is one.passages[0]


def test_a_long_text_is_passages_with_a_codec_each(tokens: Tokens) -> None:
    one = played(tokens, "One more sentence of it. " * 30)
    for number in range(3):
        one.frame()
        assert one.row.codec is one.codecs[number]
        assert one.row.codec is one.codecs[number]
        assert one.passages[number].seed == 5
        one.row.finish("stop")
    assert len(one.passages) == len(one.codecs) == 3
    assert one.row.end is None
    assert [passage.closed for passage in one.passages] == [1, 1, 1]


def test_the_frames_of_a_passage_are_heard_with_its_own_codec(tokens: Tokens) -> None:
    one = played(tokens, "One more sentence of it. " * 30)
    one.frame()
    assert one.row.passage() is not None
    one.row.take(torch.arange(16))
    codec = one.row.codec
    one.row.finish("stop")
    assert one.row.due(0.0, _costs(0.01))
    assert one.row.codec is codec


def test_a_text_too_long_for_the_memory_ends_where_it_is(tokens: Tokens) -> None:
    one = played(tokens, "One more sentence of it. " * 30)
    one.frame()
    one.row.finish("length")
    assert (one.row.end, one.row.passage()) == ("length", None)


def test_silence_before_the_first_sound_is_left_out_and_later_silence_is_not(tokens: Tokens) -> None:
    one = played(tokens)
    assert [len(one.frame(wave)) for wave in (QUIET, QUIET, LOUD, QUIET, LOUD)] == [0, 0, FRAME, FRAME, FRAME]


def test_part_of_a_chunk_may_be_silence_before_the_first_sound(tokens: Tokens) -> None:
    one = played(tokens)
    for _ in range(3):
        one.row.passage()
        one.row.take(torch.arange(16))
    assert len(one.row.pcm(torch.cat([QUIET, LOUD, QUIET]), 0.0)) == 2 * FRAME


def test_frames_wait_for_their_chunk_but_not_when_nothing_will_join_them(tokens: Tokens) -> None:
    one = played(tokens)
    assert not one.row.due(0.0, _costs(0.01))
    one.frame()
    one.frame()
    one.row.take(torch.arange(16))
    assert not one.row.due(0.0, _costs(0.01))  # a listener has 160 ms, a step takes 10: eight frames are a chunk
    one.passages[0].ready = False
    assert one.row.due(0.0, _costs(0.01))
    one.passages[0].ready = True
    assert not one.row.due(0.0, _costs(0.01))
    one.row.finish("stop")
    assert one.row.due(0.0, _costs(0.01))


def test_a_voice_that_does_not_stop_is_cut_and_faded(tokens: Tokens) -> None:
    one = played(tokens, "Hi there.")
    last = b""
    while one.row.end is None:
        last = one.frame() or last
    assert one.row.end == "runaway"
    samples = np.frombuffer(last, "<i2")
    assert samples[-1] == 0
    assert samples[-500] < samples[-960] == 16384
    assert not one.row.waiting
    assert one.row.passage() is None
    assert one.row.seed == 5


def test_an_unguarded_voice_is_not_cut(tokens: Tokens) -> None:
    one = played(tokens, "Hi there.", guarded=False)
    for _ in range(400):
        one.frame()
    for _ in range(100):
        one.frame(QUIET, torch.zeros(16, dtype=torch.long))
    assert one.row.end is None


def test_a_take_of_which_nothing_was_heard_is_made_again_with_the_next_seed(tokens: Tokens) -> None:
    one = played(tokens)
    assert {one.frame(QUIET) for _ in range(62)} == {b""}
    assert (one.row.seed, one.row.end, one.passages[0].closed) == (6, None, 1)
    assert len(one.frame(LOUD)) == FRAME
    assert [passage.seed for passage in one.passages] == [5, 6]
    assert one.passages[1].stretch is one.passages[0].stretch  # the same text, from its beginning
    assert one.row.codec is one.codecs[-1]
    one.row.finish("stop")
    assert one.row.end == "stop"


def test_the_same_codes_for_ever_are_made_again_too(tokens: Tokens) -> None:
    one = played(tokens)
    for _ in range(26):
        one.frame(QUIET, torch.zeros(16, dtype=torch.long))
    assert (one.row.seed, one.row.end, one.row.waiting) == (6, None, [])


def test_three_takes_are_enough(tokens: Tokens) -> None:
    one = played(tokens)
    frames = 0
    while one.row.end is None:
        assert one.frame(QUIET) == b""
        frames += 1
    assert (one.row.end, frames) == ("runaway", 3 * 62)
    assert [passage.seed for passage in one.passages] == [5, 6, 7]


def test_once_something_was_heard_there_is_no_second_take(tokens: Tokens) -> None:
    one = played(tokens)
    one.frame(LOUD)
    while one.row.end is None:
        one.frame(QUIET)
    assert (one.row.end, one.row.seed, len(one.passages)) == ("runaway", 5, 1)


def test_a_later_passage_has_a_budget_of_its_own(tokens: Tokens) -> None:
    one = played(tokens, "One more sentence of it. " * 30)
    for _ in range(3):
        for _ in range(300):
            one.frame()
        one.row.finish("stop")
    assert one.row.end is None


def test_closing_is_safe_at_any_time(tokens: Tokens) -> None:
    one = played(tokens)
    one.row.close()
    one.frame()
    one.row.close()
    one.row.close()
    assert one.passages[0].closed == 2
