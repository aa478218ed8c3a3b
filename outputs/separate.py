"""A sound as one file for each of its chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from outputs.blocks import SAMPLE_BYTES
from outputs.container import write_blocks
from outputs.kinds import find
from outputs.sound import Sound
from outputs.tags import NO_TAGS, Chapter, Tags

# Bytes of a title in a file name: with number and ending it stays far below the 255 that file systems take.
_TITLE_BYTES: Final = 120


def write_each(
    folder: Path, sound: Sound, kind: str, tags: Tags = NO_TAGS, chapters: Sequence[Chapter] = ()
) -> list[Path]:
    """One file a chapter, named by number and title, in one pass; the book's title becomes the album's.

    What is heard before the first chapter belongs to it. Without chapters it is one file. Raises as `container.write`.
    """
    made, found = list[Path](), find(kind)
    every = list(chapters) or [Chapter(tags.title, 0, 0)]
    digits = max(2, len(str(len(every))))
    rest = _Rest(iter(sound))
    for number, chapter in enumerate(every, 1):
        last = number == len(every)
        own = replace(tags, title=chapter.title, album=tags.album or tags.title, track=f"{number}/{len(every)}")
        path = folder / f"{number:0{digits}}{_plain(chapter.title)}{found.suffix}"
        pcm = rest.until(None if last else every[number].begin)
        write_blocks(path, pcm, sound.sample_rate, found, own, ())
        made.append(path)
    return made


def _plain(title: str) -> str:
    """What of a title can stand in a file name on every system, after a blank; empty when nothing can."""
    words = " ".join(re.findall(r"[\w'-]+", title))
    cut = words.encode()[:_TITLE_BYTES].decode(errors="ignore").strip()
    return f" {cut}" if cut else ""


class _Rest:
    """What has not been read of a stream yet."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._waiting, self._at = blocks, b"", 0

    def until(self, sample: int | None) -> Iterator[bytes]:
        """Up to this sample of the whole stream, or to its end."""
        while pcm := self._waiting or next((block for block in self._blocks if block), b""):
            wanted = len(pcm) if sample is None else max(0, sample - self._at) * SAMPLE_BYTES
            self._waiting = pcm[wanted:]
            self._at += len(pcm[:wanted]) // SAMPLE_BYTES
            if wanted:
                yield pcm[:wanted]
            if self._waiting:
                return
