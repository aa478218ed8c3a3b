"""Which models are in memory, and which of them move: a pure scheduler over batches. No tensor, no clock, no await.

The rules, in order:
1. A row that has something to say and whose model is not in memory is kept out. A light model is loaded at once.
2. Of all other rows that are kept out the most urgent is served next, equals in order of arrival. Where there is room in
   the cache its model is loaded.
3. No room: a model makes way that nobody holds, one without rows in slots before others, then the one used least recently.
   A row in a slot, or about to take one before the other's turn, holds its model against less urgent ones; against equals
   until QUANTUM_S after the other was kept out and the model was loaded; against more urgent ones not at all. A row that
   has had nothing to say for ASLEEP_S holds nothing. The rows of the model that makes way are parked, never lost.
4. Every model is held: the one used least recently lets nobody into its slots whose turn comes after the row that is kept out.
5. A turn moves the models that have a row ready as urgent as the most urgent that is ready anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Final

from models.backend import Facts
from models.batch import Batch, Plan, QueueFull, Row

# Loading takes seconds, so that turns are long; with the wait and the load the other is heard within the usual deadline.
QUANTUM_S: Final = 10.0
# A player that listens asks for more within two seconds, a person who writes pauses longer; a paused player holds nobody.
ASLEEP_S: Final = 10.0


@dataclass(slots=True)
class Place:
    """One model as the scheduler sees it."""

    batch: Batch
    light: bool
    loaded: bool = False
    since: float = 0.0
    """When it was loaded."""
    used: float = 0.0
    """When it last had a row."""
    busy: bool = False
    """Whether it had one when that was last looked at."""

    def look(self, now: float) -> None:
        """Keep in mind that it is used."""
        if self.batch.rows or self.busy:
            self.used = now
        self.busy = bool(self.batch.rows)

    @property
    def use(self) -> tuple[float, float]:
        """The lower, the less recently it was used."""
        return self.used, self.since


@dataclass(frozen=True, slots=True)
class Round:
    """What the engine does in one turn, in this order: the plans of the models, then who makes way, then who is loaded."""

    plans: dict[str, Plan] = field(default_factory=dict)
    unload: list[str] = field(default_factory=list)
    load: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(any(self.plans.values()) or self.unload or self.load)


class Schedule:
    """All rows of the house, by model."""

    def __init__(self, models: Sequence[Facts], queue: int, cache: int = 1) -> None:
        """`cache` is how many models are in memory at once, the light ones aside."""
        self._ranks = count(1)
        self.places: dict[str, Place] = {}
        self.queue, self.cache = queue, cache
        for facts in models:
            self.add(facts)

    def add(self, facts: Facts) -> None:
        """One more model, which is not in memory."""
        self.places[facts.model] = Place(Batch(facts.slots, facts.width, self._ranks), facts.light)

    def submit(self, row: Row) -> None:
        """Let a row in, or raise QueueFull at once. Rows that are less urgent do not count against it.

        A model's slots are for its own rows; the queue behind them is common to all.
        """
        ahead = {
            name: sum(other.priority <= row.priority for other in place.batch.rows)
            for name, place in self.places.items()
        }
        queued = sum(max(0, number - self.places[name].batch.slots) for name, number in ahead.items())
        if ahead[row.model] >= self.places[row.model].batch.slots and queued >= self.queue:
            number = sum(ahead.values())
            raise QueueFull(f"{number} requests are speaking or waiting, and the queue holds {self.queue}")
        self.places[row.model].batch.submit(row)

    def remove(self, row: Row) -> None:
        """Take a row out, wherever it is. Safe to call twice."""
        self.places[row.model].batch.remove(row)

    def plan(self, now: float) -> Round:
        """Decide one turn."""
        made = Round(plans={name: Plan() for name in self.places})
        for name, place in self.places.items():
            place.batch.expire(made.plans[name], now)
        closing, before = self._switch(made, now)
        for name, place in self._loaded():
            if name not in made.unload:
                place.batch.seat(made.plans[name], now, before if place is closing else None)
            place.look(now)
        urgency = min((u for _, place in self._loaded() if (u := place.batch.urgency) is not None), default=None)
        for name, place in self._loaded():
            if urgency is not None and place.batch.urgency == urgency:
                place.batch.move(made.plans[name], now)
        return made

    # --- told by the engine -------------------------------------------------------------------------------------

    def loaded(self, model: str, now: float) -> None:
        """The model is in memory."""
        place = self.places[model]
        place.loaded, place.since, place.used = True, now, now
        for row in place.batch.rows:
            row.kept_out = None

    def unloaded(self, model: str) -> None:
        """It is not, or no more; nobody holds a slot of it."""
        self.places[model].loaded = False
        self.places[model].batch.clear()

    # --- asked --------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Iterator[Row]:
        """All of them."""
        return (row for place in self.places.values() for row in place.batch.rows)

    @property
    def keeps_out(self) -> bool:
        """Whether a row has something to say and its model is not in memory: time alone may change that."""
        return next(self._kept_out(), None) is not None

    def crowd(self, model: str) -> list[str] | None:
        """Who has to go before this model can be loaded; None when all who could are speaking."""
        others = [(name, place) for name, place in self._heavy() if name != model]
        free = sorted((place.used, name) for name, place in others if not place.batch.speaking)
        over = 0 if self.places[model].light else len(others) + 1 - self.cache
        return None if over > len(free) else [name for _, name in free[: max(0, over)]]

    def quiet(self, now: float, idle_s: float) -> list[str]:
        """Models in memory that nobody has used for so long."""
        return [name for name, due in self._idle(idle_s) if due <= now]

    def next_quiet(self, idle_s: float) -> float | None:
        """When the first of them will be."""
        return min((due for _, due in self._idle(idle_s)), default=None)

    # --- the rules ----------------------------------------------------------------------------------------------

    def _switch(self, made: Round, now: float) -> tuple[Place | None, tuple[int, int] | None]:
        """Decide who is loaded and who makes way; else who is closed for rows that come after whom."""
        kept_out = sorted(self._kept_out(), key=lambda row: row.order)
        for row in kept_out:
            row.kept_out = now if row.kept_out is None else row.kept_out
        if light := next((row for row in kept_out if self.places[row.model].light), None):
            made.load.append(light.model)
            return None, None
        if not kept_out:
            return None, None
        row, heavy = kept_out[0], list(self._heavy())
        if len(heavy) < self.cache:
            made.load.append(row.model)
            return None, None
        free = [(name, place) for name, place in heavy if not _is_held(place, row, now)]
        if not free:
            soon = [place for _, place in heavy if not _is_held(place, row, math.inf)]
            return min(soon, key=lambda place: place.use, default=None), row.order
        name, place = min(free, key=lambda entry: (bool(entry[1].batch.speaking), entry[1].use))
        place.batch.park_all(made.plans[name])
        made.unload.append(name)
        made.load.append(row.model)
        return None, None

    def _kept_out(self) -> Iterator[Row]:
        places = (place for place in self.places.values() if not place.loaded)
        return (row for place in places for row in place.batch.rows if not row.idle)

    def _loaded(self) -> Iterator[tuple[str, Place]]:
        return ((name, place) for name, place in self.places.items() if place.loaded)

    def _heavy(self) -> Iterator[tuple[str, Place]]:
        return ((name, place) for name, place in self._loaded() if not place.light)

    def _idle(self, idle_s: float) -> Iterable[tuple[str, float]]:
        return ((name, place.used + idle_s) for name, place in self._loaded() if not place.batch.rows)


def _is_held(place: Place, wanting: Row, now: float) -> bool:
    """Whether one of its rows keeps a model from one that is wanted."""
    assert wanting.kept_out is not None
    had_its_time = now - max(wanting.kept_out, place.since) >= QUANTUM_S
    awake = (row for row in place.batch.seated() if not (row.idle and now - row.moved >= ASLEEP_S))
    sooner = (row for row in place.batch.wanting() if row.order < wanting.order)
    urgent = wanting.priority + (0 if had_its_time else 1)
    return any(row.priority < urgent for row in chain(awake, sooner))
