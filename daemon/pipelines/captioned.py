"""Subtitles of what was spoken: SRT and VTT of its sentences, and when each word is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from daemon.making.recogniser import RecogniserUnavailable
from daemon.pipelines.fields import Form
from daemon.pipelines.plan import Taken
from daemon.pipelines.tools import Tools
from daemon.text.cues import Timed, cues
from daemon.text.reading import read
from daemon.text.score import BadMarkup, Said
from daemon.text.wordlists import times as kind
from daemon.text.wordlists import words
from daemon.text.wordtimes import Word
from daemon.timing import Sounding
from outputs.reading import heard
from outputs.recording import replace
from outputs.sound import to_pcm
from outputs.subtitles import srt, vtt

# Not in the VTT: pysubs2, and players like it, take times within a line for words.
WORDS_SUFFIX: Final = ".words.json"
# What sound is looked for at; most takes have this rate.
_RATE: Final = 24_000

Times = Literal["estimated", "aligned"]


class Captioned(Form):
    """What is written of what is said; every pipeline that makes a sound has these options."""

    subtitles: Annotated[
        bool, Field(description="SRT and VTT beside it, and a JSON file with the time of each word")
    ] = True
    words: Annotated[
        Times,
        Field(description="times of words: estimated by letters and pauses, or aligned: as the recogniser hears them"),
    ] = "estimated"


def aligned(options: object) -> bool:
    """Whether somebody has to listen to each segment for its words."""
    return isinstance(options, Captioned) and options.subtitles and options.words == "aligned"


def able(tools: Tools, options: object) -> None:
    """Raises RecogniserUnavailable where somebody has to listen, and there is nobody."""
    if aligned(options) and tools.recogniser is None:
        raise RecogniserUnavailable(
            "words=aligned needs somebody who listens, and no recogniser is configured: set `recogniser`, "
            "or leave words=estimated"
        )


def write_captions(
    folder: Path,
    takes: Sequence[Taken],
    times: Sequence[tuple[int, int]],
    stem: str,
    files: Sequence[Path] | None = None,
) -> list[Mapping[str, object]]:
    """What is said between these milliseconds of the sound, beside it under its name. Raises OSError.

    Args:
        files: what is heard of each take, where that is not its own file.
    """
    files = files or [folder / take.file for take in takes]
    placed = zip(takes, times, files, strict=True)
    shown = cues(_timed(take, time, file) for take, time, file in placed if take.seconds)
    return [
        _written(folder / f"{stem}.srt", srt(shown)),
        _written(folder / f"{stem}.vtt", vtt(shown)),
        {**_written(folder / f"{stem}{WORDS_SUFFIX}", words(shown)), "times": kind(shown)},
    ]


def _timed(take: Taken, time: tuple[int, int], file: Path) -> Timed:
    """A segment from its first sound to its last: voices breathe before they speak, and some are silent for a second behind.

    Its words are counted from the beginning of its take, which may be spoken faster now.
    """
    begin, end = time
    scale = (end - begin) / (take.seconds * 1000)
    said = tuple(
        Word(word.text, begin + round(word.start_ms * scale), begin + round(word.end_ms * scale), word.estimated)
        for word in take.words
    )
    first, last = _sounds(file) or (0, end - begin)
    return Timed(_read(take.segment.text), begin + first, min(begin + last, end), take.segment.speaker, said)


def _read(text: str) -> str:
    """What is read of it: its words without their tags."""
    with suppress(BadMarkup):
        return "".join(event.text if isinstance(event, Said) else " " for event in read(text, "auto"))
    return text


def _sounds(file: Path) -> tuple[int, int] | None:
    """From which millisecond to which of a take there is anything to hear."""
    sounding = Sounding(_RATE)
    for block in heard(file, _RATE):
        sounding.feed(to_pcm(block))
    span = sounding.span()
    return span and (round(span[0] * 1000 / _RATE), round(span[1] * 1000 / _RATE))


def _written(path: Path, text: str) -> dict[str, object]:
    data = text.encode("utf-8", "replace")
    replace(path, data)
    return {"name": path.name, "bytes": len(data)}
