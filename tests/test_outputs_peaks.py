"""The limiter looks ahead, whatever the cut."""

from __future__ import annotations

import numpy as np
import pytest

from outputs.peaks import REACH, between, highest, limited

RATE = 24_000
CEILING = 10 ** (-1 / 20)


def noisy() -> np.ndarray:
    samples = (np.random.default_rng(0).standard_normal(RATE * 4) * 0.05).astype(np.float32)
    samples[30_000] = 1.5
    samples[23_999:24_001] = 1.2
    samples[48_003] = 1.5  # the block before it has no peak and turns down for it
    samples[72_000 - 8 : 72_000 + 8] = 0.0
    samples[71_999:72_001] = 0.85  # a peak between two blocks, and in neither
    samples[-1] = -3.0
    return samples


def in_blocks(samples: np.ndarray, cut: int) -> np.ndarray:
    return np.concatenate(list(limited((samples[at : at + cut] for at in range(0, len(samples), cut)), RATE, CEILING)))


@pytest.mark.parametrize("cut", [2400, 5001, 24_000, 10**6])
def test_no_peak_is_above_the_ceiling(cut: int) -> None:
    made = in_blocks(noisy(), cut)
    assert len(made) == RATE * 4
    assert between(made).max() <= CEILING * 1.001
    assert np.allclose(made, in_blocks(noisy(), 24_000), atol=1e-6)
    assert np.array_equal(made[32_500:45_000], noisy()[32_500:45_000])


def test_the_gain_is_smooth() -> None:
    made, before = in_blocks(noisy(), 24_000), noisy()
    gain = made[28_000:32_000] / before[28_000:32_000]
    assert gain.min() == pytest.approx(CEILING / between(before)[29_990:30_010].max(), rel=1e-3)
    assert np.abs(np.diff(gain)).max() < 0.005


def test_what_is_under_the_ceiling_is_not_touched() -> None:
    blocks = [np.full(count, 0.5, np.float32) for count in (5000, 5000, 3)]
    for one, other in zip(limited(blocks, RATE, 1.0, np.abs), blocks, strict=True):
        assert one is other
    assert list(limited([], RATE, 1.0)) == []


def test_a_flat_line_has_no_peaks_between() -> None:
    assert np.allclose(between(np.full(100, 0.5, np.float32))[REACH:-REACH], 0.5)


def test_a_cut_is_no_peak_where_it_is_put_aside() -> None:
    square = np.full(100, 0.5, np.float32)
    assert highest(square, 0.0, aside=REACH) == pytest.approx(0.5)
    assert highest(square, 0.0) > 0.51
    assert highest(square, 0.95) == 0.95
