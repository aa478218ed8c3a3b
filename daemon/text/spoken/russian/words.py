"""Abbreviations and signs."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before, ended
from daemon.text.spoken.russian.context import governed, preposition
from daemon.text.spoken.russian.nouns import noun

# Spaces in these are free: т.е., т. е.
_ANYWHERE: Final = {
    "т.е.": "то есть", "т.к.": "так как", "т.н.": "так называемый", "т.о.": "таким образом", "и т.д.": "и так далее",
    "и т.п.": "и тому подобное", "и др.": "и другие", "и пр.": "и прочее", "в т.ч.": "в том числе", "др.": "другие", "напр.": "например",
    "см.": "смотри", "ср.": "сравни", "им.": "имени", "проф.": "профессор", "акад.": "академик", "доц.": "доцент", "г-н": "господин",
    "г-жа": "госпожа", "гр-н": "гражданин", "прим.": "примечание", "макс.": "максимум", "мин.": "минимум", "ок.": "около",
    "т.ч.": "том числе", "до н.э.": "до нашей эры", "н.э.": "нашей эры", "б/у": "бывший в употреблении", "ж/д": "железнодорожный",
    "тел.": "телефон", "за шт.": "за штуку", "ред.": "редакция", "изд.": "издание", "англ.": "английский", "рус.": "русский", "и.о.": "исполняющий обязанности",
}  # fmt: skip
# Before a name that begins with a capital: the noun of each.
_PLACES = {
    "г": "город", "ул": "улица", "пр": "проспект", "просп": "проспект", "пр-т": "проспект", "пл": "площадь", "пер": "переулок", "наб": "набережная",
    "б-р": "бульвар", "бул": "бульвар", "ш": "шоссе", "д": "деревня", "с": "село", "пос": "посёлок", "п": "посёлок", "обл": "область",
    "р": "река", "о": "остров", "оз": "озеро", "ст": "станция", "м": "метро", "им": "имени", "р-н": "район",
}  # fmt: skip
_PLACES |= {short.capitalize(): full.capitalize() for short, full in _PLACES.items() if len(short) > 1}
_NUMBERED: Final = {
    "д": "дом", "кв": "квартира", "корп": "корпус", "стр": "страница", "с": "страница", "рис": "рисунок", "табл": "таблица", "гл": "глава",
    "п": "пункт", "пп": "пункты", "ст": "статья", "т": "том", "эт": "этаж", "каб": "кабинет", "оф": "офис", "под": "подъезд", "илл": "иллюстрация",
    "рис.": "рисунок", "стб": "столбец", "ч": "часть", "вып": "выпуск", "тел": "телефон", "а/я": "абонентский ящик", "№": "номер", "ок": "около",
}  # fmt: skip
_DECLINED: Final = frozenset(
    "страница город глава дом улица квартира том пункт статья рисунок таблица этаж кабинет подъезд часть корпус проспект район "
    "посёлок станция деревня".split()
)


def _loose(word: str) -> str:
    return re.escape(word).replace(r"\.", r"\.[\s\u00a0]?").removesuffix(r"[\s\u00a0]?").replace("\\ ", r"[\s\u00a0]")


def _any(words: dict[str, str]) -> str:
    return "|".join(_loose(word) for word in sorted(words, key=len, reverse=True))


_SHORT: Final = re.compile(rf"(?<![\w.-])({_any(_ANYWHERE)})(?!\w)", re.IGNORECASE)
_PLACE: Final = re.compile(rf"(?<![\w.-])({_any(_PLACES)})(?:\.|(?<=-[тнр]))\s?(?=[А-ЯЁ][а-яё])")
_NUMBER: Final = re.compile(rf"(?<![\w.-])({_any(_NUMBERED)})\.[\s\u00a0]?(?=\d|[IVXLC]{{1,7}}\b)")
_NUMERO: Final = re.compile(r"№№?\s?(?=\d|\w)")
_SURNAME: Final = re.compile(r"(?<![\w.])(г)\.(?=\s[А-ЯЁ][а-яё]+(?:ов|ев|ин|ский)\b)")

_TAG: Final = re.compile(r"(?<![\w&#])#([^\W\d]\w{0,60})")
_AND: Final = re.compile(r"(?<=\s)&(?=\s)|(?<=\w)\s?&\s?(?=\w)")
_OPERATOR: Final = re.compile(r"(?<=[\w)²³])([ \u00a0]?)([+=×*÷≈≠≤≥<>−]|-(?=\s?\d{1,9}\s?=))([ \u00a0]?)(?=[\w(√])")
_OPERATORS: Final = {
    "+": "плюс", "=": "равно", "×": "умножить на", "*": "умножить на", "÷": "разделить на", "−": "минус", "-": "минус",
    "≈": "примерно равно", "≠": "не равно", "≤": "меньше или равно", "≥": "больше или равно", "<": "меньше", ">": "больше",
}  # fmt: skip
_BEFORE_FIGURE: Final = {
    "#": "номер ", "~": "примерно ", "≈": "примерно ", "±": "плюс-минус ", "§": "параграф ", "§§": "параграфы ", "√": "корень из ",
    "<": "меньше ", ">": "больше ", "≤": "не больше ", "≥": "не меньше ", "×": "умножить на ",
}  # fmt: skip
_PREFIX: Final = re.compile(r"(?<![\w)])(§§|[#~≈±§√<>≤≥×])\s?(?=[$€£]?-?\d)")
_PLUS_AFTER: Final = re.compile(r"(?<=\d)\+(?=\s|$|[,.;!?)])")
_POWER: Final = re.compile(r"(?<=[\w)])[²³](?!\w)")
_ARROW: Final = re.compile(r"(?<=\w)\s?→\s?(?=\w)")


def _short(match: re.Match[str]) -> str | None:
    key = re.sub(r"\.[\s\u00a0]+", ".", re.sub(r"[\s\u00a0]+", " ", match[1])).lower()
    said = _ANYWHERE.get(key)
    if said is None or (
        key in {"им.", "мин.", "макс.", "ср.", "др.", "рус.", "ред."}
        and not re.match(r"\s[А-Яа-яЁёA-Z\d]", after(match))
        and key != "др."
    ):
        return None
    if match[1][0].isupper():
        said = said[0].upper() + said[1:]
    return ended(match, said)


def _place(match: re.Match[str]) -> str | None:
    said = _PLACES[match[1]]
    ahead = before(match)
    if match[1] in {"с", "м", "п", "о", "р", "д", "ш"} and not re.search(r"(?:^|[,(:]\s?|\bв\s|\bиз\s|\bна\s)$", ahead):
        return None
    return f"{_in_case(said, ahead)} "


def _in_case(word: str, ahead: str) -> str:
    """The word in the case that a preposition asks for, where we can decline it."""
    if word not in _DECLINED:
        return word
    if re.search(r"\d\s$", ahead):
        return noun(word).form("g" if word == "статья" else "n", many=False)
    case = governed(ahead) or "n"
    if case == "a" and preposition(ahead) in {"в", "во", "на"}:
        case = "p"
    return noun(word).form(case, many=False)


def _numbered(match: re.Match[str]) -> str | None:
    if match[1] == "с" and not re.search(r"(?:^|[,(;:]\s?|\bна\s|\bсм\.\s)$", before(match)):
        return None
    return f"{_in_case(_NUMBERED[match[1]], before(match))} "


def _operator(match: re.Match[str]) -> str | None:
    behind, ahead = before(match, 1), after(match, 1)
    spaced = bool(match[1] and match[3])
    figures = (behind.isdecimal() or behind in ")²³") + (ahead.isdecimal() or ahead in "(√")
    if figures < (1 if spaced else 2) and not (spaced and match[2] in "+=×"):
        return None
    if match[2] in "*<>-−" and figures < 2:
        return None
    return f" {_OPERATORS[match[2]]} "


SIGNS: Final = (
    Rule("tag", _TAG, lambda match: f"хештег {match[1].replace('_', ' ')}"),
    Rule("operator", _OPERATOR, _operator),
    Rule("sign before a figure", _PREFIX, lambda match: _BEFORE_FIGURE[match[1]]),
    Rule("and more", _PLUS_AFTER, lambda match: " плюс"),
    Rule("and", _AND, lambda match: "и" if len(match[0]) == 1 and before(match, 1).isspace() else " и "),
    Rule("power", _POWER, lambda match: " в квадрате" if match[0] == "²" else " в кубе"),
    Rule("arrow", _ARROW, lambda match: " в "),
)
ABBREVIATIONS: Final = (
    Rule("number sign", _NUMERO, lambda match: "номер "),
    Rule("before a number", _NUMBER, _numbered),
    Rule("place", _PLACE, _place),
    Rule("abbreviation", _SHORT, _short),
)
TRIGGER: Final = (
    rf"(?:{'|'.join(map(re.escape, _PLACES))})\.\s?[А-ЯЁ]|(?:{'|'.join(map(re.escape, _NUMBERED))})\.\s?[IVXLC]|(?:{_any(_ANYWHERE)})|"
    r"(?:пр-т|р-н|б-р)\s[А-ЯЁ]"
)
