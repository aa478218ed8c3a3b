"""A book: its chapters, their paragraphs, and how it says that it is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

# A heading; words in lines; an item of a list; a row of a table; the mark of a new scene, which is silent.
Kind = Literal["heading", "prose", "item", "row", "scene"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or what stands for one."""

    text: str
    """One line, without markup; empty for a scene."""
    kind: Kind = "prose"
    level: int = 0
    """Of a heading: 1 is the greatest; 0 for what is none."""
    anchors: tuple[str, ...] = ()
    """The names under which links find it."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """What stands between two entries of the table of contents."""

    title: str
    """Empty for what stands before the first one."""
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """All of it, in order."""

    chapters: tuple[Chapter, ...]
    title: str = ""
    author: str = ""
    language: str | None = None
    warnings: tuple[str, ...] = ()
    """What was passed over though it may have been meant to be read."""


class Problem(NamedTuple):
    """What is wrong, and where."""

    where: str
    message: str


class BadBook(ValueError):
    """The file cannot be read as what it is; everything that was found to be wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.where}: {one.message}" if one.where else one.message for one in problems))
        self.problems = problems


def chaptered(blocks: Sequence[Block], level: int | None = None) -> tuple[Chapter, ...]:
    """The chapters begin at headings of this level and greater ones; None looks at which level there are several."""
    deepest = _level(blocks) if level is None else level
    chapters: list[Chapter] = []
    title, begun = "", list[Block]()
    for block in blocks:
        if block.kind == "heading" and block.level <= deepest:
            if begun:
                chapters.append(Chapter(title, tuple(begun)))
            title, begun = block.text, []
        begun.append(block)
    return (*chapters, Chapter(title, tuple(begun))) if begun else tuple(chapters)


def _level(blocks: Sequence[Block]) -> int:
    """The greatest level with two headings; a lone greater one is the book's title."""
    levels = [block.level for block in blocks if block.kind == "heading"]
    several = [level for level in sorted(set(levels)) if levels.count(level) > 1]
    return several[0] if several else min(levels, default=0)
