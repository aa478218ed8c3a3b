"""Loudness is compared with pyloudnorm and with FFmpeg's own meter, true peaks with soxr."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyloudnorm
import pytest
import soxr
from av.filter import Graph

from outputs.codec import s16_frame
from outputs.loudness import Loudness, Meter, measured, normalised
from outputs.sound import to_pcm

RATE = 24_000


@dataclass
class Made:
    """A Sound of these samples in blocks of an odd size."""

    samples: np.ndarray
    sample_rate: int = RATE
    cut: int = 7001

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self.samples), self.cut):
            yield to_pcm(self.samples[at : at + self.cut])


def noise(seconds: float, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal(round(seconds * rate)) * level).astype(np.float32)


def spoken(seconds: float = 20.0, rate: int = RATE) -> np.ndarray:
    """Something with syllables, pauses and phrases of unequal level."""
    at = np.arange(round(seconds * rate)) / rate
    turns = np.cumsum(120 * (1 + 0.1 * np.sin(at * 4))) / rate
    phrases = (np.sin(at * 1.7) > -0.6) * (0.4 + 0.3 * np.sin(at * 0.5))
    return (0.5 * (turns % 1 - 0.5) * np.sin(np.pi * 4 * at) ** 2 * phrases).astype(np.float32)


def by_ffmpeg(samples: np.ndarray, rate: int) -> float:
    graph = Graph()
    chain = [graph.add_abuffer(sample_rate=rate, format="s16", layout="mono"), graph.add("ebur128", "metadata=1")]
    graph.link_nodes(*chain, graph.add("abuffersink"))
    graph.configure()
    frame = s16_frame(to_pcm(samples), rate)
    frame.pts = 0
    graph.push(frame)
    graph.push(None)
    told = -math.inf
    while True:
        try:
            told = float(graph.pull().metadata["lavfi.r128.I"])
        except (BlockingIOError, EOFError):
            return told


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("kind", [noise, spoken])
def test_two_others_measure_the_same(kind, rate: int) -> None:  # type: ignore[no-untyped-def]
    samples = kind(20.0, rate=rate)
    found = measured(Made(samples, rate))
    assert found.lufs == pytest.approx(by_ffmpeg(samples, rate), abs=0.05)
    if rate >= 22_050:  # at the rates of telephones the two others are 0.2 LU apart; ours goes with FFmpeg's
        assert found.lufs == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(float)), abs=0.1)
    assert found.samples == len(samples)


def test_the_tone_of_the_standard() -> None:
    """EBU Tech 3341, 1 and 2, one channel of the two: 3 LU less."""
    at = np.arange(20 * 48_000) / 48_000
    for level in (-23.0, -33.0):
        tone = 10 ** (level / 20) * np.sin(2 * np.pi * 1000 * at)
        assert measured(Made(tone, 48_000)).lufs == pytest.approx(level - 3.01, abs=0.1)


def test_the_gates_of_the_standard() -> None:
    """EBU Tech 3341, 3 and 4: what is 13 dB and 49 dB below does not count."""
    at = np.arange(60 * 48_000) / 48_000
    tone = np.sin(2 * np.pi * 1000 * at)
    level = np.full(len(at), 10 ** (-23 / 20))
    level[: 10 * 48_000] = level[-10 * 48_000 :] = 10 ** (-36 / 20)
    level[: 2 * 48_000] = 10 ** (-72 / 20)
    assert measured(Made(tone * level, 48_000)).lufs == pytest.approx(-26.01, abs=0.1)


def test_what_is_under_70_lufs_is_silence() -> None:
    at = np.arange(62 * 48_000) / 48_000
    level = np.where(at < 2, 10 ** (-55 / 20), 10 ** (-69.5 / 20))
    assert measured(Made(np.sin(2 * np.pi * 1000 * at) * level, 48_000)).lufs == pytest.approx(-58.3, abs=0.4)


def test_silence_and_nothing() -> None:
    assert measured(Made(np.zeros(RATE))) == Loudness(-math.inf, -math.inf, RATE)
    assert measured(Made(np.zeros(0))) == Loudness(-math.inf, -math.inf, 0)
    assert Meter(RATE).finish().samples == 0


def test_less_than_a_window_is_measured_whole() -> None:
    short, long = measured(Made(noise(0.3))), measured(Made(noise(3)))
    assert short.lufs == pytest.approx(long.lufs, abs=0.5)


def test_any_cut_measures_the_same() -> None:
    found = {measured(Made(spoken(3), cut=cut)) for cut in (480, 7001, 10**6)}
    assert len(found) == 1
    meter, pcm = Meter(RATE), to_pcm(spoken(3))
    for at in range(0, len(pcm), 101):  # half a sample
        meter.add(pcm[at : at + 101])
    assert {meter.finish()} == found


def test_peaks_between_samples_are_found() -> None:
    at = np.arange(RATE)
    between = 0.5 * np.sin(2 * np.pi * at / 4 + np.pi / 4)  # every sample is at 0.707 of the peak
    smooth = between * np.minimum(1, np.minimum(at, RATE - at) / 2000)
    assert np.abs(smooth).max() < 0.36
    assert measured(Made(smooth)).true_peak == pytest.approx(20 * math.log10(0.5), abs=0.15)


def test_a_peak_behind_the_last_block_and_none_where_two_meet() -> None:
    ending = np.zeros(RATE)
    ending[-2:] = 0.5
    assert measured(Made(ending)).true_peak == pytest.approx(20 * math.log10(0.625), abs=0.1)
    slow = 0.5 * np.cos(2 * np.pi * 50 * np.arange(3 * RATE) / RATE) * np.minimum(1, np.arange(3 * RATE) / 9000)
    assert measured(Made(np.append(slow, slow[::-1]))).true_peak == pytest.approx(20 * math.log10(0.5), abs=0.01)


@pytest.mark.parametrize("cut", [2400, 7001])
def test_true_peaks_are_those_of_a_resampler(cut: int) -> None:
    samples = spoken()
    there = np.abs(soxr.resample(samples, RATE, 8 * RATE, quality="VHQ")).max()
    assert measured(Made(samples, cut=cut)).true_peak == pytest.approx(20 * math.log10(there), abs=0.2)


@pytest.mark.parametrize("target", [-23.0, -18.0, -14.0])
def test_it_lands_on_the_target(target: float) -> None:
    sound = normalised(Made(spoken()), target)
    samples = np.frombuffer(b"".join(sound), "<i2") / 32768
    assert len(samples) == RATE * 20
    after = measured(Made(samples))
    # At -14 this buzz is 6 dB over the ceiling in every syllable, and the limiter takes some of the loudness with it.
    assert target - (0.6 if target == -14 else 0.1) < after.lufs < target + 0.1
    assert sound.gain == pytest.approx(target - sound.before.lufs)
    assert b"".join(sound) == to_pcm(samples), "another time is the same"


def test_one_gain_where_no_peak_is_too_high() -> None:
    samples = spoken()
    louder = np.frombuffer(b"".join(normalised(Made(samples), -23.0)), "<i2") / 32768
    gain = -23.0 - measured(Made(samples)).lufs
    assert np.abs(louder - samples * 10 ** (gain / 20)).max() < 2 / 32768


def test_peaks_stay_under_the_ceiling_and_the_rest_as_it_is() -> None:
    samples = noise(10, 0.05)
    samples[50_000:50_200] *= 12
    samples[5 * RATE - 1 : 5 * RATE + 1] = 0.9  # where two blocks meet
    sound = normalised(Made(samples), -18.0, -2.0)
    made = np.frombuffer(b"".join(sound), "<i2") / 32768
    assert sound.before.true_peak + sound.gain > 3, "there is something to do"
    assert measured(Made(made)).true_peak == pytest.approx(-2.0, abs=0.05)
    plain = samples * 10 ** (sound.gain / 20)
    far = np.ones(len(samples), bool)
    far[48_000:52_200] = far[5 * RATE - 2000 : 5 * RATE + 2000] = False
    assert np.abs(made - plain)[far].max() < 2 / 32768
    assert np.abs(made).max() < 10 ** (-2 / 20) + 2 / 32768


def test_silence_stays_silent_and_a_whisper_is_not_made_a_storm() -> None:
    assert not any(b"".join(normalised(Made(np.zeros(RATE)))))
    assert normalised(Made(noise(2, 0.0005)), -14.0).gain == 30.0


def test_a_ceiling_above_full_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="above full scale"):
        normalised(Made(noise(1)), -18.0, 0.5)
