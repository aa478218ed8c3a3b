"""Amounts as they are written in Russian: figures with groups, a decimal comma, a sign."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.russian.nouns import Noun, noun
from daemon.text.spoken.russian.numbers import LONGEST, Case, Gender, cardinal, in_case, ordinal, plural, spelled

NUMBER: Final = r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,5}(?![\d])|\d{1,21}(?!\d))(?:[.,]\d{1,9}(?![\d]|[.,]\d))?"
"""A number without a sign; its thousands may be apart."""
NOT_INSIDE: Final = r"(?<!\w)(?<!\d[.,/])(?<![A-Za-z]-)"
"""Where a number may begin."""
SIGN: Final = r"(?:(?<![\w)\]])[-−–+±])?"
"""A sign: nothing that could be subtracted from stands before it."""
DASH: Final = r"\s?[-‐‑–—−]\s?"
"""What stands between the ends of a range."""
SCALE: Final = r"(?:[\s\u00a0]?(?P<scale>тыс\.?|млн\.?|млрд\.?|трлн\.?)(?![а-яё]))?"

_SCALE_NOUNS: Final = {"тыс": "тысяча", "млн": "миллион", "млрд": "миллиард", "трлн": "триллион"}
_SIGNS: Final = {"-": "минус ", "−": "минус ", "–": "минус ", "+": "плюс ", "±": "плюс-минус "}
_WHOLE: Final = ("целая целой целой целую целой целой", "целых целых целым целых целыми целых")
# Tenths to millionths have names; finer parts are read figure by figure.
_FINEST: Final = 6


@remembered
def signed(written: str) -> tuple[str, str]:
    """The word for a sign and the number without it."""
    word = _SIGNS.get(written[:1], "")
    return word, written[1:].lstrip() if word else written


@remembered
def split(written: str) -> tuple[int, str]:
    """The whole part, and the figures behind the comma."""
    whole, _, part = re.sub(r"[ \u00a0\u202f]", "", written).replace(".", ",").partition(",")
    return int(whole or 0), part


@remembered
def number(written: str, case: Case = "n", gender: Gender = "m", animate: bool = False) -> str:
    """A number as it is written, in a case; a decimal has no gender."""
    sign, bare = signed(written)
    whole, part = split(bare)
    if part:
        return sign + decimal(whole, part, case)
    digits = re.sub(r"\D", "", bare)
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 1):
        return sign + spelled(digits)
    return sign + cardinal(whole, case, gender, animate)


def decimal(whole: int, part: str, case: Case) -> str:
    """`21,5`: двадцать одна целая пять десятых."""
    if len(part) > _FINEST:
        return f"{cardinal(whole, case)} запятая {spelled(part)}"
    said = f"{cardinal(whole, case, 'f')} {in_case(_WHOLE[not _one(whole)], case)}"
    return f"{said} {share(int(part), 10 ** len(part), case)}"


def share(over: int, under: int, case: Case) -> str:
    """A fraction: две третьих would be right, две трети is what people say."""
    if under in {3, 4}:
        root, count = ("трет" if under == 3 else "четверт"), plural(over)
        if case in "na":
            ending = "ь" if count == "one" else "и" if count == "few" else "ей"
        else:
            ending = in_case("ь и и ь ью и", case) if count == "one" else in_case("и ей ям и ями ях", case)
        return f"{cardinal(over, case, 'f')} {root}{ending}"
    one = _one(over)
    if one:
        return f"{cardinal(over, case, 'f')} {ordinal(under, case, 'f')}"
    return f"{cardinal(over, case, 'f')} {ordinal(under, 'g' if case in 'na' else case, 'p')}"


def amount(written: str, unit: Noun | None, case: Case, scale: str | None = None) -> str:
    """So much of something: `1,5`, литр gives полтора литра; with a scale, its million before it."""
    sign, bare = signed(written)
    if scale:
        key = scale.rstrip(".")
        said = _measured(bare, _scale_noun(key), case, key == "тыс")
        return sign + said + (f" {unit.form('g', many=True)}" if unit else "")
    if unit is None:
        return number(written, case)
    return sign + _measured(bare, unit, case, unit.gender == "f")


def _measured(bare: str, unit: Noun, case: Case, feminine: bool) -> str:
    whole, part = split(bare)
    if whole == 1 and part == "5":
        if case in "na":
            return f"{'полторы' if feminine else 'полтора'} {unit.of_a_part()}"
        return f"полутора {unit.form(case, many=True)}"
    if part:
        return f"{decimal(whole, part, case)} {unit.of_a_part()}"
    if not whole:
        return f"{cardinal(0, case)} {unit.form('g', many=True)}"
    return f"{number(bare, case, unit.gender)} {unit.counted(whole, case)}"


def _scale_noun(key: str) -> Noun:
    return noun(_SCALE_NOUNS[key])


def _one(number: int) -> bool:
    return plural(number) == "one"
