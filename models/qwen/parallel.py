"""Loading on all cores: packing a weight uses one of them, whatever torch is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

_T = TypeVar("_T")
_U = TypeVar("_U")


def in_parallel(work: Callable[[_T], _U], of: Iterable[_T]) -> tuple[_U, ...]:
    """What `work` makes of each, in order; one thread a core, each of them doing its own arithmetic alone."""
    threads = torch.get_num_threads()

    def alone(one: _T) -> _U:
        with torch.inference_mode():
            return work(one)

    with ThreadPoolExecutor(threads, "load", initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            return tuple(pool.map(alone, of))
        finally:
            torch.set_num_threads(threads)  # what the pool's threads were told would hold for every later thread
