"""Italian numerals in words."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

_ONES: Final = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette "
    "diciotto diciannove"
).split()
_TENS: Final = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()
_LARGE: Final = ((10**12, "bilione"), (10**9, "miliardo"), (10**6, "milione"))
_ORDINALS: Final = "primo secondo terzo quarto quinto sesto settimo ottavo nono decimo".split()


@remembered
def cardinal(number: int, gender: str = "") -> str:
    """In words; only "one" has genders: "uno" counted, "un", "una"."""
    if number == 1:
        return {"m": "un", "f": "una"}.get(gender, "uno")
    parts = list[str]()
    for size, name in _LARGE:
        count, number = divmod(number, size)
        if count:
            parts.append(f"un {name}" if count == 1 else f"{_accented(_below_million(count))} {name[:-1]}i")
    if number or not parts:
        parts.append(_accented(_below_million(number)))
    return " ".join(parts)


@remembered
def ordinal(number: int, gender: str = "m") -> str:
    """As an adjective: "primo", "ventesima"."""
    if 1 <= number <= 10:
        said = _ORDINALS[number - 1]
    else:
        said = cardinal(number)
        if said.endswith("mila"):
            said = f"{said[:-4]}mille"
        stem = f"{said[:-1]}e" if said.endswith("tré") else said if said.endswith("sei") else said[:-1]
        said = f"{stem}esimo"
    return f"{said[:-1]}a" if gender == "f" else said


def _accented(said: str) -> str:
    """A compound that ends in "tre" is stressed there."""
    return f"{said[:-1]}é" if said.endswith("tre") and said != "tre" else said


def _below_million(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest)
    head = "mille" if thousands == 1 else f"{_below_thousand(thousands)}mila"
    return f"{head}{_below_thousand(rest) if rest else ''}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    head = ("" if hundreds == 1 else _ONES[hundreds]) + "cento"
    if not rest:
        return head
    # "centottanta", but "centootto" and "centouno".
    return f"{head[:-1] if 80 <= rest < 90 else head}{_below_hundred(rest)}"


def _below_hundred(number: int) -> str:
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    head = _TENS[tens - 2]
    return f"{head[:-1] if ones in (1, 8) else head}{_ONES[ones] if ones else ''}"
