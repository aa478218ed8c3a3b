"""Who runs next: a pure scheduler over rows and slots. No tensor, no clock, no await.

The rules, in order:
1. A row whose deadline has passed before its first frame is expired.
2. A free slot goes to the most urgent row that has something to say; equals go in order of arrival.
3. No slot free: the row that wants one takes it from a row that is idle (its listener is full, or its text is dry), else
   from a less urgent one, else from an equal that has had its quantum. The loser is parked, never lost.
4. A step moves the rows that hold slots and are ready, the urgent first, then whoever has waited longest.
"""

from __future__ import annotations

import enum
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
    slot: int | None = None
    parked: bool = False
    rank: int = 0
    frames_in_slot: int = 0
    last_step: int = 0

    @property
    def idle(self) -> bool:
        """Whether a step could do nothing for this row."""
        return self.held or self.dry


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine does in one turn, in this order."""

    expire: list[Row] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    park: list[tuple[Row, int]] = field(default_factory=list)
    join: list[tuple[Row, int]] = field(default_factory=list)
    step: list[tuple[Row, int]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.expire or self.leave or self.park or self.join or self.step)


class Batch:
    """The rows of one engine and who of them holds which slot."""

    def __init__(self, slots: int, width: int, queue: int) -> None:
        self.slots, self.width, self.queue = slots, width, queue
        self.rows: set[Row] = set()
        self._free = list(range(slots - 1, -1, -1))
        self._left: list[int] = []
        self._ranks = count(1)
        self._turns = count(1)

    def submit(self, row: Row) -> None:
        """Let a row in, or raise QueueFull at once. Rows that are less urgent do not count against it."""
        ahead = sum(other.priority <= row.priority for other in self.rows)
        if ahead >= self.slots + self.queue:
            raise QueueFull(f"{ahead} requests are speaking or waiting, and the queue holds {self.queue}")
        row.rank = next(self._ranks)
        self.rows.add(row)

    def remove(self, row: Row) -> None:
        """Take a row out, wherever it is; its slot is free from the next plan on. Safe to call twice."""
        if row in self.rows:
            self.rows.discard(row)
            if row.slot is not None:
                self._left.append(row.slot)
                row.slot = None

    def plan(self, now: float) -> Plan:
        """Decide one turn."""
        plan = Plan()
        self._expire(plan, now)
        plan.leave.extend(self._left)
        self._free.extend(self._left)
        self._left.clear()
        self._assign(plan)
        self._choose(plan)
        return plan

    @property
    def speaking(self) -> int:
        """Rows that hold a slot."""
        return sum(row.slot is not None for row in self.rows)

    @property
    def waiting(self) -> int:
        """Rows that hold none."""
        return len(self.rows) - self.speaking

    def _expire(self, plan: Plan, now: float) -> None:
        plan.expire.extend(row for row in self.rows if row.deadline is not None and now >= row.deadline)
        for row in plan.expire:
            self.remove(row)

    def _assign(self, plan: Plan) -> None:
        wanting = sorted(
            (row for row in self.rows if row.slot is None and not row.idle), key=lambda row: (row.priority, row.rank)
        )
        for row in wanting:
            if not self._free and not self._make_room(row, plan):
                return  # whoever comes later in this order could take no more than this one
            row.slot, row.frames_in_slot = self._free.pop(), 0
            plan.join.append((row, row.slot))

    def _make_room(self, wanting: Row, plan: Plan) -> bool:
        joined = {row for row, _ in plan.join}
        losers = [row for row in self.rows if row.slot is not None and row not in joined and _may_take(wanting, row)]
        if not losers:
            return False
        loser = max(losers, key=lambda row: (row.idle, row.priority, row.frames_in_slot, row.rank))
        assert loser.slot is not None
        plan.park.append((loser, loser.slot))
        self._free.append(loser.slot)
        loser.slot, loser.parked, loser.rank = None, True, next(self._ranks)
        return True

    def _choose(self, plan: Plan) -> None:
        turn = next(self._turns)
        ready = [row for row in self.rows if row.slot is not None and not row.idle]
        ready.sort(key=lambda row: (row.priority, row.last_step, row.rank))
        for row in ready[: self.width]:
            assert row.slot is not None
            row.last_step, row.frames_in_slot = turn, row.frames_in_slot + 1
            plan.step.append((row, row.slot))


def _may_take(wanting: Row, holder: Row) -> bool:
    """Whether `wanting` may have the slot of `holder`."""
    if holder.idle or holder.priority > wanting.priority:
        return True
    return holder.priority == wanting.priority and holder.frames_in_slot >= QUANTUM_FRAMES
