"""What counts as a voice that does not stop, and what does not."""

from __future__ import annotations

from collections.abc import Sequence

import package
import pytest
import torch
from checkpoints import Shelf
from qwen_core import loaded, part, passage, speak

from models.backend import Line
from models.qwen.guard import FRAMES_A_TOKEN, SLACK_FRAMES, Guard


def frames(firsts: Sequence[int]) -> list[torch.Tensor]:
    """Frames that begin with these codes and differ in the others."""
    others = torch.Generator().manual_seed(0)
    return [torch.cat([torch.tensor([first]), torch.randint(0, 64, (15,), generator=others)]) for first in firsts]


def trips(codes: Sequence[torch.Tensor], tokens: int = 1000, ended: bool = True) -> int | None:
    """The frame at which a guard says that the voice has run away."""
    guard = Guard()
    return next((number for number, one in enumerate(codes) if guard.frame(one, tokens, ended)), None)


def random_firsts(count: int) -> list[int]:
    return torch.randint(0, 2048, (count,), generator=torch.Generator().manual_seed(1)).tolist()


@pytest.mark.parametrize("tokens", [0, 1, 20, 160])
def test_a_budget_in_proportion_to_the_text(tokens: int) -> None:
    most = SLACK_FRAMES + FRAMES_A_TOKEN * tokens
    codes = frames(random_firsts(most + 5))
    assert trips(codes, tokens) == most
    assert trips(codes, tokens, ended=False) is None


def test_the_same_frame_for_two_seconds() -> None:
    one = frames([5])[0]
    assert trips([*frames(random_firsts(7)), *[one.clone() for _ in range(40)]]) == 7 + 25
    held = [*frames(random_firsts(7)), *[one.clone() for _ in range(20)]]
    assert trips([*held, *frames(random_firsts(7)), *held]) is None


@pytest.mark.parametrize("period", [1, 2, 3, 5, 8])
def test_first_codes_in_a_circle_for_four_seconds(period: int) -> None:
    circle = list(range(100, 100 + period))
    start = random_firsts(30)
    assert trips(frames([*start, *(circle * 50)[:60]])) == 30 + 50 - 1
    assert trips(frames([*start, *(circle * 50)[:49], *start])) is None


def test_a_circle_of_nine_is_a_song() -> None:
    assert trips(frames(list(range(9)) * 30)) is None


def test_silence_for_five_seconds() -> None:
    guard = Guard()
    assert not any(guard.silence(1, True) for _ in range(61))
    assert guard.silence(1, True)
    guard = Guard()
    for _ in range(20):  # pauses between which something is heard
        assert not guard.silence(8, False)
        assert not any(guard.silence(8, True) for _ in range(7))


TEXTS = [
    "Yes, of course.",
    "Hello there, this is a test.",
    "17 houses and 3 trees",
    "你好，今天天气不错。",
    "Ça va? Oui!",
]


@pytest.mark.parametrize("shape", ["small", pytest.param("nano", marks=pytest.mark.slow)])
def test_honest_lengths_are_not_cut(checkpoint: Shelf, shape: str) -> None:
    """The package's own lengths, where a checkpoint ends by itself, against the budget; then ours, of more seeds."""
    folder = checkpoint("custom_voice", shape, end=2.0)
    told = {"speaker": ["ryan"] * len(TEXTS), "language": ["Auto"] * len(TEXTS), "max_new_tokens": 40}
    theirs, _ = package.codes_of(package.load(folder), "generate_custom_voice", TEXTS, **told)
    model = loaded(folder)
    who = part(model, Line("ryan", "auto", 0))
    spoken = speak(model, *(passage(model, who, text, seed, max_new_tokens=250) for seed in range(4) for text in TEXTS))
    assert [one.end for one in spoken] == ["stop"] * len(spoken)
    lengths = []
    for text, codes in zip([*TEXTS, *TEXTS * 4], [*theirs, *(one.frames for one in spoken)], strict=True):
        assert trips(list(codes), len(model.tokens.encode(text))) is None
        lengths.append(len(codes))
    assert max(lengths) > 40  # there was something to cut
