"""A play becomes speech: who says what is written before the words.

    @title The Visit                                    also @author, @language de, @chapter Act One
    @cast ROBERT = ryan, speed=0.9, instruct="gruff"    voice language instruct emotion seed speed pitch gain
    @alias BOB = ROBERT                                 or lines `NAME = voice` under `CAST:` up to a blank line
    # a comment

    ROBERT: Who is there?                               or [ROBERT] Who is there?
        It is late.                                     an indented line always goes on; so does one without a name
    ANNA (softly): It's me. ^                           or ANNA: (softly) It's me.  `^` or `//` at the end: the next overlaps
    BOB {speed=1.1, instruct="relieved"}: Anna!         for this speech alone
    [pause 2s]
    (She comes in.)                                     a direction with a line for itself is silent

A direction before the words is one of `directions`, a mood of the house, or else told to the voice as it is. A backslash before
a line or a bracket makes it plain words. Names are the same in upper and lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from daemon.pipelines.fields import MAX_NAME, MAX_PAUSE_MS, Emotion, Form, Gain, Instruct, Manner, Pause, Pitch, Speed
from daemon.pipelines.joined import see_chapters
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.stage.attributes import Value
from daemon.pipelines.stage.directions import mood
from daemon.pipelines.stage.players import Players
from daemon.pipelines.stage.speeches import Reader, Speech
from daemon.pipelines.stage.staged import StagedOutput, write_staged
from daemon.text.books.book import BadBook
from daemon.text.books.decoding import Encoding, decoded
from daemon.text.books.stretches import speakable, stretches

ABOUT: Final = "a script with names before the lines becomes a radio play, with a voice for everybody"

# Longer than anybody's longest line; a monologue is cut at its sentences.
_BUDGET: Final = 400


class Direction(Form):
    """What a direction asks for; nothing given, it is passed over."""

    emotion: Annotated[Emotion | None, Field(description="a mood by its name")] = None
    instruct: Annotated[Instruct | None, Field(description="how to speak, in words")] = None
    speed: Annotated[Speed | None, Field(description="1.0 is the voice's own")] = None
    pitch: Annotated[Pitch | None, Field(description="semitones")] = None
    gain: Annotated[Gain | None, Field(description="decibels")] = None


class Options(Manner, StagedOutput):
    """Who speaks, and how long the silences are."""

    encoding: Annotated[Encoding | None, Field(description="of a file that is not UTF-8 and says nothing itself")] = (
        None
    )
    title: Annotated[str | None, Field(max_length=MAX_NAME, description="the script's own when not given")] = None
    cast: Annotated[
        dict[str, str | Manner], Field(description="name to voice, or to all that it is given; before the script's own")
    ] = Field(default_factory=dict)
    aliases: Annotated[dict[str, str], Field(description="other name to name in the cast")] = Field(
        default_factory=dict
    )
    narrator: Annotated[
        str | None, Field(max_length=MAX_NAME, description="who in the cast says what stands alone behind a blank line")
    ] = None
    directions: Annotated[
        dict[str, Direction], Field(description="what directions such as (softly) ask for, before the house's own")
    ] = Field(default_factory=dict)
    budget: Annotated[int, Field(ge=80, le=2000, description="the most letters that are spoken in one go")] = _BUDGET
    sentence_ms: Annotated[Pause, Field(description="silence where a long speech is cut between sentences")] = 300
    line_ms: Annotated[Pause, Field(description="silence between two speeches")] = 400
    direction_ms: Annotated[Pause, Field(description="silence for a direction that has a line for itself")] = 800
    pause_ms: Annotated[Pause, Field(description="silence for `[pause]`")] = 1000
    chapter_ms: Annotated[Pause, Field(description="silence before `@chapter`")] = 2000


def plan(data: bytes, name: str, options: Options) -> Plan:
    """What will be spoken of a script. Raises InputMistake."""
    mistakes, players = Mistakes(), _players(options)
    reader = Reader(players, mistakes, options.narrator, options.pause_ms)
    try:
        reader.read(decoded(data, options.encoding))
    except BadBook as error:
        mistakes.book(error)
    for speech in reader.speeches:
        if speech.words and speech.name not in players:
            players.miss(speech.name, speech.line)
    players.tell(mistakes)
    mistakes.see()
    segments = _numbered(_segments(reader.speeches, players, options))
    if not segments:
        mistakes.tell("", "nobody says a word: lines are written `NAME: words`")
    see_chapters(segments, options, mistakes)
    mistakes.see()
    facts, warnings = reader.facts, []
    language = options.language or facts.language
    segments = tuple(replace(segment, language=segment.language or language) for segment in segments)
    if reader.speeches[-1].overlapped:
        warnings.append(f"line {reader.speeches[-1].line}: no speech comes behind the last one that could overlap it")
    return Plan(segments, options.title or facts.title, facts.author, language, tuple(warnings))


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The mix and the stems. Raises StorageFailed."""
    return write_staged(folder, plan, takes, options)


