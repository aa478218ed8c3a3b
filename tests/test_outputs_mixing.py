"""Files at places, mixed; the joins are tested in test_outputs_assembly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from outputs.decoder import UnreadableAudio
from outputs.mixing import Mix, Placed, Span

RATE = 8000


def placed(folder: Path, begin: int, samples: np.ndarray, *, more: int = 0, **told: float) -> Placed:
    path = folder / f"{begin}.wav"
    soundfile.write(path, samples, RATE, "PCM_16")
    span = Span(begin, begin + len(samples) + more)
    return Placed(path, span, told.get("gain", 0.0), int(told.get("fade_in", 0)), int(told.get("fade_out", 0)))


def heard(mix: Mix) -> np.ndarray:
    return np.frombuffer(b"".join(mix), "<i2")


def test_a_place_across_blocks(tmp_path: Path) -> None:
    quiet = np.full(20_000, 60, "<i2")
    samples = heard(Mix([placed(tmp_path, 7990, quiet)], 40_000, RATE))
    assert len(samples) == 40_000
    assert np.flatnonzero(samples).tolist() == list(range(7990, 27_990))


def test_fades_are_quarters_of_a_sine(tmp_path: Path) -> None:
    one = placed(tmp_path, 0, np.full(9000, 10_000, "<i2"), fade_in=2000, fade_out=4000)
    samples = heard(Mix([one], 9000, RATE)) / 10_000
    assert samples[1000] == pytest.approx(np.sin(np.pi / 4), abs=0.001)
    assert samples[2000:5000].tolist() == [1.0] * 3000
    assert samples[7000] == pytest.approx(np.cos(np.pi / 4), abs=0.001)
    assert abs(samples[0]) + abs(samples[-1]) < 0.002


@pytest.mark.parametrize("more", [-1, 1, 5000, -5000])
def test_a_span_of_another_length_is_told(tmp_path: Path, more: int) -> None:
    with pytest.raises(UnreadableAudio, match=r"0\.wav is not \d+ samples long"):
        heard(Mix([placed(tmp_path, 0, np.zeros(9000, "<i2"), more=more)], 20_000, RATE))


def test_fifty_at_once(tmp_path: Path) -> None:
    every = [placed(tmp_path, at, np.full(9000, 50, "<i2")) for at in range(50)]
    assert heard(Mix(every, 9050, RATE))[50:8000].tolist() == [2500] * 7950
