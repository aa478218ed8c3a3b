"""Which rows of one model hold its slots and who of them moves next: pure. No tensor, no clock, no await.

The rules, in order (`models/schedule.py` says which models are in memory at all):
1. A row whose deadline has passed before its first frame is expired.
2. A free slot goes to the most urgent row that has something to say; equals go in order of arrival.
3. No slot free: the row that wants one takes it from a row that is idle (its listener is full, or its text is dry), else
   from a less urgent one, else from an equal that has had its quantum. The loser is parked, never lost.
4. A step moves the rows that hold slots and are ready, the urgent first, then whoever has waited longest.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

# Two seconds of speech at 12.5 frames a second: long enough that parking costs little, short enough that a short reply
# behind long ones is heard within a breath.
QUANTUM_FRAMES = 25


class Priority(enum.IntEnum):
    """How urgent speech is; the lower number goes first."""

    REPLY = 0
    INTERACTIVE = 1
    PREVIEW = 2
    BATCH = 3


class QueueFull(Exception):
    """As many rows as the settings allow are speaking or waiting already."""


@dataclass(slots=True, eq=False)
class Row:
    """One request as the scheduler sees it."""

    priority: Priority = Priority.INTERACTIVE
    deadline: float | None = None
    """The latest time for a first frame, on the caller's clock; None waits for ever."""
    held: bool = False
    """The listener is above its high-water mark."""
    dry: bool = True
    """There is no text to speak now, but more may come."""
    model: str = ""
    slot: int | None = None
    parked: bool = False
    rank: int = 0
    frames_in_slot: int = 0
    last_step: int = 0
    moved: float = 0.0
    """When it took its slot or was last stepped, on the caller's clock."""
    kept_out: float | None = None
    """Since when it has something to say and its model is not in memory."""

    @property
    def idle(self) -> bool:
        """Whether a step could do nothing for this row."""
        return self.held or self.dry

    @property
    def order(self) -> tuple[int, int]:
        """The lower, the sooner its turn."""
        return self.priority, self.rank


@dataclass(frozen=True, slots=True)
class Plan:
    """What one model does in one turn, in this order."""

    expire: list[Row] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    park: list[tuple[Row, int]] = field(default_factory=list)
    join: list[tuple[Row, int]] = field(default_factory=list)
    step: list[tuple[Row, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.expire or self.leave or self.park or self.join or self.step)


class Batch:
    """The rows of one model and who of them holds which slot."""

    def __init__(self, slots: int, width: int, ranks: Iterator[int] | None = None) -> None:
        """`ranks` counts arrivals; models that are compared with each other share it."""
        self.slots, self.width = slots, width
        self.rows: set[Row] = set()
        self._free = list(range(slots - 1, -1, -1))
        self._left: list[int] = []
        self._ranks = ranks or count(1)
        self._turns = count(1)

    def submit(self, row: Row) -> None:
        """Let a row in."""
        row.rank = next(self._ranks)
        self.rows.add(row)

    def remove(self, row: Row) -> None:
        """Take a row out, wherever it is; its slot is free from the next plan on. Safe to call twice."""
        if row in self.rows:
            self.rows.discard(row)
            if row.slot is not None:
                self._left.append(row.slot)
                row.slot = None

    # --- a turn -------------------------------------------------------------------------------------------------

    def expire(self, plan: Plan, now: float) -> None:
        """Take out whose deadline has passed."""
        plan.expire.extend(row for row in self.rows if row.deadline is not None and now >= row.deadline)
        for row in plan.expire:
            self.remove(row)

    def seat(self, plan: Plan, now: float, before: tuple[int, int] | None = None) -> None:
        """Give slots to the rows that want them; only to those whose turn is `before` this one, when it is given."""
        plan.leave.extend(self._left)
        self._free.extend(self._left)
        self._left.clear()
        for row in self.wanting():
            if before is not None and row.order >= before:
                return
            if not self._free and not self._make_room(row, plan):
                return  # whoever comes later in this order could take no more than this one
            row.slot, row.frames_in_slot, row.moved = self._free.pop(), 0, now
            plan.join.append((row, row.slot))

    def move(self, plan: Plan, now: float) -> None:
        """Choose who is stepped."""
        turn = next(self._turns)
        ready = sorted(self._ready(), key=lambda row: (row.priority, row.last_step, row.rank))
        for row in ready[: self.width]:
            assert row.slot is not None
            row.last_step, row.frames_in_slot, row.moved = turn, row.frames_in_slot + 1, now
            plan.step.append((row, row.slot))

    def park_all(self, plan: Plan) -> None:
        """Take every row out of its slot."""
        plan.leave.extend(self._left)
        for row in sorted(self.seated(), key=lambda row: row.order):
            self._park(row, plan)
        self.clear()

    def clear(self) -> None:
        """Nobody holds a slot: the model is not in memory, or no more."""
        for row in self.seated():
            row.slot = None
        self._left.clear()
        self._free = list(range(self.slots - 1, -1, -1))

    def halve(self) -> None:
        """Half as many slots, one at least. Nobody holds one."""
        self.slots = max(1, self.slots // 2)
        self.clear()

    # --- asked --------------------------------------------------------------------------------------------------

    @property
    def speaking(self) -> int:
        """Rows that hold a slot."""
        return len(self.seated())

    @property
    def waiting(self) -> int:
        """Rows that hold none."""
        return len(self.rows) - self.speaking

    @property
    def urgency(self) -> Priority | None:
        """Of the most urgent row that could be stepped now; None when there is none."""
        return min((row.priority for row in self._ready()), default=None)

    def seated(self) -> list[Row]:
        """Rows that hold a slot."""
        return [row for row in self.rows if row.slot is not None]

    def wanting(self) -> list[Row]:
        """Rows that have something to say and no slot, in the order of their turns."""
        return sorted((row for row in self.rows if row.slot is None and not row.idle), key=lambda row: row.order)

    def _ready(self) -> list[Row]:
        return [row for row in self.rows if row.slot is not None and not row.idle]

    def _make_room(self, wanting: Row, plan: Plan) -> bool:
        joined = {row for row, _ in plan.join}
        losers = [row for row in self.seated() if row not in joined and _may_take(wanting, row)]
        if not losers:
            return False
        self._park(max(losers, key=lambda row: (row.idle, row.priority, row.frames_in_slot, row.rank)), plan)
        return True

    def _park(self, loser: Row, plan: Plan) -> None:
        assert loser.slot is not None
        plan.park.append((loser, loser.slot))
        self._free.append(loser.slot)
        loser.slot, loser.parked, loser.rank = None, True, next(self._ranks)


def _may_take(wanting: Row, holder: Row) -> bool:
    """Whether `wanting` may have the slot of `holder`."""
    if holder.idle or holder.priority > wanting.priority:
        return True
    return holder.priority == wanting.priority and holder.frames_in_slot >= QUANTUM_FRAMES
