"""A pipeline as small as can be: each line is a segment, and their FLAC files behind each other are the artifact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import BaseModel, ConfigDict

from daemon.faults import Malformed
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.table import RECIPES

ABOUT = "lines, spoken one by one"


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    voice: str | None = None


def plan(data: bytes, name: str, options: Any) -> Plan:
    lines = data.decode().splitlines()
    if not any(lines):
        raise Malformed("there is no line in it")
    return Plan(tuple(Segment(f"{at:04}", line, options.voice) for at, line in enumerate(lines, 1)), title=name)


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Any) -> Sequence[Mapping[str, object]]:
    data = b"".join((folder / take.file).read_bytes() for take in takes)
    (folder / "all.bin").write_bytes(data)
    return [{"name": "all.bin", "bytes": len(data)}]


@contextmanager
def lines() -> Iterator[None]:
    """The pipeline `lines` is in the table."""
    import sys

    with (
        mock.patch.dict(RECIPES, {"lines": "lines"}),
        mock.patch.dict(sys.modules, {"daemon.pipelines.lines": sys.modules[__name__]}),
    ):
        yield
