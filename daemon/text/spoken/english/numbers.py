"""Numbers in English words, as they are read in the United States: without "and"."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.remembered import remembered

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES: Final = ("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion")
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip

# From here on a number is a code, and is read digit by digit.
_LONGEST: Final = 3 * len(_SCALES)

NUMBER: Final = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,21}(?!\d))(?:\.\d{1,20}(?![\d.]*\d))?"
"""A number without a sign; its digits may be grouped."""
NOT_INSIDE: Final = r"(?<!\w)(?<!\d[.,/])"
"""Where a number may begin."""
MINUS: Final = r"(?:(?<![\w)\]])[-−–])?"
"""A dash that is a sign: nothing that could be subtracted from stands before it."""
DASH: Final = r"\s?[-‐‑–—−]\s?"
"""What stands between the ends of a range."""


@remembered
def cardinal(number: int) -> str:
    """How many; a number with more digits than there are words for is read digit by digit."""
    if number < 0:
        return f"minus {cardinal(-number)}"
    if number < 1000:
        return _BELOW_THOUSAND[number]
    digits = str(number)
    if len(digits) > _LONGEST:
        return spelled(digits)
    groups = f"{number:,}".split(",")
    said = [
        _BELOW_THOUSAND[int(group)] + _SCALES[scale]
        for scale, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True)
        if int(group)
    ]
    return " ".join(said) or "zero"


@remembered
def ordinal(number: int) -> str:
    """Which one."""
    head, last = re.fullmatch(r"(.*?)([a-z]+)", cardinal(number), re.DOTALL).groups()  # type: ignore[union-attr]
    return head + (_ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th"))


def spelled(digits: str, zero: str = "zero") -> str:
    """Digit by digit."""
    return " ".join(zero if digit == "0" else _SMALL[int(digit)] for digit in digits if digit.isdecimal())


@remembered
def number(written: str) -> str:
    """A number as it is written: `-1,234.50` and the like."""
    bare = written.lstrip("-−–")
    whole, _, fraction = bare.replace(",", "").partition(".")
    said = spelled(whole) if whole[:1] == "0" and len(whole) > 1 else cardinal(int(whole or 0))
    if fraction:
        said = f"{said} point {spelled(fraction)}"
    return f"minus {said}" if bare != written else said


@remembered
def year(number: int) -> str:
    """A year, read in pairs where people do."""
    century, rest = divmod(number, 100)
    if not 1000 <= number < 10_000 or number % 1000 < 10:
        return cardinal(number)
    return f"{cardinal(century)} {'hundred' if not rest else _pair(f'{rest:02}')}"


@remembered
def code(digits: str) -> str:
    """The number of a room, a flight or a model: `204` is "two oh four", `380` "three eighty"."""
    if len(digits) <= 2:
        return spelled(digits) if digits[0] == "0" and len(digits) > 1 else cardinal(int(digits))
    if len(digits) > 4 or digits[0] == "0":
        return spelled(digits)
    head, tail = digits[:-2], digits[-2:]
    if tail == "00":
        return f"{cardinal(int(head))} hundred" if int(head) % 10 else cardinal(int(digits))
    return f"{cardinal(int(head))} {_pair(tail)}"


def _pair(digits: str) -> str:
    return f"oh {_SMALL[int(digits)]}" if digits[0] == "0" else cardinal(int(digits))


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    said = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        said.append(_TENS[rest // 10] + (f"-{_SMALL[rest % 10]}" if rest % 10 else ""))
    elif rest:
        said.append(_SMALL[rest])
    return " ".join(said)


_BELOW_THOUSAND: Final = ("zero", *map(_hundreds, range(1, 1000)))
