"""Who listens: the open streams by their rows, and the one way out for both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from models.backend import Line
from models.batch import Priority, Row
from models.schedule import Round, Schedule
from models.stream import Stream
from models.turn import Made, Turn

# How often a visitor looks whether the model is there.
_LOOK_S: Final = 0.02


class Listeners:
    """The streams of one engine."""

    def __init__(self, schedule: Schedule, wake: Callable[[], None]) -> None:
        """`wake` is called when somebody comes, leaves, or is ready for more."""
        self.streams: dict[Row, Stream] = {}
        self._schedule, self._wake = schedule, wake

    def open(self, line: Line, model: str, priority: Priority, deadline_s: float | None) -> Stream:
        """Let one in. Raises QueueFull."""
        row = Row(priority=priority, model=model)
        self._schedule.submit(row)
        stream = Stream(row, line, deadline_s, wake=self._wake, leave=self.leave)
        self.streams[row] = stream
        return stream

    @asynccontextmanager
    async def visit(self, model: str) -> AsyncIterator[None]:
        """Wait in the queue, as a listener would, until a model is in memory or could not be loaded. Raises QueueFull."""
        row, place = Row(model=model, dry=False), self._schedule.places[model]
        self._schedule.submit(row)
        self._wake()
        try:
            while row in place.batch.rows and not place.loaded:  # noqa: ASYNC110 - nobody tells when it has come
                await asyncio.sleep(_LOOK_S)
            yield
        finally:
            self.leave(row)

    def leave(self, row: Row) -> None:
        """The one way out, safe to call twice."""
        self.streams.pop(row, None)
        self._schedule.remove(row)
        self._wake()

    def deliver(self, made: Made) -> None:
        """Give each what a step made for it."""
        for row, frame in made:
            stream = self.streams.get(row)
            if stream is None:
                continue  # its listener left while the step ran
            stream.deliver(frame)
            if frame.error is not None or frame.end is not None:
                self.leave(row)

    def keep(self, turn: Turn) -> None:
        """The states of rows that a turn has parked, for as long as their listeners stay."""
        for row, parked in turn.parked:
            if row in self.streams:
                self.streams[row].parked = parked

    def expire(self, plans: Round) -> None:
        """Tell those whose deadline has passed; the schedule has forgotten them already."""
        for plan in plans.plans.values():
            for row in plan.expire:
                if stream := self.streams.pop(row, None):
                    stream.expire()

    def fail(self, rows: Iterable[Row], error: Exception) -> None:
        """End these with an error."""
        for row in list(rows):
            if stream := self.streams.get(row):
                stream.fail(error)
            self.leave(row)

    def fail_all(self, error: Exception) -> None:
        """End everybody."""
        self.fail(self._schedule.rows, error)

    def fail_model(self, model: str, error: Exception) -> None:
        """End all who want this model."""
        self.fail(self._schedule.places[model].batch.rows, error)

    def fail_stateful(self, model: str, error: Exception) -> None:
        """End those of a model that is given up who hold a slot, or whose state was lost on its way out of one.

        Whoever waits loses nothing, and whoever is parked goes on when it is loaded again.
        """
        rows = self._schedule.places[model].batch.rows
        self.fail([row for row in rows if row.slot is not None or self._is_lost(row)], error)

    def _is_lost(self, row: Row) -> bool:
        stream = self.streams.get(row)
        return row.parked and (stream is None or stream.parked is None)
