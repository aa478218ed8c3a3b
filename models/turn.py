"""A plan made ready for the engine's thread: everything it needs, and nothing of the event loop's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from models.backend import Backend, Frame, Line, ModelFault, RowFailed
from models.batch import Plan, Row
from models.stream import Stream

Made = list[tuple[Row, Frame]]


class Turn:
    """One plan with the lines, texts and states that it moves. Taken on the event loop, carried out in the thread."""

    def __init__(self, plan: Plan, streams: dict[Row, Stream]) -> None:
        """A row that left since the plan was made is passed over."""
        self._leave, self._park = plan.leave, plan.park
        self._join: list[tuple[Row, int, Line, object | None]] = []
        self._feed: list[tuple[Row, int, list[str], bool]] = []
        self._step: dict[int, Row] = {}
        self._failed: dict[Row, Frame] = {}
        self.parked: list[tuple[Row, object]] = []
        for row, slot in plan.join:
            if stream := streams.get(row):
                self._join.append((row, slot, stream.line, stream.take_parked()))
        for row, slot in plan.step:
            if stream := streams.get(row):
                self._step[slot] = row
                if fed := stream.take_text():
                    self._feed.append((row, slot, *fed))

    def carry_out(self, backend: Backend) -> Made:
        """In the engine's thread: what was made of each row. A row that fails by itself takes no other with it."""
        for slot in self._leave:
            backend.leave(slot)
        for row, slot in self._park:
            self._try(backend, row, slot, partial(self._take_out, backend, row, slot))
        for row, slot, line, parked in self._join:
            work = partial(backend.join, slot, line) if parked is None else partial(backend.restore, slot, parked)
            self._try(backend, row, slot, work)
        for row, slot, segments, ended in self._feed:
            self._try(backend, row, slot, partial(_feed, backend, slot, segments, ended))
        return [*self._failed.items(), *self._stepped(backend)]

    def _try(self, backend: Backend, row: Row, slot: int, work: Callable[[], object]) -> None:
        if row in self._failed:
            return
        try:
            work()
        except RowFailed as error:
            backend.leave(slot)  # a row that could not be parked has lost its slot already, and another waits for it
            self._failed[row] = Frame(slot, error=error)

    def _take_out(self, backend: Backend, row: Row, slot: int) -> None:
        self.parked.append((row, backend.park(slot)))

    def _stepped(self, backend: Backend) -> Made:
        rows = {slot: row for slot, row in self._step.items() if row not in self._failed}
        frames = backend.step(list(rows)) if rows else []
        if sorted(frame.slot for frame in frames) != sorted(rows):
            raise ModelFault(f"slots {sorted(rows)} were stepped, and frames came of {[f.slot for f in frames]}")
        return [(rows[frame.slot], frame) for frame in frames]


def _feed(backend: Backend, slot: int, segments: list[str], ended: bool) -> None:
    for segment in segments:
        backend.feed(slot, segment)
    if ended:
        backend.end_text(slot)
