"""Numbers in Russian words, in every case and gender."""

from __future__ import annotations

from typing import Final, Literal

from daemon.text.spoken.remembered import remembered

Case = Literal["n", "g", "d", "a", "i", "p"]
"""Nominative, genitive, dative, accusative, instrumental, prepositional."""
Gender = Literal["m", "f", "n", "p"]
"""Masculine, feminine, neuter, and the plural of any."""

CASES: Final = "ngdaip"

_ONE: Final[dict[str, str]] = {
    "m": "один одного одному один одним одном", "n": "одно одного одному одно одним одном",
    "f": "одна одной одной одну одной одной", "p": "одни одних одним одни одними одних",
}  # fmt: skip
_FEW: Final = {
    2: "два двух двум два двумя двух", 3: "три трёх трём три тремя трёх", 4: "четыре четырёх четырём четыре четырьмя четырёх",
}  # fmt: skip
_TEENS: Final = (
    "десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат шестнадцат семнадцат восемнадцат девятнадцат"
).split()
_UNITS: Final = {5: "пят", 6: "шест", 7: "сем", 8: "вос", 9: "девят"}
_HUNDREDS: Final = {
    1: "сто ста ста сто ста ста", 2: "двести двухсот двумстам двести двумястами двухстах",
    3: "триста трёхсот трёмстам триста тремястами трёхстах", 4: "четыреста четырёхсот четырёмстам четыреста четырьмястами четырёхстах",
}  # fmt: skip
_ZERO: Final = "ноль ноля нолю ноль нолём ноле"
_THOUSAND: Final = ("тысяча тысячи тысяче тысячу тысячей тысяче", "тысячи тысяч тысячам тысячи тысячами тысячах")
_SCALES: Final = ("", "тысяч", "миллион", "миллиард", "триллион", "квадриллион")

_ORDINAL_UNITS: Final = "_ первый второй третий четвёртый пятый шестой седьмой восьмой девятый".split()
_ORDINAL_TENS: Final = (
    "_ десятый двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый"
).split()
_ADJECTIVE: Final[dict[str, str]] = {
    "m": "- ого ому - ым ом", "n": "ое ого ому ое ым ом", "f": "ая ой ой ую ой ой", "p": "ые ых ым ые ыми ых",
}  # fmt: skip
_THIRD: Final[dict[str, str]] = {
    "m": "третий третьего третьему третий третьим третьем", "n": "третье третьего третьему третье третьим третьем",
    "f": "третья третьей третьей третью третьей третьей", "p": "третьи третьих третьим третьи третьими третьих",
}  # fmt: skip
# There are words for so many digits; a longer number is read digit by digit.
LONGEST: Final = 3 * len(_SCALES)


@remembered
def in_case(forms: str, case: Case) -> str:
    """One of six forms that stand in the order of the cases."""
    return forms.split()[CASES.index(case)]


@remembered
def cardinal(number: int, case: Case = "n", gender: Gender = "m", animate: bool = False) -> str:
    """How many; `animate` says whose accusative is a genitive."""
    digits = str(number)
    if len(digits) > LONGEST:
        return spelled(digits)
    if not number:
        return in_case(_ZERO, case)
    if animate and case == "a" and number in {1, 2, 3, 4}:
        case = "a" if gender == "f" and number == 1 else "g"
    said: list[str] = []
    groups = [int(group) for group in f"{number:,}".split(",")]
    for scale, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        if not group:
            continue
        if not scale:
            said += _group(group, case, gender)
        elif group == 1 and scale == 1 and not said:
            said.append(_scale(scale, group, case))
        else:
            said += [*_group(group, case, "f" if scale == 1 else "m"), _scale(scale, group, case)]
    return " ".join(said)


@remembered
def ordinal(number: int, case: Case = "n", gender: Gender = "m", animate: bool = False) -> str:
    """Which one: only the last word is declined."""
    if animate and case == "a" and gender in {"m", "p"}:
        case = "g"
    if not number:
        return _adjective("нулевой", case, gender)
    for power, name in ((10**9, "миллиардный"), (10**6, "миллионный"), (1000, "тысячный")):
        if number >= power and number % power == 0:
            count = number // power
            return _adjective(("" if count == 1 else stem(count)) + name, case, gender)
    tail = number % 100 if number % 100 and (number % 100 < 20 or not number % 10) else number % 10 or number % 1000
    head = cardinal(number - tail) + " " if number - tail else ""
    return head + _adjective(_ordinal_word(tail), case, gender)


