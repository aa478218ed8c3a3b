"""Times of the day."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.measures import counted
from daemon.text.spoken.english.numbers import DASH, cardinal, code
from daemon.text.spoken.rules import Rule, after, before, ended

_FIRST, _SECOND = (
    r"(?:\s?(?P<half1>[apAP](?:\.\s?[mM]\b\.?|[mM]\b)))?",
    r"(?:\s?(?P<half2>[apAP](?:\.\s?[mM]\b\.?|[mM]\b)))",
)
_HOUR: Final = r"(?:[01]?\d|2[0-4])"
_TIME: Final = re.compile(
    rf"(?<![\w:.,/-])(?P<h1>{_HOUR}):(?P<m1>[0-5]\d){_FIRST}"
    rf"(?:{DASH}(?P<h2>{_HOUR}):(?P<m2>[0-5]\d){_SECOND}?)?(?![\w:]|\.\d|%)"
)
_HOURS: Final = re.compile(
    rf"(?<![\w:.,/-])(?P<h1>1[0-2]|0?[1-9])(?::(?P<m1>[0-5]\d))?{_FIRST}{DASH}(?P<h2>1[0-2]|0?[1-9])(?::(?P<m2>[0-5]\d))?{_SECOND}(?!\w)"
)
_HOUR_ALONE: Final = re.compile(rf"(?<![\w:.,/-])(?P<h2>1[0-2]|0?[1-9]){_SECOND}(?!\w)")
_LONG: Final = re.compile(r"(?<![\w:.,/-])(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d{1,6})?(?![\w:]|[.,/]\d)")
_AT: Final = re.compile(r"\b(?:[Aa]t|until|till|since|from|by|before|after)\s$")
_OF_A_ZONE: Final = re.compile(r"\s(?:UTC|GMT|C?EST|CET|EDT|[PM][SD]T)\b")
_ZONE: Final = re.compile(r"\b(UTC|GMT)\s?([+−-])0?(\d{1,2})(?::?(\d\d))?(?!\w)")


def clock(hour: int, minute: int, half: str = "") -> str:
    """A time of the day; `half` is AM or PM."""
    if minute:
        said = f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif half:
        said = cardinal(hour)
    elif hour > 12:
        said = f"{cardinal(hour)} hundred"
    else:
        said = f"{cardinal(hour)} o'clock" if hour else "midnight"
    return f"{said} {half}" if half else said


def _half(written: str | None) -> str:
    return f"{written[0].upper()}M" if written else ""


def _time(match: re.Match[str]) -> str:
    if not match["h2"] and after(match).lstrip().startswith("o'clock"):
        return cardinal(int(match["h1"]))
    said = clock(int(match["h1"]), int(match["m1"]), _half(match["half1"]))
    if match["h2"]:
        said += f" to {clock(int(match['h2']), int(match['m2']), _half(match['half2']))}"
    return ended(match, said)


def _hours(match: re.Match[str]) -> str:
    first = _short(match["h1"], match["m1"], _half(match["half1"]))
    return ended(match, f"{first} to {_short(match['h2'], match['m2'], _half(match['half2']))}")


def _short(hour: str, minute: str | None, half: str) -> str:
    said = cardinal(int(hour))
    if minute and int(minute):
        said = clock(int(hour), int(minute))
    return f"{said} {half}" if half else said


def _hour(match: re.Match[str]) -> str:
    return ended(match, clock(int(match["h2"]), 0, _half(match["half2"])))


def _long(match: re.Match[str]) -> str | None:
    if int(match[1]) < 24 and (_AT.search(before(match)) or _OF_A_ZONE.match(after(match))):
        seconds = f" and {counted(int(match[3]), 'second')}" if int(match[3]) else ""
        return clock(int(match[1]), int(match[2])) + seconds
    parts = zip((match[1], match[2], match[3]), ("hour", "minute", "second"), strict=True)
    return " ".join(counted(int(amount), unit) for amount, unit in parts if int(amount)) or None


def _zone(match: re.Match[str]) -> str:
    sign = "plus" if match[2] == "+" else "minus"
    return f"{match[1]} {sign} {cardinal(int(match[3]))}" + (f" {code(match[4])}" if match[4] and int(match[4]) else "")


RULES: Final = (
    Rule("long time", _LONG, _long),
    Rule("hours", _HOURS, _hours),
    Rule("time", _TIME, _time),
    Rule("hour", _HOUR_ALONE, _hour),
    Rule("time zone", _ZONE, _zone),
)
