"""One piece of long work: where it is, how far, and what of it is spoken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from daemon.pipelines.plan import Plan, Taken
from daemon.pipelines.recipe import Recipe
from daemon.pipelines.written import Written
from outputs.ledger import Ledger

# How many of the latest segments tell how long the others will take.
_RECENT: Final = 40


class State(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    run_id: str
    pipeline: str
    state: State
    phase: str
    """What is done now, such as speaking or assembling; may be empty."""
    segments: int
    done: int
    seconds: float
    """Of audio that is spoken."""
    left_s: float | None
    """How long it will still take, as far as can be told."""
    error: str = ""
    share: float | None = None
    """How much of this phase is done, from 0 to 1, where that is known and segments do not tell."""
    question: str = ""
    """What has to be chosen before it goes on."""


class Job:
    """One run at work. Changed by its own task alone; anybody may watch."""

    def __init__(
        self, pipeline: str, recipe: Recipe, ledger: Ledger, written: Written, options: Any, request: Mapping[str, Any]
    ) -> None:
        """`request` is the job as it was asked for, and `options` are its own, read."""
        self.pipeline, self.recipe, self.ledger = pipeline, recipe, ledger
        self.options, self.request = options, request
        self.seed = int(request["seed"])
        self.tries = int(request.get("verify", 0))
        """How many takes of a segment there may be until one passes the gate; 0 is no gate."""
        self.after: str | None = request.get("after")
        """An earlier run, of which everything is taken over that has not changed."""
        self.id = ledger.id
        self.state, self.phase, self.error = State.WAITING, "", ""
        self.share: float | None = None
        self.question, self.choice = "", written.choice
        self.takes: dict[str, Taken] = {}
        self._seconds = 0.0
        self.read = written.read
        """Its plan tells how its segments will be read aloud."""
        self._plan(written.plan, written.ready)
        self.task: asyncio.Task[None] | None = None
        self._spoken_at: list[tuple[float, int]] = []
        self._changed = asyncio.Event()

    def progress(self) -> Progress:
        """As it is now."""
        return Progress(
            self.id, self.pipeline, self.state, self.phase, len(self.plan.segments), len(self.takes),
            round(self._seconds, 3), self._left(), self.error, self.share, self.question,
        )  # fmt: skip

    def told(self) -> dict[str, object]:
        """What its run tells of it afterwards."""
        warnings = list(self.plan.warnings)
        return {
            "segments": len(self.plan.segments), "spoken": len(self.takes), "seconds": round(self._seconds, 3),
            "warnings": warnings,
        }  # fmt: skip

    def change(
        self, state: State | None = None, *, phase: str = "", error: str = "", share: float | None = None,
        question: str = "",
    ) -> None:  # fmt: skip
        """Tell whoever watches."""
        self.state, self.phase, self.error = state or self.state, phase, error
        self.share, self.question = share, question
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def planned(self, plan: Plan, *, read: bool = False) -> None:
        """All its segments are known now; and, once it is `read`, how they will be read aloud."""
        self.read = read
        self._plan(plan, ready=True)

    def _plan(self, plan: Plan, ready: bool) -> None:
        self.plan, self.ready = plan, ready
        self._unspoken = sum(len(segment.text) for segment in plan.segments if segment.id not in self.takes)
        """Characters."""

    def have(self, take: Taken) -> None:
        """A segment is there already."""
        self.takes[take.segment.id] = take
        self._seconds += take.seconds
        self._unspoken -= len(take.segment.text)

    def lose(self, segment: str) -> None:
        """A segment is not there any more."""
        take = self.takes.pop(segment)
        self._seconds -= take.seconds
        self._unspoken += len(take.segment.text)

    def keep(self, take: Taken) -> None:
        """A segment is spoken."""
        self.have(take)
        self._spoken_at.append((time.monotonic(), len(take.segment.text)))
        del self._spoken_at[:-_RECENT]
        self.change(phase=self.phase)

    async def watch(self) -> AsyncGenerator[Progress, None]:
        """Now, then after every change, until it has ended."""
        while True:
            changed, told = self._changed, self.progress()
            yield told
            if told.state in ENDED:
                return
            await changed.wait()

    def _left(self) -> float | None:
        """From the characters that were spoken lately to those that are left."""
        recent = self._spoken_at
        if self.state is not State.RUNNING or len(recent) < 2:
            return None
        passed, spoken = recent[-1][0] - recent[0][0], sum(characters for _, characters in recent[1:])
        return round(passed / spoken * self._unspoken, 1) if spoken else None
