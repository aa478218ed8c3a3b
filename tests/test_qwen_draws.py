"""A row's random numbers are a function of its seed, the frame and the codebook."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.qwen.draws import Draws


def test_numbers_are_uniform_below_one() -> None:
    draws = Draws(3)
    numbers = torch.stack([draws.of(frame) for frame in range(2000)])
    assert numbers.shape == (2000, 16)
    assert numbers.dtype == torch.float32
    assert 0 <= float(numbers.min()) < float(numbers.max()) < 1
    counts = torch.histc(numbers, 50, 0, 1)
    expected = numbers.numel() / 50
    assert float(((counts - expected) ** 2 / expected).sum()) < 90  # chi-square with 49 degrees: 1 in 3000 is above 85
    assert np.abs(np.corrcoef(numbers.numpy().T) - np.eye(16)).max() < 0.09


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2**63])
def test_a_number_does_not_depend_on_what_was_asked_before(seed: int) -> None:
    one = Draws(seed)
    numbers = [one.of(frame).clone() for frame in range(200)]
    assert torch.equal(Draws(seed).of(150), numbers[150])
    late = Draws(seed)
    assert all(torch.equal(late.of(frame), numbers[frame]) for frame in range(3, 200, 7))
    assert torch.equal(late.of(199), late.of(199))
    raw = np.random.Generator(np.random.Philox(key=seed)).random(200 * 16, dtype=np.float32)
    assert np.array_equal(torch.stack(numbers).numpy().ravel(), raw)


def test_seeds_differ() -> None:
    firsts = {tuple(Draws(seed).of(0).tolist()) for seed in range(300)}
    assert len(firsts) == 300


def test_a_seed_and_the_next_have_nothing_in_common() -> None:
    one, other = Draws(7), Draws(8)
    a = torch.stack([one.of(frame) for frame in range(500)]).ravel()
    b = torch.stack([other.of(frame) for frame in range(500)]).ravel()
    assert abs(float(torch.corrcoef(torch.stack([a, b]))[0, 1])) < 0.04
    assert not set(a.tolist()) & set(b.tolist()) - {0.0} or len(set(a.tolist()) & set(b.tolist())) < 30
