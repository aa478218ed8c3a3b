"""Files of every kind become files of every other."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from outputs.audio import UnknownFormat
from outputs.container import write
from outputs.convert import Recorded, convert
from outputs.decoder import UnreadableAudio
from outputs.kinds import KINDS, find
from outputs.loudness import measured
from outputs.reading import heard, length, rate_of
from outputs.tags import Chapter, Tags
from tests.test_outputs_container import picture

RATE = 24_000
SOURCES = ("wav", "flac", "mp3", "opus", "aac", "m4a", "m4b")


@dataclass
class Tone:
    """A Sound."""

    seconds: float
    sample_rate: int = RATE

    def __iter__(self) -> Iterator[bytes]:
        for second in range(round(self.seconds)):
            at = np.arange(self.sample_rate) / self.sample_rate + second
            yield (8000 * np.sin(2 * np.pi * 440 * at)).astype("<i2").tobytes()


def made(folder: Path, kind: str, seconds: float = 2.0, rate: int = RATE) -> Path:
    path = folder / f"source{find(kind).suffix}"
    write(path, Tone(seconds, rate), kind)
    return path


def loudest_hz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(spectrum.argmax() * rate / (1 << 18))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("target", KINDS)
def test_every_kind_to_every_kind(tmp_path: Path, source: str, target: str) -> None:
    path = tmp_path / f"target{find(target).suffix}"
    done = convert(made(tmp_path, source), path, target)
    assert done.sample_rate == (48_000 if source == "opus" else RATE)
    assert done.samples / done.sample_rate == pytest.approx(2.0, abs=0.1)
    assert (done.lufs, done.gain) == (None, 0.0)
    if target != "pcm":
        rate = rate_of(path)
        samples = np.concatenate(list(heard(path, rate)))
        assert len(samples) / rate == pytest.approx(2.0, abs=0.15)
        assert loudest_hz(samples, rate) == pytest.approx(440, abs=1)
        assert np.abs(samples[rate // 2 : rate]).max() == pytest.approx(8000 / 32768, rel=0.1)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
def test_another_rate(tmp_path: Path, rate: int) -> None:
    done = convert(made(tmp_path, "flac"), tmp_path / "a.wav", "wav", sample_rate=rate)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.samplerate, info.frames) == (rate, 2 * rate) == (done.sample_rate, done.samples)


@pytest.mark.parametrize("lufs", [-30.0, -18.0, -12.0])
def test_another_loudness(tmp_path: Path, lufs: float) -> None:
    done = convert(made(tmp_path, "m4a", 5), tmp_path / "a.flac", "flac", lufs=lufs)
    assert measured(Recorded(tmp_path / "a.flac", RATE)).lufs == pytest.approx(lufs, abs=0.1)
    assert done.lufs is not None
    assert done.lufs + done.gain == pytest.approx(lufs)


def test_lossless_to_lossless_is_the_same(tmp_path: Path) -> None:
    convert(made(tmp_path, "wav"), tmp_path / "a.flac", "flac")
    assert soundfile.read(tmp_path / "a.flac", dtype="int16")[0].tobytes() == b"".join(Tone(2))


def test_two_channels_of_24_bits_become_one(tmp_path: Path) -> None:
    both = np.stack([np.full(RATE, 0.5), np.zeros(RATE)], axis=1)
    for suffix in ("wav", "flac"):
        soundfile.write(tmp_path / f"s.{suffix}", both, RATE, "PCM_24")
        assert convert(tmp_path / f"s.{suffix}", tmp_path / "a.wav", "wav").samples == RATE
        assert np.unique(soundfile.read(tmp_path / "a.wav")[0]).tolist() == [0.25]


def test_vorbis(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "s.ogg", np.sin(np.arange(RATE)) * 0.2, RATE)
    assert convert(tmp_path / "s.ogg", tmp_path / "a.mp3", "mp3").samples == pytest.approx(RATE, abs=1024)


@pytest.mark.parametrize("kind", ["flac", "wav", "m4a", "mp3"])
@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_the_length_is_known_before(tmp_path: Path, kind: str, rate: int) -> None:
    path = made(tmp_path, kind)
    assert length(path, rate) == sum(map(len, heard(path, rate)))


def test_a_book_with_chapters_and_a_cover_is_read(tmp_path: Path) -> None:
    tags = Tags("Book", cover=picture("png"))
    write(tmp_path / "s.m4b", Tone(3), "m4b", tags, [Chapter("One", 0, RATE), Chapter("Two", RATE, 3 * RATE)])
    assert convert(tmp_path / "s.m4b", tmp_path / "a.wav", "wav").samples == pytest.approx(3 * RATE, abs=1024)


def test_a_file_may_become_itself(tmp_path: Path) -> None:
    path = made(tmp_path, "wav")
    convert(path, path, "wav", lufs=-30)
    assert soundfile.info(path).frames == 2 * RATE


def mp4(brand: bytes = b"isom") -> bytes:
    return struct.pack(">I4s4sI", 16, b"ftyp", brand, 0) + b"\0\0\0\x08free"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello", "no WAV, FLAC, MP3 or Ogg"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "no WAV"),
        (mp4(), "AAC|no sound"),
        (mp4() + b"\xff" * 4000, "AAC|no sound"),
        (b"\xff\xf1" + bytes(200), "AAC|no sound|channels"),
        (b"fLaC" + b"\xff" * 100, "flac"),
    ],
)
def test_what_is_no_audio(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "s").write_bytes(data)
    with pytest.raises(UnreadableAudio, match=told):
        convert(tmp_path / "s", tmp_path / "a.wav", "wav")
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_file_that_is_cut_off_or_flipped_ends_or_is_told(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for kind in ("m4a", "aac"):
        data = made(tmp_path, kind, 1).read_bytes()
        for _ in range(40):
            broken = bytearray(data[: random.integers(20, len(data))])
            for at in random.integers(0, len(broken), 5):
                broken[at] ^= 1 << random.integers(8)
            (tmp_path / "s").write_bytes(broken)
            try:
                convert(tmp_path / "s", tmp_path / "a.wav", "wav", max_seconds=60)
            except UnreadableAudio as error:
                assert str(error)


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    path = made(tmp_path, "wav")
    with pytest.raises(UnknownFormat):
        convert(path, tmp_path / "a", "vorbis")
    with pytest.raises(ValueError, match="1000 samples a second; 4000 to 192000"):
        convert(path, tmp_path / "a", "wav", sample_rate=1000)
    with pytest.raises(FileNotFoundError):
        convert(tmp_path / "no.wav", tmp_path / "a", "wav")
    with pytest.raises(UnreadableAudio, match=r"source.wav is longer than 1 s"):
        convert(path, tmp_path / "a", "wav", max_seconds=1)


def test_minutes_take_no_more_memory_than_seconds(tmp_path: Path) -> None:
    def peak(seconds: float) -> int:
        path = made(tmp_path, "flac", seconds)
        tracemalloc.start()
        convert(path, tmp_path / "a.mp3", "mp3", sample_rate=16_000, lufs=-18)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(40) < peak(4) + 100_000
