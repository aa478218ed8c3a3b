"""Speech to speech: what is said in a recording is said again in another voice, each sentence in its own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Annotated, Any, Final

from pydantic import Field

from daemon.faults import InputMistake
from daemon.making.recogniser import RecogniserUnavailable
from daemon.pipelines import recorded
from daemon.pipelines.cast import check
from daemon.pipelines.fields import MAX_NAME, Language, Manner
from daemon.pipelines.fitting import MAX_STRETCH, STRETCH_LIMIT, Policy
from daemon.pipelines.joined import stored
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.timeline import TimedOutput, write_timed
from daemon.pipelines.tools import PREPARED, Tools, Work
from daemon.pipelines.transcribed import Transcript, transcribed

ABOUT: Final = "a recording, as WAV, FLAC, MP3, Ogg or M4A, is heard and spoken again in another voice, in its own time"

_MANNER: Final = set(Manner.model_fields) - {"language"}


class Options(Manner, TimedOutput):
    """How a recording is spoken again."""

    language: Annotated[
        Language | None, Field(description="what is spoken in the recording, BCP-47; heard when not given")
    ] = None
    title: Annotated[str | None, Field(max_length=MAX_NAME, description="the file's name when not given")] = None
    fit: Annotated[Policy, Field(description="what is done about a sentence that is longer than it was")] = "stretch"
    max_stretch: Annotated[
        float, Field(ge=1.0, le=STRETCH_LIMIT, description="how many times as fast such a sentence may get")
    ] = MAX_STRETCH


def able(tools: Tools, options: Options) -> None:
    """Raises RecogniserUnavailable, and what is wrong with the voice: nobody listens for an hour to be told then."""
    if tools.recogniser is None:
        raise RecogniserUnavailable(
            "voice_conversion needs somebody who hears what is said, and no recogniser is configured: set `recogniser` to "
            "whisper or to the URL of a service"
        )
    manner = options.model_dump(include={"voice", "language", "emotion"})
    check(Plan((Segment("", "", **manner),)), tools.casting)


def plan(data: bytes, name: str, options: Options) -> Plan:
    """Nothing to be spoken yet. Raises UnreadableAudio for what is no recording."""
    recorded.see(data)
    return Plan((), options.title or PurePath(name).stem, language=options.language)


async def prepare(tools: Tools, work: Work, plan: Plan, options: Options) -> Plan:
    """A segment for every sentence that is heard. Raises InputMistake, RecogniserUnavailable, UnreadableAudio, StorageFailed."""
    able(tools, options)
    assert tools.recogniser is not None
    with stored(work.folder):
        kept = work.folder / PREPARED
        kept.mkdir(exist_ok=True)
        heard = await transcribed(
            tools.recogniser, work.folder / "input" / work.name, kept, options.language,
            lambda share: work.tell("listening", share),
        )  # fmt: skip
    if not heard.sayings.said:
        raise InputMistake(f"no words were heard in {work.name}: it should hold speech that can be understood")
    return replace(
        plan, segments=tuple(_segments(heard, options)), language=heard.language, warnings=tuple(_doubts(heard))
    )


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The track on the recording's timeline, and the report. Raises StorageFailed."""
    return write_timed(folder, plan, takes, options, options.fit, options.max_stretch)


def _segments(heard: Transcript, options: Options) -> list[Segment]:
    said = heard.sayings.said
    manner: dict[str, Any] = options.model_dump(include=_MANNER, exclude_none=True)
    digits = max(4, len(str(len(said))))
    return [
        Segment(
            id=f"{number:0{digits}}", name=f"{number:0{digits}}", text=one.text, language=heard.language,
            start_ms=one.start_ms, end_ms=one.end_ms, **manner,
        )
        for number, one in enumerate(said, 1)
    ]  # fmt: skip


def _doubts(heard: Transcript) -> list[str]:
    """What is left out, and where it seemed to be."""
    return [
        f"left out, since nobody speaks there: {one.text[:80]!r} at {one.start_ms / 1000:.1f} s"
        for one in heard.sayings.doubted
    ]
