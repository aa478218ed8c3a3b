"""Every kind of file is read again by FFmpeg, and by libsndfile where it can."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from outputs.audio import UnknownFormat
from outputs.container import MAX_MP3_CHAPTERS, write
from outputs.kinds import KINDS, find
from outputs.picture import MAX_PICTURE_BYTES
from outputs.sound import Watched
from outputs.tags import NO_TAGS, Chapter, Tags, chapters
from tests.pictures import padded, picture

RATE = 24_000
TAGS = Tags("Война и мир", "Л. Толстой", "Том 1", "a = b; c # d\nnext line", "Novel", "1/4")
EXACT = ("wav", "flac", "mp3", "opus", "m4a", "m4b")


@dataclass
class Tone:
    """A Sound."""

    samples: int
    sample_rate: int = RATE
    cut: int = 5000

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, self.samples, self.cut):
            place = np.arange(at, min(at + self.cut, self.samples))
            yield (8000 * np.sin(2 * np.pi * 440 / self.sample_rate * place)).astype("<i2").tobytes()


@dataclass
class Read:
    seconds: float
    """As the container says."""
    decoded: float
    chapters: list[tuple[str, float, float]]
    tags: dict[str, str]
    pictures: list[tuple[str, bytes]]
    """Their codecs, and they themselves."""


def read(path: Path) -> Read:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        told = [
            (one["metadata"]["title"], float(one["start"] * one["time_base"]), float(one["end"] * one["time_base"]))
            for one in container.chapters()
        ]
        tags = dict(container.metadata) or dict(stream.metadata)
        seconds = (container.duration or 0) / 1e6
        if path.suffix in (".m4a", ".m4b"):  # an MP4 says it of each stream
            seconds = float(stream.duration * stream.time_base)
        pictures = [
            (image.codec_context.name, bytes(next(container.demux(image)))) for image in container.streams.video
        ]
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        decoded = sum(frame.samples for frame in container.decode(stream)) / stream.rate
    return Read(seconds, decoded, told, tags, pictures)


@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("samples", [RATE * 3 + 123, RATE, 1001])
def test_the_length_is_exact(tmp_path: Path, kind: str, samples: int) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    assert write(path, Tone(samples), kind) == samples
    found = read(path)
    # Ogg counts its pre-skip into what FFmpeg calls the duration, and 6.5 ms it is.
    assert found.seconds == pytest.approx(samples / RATE, abs=0.007 if kind == "opus" else 1.5e-6)
    assert found.decoded - samples / RATE == pytest.approx(0, abs=1024 / RATE if "m4" in kind else 0.001)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus"])
def test_libsndfile_agrees(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    write(path, Tone(50_001), kind, TAGS, [Chapter("One", 0, 50_001)])
    info = soundfile.info(path)
    assert (info.samplerate, info.frames) == (RATE, 50_001)
    if kind in ("wav", "flac"):
        assert soundfile.read(path, dtype="int16")[0].tobytes() == b"".join(Tone(50_001))


@pytest.mark.parametrize("kind", ["m4a", "m4b", "mp3", "opus", "flac"])
@pytest.mark.parametrize("tags", [NO_TAGS, TAGS])
def test_chapters_are_where_they_were_put(tmp_path: Path, kind: str, tags: Tags) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    samples = RATE * 9
    put = chapters([("Eins", 0), ("Глава 2: Ночь", RATE * 2 + 7), ("三", 100_001)], samples)
    assert put[1] == Chapter("Глава 2: Ночь", RATE * 2 + 7, 100_001)
    write(path, Tone(samples), kind, tags, put)
    found = read(path).chapters
    assert [title for title, _, _ in found] == ["Eins", "Глава 2: Ночь", "三"]
    near = 1e-9 if "m4" in kind else 0.00051
    for (_, begin, end), chapter in zip(found, put, strict=True):
        assert begin == pytest.approx(chapter.begin / RATE, abs=near)
        assert end == pytest.approx(chapter.end / RATE, abs=0.008 if kind == "opus" else near)


def test_an_mp3_has_a_table_of_contents(tmp_path: Path) -> None:
    write(tmp_path / "a.mp3", Tone(RATE), "mp3", chapters=chapters([("One", 0), ("Two", 9000)], RATE))
    head = (tmp_path / "a.mp3").read_bytes()[:1000]
    assert (head[:3], head.count(b"CTOC"), head.count(b"CHAP")) == (b"ID3", 1, 2)


def test_an_m4b_says_that_it_is_a_book(tmp_path: Path) -> None:
    write(tmp_path / "a.m4b", Tone(RATE), "m4b", Tags("T"), [Chapter("One", 0, RATE)])
    data = (tmp_path / "a.m4b").read_bytes()
    assert data[4:12] == b"ftypM4B "
    assert b"stik" in data
    assert b"chpl" in data
    assert read(tmp_path / "a.m4b").tags["genre"] == "Audiobook"


@pytest.mark.parametrize("kind", ["m4b", "m4a", "mp3", "opus", "flac", "wav"])
def test_tags(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    write(path, Tone(RATE), kind, TAGS)
    found = read(path).tags
    for name, text in TAGS.words().items():
        assert found[name] == text, name
    assert not {"encoder", "creation_time", "date"} & set(found), "the same input gives the same bytes for ever"


@pytest.mark.parametrize("kind", ["m4b", "m4a", "mp3", "flac", "wav", "opus", "aac", "pcm"])
@pytest.mark.parametrize("codec", ["mjpeg", "png"])
def test_covers(tmp_path: Path, kind: str, codec: str) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    cover = picture(codec)
    write(path, Tone(RATE * 2), kind, Tags("T", cover=cover), [Chapter("One", 0, RATE * 2)])
    if kind != "pcm":
        found = read(path)
        assert found.pictures == ([(codec, cover)] if find(kind).covers else [])
        assert found.decoded == pytest.approx(2.0, abs=0.1)


def test_a_cover_is_the_front(tmp_path: Path) -> None:
    for kind, told in (("mp3", b"image/png\0\3"), ("flac", b"\0\0\0\3\0\0\0\x09image/png")):
        write(tmp_path / "a", Tone(RATE), kind, Tags(cover=picture("png")))
        assert told in (tmp_path / "a").read_bytes()


@pytest.mark.parametrize("kind", ["m4b", "mp3", "flac", "opus"])
def test_the_largest_cover(tmp_path: Path, kind: str) -> None:
    cover = padded(8000, 8000, MAX_PICTURE_BYTES)
    write(tmp_path / "a", Tone(RATE), kind, Tags(cover=cover))
    assert read(tmp_path / "a").pictures == [("png", cover)]


def test_what_is_no_cover(tmp_path: Path) -> None:
    for cover in (b"GIF89a", b"\x89PNG", b"\xff\xd8\xff" + b"x" * 50, b"\x89PNG\r\n\x1a\n" + bytes(50)):
        with pytest.raises(ValueError, match="it is "):
            write(tmp_path / "a.m4b", Tone(RATE), "m4b", Tags(cover=cover))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_sound_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    made, tags = list[bytes](), replace(TAGS, cover=picture("png"))
    for cut in (5000, 5000, 1, 77_777):
        path = tmp_path / f"{cut}{len(made)}{find(kind).suffix}"
        write(path, Tone(30_011, cut=cut), kind, tags, [Chapter("One", 0, 30_011)])
        made.append(path.read_bytes())
    assert len(set(made)) == 1
    code = (
        "import sys; sys.path[:0] = ['.', 'tests']; from pathlib import Path; from test_outputs_container import *;"
        f"write(Path(sys.argv[1]), Tone(30_011), {kind!r}, replace(TAGS, cover=picture('png')), [Chapter('One', 0, 30_011)])"
    )
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-c", code, str(other)], check=True)
    assert other.read_bytes() == made[0], "another process"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_a_file_that_plays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    assert write(path, Tone(0), kind) == 480
    if kind != "pcm":
        assert 0.02 <= read(path).decoded < 0.12


@pytest.mark.parametrize(("kind", "rate"), [("opus", 22_050), ("mp3", 96_000), ("m4b", 20_000), ("opus", 44_100)])
def test_rates_that_a_codec_lacks(tmp_path: Path, kind: str, rate: int) -> None:
    path = tmp_path / f"a{find(kind).suffix}"
    put = chapters([("One", 0), ("Two", rate + 5)], rate * 2)
    write(path, Tone(rate * 2, rate), kind, chapters=put)
    found = read(path)
    assert found.seconds == pytest.approx(2.0, abs=0.01)
    assert found.chapters[1][1] == pytest.approx((rate + 5) / rate, abs=0.0006)


def test_many_chapters(tmp_path: Path) -> None:
    every = chapters([(f"Chapter {number}", number * 240) for number in range(300)], 300 * 240)
    write(tmp_path / "a.m4b", Tone(300 * 240), "m4b", chapters=every)
    found = read(tmp_path / "a.m4b").chapters
    assert [title for title, _, _ in found] == [chapter.title for chapter in every]
    with pytest.raises(ValueError, match="255 chapters, and these are 300; M4B"):
        write(tmp_path / "a.mp3", Tone(RATE), "mp3", chapters=every)
    write(tmp_path / "a.mp3", Tone(300 * 240), "mp3", chapters=every[:MAX_MP3_CHAPTERS])
    assert len(read(tmp_path / "a.mp3").chapters) == 255


def test_an_unknown_kind(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match="there are wav, flac, mp3"):
        write(tmp_path / "a", Tone(5), "vorbis")


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.m4b"
    path.write_bytes(b"old")

    def watch(_: int) -> None:
        assert path.read_bytes() == b"old"

    write(path, Watched(Tone(RATE * 2), watch), "m4b")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.m4b"]
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("kind", KINDS)
def test_who_gives_up_leaves_nothing(tmp_path: Path, kind: str) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", Watched(Tone(RATE), stop), kind)
    assert not list(tmp_path.iterdir())


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "no" / "a.m4b", Tone(RATE), "m4b")


FULL = """
import resource, signal, sys
sys.path[:0] = ['.', 'tests']
from pathlib import Path
from test_outputs_container import Tone, write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write(Path(sys.argv[1]), Tone(24_000 * 30), sys.argv[2])
except OSError as error:
    print("told", error.errno)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_is_full_is_told(tmp_path: Path, kind: str) -> None:
    ran = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "a"), kind], capture_output=True, text=True)
    assert ran.stdout.startswith("told"), ran.stderr
    assert not list(tmp_path.iterdir())
