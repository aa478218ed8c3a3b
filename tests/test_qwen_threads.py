"""What torch's OpenMP is told before it is loaded."""

from __future__ import annotations

import os

import pytest

from models.qwen import threads


def test_threads_wait_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    threads.wait_briefly()
    assert os.environ == {"GOMP_SPINCOUNT": "10000"}


@pytest.mark.parametrize("wish", [{"GOMP_SPINCOUNT": "5"}, {"OMP_WAIT_POLICY": "passive"}])
def test_whoever_has_said_so_already_is_heeded(monkeypatch: pytest.MonkeyPatch, wish: dict[str, str]) -> None:
    monkeypatch.setattr(os, "environ", dict(wish))
    threads.wait_briefly()
    assert os.environ == wish
