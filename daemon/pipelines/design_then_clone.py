"""A voice is designed from a description, heard, chosen and locked, and speaks lines: a voice that was never there before.

Each line of the text is a segment; a line that is longer than the budget is cut at its sentences.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Annotated, Final

from pydantic import Field

from daemon.making.auditions import MAX_TAKES, TAKES
from daemon.making.profiles import Draft
from daemon.pipelines.design import audition, chosen, report
from daemon.pipelines.design.audition import Wanted
from daemon.pipelines.design.choice import Choice
from daemon.pipelines.design.each import write_lines
from daemon.pipelines.design.lines import Line, Pauses, lines, segments
from daemon.pipelines.fields import MAX_NAME, MAX_TEXT, Manner, Pause, Seed
from daemon.pipelines.joined import Format, Output, artifact, write_joined
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.tools import Tools, Work
from daemon.text import language as languages
from daemon.text.books.book import BadBook
from daemon.text.books.decoding import Encoding, decoded
from daemon.text.books.stretches import speakable
from models.checkpoints import released
from outputs.recording import StorageFailed
from voices.document import BrokenProfile, see_id
from voices.store import VoiceExists

ABOUT: Final = "lines, spoken with a new voice: designed from a description, chosen among takes, and kept"

# A voice is cloned of a minute at most, in which the slowest says so many letters.
MAX_AUDITION_TEXT: Final = 500
_BUDGET: Final = 400
_BAD: Final = (
    "the gate lets no take pass; take {take}, the best of them, is locked as {voice}: listen to it before it is used"
)


class Options(Manner, Output):
    """The voice, how it is found, and how the lines are spoken with it."""

    description: Annotated[str, Field(min_length=1, max_length=MAX_TEXT, description="who speaks, in words")]
    voice: Annotated[
        str | None, Field(description="the id that the voice is kept under; one is made of its label when not given")
    ] = None
    label: Annotated[
        str | None, Field(min_length=1, max_length=MAX_NAME, description="what pickers show; else id or description")
    ] = None
    takes: Annotated[int, Field(ge=1, le=MAX_TAKES, description="how many are tried, each with the next seed")] = TAKES
    audition_text: Annotated[
        str | None,
        Field(
            max_length=MAX_AUDITION_TEXT, description="what every take says; a sample of the language when not given"
        ),
    ] = None
    audition_seed: Annotated[Seed | None, Field(description="of the first take; the job's when not given")] = None
    model: Annotated[
        str | None, Field(max_length=MAX_NAME, description="the model that designs; the first that can when not given")
    ] = None
    choose: Annotated[
        str | int,
        Field(
            description="the take: the best by the `gate`, by `hand` once they are heard, its number, or seed:NUMBER"
        ),
    ] = "gate"
    title: Annotated[str | None, Field(max_length=MAX_NAME, description="the file's name when not given")] = None
    encoding: Annotated[Encoding | None, Field(description="of a text that is not UTF-8 and has no mark")] = None
    budget: Annotated[int, Field(ge=80, le=2000, description="a line of more letters is cut at sentences")] = _BUDGET
    sentence_ms: Annotated[Pause, Field(description="silence where a long line is cut")] = 350
    line_ms: Annotated[Pause, Field(description="silence behind a line")] = 600
    paragraph_ms: Annotated[Pause, Field(description="silence where a blank line stands")] = 1200
    audio: Annotated[Format, Field(description="the kind of file")] = "flac"
    separate: Annotated[bool, Field(description="a file for each line, too: lines/0001 is the first line's")] = False
    per_chapter: Annotated[bool, Field(description="lines have no chapters: `separate` makes a file for each line")] = (
        False
    )


def plan(data: bytes, name: str, options: Options) -> Plan:
    """The lines, for a voice that is not known yet. Raises InputMistake."""
    mistakes = Mistakes()
    for where, message in _wrong(options):
        mistakes.tell(where, message)
    said, warnings = list[Line](), list[str]()
    try:
        said, warnings = lines(decoded(data, options.encoding))
    except BadBook as error:
        mistakes.book(error)
    else:
        if not said:
            mistakes.tell("", "it holds no word that could be spoken")
    mistakes.see()
    pauses = Pauses(options.sentence_ms, options.line_ms, options.paragraph_ms)
    planned = tuple(_spoken(one, options) for one in segments(said, options.budget, pauses))
    return Plan(planned, options.title or PurePath(name).stem, language=options.language, warnings=tuple(warnings))


def able(tools: Tools, options: Options) -> None:
    """Raises Unspeakable where no model here designs or clones, UnknownModel, and VoiceExists for an id that is taken."""
    tools.roles.able("design", options.model)
    tools.roles.able("clone")
    if options.voice is not None:
        try:
            tools.profiles.see_free(options.voice)
        except VoiceExists as error:
            other = (
                f"lock the new one under another id, remove the old one (`voiced voices remove {options.voice}`), or speak "
                f"with it: `-p voice={options.voice}` of long_form"
            )
            raise VoiceExists(f"{error}; {other}") from error


async def prepare(tools: Tools, work: Work, plan: Plan, options: Options) -> Plan:
    """Hold the audition, choose, lock: the plan with the voice in it. Raises NeedsChoice, and what each of them raises."""
    choice = Choice.read(options.choose)
    language = options.language
    if language is None and options.audition_text is None:
        language = await asyncio.to_thread(_language, plan)
    wanted = Wanted(
        options.description, options.takes, _first_seed(options, choice, work.seed), options.audition_text, language,
        options.model,
    )  # fmt: skip
    held = await audition.audition(tools.auditions, work, wanted)
    taken = await chosen.chosen(tools.gate, work, held, choice)
    draft = Draft("clone", id=options.voice, label=options.label)
    voice = await chosen.locked(tools.profiles, work, held, taken, draft)
    warnings = plan.warnings if taken.good else (*plan.warnings, _BAD.format(take=taken.take, voice=voice.id))
    return replace(plan, segments=tuple(replace(one, voice=voice.id) for one in plan.segments), warnings=warnings)


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The sound, its subtitles, the lines by themselves where they are wanted, the takes and the report. Raises StorageFailed."""
    made = write_joined(folder, plan, takes, options)
    each = write_lines(folder, plan, takes, options) if options.separate else {}
    held, taken = audition.read(folder), chosen.read(folder)
    if held is None or taken is None:
        raise StorageFailed(f"{folder}: what was told there of the audition is gone; start the run again")
    names = {name: str(told["name"]) for name, told in each.items()}
    heard = [artifact(folder, folder / audition.file(take.take)) for take in held.takes]
    return [*made, *each.values(), *heard, report.write(folder, held, taken, takes, names)]


