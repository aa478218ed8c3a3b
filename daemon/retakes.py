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
    take: Callable[[int], Awaitable[T]], judge: Callable[[T], Awaitable[Verdict]], *, seed: int, tries: int
) -> Chosen[T]:
    """Take with `seed`, `seed + 1`, … until one is good, `tries` times at most, and keep the best: the first among equals.

    Only the best take is held. What `take` or `judge` raises goes through. Raises ValueError for no tries.
    """
    if tries < 1:
        raise ValueError(f"{tries} tries make no take; it must be 1 at least")
    seeds = [(seed + n) % (MAX_SEED + 1) for n in range(tries)]
    best = await take(seeds[0])
    verdicts, kept = [await judge(best)], 0
    while not verdicts[-1].good and len(verdicts) < tries:
        another = await take(seeds[len(verdicts)])
        verdicts.append(await judge(another))
        if verdicts[-1].score > verdicts[kept].score:
            best, kept = another, len(verdicts) - 1
    told = tuple(Attempt(seeds[n], verdict, n == kept) for n, verdict in enumerate(verdicts))
    return Chosen(best, seeds[kept], verdicts[kept], told)
