"""Plain figures: fractions, ranges, scores, and whatever is counted."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before
from daemon.text.spoken.russian.amounts import DASH, NOT_INSIDE, NUMBER, SIGN, decimal, number, share, signed, split
from daemon.text.spoken.russian.context import (
    Counted,
    animate,
    asked_by_preposition,
    case_of,
    counted,
    gender_of,
    governed,
)
from daemon.text.spoken.russian.numbers import Case, cardinal, plural

_SIGNS: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6),
    "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_NAMED: Final = {
    "24/7": "двадцать четыре на семь",
    "50/50": "пятьдесят на пятьдесят",
    "7/24": "семь на двадцать четыре",
}
_DENOMINATORS: Final = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64, 100, 1000))
_FRACTION_SIGN: Final = re.compile(rf"(?<![\w/.,])(?:(\d{{1,6}})\s?)?([{''.join(_SIGNS)}])")
_FRACTION: Final = re.compile(
    r"(?<![\w/.,-])(?:(?P<whole>\d{1,4})\s)?(?P<over>\d{1,4})\s?[/⁄]\s?(?P<under>\d{1,4})(?![\w/]|[.,]\d)"
)
_DIMENSIONS: Final = re.compile(rf"{NOT_INSIDE}({NUMBER})\s?[xх×]\s?({NUMBER})(?:\s?[xх×]\s?({NUMBER}))?(?![\w])")
_RATIO: Final = re.compile(r"(?<![\w:.,/-])(\d{1,3}):(\d{1,3})(?![\w:]|[.,]\d)")
_RANGE: Final = re.compile(rf"{NOT_INSIDE}(?<!-)(?P<low>{NUMBER}){DASH}(?P<high>{NUMBER})(?![\w]|[-–]\d|\s?=)")
_PLAIN: Final = re.compile(
    rf"{NOT_INSIDE}(?P<number>{SIGN}{NUMBER})(?![^\W_²³]|_\w|/\d)|(?<!\w)(?<=\d,)(?P<listed>\d{{1,21}})(?!\w)"
)
# What a number after these words names is not counted: it stays in the nominative.
_NAMES: Final = re.compile(
    r"(?:№|\b(?:номер[ауеом]{0,2}|дом[ауе]?|квартир[аыеу]|рисун\w{2,3}|рис\.|стр\.|страниц[аыеу]|кабинет[ауе]?|телефон[ауе]?|школ[аыеу]|код|"
    r"палат[аыеу]|офис[ауе]?|таблиц[аыеу]|пункт[ауе]?|стать[яиею]|параграф[ауе]?|д\.|кв\.|рейс[ауе]?|автобус[ауе]?|маршрут[ауе]?|порт|порту|"
    r"размер|уровень|камер[аыеу]|комнат[аыеу]|вариант[ауе]?|звоните|позвони|набери))\s?$",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(r"[<>≤≥]\s?$")
# Of these people say "with a half", of few of them at least.
_HALVED: Final = frozenset("раза часа года месяца дня минуты недели".split())
_SPOKEN_HALVES: Final = 20
_EQUAL: Final = re.compile(r"=\s?$")


def _mixed(match: re.Match[str], whole: str | None, over: int, under: int) -> str:
    case = governed(before(match)) or "n"
    part = share(over, under, case)
    if not whole:
        return part
    if over == 1 and under == 2 and whole == "1":
        return _half(case, counted(match))
    if over == 1 and under == 2 and whole != "0":
        return f"{cardinal(int(whole), case)} с половиной"
    return f"{cardinal(int(whole), case, 'f')} {'целая' if plural(int(whole)) == 'one' else 'целых'} {part}"


def _fraction(match: re.Match[str]) -> str | None:
    if not match["whole"] and match[0] in _NAMED:
        return _NAMED[match[0]]
    over, under = int(match["over"]), int(match["under"])
    if 0 < over < under and under in _DENOMINATORS:
        return _mixed(match, match["whole"], over, under)
    if match["whole"]:
        return None
    between = "разделить на" if " " in match[0] else "на" if over >= under else "дробь"
    return f"{cardinal(over)} {between} {cardinal(under)}"


def _dimensions(match: re.Match[str]) -> str:
    sides = [side for side in (match[1], match[2], match[3]) if side]
    product = re.match(r"\s?=", after(match))
    return (" умножить на " if product else " на ").join(number(side) for side in sides)


def _range(match: re.Match[str]) -> str:
    low, high, noun = match["low"], match["high"], counted(match)
    asked = asked_by_preposition(before(match))
    if asked is None and noun and plural(split(high)[0]) == "many" and not _NAMES.search(before(match)):
        return f"от {_one(low, 'g', noun)} до {_one(high, 'g', noun)}"
    case = case_of(match, noun) if asked or noun else "n"
    gender = gender_of(split(high)[0], case, noun)
    return f"{number(low, case, gender)}-{number(high, case, gender)}"


def _plain(match: re.Match[str]) -> str:
    if match["listed"]:
        return number(match["listed"])
    written, ahead = match["number"], before(match)
    if _EQUAL.search(ahead):
        return number(written, "d")
    if _COMPARED.search(ahead):
        return number(written, "g")
    if _NAMES.search(ahead):
        return number(written)
    noun = counted(match)
    return _one(written, case_of(match, noun, split(signed(written)[1])[0]), noun)


def _one(written: str, case: Case, noun: Counted | None) -> str:
    sign, bare = signed(written)
    whole, part = split(bare)
    if part == "5" and whole == 1 and noun:
        return sign + _half(case, noun)
    if part == "5" and noun and whole <= _SPOKEN_HALVES and noun.word in _HALVED:
        return f"{sign}{cardinal(whole, case, gender_of(2, case, noun))} с половиной"
    if part:
        return sign + decimal(whole, part, case)
    if animate(whole, case, noun):
        return sign + number(bare, "g")
    return sign + number(bare, case, gender_of(whole, case, noun))


def _half(case: Case, noun: Counted | None) -> str:
    """One and a half of something."""
    if case not in "na":
        return "полутора"
    return "полторы" if noun and noun.word.endswith(("ы", "и")) else "полтора"


RULES: Final = (
    Rule("fraction sign", _FRACTION_SIGN, lambda match: _mixed(match, match[1], *_SIGNS[match[2]])),
    Rule("fraction", _FRACTION, _fraction),
    Rule("dimensions", _DIMENSIONS, _dimensions),
    Rule("ratio", _RATIO, lambda match: f"{cardinal(int(match[1]))} {cardinal(int(match[2]))}"),
    Rule("range", _RANGE, _range),
)
PLAIN: Final = (Rule("number", _PLAIN, _plain),)
"""What is left where no other rule knew better."""
