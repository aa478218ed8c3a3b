"""A model that speaks badly where it is told to: the built-in voice, and some of its takes are spoilt on their way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.backend import Backend, Facts, FinishReason, Frame, Line


@dataclass(frozen=True)
class Plant:
    """What is wrong with the takes of one text."""

    takes: int = 1
    """So many, from the first; the next one is good."""
    spoil: Callable[[bytes], bytes] = lambda pcm: pcm
    words: str | None = None
    """What is said instead."""
    end: FinishReason = "stop"


@dataclass
class _Row:
    line: Line
    plant: Plant | None = None
    pcm: bytes = b""


class Planted:
    """Speaks each text as `plants` have it, by the seed: the first take has the seed `first`, the next the one after."""

    def __init__(self, real: Backend, plants: Mapping[str, Plant], first: int) -> None:
        self._real, self._plants, self._first = real, plants, first
        self._rows: dict[int, _Row] = {}
        self.spoken: list[tuple[str, int]] = []
        """Every text that was fed, and which take of it this was, counted from 0."""

    @property
    def facts(self) -> Facts:
        return self._real.facts

    def load(self) -> None:
        self._real.load()

    def warm_up(self) -> None:
        self._real.warm_up()

    def unload(self) -> None:
        self._real.unload()

    def join(self, slot: int, line: Line) -> None:
        self._rows[slot] = _Row(line)
        self._real.join(slot, line)

    def feed(self, slot: int, text: str) -> None:
        row = self._rows[slot]
        take = row.line.seed - self._first
        self.spoken.append((text.strip(), take))
        plant = self._plants.get(text.strip())
        if plant is not None and take < plant.takes:
            row.plant = plant
            text = plant.words or text
        self._real.feed(slot, text)

    def end_text(self, slot: int) -> None:
        self._real.end_text(slot)

    def step(self, slots: Sequence[int]) -> list[Frame]:
        return [self._spoilt(frame) for frame in self._real.step(slots)]

    def park(self, slot: int) -> object:
        return self._rows.pop(slot), self._real.park(slot)

    def restore(self, slot: int, parked: Any) -> None:
        self._rows[slot], real = parked
        self._real.restore(slot, real)

    def leave(self, slot: int) -> None:
        self._rows.pop(slot, None)
        self._real.leave(slot)

    def _spoilt(self, frame: Frame) -> Frame:
        """Nothing before its end, and then all of it, spoilt."""
        row = self._rows[frame.slot]
        if row.plant is None:
            return frame
        row.pcm += frame.pcm
        if frame.end is None:
            return replace(frame, pcm=b"")
        return replace(frame, pcm=row.plant.spoil(row.pcm), end=row.plant.end)
