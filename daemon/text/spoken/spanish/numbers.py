"""Spanish numerals in words."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

_ONES: Final = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho "
    "diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
_TENS: Final = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_HUNDREDS: Final = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()
_ORDINALS: Final = (
    "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo decimotercero decimocuarto "
    "decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno vigésimo"
).split()
_TENTHS: Final = "vigésimo trigésimo cuadragésimo quincuagésimo sexagésimo septuagésimo octogésimo nonagésimo".split()


@remembered
def cardinal(number: int, gender: str = "") -> str:
    """In words: counted ("uno"), before a masculine noun ("un", "veintiún") or a feminine one ("una", "doscientas")."""
    parts = list[str]()
    for size, one, many in ((10**12, "billón", "billones"), (10**6, "millón", "millones")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_below_million(count, 'm')} {one if count == 1 else many}")
    if number or not parts:
        parts.append(_below_million(number, gender))
    return " ".join(parts)


@remembered
def ordinal(number: int, gender: str = "m") -> str | None:
    """As an adjective up to the hundredth: "m", "f", or "short" before a masculine noun ("primer", "tercer")."""
    if number == 100:
        said = "centésimo"
    elif not 1 <= number <= 99:
        return None
    elif number <= 20:
        said = _ORDINALS[number - 1]
    else:
        tens, ones = divmod(number, 10)
        said = _TENTHS[tens - 2]
        if tens == 2 and ones:
            # One word up to the twenty-ninth, and only the second part keeps its accent.
            said = f"vigesimo{_ORDINALS[ones - 1].replace('octavo', 'ctavo')}"
        elif ones:
            said += f" {_ORDINALS[ones - 1]}"
    if gender == "f":
        return " ".join(f"{word[:-1]}a" for word in said.split())
    return said[:-1] if gender == "short" and said.endswith(("primero", "tercero")) else said


def _below_million(number: int, gender: str) -> str:
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _below_thousand(rest, gender)
    head = "" if thousands == 1 else _below_thousand(thousands, gender, thousand=True) + " "
    return f"{head}mil{' ' + _below_thousand(rest, gender) if rest else ''}"


def _below_thousand(number: int, gender: str, *, thousand: bool = False) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    parts = list[str]()
    if hundreds:
        said = _HUNDREDS[hundreds - 1]
        parts.append(f"{said[:-2]}as" if gender == "f" and hundreds > 1 else said)
    if rest or not hundreds:
        parts.append(_below_hundred(rest, "m" if thousand else gender))
    return " ".join(parts)


def _below_hundred(number: int, gender: str) -> str:
    tens, ones = divmod(number, 10)
    said = _ONES[number] if number < 30 else _TENS[tens - 3] + (f" y {_ONES[ones]}" if ones else "")
    if ones != 1 or number == 11 or not gender:
        return said
    if gender == "f":
        return f"{said[:-1]}a"
    return "veintiún" if number == 21 else said[:-1]
