"""What is counted: nouns with their gender and plural, read from tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Noun(NamedTuple):
    """A noun with what a number before it has to know. The gender is "m", "f", "n" or "" where none shows."""

    gender: str
    one: str
    many: str


def nouns(table: str) -> dict[str, Noun]:
    """Symbol to noun, from lines like `m: km=Kilometer, l L=litre+s, m²=mètre carré|mètres carrés`.

    `one|many` names both forms, `one+s` adds to the first for the second, and a name alone is the same in both.
    """
    found = dict[str, Noun]()
    for line in table.strip().splitlines():
        gender, _, entries = line.strip().partition(":")
        for entry in entries.split(","):
            symbols, _, names = entry.strip().partition("=")
            one, bar, many = names.partition("|")
            stem, _, suffix = one.partition("+")
            noun = Noun(gender.strip("-"), stem, many if bar else stem + suffix)
            found |= dict.fromkeys(symbols.split(), noun)
    return found


def genders(masculine: str, feminine: str, neuter: str = "") -> dict[str, str]:
    """Word to gender, from words between blanks."""
    tables = (("m", masculine), ("f", feminine), ("n", neuter))
    return {word: gender for gender, table in tables for word in table.split()}


def one_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
