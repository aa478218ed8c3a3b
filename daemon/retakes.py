"""Another take, and another, until one is good: the best is kept, and all of them are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from daemon.gate import Verdict
from daemon.limits import MAX_SEED

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One take, as it is told afterwards."""

    seed: int
    verdict: Verdict
    kept: bool

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a report."""
        return {"seed": self.seed, "kept": self.kept, **self.verdict.as_dict()}


@dataclass(frozen=True, slots=True)
class Chosen(Generic[T]):
    """The take that is kept."""

    take: T
    seed: int
    verdict: Verdict
    attempts: tuple[Attempt, ...]
    """All of them, in order; exactly one was kept."""


async def best_of(
    take: Callable[[int | None], Awaitable[T]], judge: Callable[[T], Awaitable[Verdict]], *, seed: int | None, tries: int,
    seed_of: Callable[[T], int] | None = None,
) -> Chosen[T]:  # fmt: skip
    """Take with `seed` and the next ones until a take is good, `tries` times at most; keep the best, the first among equals.

    `seed_of` tells what a take was spoken with where that may be another seed; without `seed` it has to.
    Only the best take is held. What `take` or `judge` raises goes through. Raises ValueError for no tries.
    """
    if tries < 1:
        raise ValueError(f"{tries} tries make no take; it must be 1 at least")
    told: list[tuple[int, Verdict]] = []
    best: T | None = None
    kept = 0
    while not told or (not told[-1][1].good and len(told) < tries):
        asked = (told[-1][0] + 1) % (MAX_SEED + 1) if told else seed
        another = await take(asked)
        verdict = await judge(another)
        told.append((_seed(another, asked, seed_of), verdict))
        if best is None or verdict.score > told[kept][1].score:
            best, kept = another, len(told) - 1
    assert best is not None
    attempts = tuple(Attempt(spoken, verdict, n == kept) for n, (spoken, verdict) in enumerate(told))
    return Chosen(best, *told[kept], attempts)


def _seed(take: T, asked: int | None, seed_of: Callable[[T], int] | None) -> int:
    if seed_of is not None:
        return seed_of(take)
    if asked is None:
        raise ValueError("without a seed, a take has to tell its own")
    return asked
