"""A file for each chapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from outputs.separate import write_each
from outputs.tags import Tags, chapters
from tests.pictures import picture

RATE = 24_000


@dataclass
class Steps:
    """A Sound that counts its samples."""

    samples: int
    cut: int = 999
    sample_rate: int = RATE

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, self.samples, self.cut):
            yield np.arange(at, min(at + self.cut, self.samples)).astype("<i2").tobytes()


@pytest.mark.parametrize("cut", [1, 999, 5000, 10**6])
def test_the_files_are_the_whole(tmp_path: Path, cut: int) -> None:
    put = chapters([("One", 100), ("Two", 5000), ("Three", 5001), ("Four", 20_000)], 25_000)
    made = write_each(tmp_path, Steps(25_000, cut), "wav", chapters=put)
    assert [path.name for path in made] == ["01 One.wav", "02 Two.wav", "03 Three.wav", "04 Four.wav"]
    parts = [soundfile.read(path, dtype="int16")[0] for path in made]
    assert [len(part) for part in parts] == [5000, 1, 14_999, 5000]
    assert np.array_equal(np.concatenate(parts), np.arange(25_000).astype("<i2"))


def test_tags(tmp_path: Path) -> None:
    put = chapters([("One", 0), ("Two", 5000)], 25_000)
    made = write_each(tmp_path, Steps(25_000), "m4a", Tags("Book", "Nobody"), put)
    with av.open(str(made[1])) as container:
        found = {name: container.metadata[name] for name in ("title", "album", "artist", "track")}
        assert found == {"title": "Two", "album": "Book", "artist": "Nobody", "track": "2/2"}
        assert not container.chapters()


def test_every_file_has_the_cover(tmp_path: Path) -> None:
    cover = picture("png")
    for path in write_each(tmp_path, Steps(900), "mp3", Tags("Book", cover=cover), chapters([("", 0), ("", 500)], 900)):
        with av.open(str(path)) as container:
            assert bytes(next(container.demux(container.streams.video[0]))) == cover


def test_without_chapters_it_is_one_file(tmp_path: Path) -> None:
    made = write_each(tmp_path, Steps(2500), "flac", Tags("Book"))
    assert [path.name for path in made] == ["01 Book.flac"]
    assert soundfile.info(made[0]).frames == 2500


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../etc/passwd", "01 etc passwd.flac"),
        ("", "01.flac"),
        ("CON", "01 CON.flac"),
        ("a\0b/c\\d: “e”?", "01 a b c d e.flac"),
        ("Глава 1. Ночь", "01 Глава 1 Ночь.flac"),
        ("😀", "01.flac"),
        ("第一章", "01 第一章.flac"),
        ("ж" * 300, f"01 {'ж' * 60}.flac"),
    ],
)
def test_titles_that_are_no_file_names(tmp_path: Path, title: str, name: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    made = write_each(folder, Steps(100), "flac", chapters=chapters([(title, 0)], 100))
    assert [path.name for path in folder.iterdir()] == [name]
    assert made == [folder / name]
