"""Sets of characters, as the parts of a parsed pattern give them; where it is not sure a set is too large, never too small."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as op  # type: ignore[attr-defined]  # nothing public tells what a pattern is made of
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final, TypeAlias

__all__ = [
    "NONE", "REPEATS", "Chars", "Node", "are_digits", "chars", "either", "holds", "is_one", "op", "parsed", "spelled", "without_digits",
]  # fmt: skip

Chars: TypeAlias = frozenset[tuple[int, int] | str]
"""Ranges of characters, and names of classes: "digit", "space", "word"."""
Node: TypeAlias = tuple[Any, Any]
"""One part of a pattern: what it is, and what belongs to it."""

NONE: Final[Chars] = frozenset()
_ASCII: Final = 0x7F
_CYRILLIC: Final = (0x0410, 0x045F)
# What a pattern takes for these letters too.
_THIRD: Final = {
    "i": "İı", "k": "\u212a", "s": "ſ", "в": "\u1c80", "д": "\u1c81", "о": "\u1c82", "с": "\u1c83", "т": "\u1c84\u1c85", "ъ": "\u1c86",
}  # fmt: skip
_CLASSES: Final = {op.CATEGORY_DIGIT: "digit", op.CATEGORY_SPACE: "space", op.CATEGORY_WORD: "word"}
_ONE: Final = frozenset((op.LITERAL, op.IN, op.NOT_LITERAL, op.ANY))
_BLANKS: Final = tuple(filter(str.isspace, map(chr, range(0x3001))))
REPEATS: Final = frozenset((op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT))


def parsed(pattern: re.Pattern[str]) -> Sequence[Node] | None:
    """The parts of a pattern; None for one whose classes are not those of Unicode."""
    if pattern.flags & (re.ASCII | re.LOCALE):
        return None
    return list(_parser.parse(pattern.pattern, pattern.flags))


def is_one(node: Node) -> bool:
    """Whether it matches one character."""
    return node[0] in _ONE


def chars(node: Node, flags: int) -> Chars | None:
    """The characters that such a part matches; None where that is nearly every one."""
    kind, value = node
    if kind is op.LITERAL:
        found: list[tuple[int, int] | str] = [(value, value)]
    elif kind is not op.IN or value[0][0] is op.NEGATE:
        return None
    else:
        found = []
        for what, which in value:
            if what is op.CATEGORY and which not in _CLASSES:
                return None
            found.append(_CLASSES[which] if what is op.CATEGORY else (which, which) if what is op.LITERAL else which)
    return _in_both_cases(found) if flags & re.IGNORECASE else frozenset(found)


def _in_both_cases(items: Iterable[tuple[int, int] | str]) -> Chars | None:
    """None where there are others than those of ASCII and Russian, whose cases are many."""
    both = set[tuple[int, int] | str](items)
    for item in list(both):
        if isinstance(item, str):
            continue
        if item[1] > _ASCII and not _CYRILLIC[0] <= item[0] <= item[1] <= _CYRILLIC[1]:
            return None
        for character in map(chr, range(item[0], item[1] + 1)):
            several = f"{character.upper()}{character.lower()}{_THIRD.get(character.lower(), '')}"
            both |= {(ord(one), ord(one)) for one in several}
    return frozenset(both)


def spelled(several: Chars, most: int) -> list[str] | None:
    """Each of them; None where they are more than so many, or a class."""
    found = list[str]()
    for item in several:
        if item == "space":
            found += _BLANKS
        elif isinstance(item, str) or item[1] - item[0] >= most - len(found):
            return None
        else:
            found += map(chr, range(item[0], item[1] + 1))
    return found


def holds(several: Chars, character: str) -> bool:
    """Whether a character is one of these."""
    code = ord(character)
    return any(_in_class(item, character) if isinstance(item, str) else item[0] <= code <= item[1] for item in several)


def _in_class(name: str, character: str) -> bool:
    if name == "word":
        return character.isalnum() or character == "_"
    return character.isdecimal() if name == "digit" else character.isspace()


def either(first: Chars | None, second: Chars | None) -> Chars | None:
    """Those of both."""
    return None if first is None or second is None else first | second


def are_digits(several: Chars | None) -> bool:
    """Whether each of them is a digit."""
    return bool(several) and all(item == "digit" or _is_digits(item) for item in several or ())


def _is_digits(item: tuple[int, int] | str) -> bool:
    return not isinstance(item, str) and ord("0") <= item[0] and item[1] <= ord("9")


def without_digits(several: Chars) -> bool:
    """Whether none of them is a digit."""
    return not {"digit", "word"} & several and not any(
        chr(code).isdecimal() for item in several if not isinstance(item, str) for code in range(item[0], item[1] + 1)
    )
