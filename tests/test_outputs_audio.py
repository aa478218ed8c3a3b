"""Every format is decoded again by FFmpeg and, where libsndfile can, by libsndfile."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from outputs import audio
from outputs.audio import FORMATS, UNKNOWN_LENGTH, Encoder, UnknownFormat, encoder, find, wav_header

RATE = 24_000
TONE_HZ = 440.0
CODED = ("mp3", "opus", "aac", "flac")
# Seconds that a decoder may give beyond the input. ADTS, and MP3 without Xing, cannot say what a codec added:
# MP3 1105 samples of delay and a last frame of 576; AAC one frame of 1024 before and the last one padded.
PADDING_S = {"mp3": 0.1, "aac": 0.1, "opus": 0.0201, "flac": 0.0, "wav": 0.0, "pcm": 0.0}


def tone(seconds: float, rate: int = RATE) -> bytes:
    return (8000 * np.sin(2 * np.pi * TONE_HZ * np.arange(round(seconds * rate)) / rate)).astype("<i2").tobytes()


def encode(name: str, pcm: bytes, cut: int = 1 << 30, rate: int = RATE) -> bytes:
    coder = encoder(name, rate)
    parts = [coder.encode(pcm[at : at + cut]) for at in range(0, len(pcm), cut)]
    return b"".join(parts) + coder.finish()


def decode(name: str, data: bytes) -> tuple[np.ndarray, int]:
    """(samples in -1 to 1, Hz)"""
    if name == "pcm":
        return np.frombuffer(data, "<i2") / 32768, RATE
    with av.open(io.BytesIO(data)) as container:
        frames = list(container.decode(audio=0))
        rate = container.streams.audio[0].rate
    if not frames:
        return np.zeros(0), rate
    assert frames[0].layout.nb_channels == 1
    samples = np.concatenate([frame.to_ndarray().ravel() for frame in frames])
    return samples / 32768 if samples.dtype == np.int16 else samples, rate


def dominant_hz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(spectrum.argmax() * rate / (1 << 18))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_decodes_to_what_went_in(name: str, rate: int) -> None:
    samples, got = decode(name, encode(name, tone(2.0, rate), rate=rate))
    got = rate if name == "pcm" else got
    assert got == (48_000 if name == "opus" else rate)
    assert -0.001 <= len(samples) / got - 2.0 <= PADDING_S[name] + (0.05 if rate == 16_000 and PADDING_S[name] else 0)
    assert abs(dominant_hz(samples, got) - TONE_HZ) < 1.0
    assert 0.2 < np.abs(samples[got // 2 : got]).max() < 0.3, "the level has changed"


@pytest.mark.parametrize("name", ["flac", "wav"])
def test_lossless_formats_give_the_same_samples(name: str) -> None:
    pcm = tone(0.7) + b"\x01\x80\xff\x7f"
    samples, _ = decode(name, encode(name, pcm))
    assert (samples * 32768).astype("<i2").tobytes() == pcm


# Not FLAC: libsndfile does not read one whose header cannot know the length, and that of a stream cannot.
@pytest.mark.parametrize("name", ["mp3", "opus", "wav"])
def test_another_decoder_agrees(name: str) -> None:
    with soundfile.SoundFile(io.BytesIO(encode(name, tone(1.0)))) as file:
        samples = file.read(48_000, dtype="float32")
        assert abs(dominant_hz(samples, file.samplerate) - TONE_HZ) < 1.5


@pytest.mark.parametrize("name", FORMATS)
def test_any_cut_gives_the_same_bytes(name: str) -> None:
    pcm = tone(0.33)
    whole = encode(name, pcm)
    for cut in (1, 7, 961, 4801):
        assert encode(name, pcm, cut) == whole, cut
    assert encode(name, pcm + b"\x01") == whole, "half a sample at the end is dropped"


@pytest.mark.parametrize(("name", "rate"), [("opus", 22_050), ("opus", 44_100), ("mp3", 96_000), ("aac", 20_000)])
def test_rates_that_a_codec_lacks_are_resampled(name: str, rate: int) -> None:
    samples, got = decode(name, encode(name, tone(1.0, rate), rate=rate))
    assert abs(len(samples) / got - 1.0) < 0.1
    assert abs(dominant_hz(samples, got) - TONE_HZ) < 1.5


@pytest.mark.parametrize("name", FORMATS)
def test_no_audio_is_a_valid_file(name: str) -> None:
    for pcm in (b"", b"\x01"):
        coder = encoder(name, RATE)
        data = coder.encode(pcm) + coder.finish()
        assert coder.finish() == b""
        samples, _ = decode(name, data)
        assert len(samples) / RATE < 0.2
        assert not np.any(np.abs(samples) > 0.001)


# Milliseconds of speech until the first packet of it leaves. MP3: frames of 576 samples, one of look-ahead;
# AAC: two of 1024; FLAC: blocks of 2304; Opus: one frame of 20 ms that the Ogg writer holds back.
@pytest.mark.parametrize(
    ("name", "limit_ms"), [("mp3", 100), ("opus", 60), ("aac", 120), ("flac", 120), ("wav", 20), ("pcm", 20)]
)
def test_the_first_audio_leaves_early(name: str, limit_ms: int) -> None:
    coder = encoder(name, RATE)
    header = coder.encode(b"")
    given_ms = 0
    while not coder.encode(tone(0.02)):
        given_ms += 20
        assert given_ms < 400
    assert given_ms + 20 <= limit_ms
    assert bool(header) == (name in ("opus", "flac", "wav")), "a header does not wait for audio"
    coder.close()


@pytest.mark.parametrize("name", CODED)
def test_audio_leaves_steadily(name: str) -> None:
    coder = encoder(name, RATE)
    sizes = [len(coder.encode(tone(0.2))) for _ in range(10)]
    assert all(sizes[1:])
    coder.close()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("end", ["close", "drop", "finish"])
@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.5])
def test_every_end_is_quiet(name: str, end: str, seconds: float) -> None:
    coder = encoder(name, RATE)
    coder.encode(tone(seconds))
    if end == "drop":
        del coder
        gc.collect()  # an unraisable exception or a ResourceWarning would fail the test
        return
    if end == "finish":
        coder.finish()
    coder.close()
    coder.close()
    assert coder.finish() == b""
    with pytest.raises(ValueError, match="ended"):
        coder.encode(b"\0\0")


@pytest.mark.parametrize("name", CODED)
def test_memory_does_not_grow_and_minutes_take_moments(name: str) -> None:
    coder = encoder(name, RATE)
    second = np.random.default_rng(1).integers(-3000, 3000, RATE, dtype="<i2").tobytes()
    coder.encode(second)
    tracemalloc.start()
    before, started, made = tracemalloc.get_traced_memory()[0], time.process_time(), 0
    for _ in range(60):
        made += len(coder.encode(second))
    spent, after = time.process_time() - started, tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert made > 60 * 4000
    assert after - before < 100_000
    assert spent < 6.0, "ten times faster than real time at the very least"
    coder.close()


def test_wav_headers() -> None:
    streamed = encode("wav", tone(0.5))
    assert streamed[:44] == wav_header(RATE, UNKNOWN_LENGTH)
    assert streamed[4:8] == streamed[40:44] == b"\xff\xff\xff\xff"
    exact = io.BytesIO(wav_header(RATE, 24_000) + tone(0.5))
    assert soundfile.info(exact).frames == 12_000
    assert wav_header(RATE, 5 << 30)[4:8] == b"\xff\xff\xff\xff"
    assert encoder("wav", RATE).finish() == wav_header(RATE, 0)


def test_names_are_openais() -> None:
    assert tuple(FORMATS) == ("mp3", "opus", "aac", "flac", "wav", "pcm")
    assert find("opus").media_type == "audio/ogg"
    assert all(name == entry.name and entry.suffix == f".{name}" for name, entry in FORMATS.items())
    for wrong in ("ogg", "MP3", "", "x" * 10_000):
        with pytest.raises(UnknownFormat, match="mp3, opus, aac, flac, wav, pcm") as caught:
            encoder(wrong, RATE)
        assert len(str(caught.value)) < 200


def test_encoders_are_encoders() -> None:
    coders: list[Encoder] = [encoder(name, RATE) for name in FORMATS]
    for coder in coders:
        coder.encode(bytes(4800))
        coder.close()
        coder.close()  # safe to call twice
        with pytest.raises(ValueError, match="ended"):
            coder.encode(bytes(2))


@pytest.mark.parametrize("room", ["outputs.audio", "outputs.run", "outputs.tempo"])
def test_importing_is_light(room: str) -> None:
    heavy = "{'av', 'numpy', 'soxr', 'asyncio', 'python_stretch'}"
    code = f"import sys, {room}; print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_a_streamed_file_is_told_its_length_afterwards(tmp_path: Path, name: str) -> None:
    coder = audio.encoder(name, 24_000)
    data = coder.encode(bytes(2 * 48_000)) + coder.finish()
    file = tmp_path / f"x.{name}"
    file.write_bytes(audio.with_length(data[: audio.HEAD_BYTES], name, 48_000) + data[audio.HEAD_BYTES :])
    assert soundfile.info(file).frames == 48_000
    assert len(soundfile.read(file)[0]) == 48_000


def test_other_formats_know_their_length_themselves() -> None:
    assert audio.with_length(b"head", "mp3", 5) == b"head"
    assert audio.with_length(b"head", "flac", 5) == b"head"