def stem(number: int) -> str:
    """A number as the first part of a word: `двух`этажный, `двадцатипяти`летний."""
    if number == 1000:
        return "тысяче"
    parts = [number // 1000 * 1000, number // 100 % 10 * 100]
    rest = number % 100
    parts += [rest] if rest < 20 else [rest // 10 * 10, rest % 10]
    fixed = {1: "одно", 90: "девяносто", 100: "сто"}
    return "".join(fixed.get(part) or cardinal(part, "g").replace(" ", "") for part in parts if part)


def spelled(digits: str) -> str:
    """Digit by digit."""
    return " ".join(cardinal(int(digit)) for digit in digits if digit.isdecimal())


def figures(digits: str) -> str:
    """A group of digits of a telephone number or a code: its zeros, then the rest as a number."""
    bare = digits.lstrip("0")
    zeros = ["ноль"] * (len(digits) - len(bare))
    return " ".join([*zeros, *([cardinal(int(bare))] if bare else [])])


@remembered
def plural(number: int) -> Literal["one", "few", "many"]:
    """The plural category of CLDR for a whole number."""
    if number % 10 == 1 and number % 100 != 11:
        return "one"
    return "few" if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else "many"


def _group(number: int, case: Case, gender: Gender) -> list[str]:
    """A number below a thousand."""
    hundreds, rest = divmod(number, 100)
    said = [_hundred(hundreds, case)] if hundreds else []
    if 10 <= rest < 20:
        return [*said, _soft(_TEENS[rest - 10], case)]
    tens, ones = divmod(rest, 10)
    if tens:
        said.append(_ten(tens, case))
    if ones:
        said.append(_one(ones, case, gender))
    return said


def _one(number: int, case: Case, gender: Gender) -> str:
    if number == 1:
        return in_case(_ONE[gender], case)
    if number == 2 and gender == "f" and case in "na":
        return "две"
    if number in _FEW:
        return in_case(_FEW[number], case)
    if number == 8:
        return {"n": "восемь", "a": "восемь", "i": "восемью"}.get(case, "восьми")
    return _soft(_UNITS[number], case)


def _soft(root: str, case: Case) -> str:
    return root + {"n": "ь", "a": "ь", "i": "ью"}.get(case, "и")


def _ten(tens: int, case: Case) -> str:
    if tens < 4:
        return _soft("двадцат" if tens == 2 else "тридцат", case)
    if tens == 4:
        return "сорок" if case in "na" else "сорока"
    if tens == 9:
        return "девяносто" if case in "na" else "девяноста"
    first = _one(tens, case, "m")
    return first + {"n": "десят", "a": "десят", "i": "десятью"}.get(case, "десяти")


def _hundred(hundreds: int, case: Case) -> str:
    if hundreds in _HUNDREDS:
        return in_case(_HUNDREDS[hundreds], case)
    return _one(hundreds, case, "m") + in_case("сот сот стам сот стами стах", case)


def _scale(scale: int, number: int, case: Case) -> str:
    count = plural(number)
    if scale == 1:
        if case in "na" and count != "one":
            return "тысячи" if count == "few" else "тысяч"
        return in_case(_THOUSAND[count != "one"], case)
    name = _SCALES[scale]
    if count == "one":
        return name + in_case("- а у - ом е", case).strip("-")
    if case in "na":
        return name + ("а" if count == "few" else "ов")
    return name + in_case("ы ов ам ы ами ах", case)


def _ordinal_word(number: int) -> str:
    if number >= 100:
        return "сотый" if number == 100 else stem(number // 100).replace("одно", "") + "сотый"
    if 10 < number < 20:
        return _TEENS[number - 10] + "ый"
    return _ORDINAL_TENS[number // 10] if number >= 10 else _ORDINAL_UNITS[number]


def _adjective(lemma: str, case: Case, gender: Gender) -> str:
    if lemma == "третий":
        return in_case(_THIRD[gender], case)
    ending = in_case(_ADJECTIVE[gender], case)
    return lemma if ending == "-" else lemma[:-2] + ending
