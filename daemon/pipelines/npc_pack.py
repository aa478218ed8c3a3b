"""A game's lines become files: a row of CSV, TSV or JSON lines each, named by template, spoken again only when they change.

Columns: id, text, voice (or speaker), language, instruct, emotion, filename, seed, speed, pitch, gain, in any order and case and
under their usual other names; further ones are kept as they are and go into the manifest. Files: letters of all scripts and emoji
stay in a name, what no system takes becomes `_`, and one of more than 100 bytes is cut and ends in a hash of all of it; a name
that a row gives itself is a mistake instead.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from daemon.pipelines.fields import MAX_NAME, MAX_TEXT, RANGES, Manner, Pause, language, number, seed
from daemon.pipelines.filenames import folded, parts_of, problem
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.pack.columns import COLUMNS, columns
from daemon.pipelines.pack.packed import PackedOutput, write_packed
from daemon.pipelines.pack.rows import Format, Row, table
from daemon.pipelines.pack.template import Template
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.text.books.book import BadBook
from daemon.text.books.decoding import Encoding, decoded
from daemon.text.books.stretches import speakable

ABOUT: Final = "a table of a game's lines becomes one file a line, with a manifest for its build"

# A line of a game has a breath or two; whoever has more to say wants the pipeline long_form.
MAX_LINE: Final = 4000

_PLAIN_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_SLUG: Final = re.compile(r"[^a-z0-9]+")
_SPOKEN: Final = ("text", "voice", "language", "instruct", "emotion", "seed", "speed", "pitch", "gain")
_TEMPLATE: Final = "{voice}/{id}"

Column = Literal[
    "id", "text", "voice", "speaker", "language", "instruct", "emotion", "filename", "seed", "speed", "pitch", "gain"
]


class Options(Manner, PackedOutput):
    """How rows are read and files are named; what a row says itself goes before."""

    format: Annotated[Format | None, Field(description="told by name and content when not given")] = None
    encoding: Annotated[Encoding | None, Field(description="of a file that is not UTF-8 and says nothing itself")] = (
        None
    )
    title: Annotated[str, Field(max_length=MAX_NAME, description="of the pack")] = ""
    columns: Annotated[dict[str, Column], Field(description="the file's name of a column to ours")] = Field(
        default_factory=dict
    )
    cast: Annotated[dict[str, str], Field(description="speaker or voice, as rows name them, to a voice")] = Field(
        default_factory=dict
    )
    template: Annotated[str, Field(max_length=MAX_NAME, description="of file names; fields are columns")] = _TEMPLATE
    pause_ms: Annotated[Pause, Field(description="silence behind each line where all are joined")] = 500


def plan(data: bytes, name: str, options: Options) -> Plan:
    """What will be spoken of a table. Raises InputMistake."""
    mistakes = Mistakes()
    try:
        text = decoded(data, options.encoding)
    except BadBook as error:
        mistakes.book(error)
        raise mistakes.mistake() from None
    names, rows = table(text, options.format or _guessed(text, name), mistakes)
    known = columns(names, options.columns, mistakes)
    template = _template(options.template, set(known.values()), mistakes)
    if not rows:
        mistakes.tell(
            "", "it has no rows: the first line names the columns, such as id and text, and each further one is spoken"
        )
    reader = _Reader(options, known, template, mistakes)
    segments = tuple(segment for number, row in enumerate(rows, 1) if (segment := reader.segment(row, number)))
    mistakes.see()
    warnings = () if "id" in known.values() else ("no column id: rows are called by their numbers",)
    return Plan(segments, options.title or PurePath(name).stem, language=options.language, warnings=warnings)


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """A file for each line, and the manifest. Raises StorageFailed."""
    return write_packed(folder, plan, takes, options)


def _guessed(text: str, name: str) -> Format:
    ending = PurePath(name).suffix.lower()
    if ending in (".jsonl", ".ndjson") or (ending not in (".csv", ".tsv", ".tab") and text.lstrip().startswith("{")):
        return "jsonl"
    return "tsv" if ending in (".tsv", ".tab") else "csv"


def _template(text: str, known: set[str], mistakes: Mistakes) -> Template:
    try:
        template = Template(text)
    except ValueError as error:
        mistakes.tell("template", str(error))
        return Template("{id}")
    for name in sorted(template.fields - known - set(COLUMNS) - {"row"}):
        mistakes.tell("template", f"there is no column {name!r}; there are {', '.join(sorted(known))[:200]} and row")
    return template


@dataclass(slots=True)
class _Seen:
    """What other rows have taken, and on which line."""

    ids: dict[str, int]
    files: dict[str, int]
    segments: dict[str, int]


class _Reader:
    """Makes segments of rows, and tells all that is wrong with them."""

    def __init__(self, options: Options, known: Mapping[str, str], template: Template, mistakes: Mistakes) -> None:
        self._options, self._known, self._template, self._mistakes = options, known, template, mistakes
        self._seen = _Seen({}, {}, {})
        self._usual = {name: getattr(options, name) for name in _SPOKEN if name != "text"}
        self._cast = {name.strip().casefold(): voice for name, voice in options.cast.items()}
        self._row = Row(0, {})

    def segment(self, row: Row, number: int) -> Segment | None:
        """None when the row has no text; then that was told."""
        self._row = row
        cells = {self._known.get(name, name): cell.strip() for name, cell in row.cells.items()}
        if bad := next((name for name, cell in cells.items() if not _is_text(name + cell)), None):
            self._tell(bad, "it holds half of a character (a lone surrogate)")
            return None
        called = self._called(cells, number)
        has_text = self._has_text(cells.get("text", ""))
        given = self._given(cells)
        file = self._file(cells, called, number, given["voice"])
        if not has_text:
            return None
        extra = {
            "id": called,
            **{name: cell for name, cell in cells.items() if name not in COLUMNS and cell and name != "id"},
        }
        return Segment(
            id=self._id(called), text=cells["text"], **given, pause_ms=self._options.pause_ms, paragraph=True,
            speaker=cells.get("speaker", ""), name=file, extra=extra, line=self._row.line,
        )  # fmt: skip

    def _tell(self, column: str, message: str) -> None:
        self._mistakes.tell(f"line {self._row.line}, column {column}" if column else f"line {self._row.line}", message)

    def _called(self, cells: Mapping[str, str], number: int) -> str:
        """The row's id, which no other row may have."""
        if "id" not in self._known.values():
            return str(number)
        called = cells.get("id", "")
        if not called:
            self._tell("id", "it is empty: without one nobody can tell later whether the row has changed")
        elif (first := self._seen.ids.setdefault(called, self._row.line)) != self._row.line:
            self._tell("id", f"{called[:60]!r} is also the id on line {first}")
        return called

    def _id(self, called: str) -> str:
        """The segment's: the row's own where that can be a file's name, else with a hash of it."""
        if _PLAIN_ID.fullmatch(called):
            made = called
        else:
            digest = hashlib.sha256(called.encode()).hexdigest()[:12]
            made = f"{_SLUG.sub('-', called.lower())[:40].strip('-') or 'row'}-{digest}"
        first = self._seen.segments.setdefault(made, self._row.line)
        if self._is_new(called) and first != self._row.line:
            self._tell("id", f"{called[:60]!r} cannot be told from the id on line {first}")
        return made

    def _has_text(self, text: str) -> bool:
        if "text" not in self._known.values():
            return False
        if not text:
            self._tell("text", "it is empty")
        elif not speakable(text):
            self._tell("text", f"{text[:40]!r} holds no word that could be spoken")
        elif len(text) > MAX_LINE:
            self._tell(
                "text",
                f"it has {len(text)} characters, and a line has at most {MAX_LINE}: longer ones are for long_form",
            )
        else:
            return True
        return False

    def _given(self, cells: Mapping[str, str]) -> dict[str, Any]:
        """How it is spoken: the row's own word, else the options'."""
        given: dict[str, Any] = dict(self._usual)
        said = cells.get("voice") or self._spoken_by(cells.get("speaker", ""))
        if said:
            given["voice"] = self._cast.get(said.casefold(), said)
        for name in ("language", "instruct", "emotion", "seed", *RANGES):
            if cell := cells.get(name):
                given[name] = self._read(name, cell)
        return given

    def _spoken_by(self, speaker: str) -> str:
        """A speaker is a voice where no column and no option says more."""
        if speaker.casefold() in self._cast or ("voice" not in self._known.values() and not self._options.voice):
            return speaker
        return ""

    def _read(self, name: str, cell: str) -> str | int | float | None:
        try:
            if name == "seed":
                return seed(cell)
            if name == "language":
                return language(cell)
            if name in RANGES:
                return number(cell, name)
        except ValueError as error:
            self._tell(name, str(error))
            return None
        if len(cell) > (longest := MAX_TEXT if name == "instruct" else MAX_NAME):
            self._tell(name, f"it has {len(cell)} characters, and at most {longest} are allowed")
        return cell

    def _file(self, cells: Mapping[str, str], called: str, number: int, voice: str | None) -> str:
        """The name of its file, which no other row may have."""
        written = cells.get("filename", "")
        if written and (told := problem(written)):
            self._tell("filename", f"{written[:60]!r} is no name for a file: {told}")
            return ""
        values = {**cells, "id": called, "voice": voice or "", "row": str(number)}
        name = "/".join(parts_of(written)) if written else self._template.filled(values)
        first = self._seen.files.setdefault(folded(name), self._row.line)
        if self._is_new(called) and first != self._row.line:
            self._tell("filename" if written else "", f"its file {name!r} is also that of line {first}")
        return name

    def _is_new(self, called: str) -> bool:
        """Whether no row before has this id; else that was told, and what follows from it need not be."""
        return bool(called) and self._seen.ids.get(called, self._row.line) == self._row.line


def _is_text(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True
