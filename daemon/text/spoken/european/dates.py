"""Dates in numbers: 14.03.2024, 14/03/2024, 2024-03-14."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.rules import Rule, before

_ISO: Final = re.compile(r"(?<![\w.,:/-])(?P<y>[12]\d{3})-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?:T(?=\d))?(?![\w-])")
_NUMERIC: Final = re.compile(
    r"(?<![\w.,:/-])(?P<d>\d{1,2})(?P<sep>[./-])(?P<m>\d{1,2})(?P=sep)(?P<y>[12]\d{3}|\d\d)(?![\w/-]|[.,:]\d)"
)
_MONTHS: Final = 12
_DAYS: Final = 31


def rules(tongue: Tongue) -> list[Rule]:
    """A date is told by its months and days; 31/02 is read as it stands."""
    say = partial(_date, tongue)
    return [Rule("ISO date", _ISO, say), Rule("date", _NUMERIC, say)]


def after(words: str, date: Callable[[int, int, str, str], str]) -> Rule:
    """A day and a month without a year, 24/12, after one of the words that this pattern finds."""
    pattern = rf"(?P<at>(?<!\w)(?:{words})[ \u00a0])(?P<d>[0-3]?\d)/(?P<m>[01]\d)(?![\w/]|[.,]\d)"

    def say(match: re.Match[str]) -> str | None:
        day, month = int(match["d"]), int(match["m"])
        valid = 1 <= day <= _DAYS and 1 <= month <= _MONTHS
        return match["at"] + date(day, month, "", match["at"]) if valid else None

    return Rule("day and month", re.compile(pattern, re.IGNORECASE), say)


def _date(tongue: Tongue, match: re.Match[str]) -> str | None:
    day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
    if month > _MONTHS >= day:
        day, month = month, day  # as in the United States
    if not 1 <= day <= _DAYS or not 1 <= month <= _MONTHS:
        return None
    return tongue.date(day, month, tongue.year(year), before(match))
