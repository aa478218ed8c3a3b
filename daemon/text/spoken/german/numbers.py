"""German numerals in words."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

_ONES: Final = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
    "achtzehn neunzehn"
).split()
_TENS: Final = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_LARGE: Final = (
    (10**12, "Billion", "Billionen"),
    (10**9, "Milliarde", "Milliarden"),
    (10**6, "Million", "Millionen"),
)
_ONE: Final = {"m": "ein", "n": "ein", "f": "eine", "ma": "einen", "md": "einem", "nd": "einem", "fd": "einer"}
_STEMS: Final = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


@remembered
def cardinal(number: int, form: str = "") -> str:
    """In words. The form is a gender and, where it shows, a case: "f" and "fd" are "eine" and "einer", "d" is a dative."""
    if number == 1:
        return _ONE.get(form, "eins")
    parts = list[str]()
    for size, one, many in _LARGE:
        count, number = divmod(number, size)
        if count == 1:
            parts.append(f"{'einer' if form.endswith('d') and not parts else 'eine'} {one}")
        elif count:
            parts.append(f"{_below_million(count)} {many}")
    if number or not parts:
        parts.append(_below_million(number))
    return " ".join(parts)


@remembered
def ordinal(number: int, ending: str = "e") -> str:
    """As an adjective: "fünfte", "fünften"."""
    head, last = divmod(number, 100)
    if not last:
        return f"{cardinal(number)}st{ending}"
    stem = _STEMS.get(last) or _below_hundred(last) + ("t" if last < 20 else "st")
    return f"{_below_million(head * 100) if head else ''}{stem}{ending}"


@remembered
def year(number: int) -> str:
    """As a year of the calendar: hundreds are counted from 1100 to 1999."""
    if not 1100 <= number <= 1999:
        return cardinal(number)
    hundreds, rest = divmod(number, 100)
    return f"{_below_hundred(hundreds)}hundert{_below_hundred(rest) if rest else ''}"


def _below_million(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest, inside=False)
    head = "" if thousands == 1 else _below_thousand(thousands, inside=False).removesuffix("s" * (thousands % 100 == 1))
    return f"{head}tausend{_below_thousand(rest, inside=True) if rest else ''}"


def _below_thousand(number: int, *, inside: bool) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    head = ("ein" if inside else "") if hundreds == 1 else _ONES[hundreds]
    return f"{head}hundert{_below_hundred(rest) if rest else ''}"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_ONES[ones].removesuffix('s' * (ones == 1))}und{_TENS[tens - 2]}" if ones else _TENS[tens - 2]
