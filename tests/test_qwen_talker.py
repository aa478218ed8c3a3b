"""The talker hears prompts in pieces and rows each at its own length."""

from __future__ import annotations

import pytest
import torch
from checkpoints import Shelf
from qwen_core import EXACT, fresh, loaded

from models.qwen import talker as product
from models.qwen.cache import BLOCK, Cache, Full
from models.qwen.linear import Precision
from models.qwen.talker import Talker


@pytest.fixture(scope="module")
def talkers(checkpoint: Shelf) -> dict[str, Talker]:
    folder = checkpoint("custom_voice", "small")
    return {precision: loaded(folder, precision).talker for precision in ("float32", *EXACT)}


def prompt(length: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(length, 64, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
def heard(talker: Talker, text: torch.Tensor, steps: int = 0) -> tuple[Cache, torch.Tensor]:
    """A cache that heard all but the last `steps` positions as a prompt, those one by one; and the last state."""
    cache = Cache(talker.budget)
    hidden = talker.hear(cache, text[: len(text) - steps].clone())
    for at in range(len(text) - steps, len(text)):
        cache.reserve(1)
        hidden = talker.step([cache], text[at : at + 1].clone())
    return cache, hidden


@pytest.mark.parametrize("length", [1, 10, 128, 129, 300])
def test_a_prompt_is_heard_in_pieces_as_if_at_once(
    talkers: dict[str, Talker], length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = talkers["float32"]
    cache, hidden = heard(talker, prompt(length))
    assert cache.length == length
    monkeypatch.setattr(product, "_PIECE", 1000)
    whole, expected = heard(talker, prompt(length))
    torch.testing.assert_close(hidden, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(talker.logits(hidden), talker.logits(expected), rtol=1e-4, atol=1e-4)
    cache.close()
    whole.close()


def test_positions_one_by_one_are_the_prompt(talkers: dict[str, Talker]) -> None:
    talker = talkers["float32"]
    for steps in (1, 9, BLOCK + 3):
        cache, hidden = heard(talker, prompt(BLOCK + 20), steps)
        whole, expected = heard(talker, prompt(BLOCK + 20))
        torch.testing.assert_close(hidden, expected, rtol=1e-4, atol=1e-4)
        cache.close()
        whole.close()


@pytest.mark.parametrize("precision", EXACT)
def test_a_row_hears_the_same_beside_any_neighbours(talkers: dict[str, Talker], precision: Precision) -> None:
    """To the last bit, whatever the lengths."""
    talker, lengths = talkers[precision], [3, 40, 127, 128, 1, 9, 200, 60]
    more = prompt(4 * 8, seed=9).view(4, 8, 64)
    with torch.inference_mode():
        alone = []
        for row, length in enumerate(lengths):
            cache, _ = heard(talker, prompt(length, row))
            states = []
            for step in range(4):
                cache.reserve(1)
                states.append(talker.step([cache], more[step, row : row + 1].clone()))
            alone.append(torch.cat(states))
            cache.close()
        caches = [heard(talker, prompt(length, row))[0] for row, length in enumerate(lengths)]
        for step in range(4):
            for cache in caches:
                cache.reserve(1)
            together = talker.step(caches, more[step].clone())
            assert torch.equal(together, torch.stack([states[step] for states in alone]))
        assert torch.equal(talker.logits(together), torch.cat([talker.logits(state[3:]) for state in alone]))
    for cache in caches:
        cache.close()
    assert talker.budget.used == 0


def test_a_prompt_beyond_the_budget_is_full_and_gives_back(checkpoint: Shelf) -> None:
    talker = fresh(checkpoint("custom_voice", "small"), positions=2 * BLOCK).talker
    cache = Cache(talker.budget)
    with torch.inference_mode(), pytest.raises(Full):
        talker.hear(cache, prompt(2 * BLOCK + 1))
    cache.close()
    assert talker.budget.used == 0


def test_keys_and_values_are_kept_in_half_the_bytes_where_products_are(talkers: dict[str, Talker]) -> None:
    assert {name: talker.budget.dtype.itemsize for name, talker in talkers.items()} == {
        "float32": 4, "int8": 2, "int4": 2, "bfloat16": 2,
    }  # fmt: skip