def _players(options: Options) -> Players:
    players = Players()
    for name, given in options.cast.items():
        players.add(name, {"voice": given} if isinstance(given, str) else given.model_dump(exclude_none=True))
    for alias, name in options.aliases.items():
        players.alias(alias, name, f"aliases.{alias}")
    return players


def _segments(speeches: list[Speech], players: Players, options: Options) -> list[Segment]:
    """Without their numbers. A speech without a word is its silence."""
    found: list[Segment] = []
    overlaps, chapter = False, ""
    known = {" ".join(name.split()).casefold(): direction for name, direction in options.directions.items()}
    for speech, following in zip_longest(speeches, speeches[1:]):
        chapter = speech.chapter or chapter
        pause = _pause(speech, following, options)
        said = [text for text in stretches(" ".join(speech.words), options.budget) if speakable(text)]
        if not said and found and not overlaps:
            found[-1] = replace(found[-1], pause_ms=min(found[-1].pause_ms + pause, MAX_PAUSE_MS))
        given = _given(speech, players, options, known) if said else {}
        for number, text in enumerate(said, 1):
            found.append(Segment(
                id="", text=text, pause_ms=pause if number == len(said) else options.sentence_ms, chapter=chapter,
                paragraph=speech.begins and number == 1, overlaps=overlaps and number == 1, line=speech.line, **given,
            ))  # fmt: skip
            chapter = ""
        overlaps = speech.overlapped if said else overlaps
    return found


def _numbered(segments: list[Segment]) -> tuple[Segment, ...]:
    """Behind the last one is no silence."""
    digits = max(4, len(str(len(segments))))
    if segments:
        segments[-1] = replace(segments[-1], pause_ms=0)
    return tuple(replace(segment, id=f"{number:0{digits}}") for number, segment in enumerate(segments, 1))


def _pause(speech: Speech, following: Speech | None, options: Options) -> int:
    """The silence behind a speech: what `[pause]` says, else the usual one or a direction's."""
    if speech.overlapped:
        return 0
    asked = sum(options.direction_ms if rest is None else rest for rest in speech.rests)
    usual = options.chapter_ms if following and following.chapter else options.line_ms
    return asked if any(rest is not None for rest in speech.rests) else max(asked, usual)


def _given(speech: Speech, players: Players, options: Options, known: Mapping[str, Direction]) -> dict[str, Any]:
    """The options, what the player is given, what the line is given, and then what its directions ask for."""
    player = players.find(speech.name)
    assert player is not None
    given: dict[str, Any] = {
        "speaker": player.name,
        "voice": options.voice, "language": options.language, "instruct": options.instruct, "emotion": options.emotion,
        "seed": options.seed, "speed": options.speed, "pitch": options.pitch, "gain": options.gain,
    }  # fmt: skip
    given |= player.given
    given |= speech.given
    for direction in speech.directions:
        for key, value in _asked(direction, known).items():
            if key == "instruct":
                given[key] = " ".join(filter(None, [str(given[key] or ""), str(value)]))
            elif key not in speech.given:
                given[key] = value
    return given


def _asked(direction: str, known: Mapping[str, Direction]) -> Mapping[str, Value]:
    if found := known.get(direction.casefold()):
        return found.model_dump(exclude_none=True)
    emotion = mood(direction)
    return {"emotion": emotion} if emotion else {"instruct": direction}
