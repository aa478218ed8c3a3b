"""Rows for people in columns, for programs as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence


def show(rows: Sequence[Mapping[str, object]], *, as_json: bool, nothing: str) -> None:
    """Print rows that share their keys; `nothing` is said when there are none."""
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2, default=str) + "\n")
        return
    if not rows:
        sys.stdout.write(nothing + "\n")
        return
    heads = list(rows[0])
    cells = [heads, *([_cell(row[head]) for head in heads] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
    for line in cells:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")


def _cell(value: object) -> str:
    if isinstance(value, tuple | list):
        return " ".join(str(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value).replace("\n", " ")
