"""What every pipeline that makes one sound of its segments does: joins, loudness, file, chapters, subtitles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from daemon.pipelines import halting
from daemon.pipelines.captioned import Captioned, write_captions
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Segment, Taken
from outputs import separate
from outputs.assembly import Assembly, Part
from outputs.container import MAX_MP3_CHAPTERS, write
from outputs.kinds import find
from outputs.loudness import normalised
from outputs.recording import StorageFailed
from outputs.sound import Sound, Watched
from outputs.tags import Chapter, Tags, chapters

# What every model here speaks at; other files are brought to it.
SAMPLE_RATE: Final = 24_000
# A step down would be heard between the words of one sentence that is cut in two.
_NO_PAUSE: Final = 0

Format = Literal["m4b", "m4a", "mp3", "opus", "flac", "wav"]


class Output(Captioned):
    """How the sound is written; every such pipeline has these options."""

    audio: Annotated[Format, Field(description="the kind of file; chapters are in all but wav")] = "m4b"
    loudness: Annotated[
        float | None, Field(ge=-40, le=-8, description="LUFS of the whole, by EBU R128; null leaves it as it is spoken")
    ] = -18.0
    crossfade_ms: Annotated[int, Field(ge=0, le=1000, description="fade between segments that have no pause")] = 0
    per_chapter: Annotated[bool, Field(description="a file for each chapter instead of one")] = False


def write_joined(
    folder: Path, plan: Plan, takes: Sequence[Taken], wish: Output, *, stem: str = "audio", cover: bytes = b""
) -> list[Mapping[str, object]]:
    """The takes one after the other with their pauses, as `wish` has it.

    Args:
        cover: a picture for every file that has room for one.

    Raises StorageFailed, and ValueError for a cover that is none.
    """
    with stored(folder):
        sound = Assembly([_part(folder, take, wish) for take in takes], SAMPLE_RATE)
        times = [(one.begin, one.end) for one in sound.spans]
        told = replace(tags(plan), cover=cover)
        made = write_sound(folder, sound, sound.samples, wish, told, marks(takes, times, sound.samples), stem)
        return [*made, *(write_subtitles(folder, takes, times, stem) if wish.subtitles else ())]


def write_sound(
    folder: Path, sound: Sound, samples: int, wish: Output, tags: Tags, marks: Sequence[Chapter], stem: str
) -> list[Mapping[str, object]]:
    """One file, or one for each chapter. Raises OSError, and Halted when nobody wants it any more."""
    passes = 1 if wish.loudness is None else 2  # its loudness is measured first
    sound = Watched(sound, halting.counted(passes * samples))
    if wish.loudness is not None:
        sound = normalised(sound, wish.loudness)
    if wish.per_chapter and len(marks) > 1:
        return [artifact(folder, path) for path in separate.write_each(folder, sound, wish.audio, tags, marks)]
    path = folder / f"{stem}{find(wish.audio).suffix}"
    write(path, sound, wish.audio, tags, marks)
    return [{**artifact(folder, path), "seconds": round(samples / SAMPLE_RATE, 3)}]


def write_subtitles(
    folder: Path, takes: Sequence[Taken], times: Sequence[tuple[int, int]], stem: str
) -> list[Mapping[str, object]]:
    """SRT and VTT of what is said between these samples, and the times of its words. Raises OSError."""
    return write_captions(folder, takes, [(_ms(begin), _ms(end)) for begin, end in times], stem)


def artifact(folder: Path, path: Path) -> Mapping[str, object]:
    """What is told of a file that was made."""
    return {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}


@contextmanager
def stored(folder: Path) -> Iterator[None]:
    """What a disk does not do is StorageFailed."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"{folder}: {error.strerror or error}") from error


def _part(folder: Path, take: Taken, wish: Output) -> Part:
    pause = take.segment.pause_ms
    return Part(folder / take.file, pause, wish.crossfade_ms if pause == _NO_PAUSE else 0)


def marks(takes: Sequence[Taken], times: Sequence[tuple[int, int]], samples: int) -> list[Chapter]:
    """The chapters of a sound of so many samples, in which the takes are heard at these."""
    begins = [
        (take.segment.chapter, begin) for take, (begin, _) in zip(takes, times, strict=True) if take.segment.chapter
    ]
    return chapters(begins, samples)


def see_chapters(segments: Iterable[Segment], wish: Output, mistakes: Mistakes) -> None:
    """Tell of more chapters than the file will hold, before hours of speech have been made for it."""
    count = sum(bool(segment.chapter) for segment in segments)
    if wish.audio == "mp3" and not wish.per_chapter and count > MAX_MP3_CHAPTERS:
        told = f"an MP3 holds {MAX_MP3_CHAPTERS} chapters, and these are {count}: take m4b, or per_chapter"
        mistakes.tell("audio", told)


def tags(plan: Plan) -> Tags:
    """What a player shows of it."""
    return Tags(title=plan.title, author=plan.author)


def _ms(sample: int) -> int:
    return round(sample * 1000 / SAMPLE_RATE)
