"""The memory of this process and machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import ram


def test_what_is_taken_shows_and_what_is_freed_comes_back() -> None:
    ram.give_back()  # of what ran before this
    before = ram.resident()
    assert before > 1_000_000
    pieces = [bytes(100_000) + bytes([number]) for number in range(200)]  # small enough for the heap, whose pages stay
    taken = ram.resident()
    assert taken - before > 5_000_000  # what is left of the heap in pieces is filled first
    del pieces
    ram.give_back()
    assert taken - ram.resident() > 10_000_000


def test_what_cannot_be_told_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ram.available() > 1_000_000
    monkeypatch.setattr(ram, "_STATM", Path("/nowhere"))
    monkeypatch.setattr(ram, "_MEMINFO", Path("/nowhere"))
    assert (ram.resident(), ram.available()) == (0, 0)
