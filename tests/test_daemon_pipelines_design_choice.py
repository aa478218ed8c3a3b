"""How a take is chosen."""

from __future__ import annotations

import pytest

from daemon.limits import MAX_SEED
from daemon.pipelines.design.choice import Choice, NoSuchTake
from voices.auditions import AuditionTake

TAKES = [AuditionTake(take=number, seed=seed, seconds=1.0) for number, seed in ((1, 40), (2, 41), (3, 3))]


@pytest.mark.parametrize(
    ("told", "by", "number"),
    [
        ("gate", "gate", 0),
        (" Hand ", "hand", 0),
        (2, "take", 2),
        ("2", "take", 2),
        ("take:12", "take", 12),
        (9, "seed", 9),
        ("seed:3", "seed", 3),
        (MAX_SEED, "seed", MAX_SEED),
    ],
)
def test_what_is_written(told: str | int, by: str, number: int) -> None:
    assert Choice.read(told) == Choice(by, number)  # type: ignore[arg-type]


@pytest.mark.parametrize("told", ["", "best", "-1", -1, "2.5", "seed:", "seed:x", "takes:2", "٢", "1" * 11])
def test_what_is_no_choice(told: str | int) -> None:
    with pytest.raises(ValueError, match="gate, hand, its number or seed:NUMBER"):
        Choice.read(told)


def test_a_seed_has_its_range() -> None:
    with pytest.raises(ValueError, match=f"0 to {MAX_SEED}"):
        Choice.read(MAX_SEED + 1)


def test_the_take_that_is_meant() -> None:
    assert Choice.read(2).of(TAKES) == TAKES[1]
    assert Choice.read(40).of(TAKES) == TAKES[0]
    assert Choice.read("seed:3").of(TAKES) == TAKES[2]
    assert Choice("gate").of(TAKES) is Choice("hand").of(TAKES) is None
    with pytest.raises(NoSuchTake, match=r"no take 4: the takes are 1 to 3$"):
        Choice.read(4).of(TAKES)
    with pytest.raises(NoSuchTake, match="no seed 42: the takes are 1 to 3, with the seeds 40, 41, 3"):
        Choice.read(42).of(TAKES)
    with pytest.raises(NoSuchTake, match=r"no take 2: there is one take$"):
        Choice.read(2).of(TAKES[:1])


def test_it_is_known_before_anything_is_spoken() -> None:
    Choice.read(3).see(3, 0)
    Choice.read("seed:1").see(3, MAX_SEED)  # seeds go round
    with pytest.raises(NoSuchTake):
        Choice.read("seed:2").see(3, MAX_SEED)
