"""Recordings that somebody sent."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest

from outputs.audio import encoder
from outputs.decoder import UnreadableAudio, decode

RATE = 24_000
TONE = (8000 * np.sin(np.arange(RATE) * 2 * np.pi * 220 / RATE)).astype("<i2")


def wav(samples: np.ndarray = TONE, rate: int = RATE, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def coded(kind: str) -> bytes:
    made = encoder(kind, RATE)
    return made.encode(TONE.tobytes()) + made.finish()


def test_a_wav_is_its_samples() -> None:
    heard = decode(wav(), max_seconds=2)
    assert (heard.sample_rate, heard.suffix) == (RATE, ".wav")
    assert np.array_equal(heard.samples, TONE.astype(np.float32) / 32768)


@pytest.mark.parametrize(("kind", "suffix"), [("flac", ".flac"), ("mp3", ".mp3"), ("opus", ".ogg"), ("wav", ".wav")])
def test_what_we_write_can_be_read(kind: str, suffix: str) -> None:
    heard = decode(coded(kind), max_seconds=2)
    assert heard.suffix == suffix
    assert len(heard.samples) / heard.sample_rate == pytest.approx(1, abs=0.1)
    assert np.abs(heard.samples).max() == pytest.approx(8000 / 32768, rel=0.2)


def test_channels_are_averaged() -> None:
    stereo = np.stack([TONE, np.zeros_like(TONE)], axis=1)
    heard = decode(wav(stereo, channels=2), max_seconds=2)
    assert np.allclose(heard.samples, TONE / 65536, atol=1e-6)


def test_other_rates_are_left_as_they_are() -> None:
    assert decode(wav(rate=44_100), max_seconds=2).sample_rate == 44_100


def test_a_recording_that_is_too_long_is_not_decoded_to_its_end() -> None:
    with pytest.raises(UnreadableAudio, match="longer than 60 s"):
        decode(wav(np.zeros(61 * 8000, "<i2"), 8000), max_seconds=60)


def _not_finite() -> bytes:
    samples = struct.pack("<4f", 0.0, float("nan"), float("inf"), 0.5)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32)
    return struct.pack("<4sI4s", b"RIFF", 36 + 16, b"WAVE") + form + struct.pack("<4sI", b"data", 16) + samples


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello", "no WAV, FLAC, MP3 or Ogg"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "no WAV, FLAC, MP3 or Ogg"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "no WAV, FLAC, MP3 or Ogg"),
        (b"RIFF" + b"\0" * 100, "cannot be decoded as wav"),
        (b"fLaC" + b"\xff" * 100, "as flac"),
        (b"OggS" + b"\0" * 100, "as ogg"),
        (b"\xff\xfb" + b"\0" * 20, "mp3"),
        (wav(TONE[:0]), "no sound"),
        (b"\0\0\0\x20ftypisom" + b"\0" * 100, "no WAV"),
        (_not_finite(), "not numbers"),
    ],
)
def test_what_is_no_recording_is_told(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableAudio, match=told):
        decode(data, max_seconds=60)
