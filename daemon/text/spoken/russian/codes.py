"""Figures that name something and count nothing: telephone numbers, versions, models."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, before
from daemon.text.spoken.russian.numbers import LONGEST, cardinal, figures, spelled

_PHONE: Final = re.compile(
    r"(?<![\w.,/+-])(?:(?:\+7|8)[\s-]?\(?\d{3}\)?[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}|"
    r"\+\d{1,3}(?:[\s-]\(?\d{1,5}\)?){2,5}|\(\d{3,5}\)\s?\d{1,3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}|\d{2}-\d{2}-\d{2})(?![\w-]|[.,]\d)"
)
_NATIONAL: Final = re.compile(r"(\+?[78])(\d{3})(\d{3})(\d{2})(\d{2})")
_VERSION: Final = re.compile(
    r"(?<![\w.,/-])(?:[vV]\.?)?(\d{1,6}(?:\.\d{1,6}){0,4})(?:-?(?:alpha|beta|rc|b)\.?\d{0,3})?(?![\w/%°-]|[.,]\d)"
)
_VERSIONED: Final = re.compile(
    r"\b(?:[Вв]ерси[яиюей]{1,2}|[Рр]елиз|[Пп]рошивк[аиуе]|[Оо]бновлени[еяю]|Python|iOS|Android|macOS|Ubuntu|Debian|Linux|Windows|Assistant|"
    r"USB|Bluetooth|HDMI|HTTP|TLS|Java|PHP|CUDA|ESPHome)\s$"
)
_CODE: Final = re.compile(
    r"\b(?:код(?:\s[а-я]+)?|кода|пин|пин-код|пароль|ПИН|PIN|ПИН-код|индекс|ИНН|ОГРН|заказ|счёт|карта|договор)(?:\s?(?:№|—|:|-))?\s?$",
    re.IGNORECASE,
)
_FIGURES: Final = re.compile(r"(?<![\w.,/:$€-])\d{3,20}(?![\w%°/:]|[.,]\d|\s?[-–]\s?\d)")
_LONG: Final = re.compile(r"(?<![\w.,-])(?<!\d[ \u00a0\u202f])(?:\d{10,40}|0\d{1,39})(?![\w-]|[.,:/]\d)")
_CARD: Final = re.compile(r"(?<![\w.,-])\d{4}(?:[ -]\d{4}){2,4}(?![\w-]|[.,]\d)")
_MODEL: Final = re.compile(
    r"(?<![\w.'’/#@-])(?P<name>[A-Za-z]{1,3}|[A-Z]{4,6}|[A-Z][A-Za-z]{2,14}|[А-ЯЁ]{1,4}|[А-ЯЁ][а-яё]{1,3}|[А-ЯЁ][а-яё][А-ЯЁ])-?(?P<number>\d{1,5}(?:\.\d(?!\d))?)(?P<rest>[A-Za-zА-Я]{0,2})(?![\w@/.]\w|[\w@/]|-\w)"
)
_SIZED: Final = re.compile(r"(?<![\w.,/$£€-])(?P<number>\d{1,5})-?(?P<rest>[A-Z]{1,3}|[px]|[А-ЯЁ])(?![\w/-])")


def _phone(match: re.Match[str]) -> str | None:
    written = match[0]
    bare = re.sub(r"[^\d+]", "", written)
    national = _NATIONAL.fullmatch(bare)
    if national and "(" not in written and not re.search(r"\d[\s-]\d", written):
        groups = [national[1].lstrip("+"), *national.groups()[1:]]
    else:
        groups = re.findall(r"\d+", written)
        if national and sum(map(len, groups)) != len(groups[0]) and len(groups[0]) > 1:
            groups = [national[1].lstrip("+"), *national.groups()[1:]]
    if len(bare) < 6:
        return None
    said = ", ".join(figures(group) if len(group) <= 3 else spelled(group) for group in groups)
    return f"плюс {said}" if written.startswith("+") else said


def _version(match: re.Match[str]) -> str | None:
    parts = match[1].split(".")
    prefixed = match[0][0] in "vV"
    if len(parts) < 3 and not prefixed and not (len(parts) == 2 and _VERSIONED.search(before(match))):
        return None
    said = " точка ".join(figures(part) for part in parts)
    rest = match[0][match.end(1) - match.start() :].lstrip("-")
    return ("версия " if prefixed else "") + said + (f" {rest}" if rest else "")


def _figures(match: re.Match[str]) -> str | None:
    return _pairs(match[0]) if _CODE.search(before(match)) else None


def _pairs(digits: str) -> str:
    """A code of four figures two by two, a longer one figure by figure."""
    if len(digits) == 4:
        return f"{figures(digits[:2])} {figures(digits[2:])}"
    return figures(digits) if len(digits) == 3 else spelled(digits)


def _long(match: re.Match[str]) -> str | None:
    if match[0][0] != "0" and match[0].endswith("000000") and len(match[0]) <= LONGEST:
        return None
    return figures(match[0]) if len(match[0]) <= 3 else spelled(match[0])


def _card(match: re.Match[str]) -> str:
    return ", ".join(_pairs(group) for group in re.findall(r"\d+", match[0]))


def _model(match: re.Match[str]) -> str | None:
    if (
        match["name"] in {"В", "С", "К", "О", "У", "Я", "А", "И", "No", "в", "на"}
        and "-" not in match[0]
        and match["name"] != "К"
    ):
        return None
    return f"{match['name']} {_number(match['number'])}" + (f" {match['rest']}" if match["rest"] else "")


def _sized(match: re.Match[str]) -> str:
    return f"{_number(match['number'])} {match['rest'].upper()}"


def _number(digits: str) -> str:
    if "." in digits:
        return " и ".join(map(_number, digits.split(".")))
    return figures(digits) if digits[0] == "0" else cardinal(int(digits))


def address_number(digits: str) -> str:
    """A number inside a link, a host name or an internet address."""
    return figures(digits) if len(digits) <= 5 else spelled(digits)


_SUBSCRIPT: Final = re.compile(r"(?<=[A-Za-zА-я])[₀-₉]{1,4}")
_FIGURES_BELOW: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

EARLY: Final = (Rule("version", _VERSION, _version), Rule("telephone", _PHONE, _phone), Rule("card", _CARD, _card))
RULES: Final = (
    Rule("figures that name", _FIGURES, _figures),
    Rule("long figures", _LONG, _long),
    Rule("model", _MODEL, _model),
    Rule("subscript", _SUBSCRIPT, lambda match: f" {cardinal(int(match[0].translate(_FIGURES_BELOW)))}"),
    Rule("size", _SIZED, _sized),
)
