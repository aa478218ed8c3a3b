"""French numerals in words, as in France: soixante-dix, quatre-vingts."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

_ONES: Final = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"
).split()
_TENS: Final = "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt".split()
_LARGE: Final = ((10**12, "billion"), (10**9, "milliard"), (10**6, "million"))


@remembered
def cardinal(number: int, gender: str = "") -> str:
    """In words; "f" makes a last "un" feminine."""
    parts = list[str]()
    for size, name in _LARGE:
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_below_million(count)} {name}{'s' if count > 1 else ''}")
    if number or not parts:
        parts.append(_below_million(number))
    said = " ".join(parts)
    return f"{said}e" if gender == "f" and number % 10 == 1 and said.endswith("un") else said


@remembered
def ordinal(number: int, gender: str = "m") -> str:
    """As an adjective: "premier", "première", "deuxième"."""
    if number == 1:
        return "première" if gender == "f" else "premier"
    said = cardinal(number)
    if said.endswith(("vingts", "cents", "millions", "milliards")):
        said = said[:-1]
    if said.endswith("neuf"):
        return f"{said[:-1]}vième"
    return f"{said}uième" if said.endswith("cinq") else f"{said.removesuffix('e')}ième"


def _below_million(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest)
    # "vingt" and "cent" take no s before "mille".
    head = "" if thousands == 1 else _below_thousand(thousands).removesuffix("s" * (thousands % 100 in (0, 80))) + " "
    return f"{head}mille{' ' + _below_thousand(rest) if rest else ''}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    head = "cent" if hundreds == 1 else f"{_ONES[hundreds]} cent"
    if rest:
        return f"{head} {_below_hundred(rest)}"
    return head if hundreds == 1 else f"{head}s"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    head = _TENS[tens - 2]
    if tens in (7, 9):
        ones += 10
    if number == 80:
        return "quatre-vingts"
    if not ones:
        return head
    return f"{head} et {_ONES[ones]}" if ones in (1, 11) and tens < 8 else f"{head}-{_ONES[ones]}"
