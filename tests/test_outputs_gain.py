"""Gain: decibels are decibels, nothing wraps around, and the cut does not matter."""

from __future__ import annotations

import numpy as np
import pytest

from outputs.gain import MAX_GAIN, MIN_GAIN, amplified

RAMP = np.linspace(-32768, 32767, 4001).astype("<i2")


@pytest.mark.parametrize("gain", [MIN_GAIN, -6.0, 3.0, 6.0, MAX_GAIN])
def test_quiet_samples_get_their_decibels(gain: float) -> None:
    quiet = (RAMP // 40).astype("<i2")
    made = np.frombuffer(amplified(quiet.tobytes(), gain), "<i2")
    wanted = quiet * 10 ** (gain / 20)
    low = np.abs(wanted) < 26_000
    assert np.abs(made - wanted)[low].max() < 1.5


@pytest.mark.parametrize("gain", [1.0, 6.0, MAX_GAIN])
def test_loud_ones_are_bent_and_neither_clipped_nor_turned_over(gain: float) -> None:
    made = np.frombuffer(amplified(RAMP.tobytes(), gain), "<i2").astype(int)
    assert (np.diff(made) >= 0).all()
    assert made[0] < -27_000
    assert made[-1] > 27_000


def test_nothing_is_changed_without_a_gain_and_no_cut_is_heard() -> None:
    pcm = RAMP.tobytes()
    assert amplified(pcm, 0.0) is pcm
    assert amplified(pcm[:1000], 4.0) + amplified(pcm[1000:], 4.0) == amplified(pcm, 4.0)
