"""Pipelines as small as can be: each line is a segment, and their FLAC files behind each other are the artifact.

`lines` is one; `asking` is the other, which speaks its lines from the one that somebody chooses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from pydantic import BaseModel, ConfigDict

from daemon.faults import Malformed
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.table import RECIPES
from daemon.pipelines.tools import PREPARED, NeedsChoice, Tools, Work

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


class Asking:
    """Knows its segments only when it was told where to begin, and does not ask twice what it has written down."""

    ABOUT, Options = ABOUT, Options
    assemble = staticmethod(assemble)

    def __init__(self) -> None:
        self.prepared: list[str | None] = []
        """The choices that it was called with."""
        self.wrong: Exception | None = None
        """What keeps this house from it."""
        self.hold: asyncio.Event | None = None
        """What it waits for."""

    def able(self, tools: Tools, options: Any) -> None:
        if self.wrong:
            raise self.wrong

    def plan(self, data: bytes, name: str, options: Any) -> Plan:
        return Plan((), name)

    async def prepare(self, tools: Tools, work: Work, plan: Plan, options: Any) -> Plan:
        self.prepared.append(work.choice)
        work.tell("thinking", 0.5)
        if self.hold:
            await self.hold.wait()
        if work.choice is None:
            raise NeedsChoice("from which line on? `--choose 2` begins with the second")
        (work.folder / PREPARED / "choice").write_text(work.choice)
        found = work.data.decode().splitlines()[int(work.choice) - 1 :]
        return replace(plan, segments=tuple(Segment(f"{at:04}", line) for at, line in enumerate(found, 1)))


@contextmanager
def listed(**pipelines: Any) -> Iterator[None]:
    """These pipelines are in the table, each under its name."""
    import sys

    modules = {f"daemon.pipelines.{name}": module for name, module in pipelines.items()}
    with mock.patch.dict(RECIPES, {name: name for name in pipelines}):
        sys.modules.update(modules)  # not by `patch.dict`, which would forget what else is imported meanwhile
        try:
            yield
        finally:
            for name in modules:
                del sys.modules[name]


@contextmanager
def lines() -> Iterator[Asking]:
    """The pipelines `lines` and `asking` are in the table."""
    import sys

    asking = Asking()
    with listed(lines=sys.modules[__name__], asking=asking):
        yield asking
