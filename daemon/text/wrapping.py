"""Lines of subtitles: how wide words are on a screen, where a line may break, and where it breaks best."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

# Written without blanks; Korean has blanks, and breaks at them.
_UNSPACED: Final = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# What no line begins with, and what none ends with, in Chinese and Japanese.
_TRAILING: Final = (
    r"、。，．・：；！？）］｝〉》」』】〕ー々〻‥…ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ～%％,.!?:;)\]}’”"
)
_LEADING: Final = r"（［｛〈《「『【〔(\[{‘“"
_PIECE: Final = re.compile(
    rf"[{_LEADING}]*(?:[{_UNSPACED}]|(?:(?![{_UNSPACED}{_LEADING}])\S)+|[{_LEADING}]+)[{_TRAILING}]*"
)
_HAS_UNSPACED: Final = re.compile(f"[{_UNSPACED}]")
_STOP: Final = re.compile(r"[.!?…。！？‼⁇⁈⁉؟۔।॥][\"'”’»)\]」』）]*$")
_CLAUSE: Final = re.compile(r"(?:[,;:–—、，；：،؛][\"'”’»)\]」』）]*|[)）»”」』])$")
# What a break costs where nothing ends, where a clause does, and where a sentence does: a line's or cue's third.
_COSTS: Final = (0.3, 0.05, 0.0)


class Bit(NamedTuple):
    """What is never broken: a word, or one character where there are no blanks."""

    text: str
    blank: bool
    """A blank stands before it."""


def bits(text: str, most: int) -> list[Bit]:
    """The text in bits, none wider than a line."""
    found: list[Bit] = []
    for word in text.split():
        pieces = _PIECE.findall(word) if _HAS_UNSPACED.search(word) else [word]
        if "".join(pieces) != word:
            pieces = [word]
        parts = [part for piece in pieces for part in _parts(piece, most)]
        found += [Bit(part, blank=bool(found) and not at) for at, part in enumerate(parts)]
    return found


def joined(pieces: Sequence[Bit]) -> str:
    """Bits as they are read, in one line."""
    return "".join(f" {bit.text}" if bit.blank and at else bit.text for at, bit in enumerate(pieces))


def width(text: str) -> int:
    """Columns: a full-width character has two, an accent that stands over another none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def ends(text: str) -> int:
    """0 inside a clause, 1 at its end, 2 at the end of a sentence."""
    return 2 if _STOP.search(text) else 1 if _CLAUSE.search(text) else 0


def cost(text: str) -> float:
    """What it costs to break behind this bit."""
    return _COSTS[ends(text)]


def wrapped(pieces: Sequence[Bit], most: int) -> tuple[str, ...] | None:
    """One line or two that are about as long as each other; None where two do not hold it."""
    whole = joined(pieces)
    full = width(whole)
    if full <= most:
        return (whole,)
    best: tuple[float, int] | None = None
    above = width(pieces[0].text)
    for at, (piece, following) in enumerate(pairwise(pieces), 1):
        below = full - above - following.blank
        if max(above, below) <= most:
            # The lower line may be the longer one: the eye comes from above, and less of the picture is hidden.
            uneven = abs(above - below) / most + (0.05 if above > below else 0.0)
            best = min(best or (9.0, 0), (uneven + cost(piece.text), at))
        above += following.blank + width(following.text)
    return None if best is None else (joined(pieces[: best[1]]), joined(pieces[best[1] :]))


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _parts(word: str, most: int) -> list[str]:
    """A word, or as many parts as it takes to get it into lines; no accent is torn from its letter."""
    if width(word) <= most:
        return [word]
    parts, taken = [""], 0
    for character in word:
        columns = _columns(character)
        if columns and taken + columns > most and not parts[-1].endswith("\u200d"):
            parts.append("")
            taken = 0
        parts[-1] += character
        taken += columns
    return parts
