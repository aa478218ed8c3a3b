"""Recordings that somebody sent."""

from __future__ import annotations

import io
import random
import struct
import wave
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from outputs.audio import encoder
from outputs.decoder import MAX_RATE, MIN_RATE, Measured, UnreadableAudio, decode, measure

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


@pytest.mark.parametrize(("kind", "called"), [("flac", "flac"), ("mp3", "mp3"), ("opus", "ogg"), ("wav", "wav")])
def test_a_file_is_measured_by_decoding_it(kind: str, called: str) -> None:
    found = measure(io.BytesIO(coded(kind)), max_seconds=2)
    assert (found.kind, found.channels) == (called, 1)
    assert found.sample_rate == (48_000 if kind == "opus" else RATE)
    assert found.seconds == pytest.approx(1, abs=0.1)
    stereo = np.stack([TONE, TONE], axis=1)
    assert measure(io.BytesIO(wav(stereo, 44_100, 2)), max_seconds=2) == Measured(RATE / 44_100, 44_100, 2, "wav")


class Counting(io.BytesIO):
    """Knows how much of it was read."""

    told = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.told += len(data)
        return data


def test_three_hours_are_refused_after_ten_minutes_of_them() -> None:
    file = Counting(wav(np.zeros(3 * 3600 * MIN_RATE, "<i2"), MIN_RATE))
    with pytest.raises(UnreadableAudio, match="longer than 600 s"):
        measure(file, max_seconds=600)
    assert file.told < 2 * 601 * MIN_RATE + 100_000


def test_hours_that_take_no_space_are_refused_as_soon() -> None:
    """Silence in FLAC is a thousandth of its samples."""
    made = encoder("flac", RATE)
    minute = made.encode(bytes(2 * RATE * 60))
    packed = minute + b"".join(made.encode(bytes(2 * RATE * 60)) for _ in range(15)) + made.finish()
    assert len(packed) < 200_000
    for read in (lambda: measure(io.BytesIO(packed), max_seconds=600), lambda: decode(packed, max_seconds=600)):
        with pytest.raises(UnreadableAudio, match="longer than 600 s"):
            read()


def form(tag: int, rate: int, bits: int, data: bytes, channels: int = 1) -> bytes:
    """A WAV with this format tag."""
    block = bits // 8 * channels
    told = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate, rate * block, block, bits)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE") + told + struct.pack("<4sI", b"data", len(data)) + data
    )


def _not_finite() -> bytes:
    return form(3, RATE, 32, struct.pack("<4f", 0.0, float("nan"), float("inf"), 0.5))


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", bytes(1_000_000))
    return file.getvalue()


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_what_stands_after_the_sound_is_passed_over(kind: str) -> None:
    assert measure(io.BytesIO(coded(kind) + _zip()), max_seconds=2).seconds == pytest.approx(1, abs=0.1)


def test_six_channels_are_read() -> None:
    found = measure(io.BytesIO(form(1, RATE, 16, bytes(12 * RATE), channels=6)), max_seconds=2)
    assert (found.seconds, found.channels) == (1, 6)


@pytest.mark.parametrize("tag", [0x0001, 0x0003, 0x0006, 0x0007], ids=["pcm", "float", "a-law", "mu-law"])
def test_what_recorders_write_is_read(tag: int) -> None:
    bits = {1: 24, 3: 64}.get(tag, 8)
    assert measure(io.BytesIO(form(tag, 8000, bits, bytes(8000 * bits // 8))), max_seconds=2).seconds == 1


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
        (form(1, 1, 16, bytes(100)), "1 samples a second"),
        (form(1, MIN_RATE - 1, 16, bytes(10_000)), "3999 samples a second"),
        (form(1, MAX_RATE + 1, 16, bytes(10_000)), "192001 samples a second"),
        (form(1, RATE, 16, bytes(96_000), channels=8), "8 channels; 6 are the most"),
        (form(1, RATE, 16, bytes(96_000), channels=48), "48 channels"),
        (form(1, RATE, 16, bytes(130_000), channels=500), "channels|cannot be decoded"),
        (form(0x0011, RATE, 4, bytes(10_000)), "coded as adpcm_ima_wav"),
        (form(0x4444, RATE, 16, bytes(10_000)), "coded as|cannot be decoded"),
        (_zip(), "no WAV, FLAC"),
        (b"RIFF" + _zip(), "as wav"),
        (b"ID3" + _zip(), "as mp3|no sound"),
        (b"\x7fELF" + bytes(1000), "no WAV, FLAC"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "no WAV, FLAC"),
        (b"\xff\xd8\xff\xe0JFIF" + bytes(1000), "no WAV, FLAC"),
        (b"<html><audio src=x>", "no WAV, FLAC"),
        ("a long text".encode("utf-16") * 1000, "as mp3|no sound"),
        (b"\xff\xfb" + random.Random(1).randbytes(200_000), "as mp3|no sound"),
        (b"RIFF\0\0\0\0WAVEfmt " + random.Random(2).randbytes(10_000), "as wav"),
        (b"RIFF\x24\0\0\0AVI LIST" + bytes(1000), "as wav"),
    ],
)
def test_what_is_no_recording_is_told(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableAudio, match=told):
        decode(data, max_seconds=60)
    with pytest.raises(UnreadableAudio, match=told):
        measure(io.BytesIO(data), max_seconds=60)


def test_damage_is_read_or_refused_and_never_anything_else() -> None:
    dice = random.Random(7)
    for kind in ("wav", "flac", "mp3", "opus"):
        whole = coded(kind)
        for _ in range(60):
            data = bytearray(whole[: dice.randrange(4, len(whole))] if dice.random() < 0.3 else whole)
            for _ in range(dice.randrange(1, 30)):
                data[dice.randrange(4, min(len(data), 2000)) if len(data) > 4 else 0] = dice.randrange(256)
            with suppress(UnreadableAudio):
                measure(io.BytesIO(data), max_seconds=60)
