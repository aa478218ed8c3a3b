"""How late a daemon's event loop wakes, from its own histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.bench import clients
from daemon.bench.server import Server

_BUCKET: Final = "voiced_loop_lag_seconds_bucket"

# How often it woke at most so many seconds late, by seconds; the last is all.
Lag = Mapping[float, float]


async def read(server: Server) -> Lag:
    """Since the daemon started."""
    page = await clients.get(*server.http, "/metrics")
    lines = [line for line in page.splitlines() if line.startswith(_BUCKET)]
    return {float(line.split('"')[1]): float(line.split()[-1]) for line in lines}


def between(earlier: Lag, later: Lag) -> Lag:
    """What came between two readings."""
    return {bound: count - earlier[bound] for bound, count in later.items()}


def together(parts: list[Lag]) -> Lag:
    """All of them."""
    return {bound: sum(part[bound] for part in parts) for bound in parts[0]}


def samples(lag: Lag) -> int:
    """How often it was looked at."""
    return int(max(lag.values()))


def at_most_ms(lag: Lag, share: float) -> float:
    """The bucket that holds this quantile."""
    return 1000 * min(bound for bound, count in lag.items() if count >= share * max(lag.values()))
