"""Means of directions: slerp between two, the same in any order, as far from all as their weights say."""

from __future__ import annotations

import math
from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.qwen.sphere import mean


def vectors(count: int, width: int = 16, seed: int = 0) -> torch.Tensor:
    """In one half of space, as voices are."""
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed)).double() + 0.7


def slerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Shoemake's formula on the directions; lengths on a line."""
    lengths = one.norm(), other.norm()
    one, other = one / lengths[0], other / lengths[1]
    angle = math.acos(float(one @ other))
    between = (math.sin((1 - share) * angle) * one + math.sin(share * angle) * other) / math.sin(angle)
    return between * ((1 - share) * lengths[0] + share * lengths[1])


@settings(deadline=None)  # torch's first call takes a while
@given(st.integers(0, 1000), st.floats(0.001, 0.999))
def test_the_mean_of_two_is_slerp(seed: int, share: float) -> None:
    both = vectors(2, seed=seed) * torch.tensor([[1.0], [3.0]])
    made = mean(both, torch.tensor([1 - share, share], dtype=torch.float64))
    torch.testing.assert_close(made, slerp(both[0], both[1], share), rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(st.integers(0, 1000), st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_all_pulls_are_in_balance(seed: int, weights: list[float]) -> None:
    """What makes it the mean: the weighted ways from it to all add up to nothing."""
    given, shares = vectors(len(weights), seed=seed), torch.tensor(weights, dtype=torch.float64)
    made = mean(given, shares)
    middle, units = made / made.norm(), given / given.norm(dim=1, keepdim=True)
    cosines = (units @ middle).clamp(-1, 1)
    ways = units - cosines[:, None] * middle
    ways = ways / ways.norm(dim=1, keepdim=True).clamp(min=1e-30) * cosines.acos()[:, None]
    assert float(((shares / shares.sum()) @ ways).norm()) < 1e-6
    torch.testing.assert_close(made.norm(), given.norm(dim=1) @ shares / shares.sum())


def test_the_order_does_not_matter_to_the_last_bit() -> None:
    given, weights = vectors(5), torch.tensor([0.3, 0.3, 1.7, 2.9, 0.1], dtype=torch.float64)
    orders = [list(order) for order in permutations(range(5))]
    assert all(torch.equal(mean(given[order], weights[order]), mean(given, weights)) for order in orders)


def test_weights_stand_in_relation_to_each_other() -> None:
    given = vectors(3)
    one, other = mean(given, torch.tensor([1.0, 2.0, 5.0])), mean(given, torch.tensor([0.125, 0.25, 0.625]))
    torch.testing.assert_close(one, other)
    huge = torch.tensor([1.0, 2.0, 5.0], dtype=torch.float64) * 3e307
    torch.testing.assert_close(mean(given, huge), one)
    twice = mean(torch.cat([given, given[:1]]), torch.tensor([1.0, 2.0, 5.0, 3.0]))
    torch.testing.assert_close(twice, mean(given, torch.tensor([4.0, 2.0, 5.0])))


def test_the_mean_of_equals_is_what_they_are() -> None:
    one = vectors(1).expand(4, -1)
    torch.testing.assert_close(mean(one, torch.ones(4)), one[0])


@pytest.mark.parametrize("weights", [[1.0, 1.0], [0.9, 0.1]])
def test_between_opposites_there_is_nothing(weights: list[float]) -> None:
    one = vectors(1)
    with pytest.raises(ValueError, match="opposite"):
        mean(torch.cat([one, -2 * one]), torch.tensor(weights))


def test_nothing_has_no_direction() -> None:
    with pytest.raises(ValueError, match="no direction"):
        mean(torch.stack([vectors(1)[0], torch.zeros(16)]), torch.ones(2))
