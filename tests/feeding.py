"""Every parser is fed three ways: whole, one piece at a time, with something left over."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

Data = TypeVar("Data", str, bytes)


def cut(data: Data, places: Iterable[int]) -> list[Data]:
    """The data in parts, cut at these places (taken modulo its length); maybe with empty parts."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def three_ways(data: Data) -> dict[str, list[Data]]:
    """The same data whole, one at a time, and in uneven parts that end in the middle of things."""
    uneven = range(3, len(data), 7)
    return {
        "whole": [data],
        "one at a time": [data[at : at + 1] for at in range(len(data))],
        "left over": cut(data, [*uneven, *(place + 1 for place in uneven[::3])]),
    }
