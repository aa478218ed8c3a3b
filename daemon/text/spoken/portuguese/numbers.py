"""Portuguese numerals in words. Where the two countries differ (dezesseis, bilhão) the words are Brazil's."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

_ONES: Final = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove"
).split()
_TENS: Final = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_HUNDREDS: Final = (
    "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
).split()
_ORDINALS: Final = "primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono".split()
_TENTHS: Final = (
    "décimo vigésimo trigésimo quadragésimo quinquagésimo sexagésimo septuagésimo octogésimo nonagésimo"
).split()
_LARGE: Final = ((10**12, "trilh"), (10**9, "bilh"), (10**6, "milh"))


@remembered
def cardinal(number: int, gender: str = "") -> str:
    """In words; "f" for what is counted in the feminine ("uma", "duas", "duzentas")."""
    groups = list[tuple[int, str]]()
    for size, stem in _LARGE:
        count, number = divmod(number, size)
        if count:
            groups.append((count, f"{_below_thousand(count, '')} {stem}{'ão' if count == 1 else 'ões'}"))
    thousands, rest = divmod(number, 1000)
    if thousands:
        groups.append((thousands, "mil" if thousands == 1 else f"{_below_thousand(thousands, gender)} mil"))
    if rest or not groups:
        groups.append((rest, _below_thousand(rest, gender)))
    *heads, (last, said) = groups
    if not heads:
        return said
    # The last group is joined by "e" when it is one word's worth: below a hundred or full hundreds.
    link = " e " if last < 100 or last % 100 == 0 else " "
    return " ".join(words for _, words in heads) + link + said


@remembered
def ordinal(number: int, gender: str = "m") -> str | None:
    """As an adjective up to the hundredth."""
    if number == 100:
        words = ["centésimo"]
    elif 1 <= number <= 99:
        tens, ones = divmod(number, 10)
        words = [_TENTHS[tens - 1]] * bool(tens) + [_ORDINALS[ones - 1]] * bool(ones)
    else:
        return None
    return " ".join(f"{word[:-1]}a" if gender == "f" else word for word in words)


def _below_thousand(number: int, gender: str) -> str:
    if number == 100:
        return "cem"
    hundreds, rest = divmod(number, 100)
    parts = list[str]()
    if hundreds:
        said = _HUNDREDS[hundreds - 1]
        parts.append(f"{said[:-2]}as" if gender == "f" and hundreds > 1 else said)
    if rest >= 20:
        parts.append(_TENS[rest // 10 - 2])
        rest %= 10
    if rest or not parts:
        feminine = {1: "uma", 2: "duas"} if gender == "f" else {}
        parts.append(feminine.get(rest) or _ONES[rest])
    return " e ".join(parts)
