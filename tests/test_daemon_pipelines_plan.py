"""Segments, and when a take of one is a take of another."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from daemon.pipelines.plan import Segment

ONE = Segment("0001", "Halt!", "ryan", "en", "loudly", "angry", 3, 1.0, 0.0, 0.0)
UNHEARD: dict[str, Any] = {
    "id": "0002", "pause_ms": 700, "chapter": "II", "paragraph": True, "speaker": "The guard", "start_ms": 5, "end_ms": 9,
    "overlaps": True, "name": "gate/halt", "extra": {"note": "by the gate"}, "line": 7, "spoken": "Halt you!",
}  # fmt: skip
HEARD: dict[str, Any] = {
    "text": "Halt.", "voice": None, "language": "de", "instruct": "", "emotion": None, "seed": 4, "speed": 1.1,
    "pitch": 1.0, "gain": -1.0,
}  # fmt: skip


def test_every_field_is_either_heard_or_not() -> None:
    assert {field.name for field in fields(Segment)} == HEARD.keys() | UNHEARD.keys()


@pytest.mark.parametrize("name", UNHEARD)
def test_what_is_not_heard_needs_no_other_take(name: str) -> None:
    assert replace(ONE, **{name: UNHEARD[name]}).sounds_like(ONE)


@pytest.mark.parametrize("name", HEARD)
def test_what_is_heard_does(name: str) -> None:
    assert not replace(ONE, **{name: HEARD[name]}).sounds_like(ONE)
