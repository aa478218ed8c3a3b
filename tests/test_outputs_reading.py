"""Files as samples at a rate; kinds and errors are in test_outputs_convert."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from outputs.audio import encoder
from outputs.decoder import UnreadableAudio
from outputs.reading import heard, length, rate_of, scaled

NOISE = (np.random.default_rng(0).standard_normal(30_011) * 3000).astype("<i2")


def test_sixteen_bits_are_read_to_the_bit(tmp_path: Path) -> None:
    for suffix in ("wav", "flac"):
        soundfile.write(tmp_path / f"a.{suffix}", NOISE, 24_000)
        audio = np.concatenate(list(heard(tmp_path / f"a.{suffix}", 24_000)))
        assert audio.dtype == np.float32
        assert np.array_equal(audio * 32768, NOISE)


@pytest.mark.parametrize("wanted", [8000, 16_000, 44_100, 48_000])
def test_another_rate_is_what_soxr_makes_of_the_whole(tmp_path: Path, wanted: int) -> None:
    soundfile.write(tmp_path / "a.flac", NOISE, 24_000)
    audio = np.concatenate(list(heard(tmp_path / "a.flac", wanted)))
    whole = soxr.resample(NOISE.astype(np.float32) / 32768, 24_000, wanted)
    assert len(audio) == scaled(len(NOISE), 24_000, wanted) == length(tmp_path / "a.flac", wanted)
    count = min(len(audio), len(whole))
    assert np.abs(audio[:count] - whole[:count]).max() < 1e-5


def test_a_flac_that_was_streamed_is_counted(tmp_path: Path) -> None:
    made = encoder("flac", 24_000)
    (tmp_path / "a.flac").write_bytes(made.encode(NOISE.tobytes()) + made.finish())
    assert (length(tmp_path / "a.flac", 24_000), rate_of(tmp_path / "a.flac")) == (30_011, 24_000)


def test_a_flac_without_a_head(tmp_path: Path) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    with pytest.raises(UnreadableAudio):
        length(tmp_path / "a.flac", 24_000)


def test_halves_are_rounded_up() -> None:
    assert [scaled(count, 48_000, 24_000) for count in range(5)] == [0, 1, 1, 2, 2]
