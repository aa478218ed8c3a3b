"""Memory that runs out: torch says so in three ways, the engine is told in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from models.backend import OutOfMemory


def is_shortage(error: Exception) -> bool:
    """Whether this is what an allocation that fails looks like."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Raises OutOfMemory for whatever of that kind is raised inside."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_shortage(error):
            raise OutOfMemory(f"there was not enough memory {what}") from error
        raise
