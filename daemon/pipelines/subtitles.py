"""Subtitles become speech: every caption of an SRT or VTT file is spoken in its own time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Any, Final

from pydantic import Field

from daemon.pipelines.fields import MAX_NAME, Manner, Voice
from daemon.pipelines.fitting import MAX_STRETCH, STRETCH_LIMIT, Policy
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.timeline import TimedOutput, write_timed
from daemon.text.books.decoding import Encoding
from daemon.text.captionblocks import Mistake
from daemon.text.captions import Caption, Captions, scan, told
from daemon.text.charset import UnreadableText
from daemon.text.dialogue import Manners, Names, Notes

ABOUT: Final = "subtitles, as SRT or VTT, become speech in their own time, a take for every caption"

# In `voices`: whoever is not named there.
ANYBODY: Final = "*"
_MANNER: Final = set(Manner.model_fields)


class Options(Manner, TimedOutput):
    """How subtitles are spoken."""

    encoding: Annotated[Encoding | None, Field(description="of a file that is not UTF-8 and does not show it")] = None
    title: Annotated[str | None, Field(max_length=MAX_NAME, description="the file's name when not given")] = None
    voices: Annotated[
        dict[str, Voice | Manner],
        Field(description=f"speaker to voice, or to all that it is given; {ANYBODY!r} is whoever is not named"),
    ] = Field(default_factory=dict)
    names: Annotated[
        Names, Field(description="`ANNA: ` is a speaker when in capitals or in `voices`; when in `voices`; never")
    ] = "upper"
    notes: Annotated[
        Notes, Field(description="whether [door slams], (sighs) and what is sung between ♪ are spoken")
    ] = "drop"
    sort: Annotated[bool, Field(description="put captions in the order of their times")] = False
    fit: Annotated[Policy, Field(description="what is done about a take that is longer than its caption")] = "natural"
    max_stretch: Annotated[
        float, Field(ge=1.0, le=STRETCH_LIMIT, description="how many times as fast such a take may get")
    ] = MAX_STRETCH


def plan(data: bytes, name: str, options: Options) -> Plan:
    """A segment for every caption. Raises InputMistake."""
    mistakes = Mistakes()
    voices = {_key(who): given for who, given in options.voices.items()}
    manners = Manners(options.notes, options.names, frozenset(voices))
    try:
        found = scan(data, manners, encoding=options.encoding, order=options.sort)
    except UnreadableText as error:
        mistakes.tell("", str(error))
        raise mistakes.mistake() from None
    for mistake in sorted([*found.mistakes, *_strangers(found, voices)]):
        mistakes.tell(f"line {mistake.line}", mistake.message)
    mistakes.see()
    digits = max(4, len(str(len(found.captions))))
    manner = options.model_dump(include=_MANNER, exclude_none=True)
    segments = [
        _segment(caption, f"{number:0{digits}}", {**manner, **_given(caption.speaker, voices)})
        for number, caption in enumerate(found.captions, 1)
    ]
    title = options.title or PurePath(name).stem
    return Plan(tuple(segments), title, language=options.language, warnings=_warnings(found, options))


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The track on its timeline, and the report. Raises StorageFailed."""
    return write_timed(folder, plan, takes, options, options.fit, options.max_stretch)


def _given(speaker: str, voices: Mapping[str, str | Manner]) -> dict[str, Any]:
    """What `voices` say of somebody."""
    own = voices.get(_key(speaker), voices.get(ANYBODY)) if speaker else None
    if isinstance(own, str):
        return {"voice": own}
    return own.model_dump(exclude_none=True) if own else {}


def _segment(caption: Caption, number: str, manner: Mapping[str, Any]) -> Segment:
    return Segment(
        number,
        caption.text,
        speaker=caption.speaker,
        start_ms=caption.start_ms,
        end_ms=caption.end_ms,
        overlaps=caption.overlaps,
        name=number,
        extra={"line": str(caption.line), "caption": caption.id},
        line=caption.line,
        **manner,
    )


def _strangers(found: Captions, voices: Mapping[str, object]) -> Iterable[Mistake]:
    """Everybody who speaks and has no voice, where others have one: once each."""
    if not voices or ANYBODY in voices:
        return
    for caption in _entrances(found):
        if _key(caption.speaker) not in voices:
            message = f"{caption.speaker!r} has no voice: name one in `voices`, or one for {ANYBODY!r}, who is anybody"
            yield Mistake(caption.line, message)


def _warnings(found: Captions, options: Options) -> tuple[str, ...]:
    entrances = _entrances(found)
    warnings = list(found.warnings)
    if entrances and not options.voices:
        who = ", ".join(repr(caption.speaker) for caption in entrances)
        warnings.append(Mistake(entrances[0].line, f"{who} speak with one voice, since `voices` names none"))
    heard = {ANYBODY, *(_key(caption.speaker) for caption in entrances)}
    idle = [f"{who!r} is in `voices`, and says nothing" for who in options.voices if _key(who) not in heard]
    return (*told(sorted(warnings), "warnings"), *idle)


def _entrances(found: Captions) -> list[Caption]:
    """The first caption of everybody who is named."""
    first: dict[str, Caption] = {}
    for caption in found.captions:
        if caption.speaker:
            first.setdefault(_key(caption.speaker), caption)
    return list(first.values())


def _key(name: str) -> str:
    """The same for all ways to write a name."""
    return " ".join(name.split()).casefold()
