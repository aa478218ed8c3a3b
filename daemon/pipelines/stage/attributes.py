"""What stands behind a name in a script: `voice, speed=0.9, instruct="slow, and tired"`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from daemon.pipelines.fields import MAX_NAME, MAX_TEXT, RANGES, language, number, seed

Value = str | int | float
# What a line and a member of the cast may be given.
NAMES: Final = ("voice", "language", "instruct", "emotion", "seed", *RANGES)

_PART: Final = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_]{1,40})\s*=\s*)?(?P<value>"(?:[^"\\]|\\.)*+"|“[^”]*”|„[^“”]*[“”]|'[^',]*'(?=\s*(?:,|$))|[^,"“„]*+)\s*(?:,|$)"""
)
_ESCAPED: Final = re.compile(r"\\(.)")


class BadAttributes(ValueError):
    """What is wrong, and how many characters stand before it."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def attributes(text: str) -> Mapping[str, Value]:
    """The attributes by name; a first one without a name is the voice. Raises BadAttributes."""
    found: dict[str, Value] = {}
    for name, value, at in _parts(text):
        if name not in NAMES:
            raise BadAttributes(f"there is no {name!r}; there are {', '.join(NAMES)}", at)
        if name in found:
            raise BadAttributes(f"{name} is there twice", at)
        try:
            found[name] = _read(name, value)
        except ValueError as error:
            raise BadAttributes(str(error), at) from None
    return found


def _parts(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise BadAttributes(
                f"{text[at : at + 40].strip()!r} is not `name=value`; a value with a comma is put in quotes", at
            )
        value = _unquoted(part["value"].strip())
        if part["name"] is None and (at or not value):
            if value:
                raise BadAttributes(f"{value[:40]!r} has no name; it is written `name=value`", at)
        else:
            yield (part["name"] or "voice").lower(), value, at
        at = part.end()


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] in "\"“„'" and value[-1] in "\"“”'":
        return _ESCAPED.sub(r"\1", value[1:-1])
    return value


def _read(name: str, value: str) -> Value:
    if not value:
        raise ValueError(f"{name} has no value")
    if name in RANGES:
        return number(value, name)
    if name == "seed":
        return seed(value)
    if name == "language":
        return language(value)
    longest = MAX_TEXT if name == "instruct" else MAX_NAME
    if len(value) > longest:
        raise ValueError(f"{name} has {len(value)} characters, and at most {longest} are allowed")
    return value
