"""Chunks are small where a listener waits and large where there is time: a simulated machine and a simulated player."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from models.qwen.pacing import FRAME_S, SIZES, Costs, Pace


@dataclass
class Player:
    """Plays from the first samples on, stands still when it has none, and goes on where it was."""

    chunks: list[int] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    _until: float = 0.0

    def hear(self, frames: int, now: float) -> None:
        if self.arrivals and now > self._until + 1e-9:
            self.gaps.append(now - self._until)
        self._until = max(now, self._until) + frames * FRAME_S
        self.chunks.append(frames)
        self.arrivals.append(now)


def play(frames: int, step: Callable[[], float], decode: Callable[[int], float]) -> Player:
    """Make so many frames: each takes `step`, and decoding n of them `decode(n)`, in one thread."""
    pace, player, costs, now, waiting = Pace(), Player(), Costs(), 100.0, 0
    for size in SIZES:
        costs.decoded(size, decode(size))  # as a model that is warm knows them
    for _ in range(frames):
        took = step()
        now += took
        costs.stepped(took)
        waiting += 1
        if pace.due(waiting, now, costs):
            took = decode(waiting)
            now += took
            costs.decoded(waiting, took)
            player.hear(waiting, now)
            pace.sent(waiting, now)
            waiting = 0
    assert waiting <= 8
    return player


def machine(speed: float, codec: float = 0.3) -> tuple[Callable[[], float], Callable[[int], float]]:
    """So many times as fast as speech; this share of its time is the codec's."""
    whole = FRAME_S / speed
    return lambda: whole * (1 - codec), lambda count: whole * codec * count


@pytest.mark.parametrize("speed", [0.5, 0.9, 1.01, 1.2, 2, 5, 100])
def test_the_first_frame_is_handed_over_by_itself(speed: float) -> None:
    step, decode = machine(speed)
    player = play(200, step, decode)
    assert player.chunks[0] == 1
    assert player.arrivals[0] == pytest.approx(100 + FRAME_S / speed)
    assert max(player.chunks) <= 8


@pytest.mark.parametrize("codec", [0.1, 0.3, 0.5])
@pytest.mark.parametrize("speed", [1.01, 1.2, 2, 5, 100])
def test_nobody_whom_a_machine_keeps_up_with_hears_a_gap(speed: float, codec: float) -> None:
    assert play(600, *machine(speed, codec)).gaps == []


@pytest.mark.parametrize("speed", [2, 5, 100])
def test_chunks_grow_with_what_is_ahead(speed: float) -> None:
    chunks = play(600, *machine(speed)).chunks
    sizes = list(dict.fromkeys(chunks))
    assert sizes == sorted(sizes)
    assert ({1, 2, 4, 8} if speed == 2 else {1, 8}) <= set(sizes)
    assert chunks[-1] == 8


def test_a_fast_machine_is_in_large_chunks_within_a_second() -> None:
    player = play(100, *machine(5))
    assert player.arrivals[player.chunks.index(8)] - player.arrivals[0] < 1.0


@pytest.mark.parametrize("speed", [0.5, 0.9])
def test_a_machine_too_slow_goes_on_in_chunks_that_cost_least(speed: float) -> None:
    player = play(200, *machine(speed))
    assert set(player.chunks[1:]) == {8}
    spent = player.arrivals[-1] - 100
    assert spent == pytest.approx(sum(player.chunks) * FRAME_S / speed)  # nothing was waited for


def test_where_nobody_listens_all_chunks_but_the_first_are_the_largest() -> None:
    pace, costs = Pace(live=False), Costs()
    assert pace.due(1, 0.0, costs)
    pace.sent(1, 0.0)
    assert not pace.due(7, 100.0, costs)
    assert pace.due(8, 0.0, costs)


def test_costs_that_were_not_seen_lie_between_those_that_were() -> None:
    costs = Costs()
    assert costs.chunk_s(4) == 0.0
    costs.stepped(0.05)
    costs.decoded(1, 0.03)
    assert costs.chunk_s(4) == pytest.approx(4 * 0.05 + 4 * 0.03)
    costs.decoded(7, 0.09)
    assert costs.chunk_s(4) == pytest.approx(4 * 0.05 + 0.06)
    assert costs.chunk_s(14) == pytest.approx(14 * 0.05 + 0.18)


def test_a_machine_that_keeps_up_in_large_chunks_only_has_no_more_gaps_once_it_has_caught_up() -> None:
    """Two cores with int8, as measured: 50 ms a step; 1, 2, 4 and 8 frames of the codec take 50, 68, 96 and 168 ms."""
    cost = {1: 0.050, 2: 0.068, 3: 0.082, 4: 0.096, 5: 0.115, 6: 0.133, 7: 0.150, 8: 0.168}
    player = play(600, lambda: 0.050, cost.__getitem__)
    gaps_after_a_second = play(25, lambda: 0.050, cost.__getitem__).gaps
    assert len(player.gaps) == len(gaps_after_a_second)
    assert sum(player.gaps) < 0.4


def test_one_slow_step_is_not_heard_once_there_is_a_lead() -> None:
    chance, count = random.Random(1), 0

    def step() -> float:
        nonlocal count
        count += 1
        return 0.028 + (0.1 if count > 40 and chance.random() < 0.05 else 0.0)

    assert play(600, step, lambda frames: 0.012 * frames).gaps == []


def test_a_listener_who_ran_dry_is_served_in_chunks_of_four() -> None:
    pace, costs = Pace(), Costs()
    costs.stepped(0.05)
    assert pace.due(1, 0.0, costs)
    assert not pace.due(0, 0.0, costs)
    pace.sent(1, 0.0)
    assert not pace.due(3, 5.0, costs)
    assert pace.due(4, 5.0, costs)


def test_a_machine_of_which_nothing_is_known_is_taken_for_a_fast_one() -> None:
    pace, costs = Pace(), Costs()
    pace.sent(8, 0.0)
    assert pace.due(8, 0.0, costs)
    assert not pace.due(7, 0.0, costs)
