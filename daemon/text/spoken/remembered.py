"""Answers that are kept: the words for a number are asked for again and again, and to make them is most of the work of a date."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar

# A book has some hundred different numbers, and a year is among the first; so many answers are about a megabyte of memory.
KEPT: Final = 4096

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


def remembered(function: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """The same function, which must be pure, with its last answers at hand; in any thread."""
    return lru_cache(KEPT)(function)  # type: ignore[return-value]  # it has a type of its own, which forgets the arguments
