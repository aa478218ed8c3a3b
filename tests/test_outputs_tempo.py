"""Tempo: the length and the beginning are right, the pitch stays, and the cut does not matter."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from outputs.tempo import MAX_PITCH, MAX_SPEED, MIN_SPEED, Tempo

RATE = 24_000
SPEEDS = (MIN_SPEED, 0.3, 0.5, 0.83, 0.99, 1.1, 1.25, 1.9999, 2.0, 2.5, MAX_SPEED)


def tone(seconds: float, hertz: float = 440.0, rate: int = RATE) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype("<i2")


def stretch(pcm: bytes, speed: float, cut: int = 1 << 30, rate: int = RATE, pitch: float = 0.0) -> np.ndarray:
    tempo = Tempo(speed, rate, pitch)
    parts = [tempo.feed(pcm[at : at + cut]) for at in range(0, len(pcm), cut)]
    return np.frombuffer(b"".join(parts) + tempo.finish(), "<i2")


@pytest.mark.parametrize("rate", [16_000, 24_000])
@pytest.mark.parametrize("speed", SPEEDS)
def test_length_and_pitch(speed: float, rate: int) -> None:
    made = stretch(tone(2.0, rate=rate).tobytes(), speed, rate=rate)
    assert len(made) == round(2 * rate / speed)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made)), 1 << 19))
    assert abs(spectrum.argmax() * rate / (1 << 19) - 440) < 2.0
    assert np.abs(made[-rate // 20 :]).max() > 4000, "the end is there, and it is not padding"


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.3, 4.0])
@pytest.mark.parametrize("pitch", [-MAX_PITCH, -3.0, 0.5, 7.0, MAX_PITCH])
def test_a_pitch_is_another_note_of_the_same_length(pitch: float, speed: float) -> None:
    made = stretch(tone(2.0).tobytes(), speed, pitch=pitch)
    assert len(made) == round(2 * RATE / speed)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made)), 1 << 19))
    wanted = 440 * 2 ** (pitch / 12)
    assert abs(spectrum.argmax() * RATE / (1 << 19) - wanted) < 0.006 * wanted
    assert np.abs(made[-RATE // 20 :]).max() > 4000, "the end is there"
    assert np.array_equal(stretch(tone(2.0).tobytes(), speed, 4001, pitch=pitch), made), "and the cut does not matter"


@pytest.mark.parametrize("samples", [0, 1, 2, 479, 480, 481, 5000])
@pytest.mark.parametrize("speed", SPEEDS)
def test_short_inputs_have_their_length(speed: float, samples: int) -> None:
    assert len(stretch(tone(1.0)[:samples].tobytes(), speed)) == round(samples / speed)


@pytest.mark.parametrize("speed", SPEEDS)
def test_no_drift_over_a_minute(speed: float) -> None:
    """Three notes keep their places: within 40 ms of the input's time."""
    heard = np.zeros(60 * RATE, "<i2")
    for second in (0, 30, 59):
        heard[second * RATE : second * RATE + RATE // 2] = tone(0.5)
    made = stretch(heard.tobytes(), speed)
    loud = np.convolve(np.abs(made.astype(float)), np.ones(240) / 240, "same") > 1500
    edges = np.flatnonzero(np.diff(np.r_[0, loud.astype(int), 0]) == 1) / RATE * speed
    starts = [edges[np.abs(edges - second).argmin()] for second in (0, 30, 59)]
    assert np.abs(np.array(starts) - (0, 30, 59)).max() < max(0.04, 0.04 * speed)


@pytest.mark.parametrize("speed", SPEEDS)
def test_any_cut_gives_the_same_samples(speed: float) -> None:
    pcm = (tone(0.4) + np.random.default_rng(0).integers(-500, 500, 9600)).astype("<i2").tobytes()
    whole = stretch(pcm, speed)
    for cut in (1, 7, 959, 960, 4001):
        assert np.array_equal(stretch(pcm, speed, cut), whole), cut
    assert np.array_equal(stretch(pcm + b"\x01", speed), whole), "half a sample at the end is dropped"


@pytest.mark.parametrize("speed", [0.25, 0.8, 1.25, 4.0])
def test_output_comes_while_input_does(speed: float) -> None:
    tempo, fed, made = Tempo(speed, RATE), 0, 0
    for _ in range(100):
        fed, made = fed + 480, made + len(tempo.feed(tone(0.02).tobytes())) // 2
        assert made / RATE >= fed / RATE / speed - 0.25 / min(1.0, speed)
    tempo.finish()


def test_full_scale_does_not_wrap_around() -> None:
    square = np.where(np.arange(2 * RATE) // 60 % 2, 32767, -32768).astype("<i2")
    made = stretch(square.tobytes(), 1.25).astype(int)
    assert (np.abs(made) > 20_000).mean() > 0.9


def test_bounds_and_ends() -> None:
    for wrong in (0.0, 0.2499, 4.0001, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed"):
            Tempo(wrong, RATE)
    for wrong in (12.1, -13.0, float("nan")):
        with pytest.raises(ValueError, match="semitones"):
            Tempo(1.0, RATE, wrong)
    tempo = Tempo(2.0, RATE)
    tempo.finish()
    assert tempo.finish() == b""
    with pytest.raises(ValueError, match="ended"):
        tempo.feed(b"\0\0")
    dropped = Tempo(0.5, RATE)
    dropped.feed(bytes(5000))
    del dropped
    gc.collect()
