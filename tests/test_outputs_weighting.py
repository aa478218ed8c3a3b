"""The filters of BS.1770-4."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from outputs.weighting import Weighting, sections


def test_at_48_khz_they_are_those_of_the_recommendation() -> None:
    shelf, bass = sections(48_000)
    expected = (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585)
    assert shelf == pytest.approx(expected, abs=1e-9)
    assert bass == pytest.approx((1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621), abs=1e-9)


@pytest.mark.parametrize("rate", [8000, 24_000, 48_000])
@pytest.mark.parametrize("cut", [1, 480, 24_000])
def test_another_filter_gives_the_same_in_any_cut(rate: int, cut: int) -> None:
    audio = np.random.default_rng(0).standard_normal(rate // 4).astype(np.float32)
    expected = audio.astype(float)
    for b0, b1, b2, a1, a2 in sections(rate):
        expected = lfilter([b0, b1, b2], [1, a1, a2], expected)
    weighting = Weighting(rate)
    made = np.concatenate([weighting.run(audio[at : at + cut]) for at in range(0, len(audio), cut)])
    assert np.allclose(made, expected, atol=1e-9)
    assert not len(weighting.run(audio[:0]))
