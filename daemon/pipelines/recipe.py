"""What every pipeline is: a plan made of an input, and artifacts made of what was spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from daemon.pipelines.plan import Plan, Taken
from daemon.pipelines.tools import Tools, Work


class Recipe(Protocol):
    """One pipeline; a module of `daemon.pipelines` is one. All of it is pure but `assemble`, which writes files."""

    ABOUT: str
    """What it makes of what, in a line."""
    Options: type[BaseModel]

    def plan(self, data: bytes, name: str, options: Any, /) -> Plan:
        """What will be spoken. Raises InputMistake with everything that is wrong with the input."""

    def assemble(
        self, folder: Path, plan: Plan, takes: Sequence[Taken], options: Any, /
    ) -> Sequence[Mapping[str, object]]:
        """Write the artifacts into the run folder, from its segments: for each its `name` and what is to be told of it.

        The same segments make the same bytes. Called in a thread; raises StorageFailed.
        """


@runtime_checkable
class Demanding(Protocol):
    """A pipeline that not every house can do."""

    def able(self, tools: Tools, options: Any, /) -> None:
        """Raise what keeps this house from it, before there is a run."""


@runtime_checkable
class Preparing(Protocol):
    """A pipeline that knows its segments only after it has heard, made or been told something."""

    async def prepare(self, tools: Tools, work: Work, plan: Plan, options: Any, /) -> Plan:
        """The whole plan; `plan` is what there was at the start. Called in the job's turn, and again after a kill.

        Raises NeedsChoice when somebody has to choose first, and whatever else keeps it from going on.
        """
