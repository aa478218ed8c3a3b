"""Rows of a table, each with its line: CSV, TSV and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, NoReturn

from daemon.pipelines.mistakes import Mistakes

Format = Literal["csv", "tsv", "jsonl"]

_DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells by the names of their columns, as the file writes them."""

    line: int
    """Where it begins."""
    cells: Mapping[str, str]


def table(text: str, form: Format, mistakes: Mistakes) -> tuple[list[str], list[Row]]:
    """The names of the columns and the rows; what is wrong is told, and the rows around it are there."""
    return _objects(text, mistakes) if form == "jsonl" else _table(text, form, mistakes)


# --- tables ------------------------------------------------------------------------------------------------------------


def _table(text: str, form: Format, mistakes: Mistakes) -> tuple[list[str], list[Row]]:
    text, skipped, said = _separator(text)
    lines = _records(text, said or ("\t" if form == "tsv" else _delimiter(text)), skipped, mistakes)
    header = next(((line, cells) for line, cells in lines if any(cell.strip() for cell in cells)), None)
    if header is None:
        return [], []
    names = [cell.strip() for cell in header[1]]
    while names and not names[-1]:
        names.pop()
    if "" in names:
        mistakes.tell(f"line {header[0]}", f"column {names.index('') + 1} has no name")
    return names, list(_rows(lines, names, mistakes))


def _rows(lines: Iterable[tuple[int, list[str]]], names: Sequence[str], mistakes: Mistakes) -> Iterator[Row]:
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        while len(cells) > len(names) and not cells[-1].strip():
            cells.pop()
        if len(cells) > len(names):
            told = (
                f"it has {len(cells)} cells, and the header names {len(names)}: is a text with a comma not in quotes?"
            )
            mistakes.tell(f"line {line}", told)
        yield Row(line, dict(zip(names, cells, strict=False)))


def _separator(text: str) -> tuple[str, int, str | None]:
    """Excel's first line `sep=;`: the rest, the lines left out, and the delimiter."""
    first, newline, rest = text.partition("\n")
    if first.rstrip("\r").lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return rest, 1 if newline else 0, first[4]
    return text, 0, None


def _delimiter(text: str) -> str:
    """The one that is most often in the header, outside of quotes."""
    outside = "".join(_header(text).split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _header(text: str) -> str:
    """The first line with anything in it."""
    return next((line for line in io.StringIO(text) if line.strip()), "")


def _records(text: str, delimiter: str, skipped: int, mistakes: Mistakes) -> Iterator[tuple[int, list[str]]]:
    """Every record and the line it begins on; a broken one ends the table, for nobody knows where the next one begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            mistakes.tell(f"line {line}", f"{_told(str(error))}; the rows behind it were not read")
            return
        yield line, cells


def _told(error: str) -> str:
    if "unexpected end" in error:
        return "a quote is opened and never closed"
    if "expected after" in error:
        return 'a quote stands in the middle of a cell: put the cell in quotes and write "" for each in it'
    if "field larger" in error:
        return "a cell is too long; is a quote opened and never closed?"
    return f"the row is broken: {error}"


# --- JSON lines --------------------------------------------------------------------------------------------------------


def _objects(text: str, mistakes: Mistakes) -> tuple[list[str], list[Row]]:
    rows = [row for line, source in enumerate(text.split("\n"), 1) if (row := _object(source, line, mistakes))]
    return list(dict.fromkeys(chain.from_iterable(row.cells for row in rows))), rows


def _object(source: str, line: int, mistakes: Mistakes) -> Row | None:
    """The row on a line; None for a blank line and for what is no object."""
    if not source.strip():
        return None
    try:
        value = json.loads(source, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        mistakes.tell(f"line {line}, column {error.colno}", f"it is no JSON: {error.msg}")
        return None
    except (ValueError, RecursionError) as error:
        told = error.args[0] if isinstance(error, _Wrong) else "it cannot be read: thousands of digits, or of brackets"
        mistakes.tell(f"line {line}", told)
        return None
    if not isinstance(value, dict):
        mistakes.tell(f"line {line}", 'a row is one JSON object on one line: {"id": …, "text": …}')
        return None
    return Row(line, {str(name): _written(cell) for name, cell in value.items()})


class _Wrong(ValueError):
    """JSON, and not what a row may hold."""


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Wrong(f"{next(name for name in names if names.count(name) > 1)[:40]!r} is there twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise _Wrong(f"{constant} is no JSON")


def _written(value: object) -> str:
    """A cell as text; numbers as they are, nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
