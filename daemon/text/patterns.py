"""Patterns that people write, made safe: what could take for ever is refused before it is ever tried.

A pattern that can match the same text in very many ways makes `re` try all of them. So repeats that have no end get one, the
ways are counted, and a pattern with too many is refused; a repeat that gives nothing back (`\\d++`) has one way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# `*` and `+` mean so many at most: no word and no number is longer.
REPEATS_LIMIT: Final = 50
# Two such repeats in a row. At every place of a text all of the ways may be tried: 6 ms for a sentence of 400 letters.
WAYS_LIMIT: Final = (REPEATS_LIMIT + 1) ** 2

_TOKEN: Final = re.compile(
    r"""(?P<escape>\\.)
    |(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    |(?P<open>\((?:\?(?:[:=!>]|<[=!]|P<\w+>))?)
    |(?P<close>\))
    |(?P<bar>\|)
    |(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})[?+]?)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# What `re` warns of, for it may mean something else one day.
_NESTED: Final = re.compile(r"(?<!\\)\[|--|&&|~~|\|\|")
_CLASSES: Final = frozenset("dDsSwWbBAZnrtfv")


@dataclass(slots=True)
class _Group:
    """Ways to match what stands in brackets: of its alternatives, of the one that is read, of its last part."""

    others: int = 0
    ways: int = 1
    last: int = 1
    repeated: bool = True
    """Nothing stands there that could be repeated."""

    def add(self, ways: int) -> None:
        """Another part comes."""
        self.ways *= self.last
        self.last, self.repeated = ways, False

    def total(self) -> int:
        """Of all that was read."""
        return self.others + self.ways * self.last


def compiled(pattern: str, *, case: bool) -> re.Pattern[str]:
    """The pattern, for use on any text. ValueError says what cannot be used in it."""
    safe, groups = list[str](), [_Group()]
    for token in _TOKEN.finditer(pattern):
        safe.append(_read(pattern, token, groups))
        if max(group.total() for group in groups) > WAYS_LIMIT:
            raise ValueError(
                "it can match the same text in too many ways; a repeat that gives nothing back has only one:"
                " write ++ for + and *+ for *"
            )
    try:
        return re.compile("".join(safe), 0 if case else re.IGNORECASE)
    except (re.error, OverflowError) as error:
        raise ValueError(str(error)) from None


def _read(pattern: str, token: re.Match[str], groups: list[_Group]) -> str:
    """Count the ways of a token. What stands for it in the safe pattern."""
    text, group = token[0], groups[-1]
    match token.lastgroup:
        case "open":
            if text == "(" and pattern.startswith("?", token.end()):
                raise ValueError(f"{pattern[token.start() : token.end() + 2]!r} cannot be used")
            groups.append(_Group())
        case "close":
            if len(groups) == 1:
                raise ValueError("a bracket is closed that was not opened: write \\) for the character")
            groups.pop()
            groups[-1].add(group.total())
        case "bar":
            group.others = group.total()
            group.ways = group.last = 1
            group.repeated = True
        case "repeat":
            return _repeat(group, text)
        case "set" if _NESTED.search(text, 1):
            raise ValueError(f"{text} looks like a set in a set: write \\ before its [ - & ~ |")
        case "escape" if text[1].isalnum() and text[1] not in _CLASSES:
            raise ValueError(f"{text} cannot be used; of escapes with a letter there are {' '.join(sorted(_CLASSES))}")
        case _:
            group.add(1)
    return text


def _repeat(group: _Group, text: str) -> str:
    """Count its ways; a repeat without an end gets one."""
    if group.repeated:
        raise ValueError(f"{text!r} repeats nothing: write \\{text[0]} for the character")
    least, most, kind = _bounds(text)
    if most > REPEATS_LIMIT:
        raise ValueError(f"{text!r} repeats more than {REPEATS_LIMIT} times")
    if kind != "+":
        group.last = min(sum(group.last**times for times in range(least, most + 1)), WAYS_LIMIT + 1)
    group.repeated = True
    return f"{{{least},{most}}}{kind}"


def _bounds(text: str) -> tuple[int, int, str]:
    """At least, at most, and whether it is lazy (`?`) or gives nothing back (`+`)."""
    if text[0] != "{":
        least, most = {"*": (0, REPEATS_LIMIT), "+": (1, REPEATS_LIMIT), "?": (0, 1)}[text[0]]
        return least, most, text[1:]
    inner, _, kind = text[1:].partition("}")
    low, comma, high = inner.partition(",")
    if not comma:
        return int(low), int(low), kind
    return int(low or 0), int(high) if high else max(REPEATS_LIMIT, int(low)), kind
