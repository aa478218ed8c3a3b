"""What players show of a file besides its sound: title, author, cover, chapters."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# A cover fills a screen of 4,000 points well below this.
MAX_COVER_BYTES: Final = 16 * 1024 * 1024
# What pictures begin with, how FFmpeg reads them and what it calls them.
_PICTURES: Final = ((b"\xff\xd8\xff", "jpeg_pipe", "mjpeg"), (b"\x89PNG", "png_pipe", "png"))


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a sound, in samples."""

    title: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Tags:
    """What a player shows; what is empty is left out. WAV keeps all but the cover; AAC without a container, nothing."""

    title: str = ""
    author: str = ""
    album: str = ""
    comment: str = ""
    genre: str = ""
    track: str = ""
    """`1/12`."""
    cover: bytes = b""
    """A JPEG or PNG image."""

    def words(self) -> dict[str, str]:
        """As FFmpeg calls them."""
        named = {
            "title": self.title,
            "artist": self.author,
            "album": self.album,
            "comment": self.comment,
            "genre": self.genre,
            "track": self.track,
        }
        return {name: text for name, text in named.items() if text}


NO_TAGS: Final = Tags()


def chapters(begins: Iterable[tuple[str, int]], samples: int) -> list[Chapter]:
    """Titles and where they begin, in order, as chapters that end where the next one begins."""
    ends = pairwise([*begins, ("", samples)])
    return [Chapter(title, begin, end) for (title, begin), (_, end) in ends]


def as_comments(chapters: Iterable[Chapter], sample_rate: int) -> dict[str, str]:
    """As they stand among the tags of FLAC and Ogg."""
    told = dict[str, str]()
    for number, chapter in enumerate(chapters):
        ms = round(chapter.begin * 1000 / sample_rate)
        told[f"CHAPTER{number:03}"] = f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
        told[f"CHAPTER{number:03}NAME"] = chapter.title
    return told


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as a file holds it."""

    data: bytes
    codec: str
    width: int
    height: int


def picture_of(data: bytes) -> Picture:
    """What kind of image it is and how large. ValueError when it is none that players show."""
    import av  # FFmpeg's libraries take 50 ms to import

    if len(data) > MAX_COVER_BYTES:
        raise ValueError(f"the cover has {len(data)} bytes; {MAX_COVER_BYTES} are the most")
    for head, reader, codec in _PICTURES:
        if data.startswith(head):
            with av.open(io.BytesIO(data), "r", format=reader) as container:
                image = container.streams.video[0]
                return Picture(data, codec, image.width, image.height)
    raise ValueError("the cover is no JPEG or PNG image")
