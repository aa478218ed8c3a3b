"""Which take of an audition becomes the voice: the gate's best, somebody's own choice, or one that is known before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from daemon.limits import MAX_SEED
from daemon.making.auditions import MAX_TAKES
from voices.auditions import AuditionTake

By = Literal["gate", "hand", "take", "seed"]

_NUMBER: Final = re.compile(r"(?:(take|seed):)?([0-9]{1,10})", re.ASCII)


class NoSuchTake(ValueError):
    """What was chosen is none of the takes; the text tells which there are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who or what chooses."""

    by: By
    number: int = 0
    """Of the take, or its seed."""

    @classmethod
    def read(cls, told: str | int) -> Choice:
        """`gate`, `hand`, `2` or `take:2`, `1234` or `seed:1234`. Raises ValueError.

        A bare number is a take's as far as an audition can have so many, and a seed beyond.
        """
        text = str(told).strip().lower()
        if text in ("gate", "hand"):
            return cls("gate" if text == "gate" else "hand")
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise ValueError(f"a take is chosen by gate, hand, its number or seed:NUMBER, not by {text[:40]!r}")
        number = int(match[2])
        if (match[1] or ("take" if number <= MAX_TAKES else "seed")) == "take":
            return cls("take", number)
        if number > MAX_SEED:
            raise ValueError(f"a seed is a whole number from 0 to {MAX_SEED}, not {number}")
        return cls("seed", number)

    def see(self, takes: int, first_seed: int) -> None:
        """Raises NoSuchTake where an audition of so many takes, from this seed on, will not have it."""
        self.of([AuditionTake(take=n + 1, seed=(first_seed + n) % (MAX_SEED + 1), seconds=0) for n in range(takes)])

    def of(self, takes: Sequence[AuditionTake]) -> AuditionTake | None:
        """The take that is meant; None where it is not known by its number or seed. Raises NoSuchTake."""
        if self.by in ("gate", "hand"):
            return None
        for take in takes:
            if self.number == (take.take if self.by == "take" else take.seed):
                return take
        there = f"the takes are 1 to {len(takes)}" if len(takes) > 1 else "there is one take"
        if self.by == "seed":
            there += f", with the seeds {', '.join(str(take.seed) for take in takes)}"
        raise NoSuchTake(f"there is no {self.by} {self.number}: {there}")
