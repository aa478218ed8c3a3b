"""Memory that runs out is told as that, and nothing else is."""

from __future__ import annotations

import pytest
import torch

from models.backend import OutOfMemory
from models.qwen.shortage import is_shortage, told

NO_MEMORY = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"
    ),
]


@pytest.mark.parametrize("error", NO_MEMORY, ids=lambda error: type(error).__name__)
def test_a_shortage_is_told(error: Exception) -> None:
    assert is_shortage(error)
    with pytest.raises(OutOfMemory, match="not enough memory to sing"), told("to sing"):
        raise error


def test_torch_s_own_shortage_is_one() -> None:
    with pytest.raises(OutOfMemory), told("for a petabyte"):
        torch.empty(1 << 50)


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("memory")])
def test_other_errors_are_left_as_they_are(error: Exception) -> None:
    assert not is_shortage(error)
    with pytest.raises(type(error), match=str(error)), told("to sing"):
        raise error
