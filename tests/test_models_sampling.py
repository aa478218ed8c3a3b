"""What may be asked of the sampling, in one table for the doors, the core and the engine."""

from __future__ import annotations

import math

import pytest

from models.sampling import KNOBS, mistakes


def test_the_defaults_are_no_mistakes() -> None:
    assert not mistakes({name: knob.default for name, knob in KNOBS.items()})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("do_sample", [1, "yes", None]),
        ("temperature", [0, 0.009, 10.1, math.nan, math.inf, True, "hot", None]),
        ("top_k", [-1, 1.5, 100_001, False]),
        ("top_p", [0, 1.01, -1]),
        ("repetition_penalty", [0, 0.05, 11]),
        ("max_new_tokens", [0, 1, 8193, 10**30]),
        ("stop_guard", [0, "no"]),
        ("topp", [0.5]),
    ],
)
def test_what_cannot_be_is_told(name: str, values: list[object]) -> None:
    for value in values:
        ((where, told),) = mistakes({"top_k": 5, name: value})[-1:]
        assert where == name
        assert "must be" in told or "there is no such field" in told


@pytest.mark.parametrize(
    "given", [{"temperature": 1}, {"temperature": 0.01, "top_p": 1e-9}, {"top_k": 0, "subtalker_top_k": 100_000}]
)
def test_what_can_be_is_not(given: dict[str, object]) -> None:
    assert not mistakes(given)


def test_all_of_it_at_once() -> None:
    assert [name for name, _ in mistakes({"top_p": 2, "x": 1, "do_sample": 0, "top_k": 1})] == [
        "top_p",
        "x",
        "do_sample",
    ]
