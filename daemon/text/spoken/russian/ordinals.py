"""Ordinals: figures with the end of their word, Roman numerals, floors and the like, and the first part of compounds."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.text.spoken.roman import value
from daemon.text.spoken.rules import Rule, after, before, ended
from daemon.text.spoken.russian.calendar import century
from daemon.text.spoken.russian.context import counted, governed, preposition
from daemon.text.spoken.russian.nouns import noun
from daemon.text.spoken.russian.numbers import CASES, Case, Gender, cardinal, ordinal, plural, stem

_ENDED: Final = re.compile(
    r"(?<![\w.,:/])(?P<number>\d{1,9})-?(?P<end>ого|его|ому|ему|ыми|ими|[ыио]й|[аоя]я|[оеьёу][емйх]|ы[емх]|ую|ух|ёх|мя|го|му|ми|ти|[йяеюхм])(?![\w-])"
)
_COMPOUND: Final = re.compile(
    r"(?<![\w.,:/])(?:(?P<low>\d{1,4})[-–])?(?P<number>\d{1,4})-(?:(?:ти|х|и|ми)-?)?(?P<rest>[а-яё]{3,}(?:ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ому|ему|ым|им|ом|ем|ую|юю|ых|их|ыми|ими|"
    r"летие|летия|летию|летием|летии|ка|ки|ке|ку|кой|к|ник|ника|нике)|этажка|этажку)(?!\w)"
)
_ROMAN: Final = re.compile(
    r"(?<![\w.-])(?:(?P<low>[IVXLC]{1,8})[-–—])?(?P<numeral>[IVXLCХ]{1,8})(?:-?(?:й|го|м|му|ом|я|ой))?(?![\w&]|[.-]\w)(?P<word>\s(?:век(?:а|е|у|ом|ов|ах)?(?!\w)|вв?\.))?"
)
_MONARCH: Final = re.compile(
    r"\b(?P<name>Пётр|Петр|Никола|Александр|Павел|Павл|Иван|Людовик|Карл|Генрих|Георг|Фридрих|Вильгельм|Филипп|Франциск|Иоанн|Бенедикт|"
    r"Наполеон|Ричард|Эдуард|Рамзес|Рамсес|Василий|Васили|Юстиниан|Константин|Сигизмунд|Стефан|Хуан Карлос|Михаил|Оттон|Лев|Львом|Льв|"
    r"Екатерин|Елизавет|Мари|Анн|Виктори|Изабелл|Маргарет|Клеопатр|Иоанн Павл|Иоанн Павел|Алексе|Фёдор|Фридрих Вильгельм)(?P<end>[а-я]{0,3})\s$"
)
_MALE: Final[dict[str, Case]] = {
    "": "n",
    "й": "n",
    "а": "g",
    "я": "g",
    "у": "d",
    "ю": "d",
    "ом": "i",
    "ем": "i",
    "е": "p",
    "и": "p",
}
_FEMALE: Final[dict[str, Case]] = {
    "а": "n",
    "я": "n",
    "ы": "g",
    "и": "g",
    "е": "d",
    "у": "a",
    "ю": "a",
    "ой": "i",
    "ей": "i",
}
_HEADINGS: Final = re.compile(
    r"\b(?P<word>[Гг]лав[аыеу]|[Чч]аст[ьи]|[Тт]ом[аеу]?|[Кк]ниг[аиеу]|[Рр]аздел[аеу]?|[Аа]кт[аеу]?|[Сс]тепен[ьи]|[Тт]ип[аеу]?|[Кк]ласс[аеу]?|"
    r"[Ээ]тап[аеу]?|[Сс]ери[яиюей]|[Вв]ойн[аыеу]|[Сс]ъезд[аеу]?|[Кк]вартал[аеу]?)\s$"
)
_SURE: Final = frozenset("II III VII VIII IX XI XII XIII XIV XVI XVII XVIII XIX XXI".split())
_NUMBERED: Final = "этаж класс место канал курс подъезд том сезон серия страница глава урок раунд тур ряд вагон квартал половина".split()
# Of these there is rarely one: "1 место" is the first.
_RANKED: Final = frozenset("этаж место класс тур раунд курс квартал подъезд сезон".split())
_AT_NOUN: Final = re.compile(r"(?<![\w.,:/-])(\d{1,4})\s([а-яё]{3,10})(?!\w)")


def _ended(match: re.Match[str]) -> str | None:
    number, end = int(match["number"]), match["end"]
    ahead, word = before(match), preposition(before(match))
    asked = governed(ahead)
    if (end in {"х", "ух", "ёх"} and number in {2, 3, 4}) or end in {"ти", "ми", "мя", "ь"}:
        return _few(number, end, asked)
    if end in {"й", "ий", "ой", "ый", "ей"}:
        return _first(match, number, asked)
    if end in {"м", "ом", "ем", "ым", "им"}:
        if end in {"м", "ом", "ем"} and (word in {"в", "во", "на", "о", "об", "при"} or end != "м"):
            return ordinal(number, "p")
        return ordinal(number, "d" if word in {"к", "по"} and end == "м" else "i", "p" if word in {"к", "по"} else "m")
    if end in {"е", "ое", "ее", "ые", "ие"}:
        many = end in {"ые", "ие"} or bool(re.match(r"\s[а-яё]+(?:ы|и)(?!\w)", after(match)))
        return ordinal(number, "n", "p" if many else "n")
    ends: dict[str, tuple[Case, Gender]] = {
        "я": ("n", "f"), "ая": ("n", "f"), "яя": ("n", "f"), "ю": ("a", "f"), "ую": ("a", "f"), "го": ("g", "m"), "ого": ("g", "m"),
        "его": ("g", "m"), "му": ("d", "m"), "ому": ("d", "m"), "ему": ("d", "m"), "х": ("g", "p"), "ых": ("g", "p"), "их": ("g", "p"),
        "ыми": ("i", "p"), "ими": ("i", "p"),
    }  # fmt: skip
    return ordinal(number, *ends[end]) if end in ends else None


def _few(number: int, end: str, asked: Case | None) -> str:
    """`3-х`, `5-ти`: a cardinal in an oblique case."""
    if end in {"мя", "ми"}:
        return cardinal(number, "i")
    if end == "ь":
        return cardinal(number)
    return cardinal(number, asked if asked in {"g", "d", "p"} else "g")


def _first(match: re.Match[str], number: int, asked: Case | None) -> str:
    """`3-й` is masculine, but feminine in most cases after a preposition that asks for one."""
    noun_after = counted(match)
    feminine = noun_after is not None and noun_after.word.endswith(("ы", "и", "е", "ой", "ей"))
    if asked and asked not in {"a", "n"}:
        return ordinal(number, asked, "f")
    return ordinal(number, "p", "f") if feminine and asked == "a" else ordinal(number)


def _compound(match: re.Match[str]) -> str | None:
    number, low = int(match["number"]), match["low"]
    if not number:
        return None
    return (f"{stem(int(low))}-" if low else "") + stem(number) + match["rest"]


def _numeral(match: re.Match[str]) -> str | None:
    written, ahead, word = match["numeral"].replace("Х", "X"), before(match), (match["word"] or "").strip()
    count = value(written)
    if count is None:
        return None
    if word:
        return _century(match, count, word)
    monarch = _MONARCH.search(ahead)
    if monarch:
        female = monarch["name"] in {
            "Екатерин",
            "Елизавет",
            "Мари",
            "Анн",
            "Виктори",
            "Изабелл",
            "Маргарет",
            "Клеопатр",
        }
        case = (_FEMALE if female else _MALE).get(monarch["end"])
        return ordinal(count, case, "f" if female else "m").capitalize() if case else None
    heading = _HEADINGS.search(ahead)
    if heading:
        return ordinal(count, *_of_heading(heading["word"].lower(), governed(ahead[: heading.start("word")])))
    ahead_of = re.match(r"\s([а-яё]{3,10})(?!\w)", after(match))
    if ahead_of and ahead_of[1] in _forms():
        return _before_noun(count, ahead_of[1], ahead)
    return cardinal(count) if written in _SURE and re.search(r"[А-Яа-яЁёA-Za-z]\s$", ahead) else None


def _century(match: re.Match[str], count: int, word: str) -> str | None:
    ahead = before(match)
    low = value(match["low"]) if match["low"] else None
    if word in {"вв.", "веков", "веках"} or low:
        in_it = preposition(ahead) in {"в", "во"}
        case: Case = "p" if in_it or word == "веках" else "g"
        first = f"{ordinal(low, case)} – " if low else ""
        return ended(match, f"{first}{ordinal(count, case)} {'веках' if case == 'p' else 'веков'}")
    if word == "в." or word.startswith("век"):
        return ended(match, century(count, word, ahead))
    return None


def _of_heading(word: str, asked: Case | None) -> tuple[Case, Gender]:
    """The case and gender of a heading by its ending: `главу IV` is accusative and feminine."""
    if word.startswith(("глав", "книг", "войн", "сери")):
        return _FEMALE.get(word[4:], "n"), "f"
    if word.startswith(("част", "степен")):
        return ("n" if word.endswith("ь") else asked if asked in {"g", "d", "p"} else "g"), "f"
    return {"а": "g", "у": "d", "е": "p"}.get(word[-1], "n"), "m"  # type: ignore[return-value]


@cache
def _forms() -> dict[str, list[tuple[str, Case]]]:
    """Every singular form of the nouns that are numbered, with the noun and the cases it may be."""
    forms: dict[str, list[tuple[str, Case]]] = {}
    for lemma in _NUMBERED:
        for case, form in zip(CASES, noun(lemma).singular.split(), strict=True):
            forms.setdefault(form, []).append((lemma, case))  # type: ignore[arg-type]
    return forms


def _before_noun(count: int, form: str, ahead: str) -> str | None:
    """`в I половине`: a numeral before a noun of which there are several."""
    lemma, cases = _forms()[form][0][0], [case for _, case in _forms()[form]]
    asked, word = governed(ahead), preposition(ahead)
    allowed = {"p", "a"} if word in {"в", "во", "на"} else {asked} if asked else {"n", "g"}
    return ordinal(count, next((case for case in cases if case in allowed), cases[0]), noun(lemma).gender)


def _at_noun(match: re.Match[str]) -> str | None:
    """`на 5 этаже`: a noun in the singular after a number that would count in the plural makes it an ordinal."""
    number, found = int(match[1]), _forms().get(match[2])
    if not found:
        return None
    lemma, cases = found[0][0], [case for _, case in found]
    asked, word = governed(before(match)), preposition(before(match))
    count, gender = plural(number), noun(lemma).gender
    allowed = {"p", "a"} if word in {"в", "во", "на"} else {asked} if asked else {"n", "a"}
    case = next((case for case in cases if case in allowed), None)
    if case is None:
        if count == "many" and asked is None:
            return f"{ordinal(number, cases[0], gender)} {match[2]}" if cases != ["g"] else None
        return None
    if count == "one" and case in "na" and lemma not in _RANKED:
        return None
    return f"{ordinal(number, case, gender)} {match[2]}"


RULES: Final = (
    Rule("compound", _COMPOUND, _compound),
    Rule("ordinal", _ENDED, _ended),
    Rule("Roman numeral", _ROMAN, _numeral),
    Rule("numbered noun", _AT_NOUN, _at_noun),
)
