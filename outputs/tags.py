"""What players show of a file besides its sound: title, author, cover, chapters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final


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