def _wrong(options: Options) -> Iterator[tuple[str, str]]:
    """What is wrong with the options beyond their types."""
    if not options.description.strip():
        yield "description", "a voice is designed from its description, and that is empty"
    if options.voice is not None:
        try:
            see_id(options.voice)
        except BrokenProfile as error:
            yield "voice", "; ".join(problem.message for problem in error.problems)
    if options.audition_text is not None and not speakable(options.audition_text):
        yield "audition_text", "it holds no word that could be spoken"
    if options.per_chapter:
        yield "per_chapter", "lines have no chapters; `separate` makes a file for each line"
    try:
        choice = Choice.read(options.choose)
        choice.see(options.takes, _first_seed(options, choice, 0))
    except ValueError as error:
        yield "choose", str(error)


def _first_seed(options: Options, choice: Choice, of_job: int) -> int:
    """Whoever names a seed and no first one has heard it before."""
    if options.audition_seed is not None:
        return options.audition_seed
    return choice.number if choice.by == "seed" else of_job


def _spoken(segment: Segment, options: Options) -> Segment:
    return replace(
        segment, language=options.language, instruct=options.instruct, emotion=options.emotion, seed=options.seed,
        speed=options.speed, pitch=options.pitch, gain=options.gain,
    )  # fmt: skip


def _language(plan: Plan) -> str | None:
    """Of the lines: a voice is tried in the language that it will speak. None leaves it to the house."""
    text = "\n".join(one.text for one in plan.segments[:50])[: languages.MAX_CHARS]
    known = [languages.primary(tag) for tag in released.LANGUAGES.values()]
    found = languages.detect(text, known)
    return found if found in known else None
