"""Dates, years and decades. Where all is in figures the month stands first, as in the United States, if it can be one."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.clock import clock
from daemon.text.spoken.english.numbers import DASH, cardinal, ordinal, year
from daemon.text.spoken.rules import Rule, after, before, ended

_MONTHS: Final = ("January February March April May June July August September October November December").split()
_SHORT: Final = {name[:3]: name for name in _MONTHS} | {"Sept": "September"} | {name: name for name in _MONTHS}
_DAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday",
    "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
}  # fmt: skip
# Only a short name has a dot of its own.
_MONTH: Final = rf"\b(?P<month>(?:{'|'.join(_MONTHS)})\b|(?:{'|'.join(sorted({*_SHORT} - {*_MONTHS}, key=len, reverse=True))})\b(?=(?P<dot>\.?)))(?(dot)\.?)"
_DAY: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_WEEKDAY: Final = "|".join(sorted(_DAYS, key=len, reverse=True))
_NO_MORE: Final = r"(?![\w:%]|[.,/]\d)"

_ISO: Final = re.compile(
    r"(?<![\w./-])(?P<year>\d{4})(?P<cut>[-/])(?P<month>0\d|1[0-2])(?P=cut)(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.\d{1,9})?)?(?P<zone>Z|[+-]00:00)?)?(?![\w-]|[.,/:]\d)"
)
_FIGURES: Final = re.compile(r"(?<![\w./-])(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-]|[.,]\d)")
_SLASHED: Final = re.compile(r"(?<![\w./-])(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?![\w/-]|[.,]\d)")
_MONTH_DAY: Final = re.compile(
    rf"{_MONTH}\s{_DAY}(?:{DASH}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?(?:,?\s(?P<year>1\d{{3}}|20\d\d))?{_NO_MORE}"
)
_DAY_MONTH: Final = re.compile(
    rf"(?<![\w.,:/$£€-]){_DAY}(?:{DASH}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<year>1\d{{3}}|20\d\d))?{_NO_MORE}"
)
_MONTH_YEAR: Final = re.compile(rf"{_MONTH},?\s(?P<year>1\d{{3}}|20\d\d){_NO_MORE}")
_MONTH_ALONE: Final = re.compile(r"\b(Jan|Feb|Apr|Aug|Sept|Sep|Oct|Nov|Dec)\.(?=[\s,])")
_WEEK_RANGE: Final = re.compile(rf"\b({_WEEKDAY})\.?(?:{DASH}|\sto\s)({_WEEKDAY})\b\.?")
_WEEKDAY_ALONE: Final = re.compile(rf"\b({_WEEKDAY})(?:\.,?(?=\s[A-Z\d])|,(?=\s(?:{'|'.join(_SHORT)}|\d)))")
_DECADE: Final = re.compile(r"(?<![\w.,$£€])(?<!\d-)(?:(1\d|20)(\d0)|(?:['’‘]|(?<=the\s))([2-9]0))['’]?s\b")
_YEARS: Final = re.compile(rf"(?<![\w.,$£€-])(1\d{{3}}|20\d\d){DASH}(1\d{{3}}|20\d\d|\d\d)(?![\w%]|[.,:/]\d)")
_YEAR: Final = re.compile(r"(?<![\w.,:/$£€#+-])(1[1-9]\d\d|20\d\d)(?![\w%°]|[.,:/-]\d|\s?[-+*×=/]\s?\d)")

_OF_A_YEAR: Final = re.compile(
    r"(?:\b(?:[Ii]n|[Ss]ince|[Ff]rom|[Uu]ntil|[Tt]ill|[Bb]y|[Bb]efore|[Aa]fter|[Dd]uring|[Cc]irca|[Yy]ear|[Oo]f|spring|summer|"
    r"autumn|fall|winter|early|late|mid|and|to|©)|\([cC]\))\s?$"
)
_DUE: Final = re.compile(r"\b(?:[Oo]n|by|until|till|since|from|due|before|after|date:?)\s$")
# A noun in the plural after it, a unit, or an amount: that is no year.
_COUNTED: Final = re.compile(
    r"\s(?:(?!(?:was|is|has|its|this|does|as|vs|sees|brings|saw|Olympics|Games|elections|always)\b)[a-z]{2,}(?:(?<!ic)s|men|people|children|feet)"
    r"|people|million|thousand|percent|degrees?|by)\b"
)
_AGO: Final = re.compile(r"\s(?:BC|AD|BCE|CE)\b")


def _full(day: int, month: str, when: int | None) -> str:
    return f"{month} {ordinal(day)}" + (f", {year(when)}" if when else "")


def _iso(match: re.Match[str]) -> str | None:
    if match["month"] == "00":
        return None
    said = _full(int(match["day"]), _MONTHS[int(match["month"]) - 1], int(match["year"]))
    if match["hour"]:
        said += f", {clock(int(match['hour']), int(match['minute']))}"
    return said + (" UTC" if match["zone"] else "")


def _figures(match: re.Match[str]) -> str | None:
    first, second = int(match[1]), int(match[3])
    day, month = (first, second) if match[2] == "." or first > 12 else (second, first)
    if not (1 <= day <= 31 and 1 <= month <= 12) or (match[2] == "." and len(match[4]) == 2):
        return None
    when = int(match[4]) if len(match[4]) == 4 else 2000 + int(match[4]) - (100 if int(match[4]) > 68 else 0)
    return _full(day, _MONTHS[month - 1], when)


def _slashed(match: re.Match[str]) -> str | None:
    return _full(int(match[2]), _MONTHS[int(match[1]) - 1], None) if _DUE.search(before(match)) else None


def _month_day(match: re.Match[str]) -> str | None:
    if match["last"] and int(match["last"]) > 31:
        return None
    last = f" to {ordinal(int(match['last']))}" if match["last"] else ""
    when = f", {year(int(match['year']))}" if match["year"] else ""
    return f"{_SHORT[match['month']]} {ordinal(int(match['day']))}{last}{when}"


def _day_month(match: re.Match[str]) -> str | None:
    if match["last"] and int(match["last"]) > 31:
        return None
    the = "" if re.search(r"\b[Tt]he\s$", before(match)) else "the "
    last = f" to the {ordinal(int(match['last']))}" if match["last"] else ""
    when = f", {year(int(match['year']))}" if match["year"] else ""
    return ended(match, f"{the}{ordinal(int(match['day']))}{last} of {_SHORT[match['month']]}{when}")


def _month_year(match: re.Match[str]) -> str:
    return f"{_SHORT[match['month']]} {year(int(match['year']))}"


def _weekday(match: re.Match[str]) -> str:
    return _DAYS[match[1]] + ("," if match[0].endswith(",") else "")


def _decade(match: re.Match[str]) -> str:
    tens = int(match[2] or match[3])
    century = f"{cardinal(int(match[1]))} " if match[1] else ""
    if not tens:
        return f"{century}hundreds" if match[1] != "20" else "two thousands"
    said = cardinal(tens) if tens > 10 else "ten"
    return f"{century}{said[:-1]}ies" if tens > 10 else f"{century}tens"


def _years(match: re.Match[str]) -> str | None:
    if _COUNTED.match(after(match)):
        return None
    return f"{year(int(match[1]))} to {year(int(match[2])) if len(match[2]) > 2 or match[2] > '09' else 'oh ' + cardinal(int(match[2]))}"


def _year(match: re.Match[str]) -> str | None:
    number, following = int(match[1]), after(match)
    if _COUNTED.match(following):
        return None
    if 1900 <= number <= 2099 or _OF_A_YEAR.search(before(match)) or _AGO.match(following):
        return year(number)
    return None


TRIGGER: Final = rf"(?:{'|'.join({*_SHORT, *_DAYS})})(?:\.|\s?[-–—]\s?[A-Z])"

RULES: Final = (
    Rule("date in figures, ISO", _ISO, _iso),
    Rule("date in figures", _FIGURES, _figures),
    Rule("month and day in figures", _SLASHED, _slashed),
    Rule("day and month", _DAY_MONTH, _day_month),
    Rule("month and day", _MONTH_DAY, _month_day),
    Rule("month and year", _MONTH_YEAR, _month_year),
    Rule("month", _MONTH_ALONE, lambda match: _SHORT[match[1]]),
    Rule("days of the week", _WEEK_RANGE, lambda match: ended(match, f"{_DAYS[match[1]]} to {_DAYS[match[2]]}")),
    Rule("day of the week", _WEEKDAY_ALONE, _weekday),
    Rule("decade", _DECADE, _decade),
    Rule("years", _YEARS, _years),
)
LATE: Final = (Rule("year", _YEAR, _year),)
"""What is a year only where no other rule knows better."""
