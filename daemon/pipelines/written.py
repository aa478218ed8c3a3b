"""A plan in its run folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from daemon.pipelines.plan import Plan, Segment


@dataclass(frozen=True, slots=True)
class Written:
    """A plan, and how far its making is."""

    plan: Plan
    ready: bool = True
    """Nothing has to be found out before its segments are spoken."""
    choice: str | None = None
    """What somebody chose."""
    read: bool = False
    """Its segments tell how they will be read aloud."""

    def as_dict(self) -> dict[str, object]:
        """For its file; `read` is the other way."""
        unready, read = {} if self.ready else {"ready": False}, {"read": True} if self.read else {}
        return {**asdict(self.plan), **unready, **read, **({} if self.choice is None else {"choice": self.choice})}


def read(told: Mapping[str, Any]) -> Written:
    """A plan from its file."""
    plan = Plan(
        tuple(segment(one) for one in told["segments"]), told["title"], told["author"], told["language"],
        tuple(told["warnings"]),
    )  # fmt: skip
    return Written(plan, told.get("ready", True), told.get("choice"), told.get("read", False))


def segment(told: Mapping[str, Any]) -> Segment:
    """One of its segments; what an older or newer house has written of it besides is left out."""
    names = {field.name for field in fields(Segment)}
    return Segment(**{name: value for name, value in told.items() if name in names})
