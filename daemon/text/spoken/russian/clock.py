"""Times of the day."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before
from daemon.text.spoken.russian.amounts import DASH
from daemon.text.spoken.russian.context import governed, preposition
from daemon.text.spoken.russian.measures import counted
from daemon.text.spoken.russian.numbers import Case, cardinal

_HOUR: Final = r"(?:[01]?\d|2[0-4])"
_TIME: Final = re.compile(rf"(?<![\w:.,/-])({_HOUR})[:]([0-5]\d)(?:{DASH}({_HOUR}):([0-5]\d))?(?![\w:]|[.,]\d|%)")
_LONG: Final = re.compile(r"(?<![\w:.,/-])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\w:]|[.,/]\d)")
_AT: Final = re.compile(r"\b(?:в|к|до|с|после|около)\s$", re.IGNORECASE)
_ZONE: Final = re.compile(r"\b(UTC|GMT|МСК)\s?([+−-])0?(\d{1,2})(?!\w)")


def clock(hour: int, minute: int, case: Case = "n") -> str:
    """A time of the day as figures are read: четырнадцать тридцать, семь ноль пять, десять ноль-ноль."""
    if not minute:
        return f"{cardinal(hour, case)} ноль-ноль"
    return f"{cardinal(hour, case)} {'ноль ' if minute < 10 else ''}{cardinal(minute, case)}"


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if match[3]:
        first, last = clock(hour, minute, "g"), clock(int(match[3]), int(match[4]), "g")
        return f"{'' if preposition(before(match)) in {'с', 'со', 'от'} else 'с '}{first} до {last}"
    asked = governed(before(match))
    if not minute and re.match(r"\sчас", after(match)):
        return cardinal(hour, asked or "n")
    return clock(hour, minute, "n" if asked in {"a", None} else asked)


def _long(match: re.Match[str]) -> str | None:
    case = governed(before(match)) or "n"
    if int(match[1]) < 24 and _AT.search(before(match)):
        seconds = f" {counted(int(match[3]), 'секунда', case)}" if int(match[3]) else ""
        return clock(int(match[1]), int(match[2]), "n" if case == "a" else case) + seconds
    parts = zip((match[1], match[2], match[3]), ("час", "минута", "секунда"), strict=True)
    return " ".join(counted(int(figures), unit, case) for figures, unit in parts if int(figures)) or None


def _zone(match: re.Match[str]) -> str:
    return f"{match[1]} {'плюс' if match[2] == '+' else 'минус'} {cardinal(int(match[3]))}"


RULES: Final = (Rule("long time", _LONG, _long), Rule("time", _TIME, _time), Rule("time zone", _ZONE, _zone))
