"""Figures that name something and count nothing: telephone numbers, codes, versions, models."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.numbers import cardinal, code, number, spelled
from daemon.text.spoken.rules import Rule, before

_PHONE: Final = re.compile(
    r"(?<![\w.,/+-])(?:"
    r"\+\d{1,3}(?:[\s.-]?\(?\d{1,5}\)?){1,6}(?:\s?x\s?\d{1,5})?"  # international
    r"|(?:1[\s.-])?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}"  # North America
    r"|\d{3}-\d{4}"  # without the area
    r"|0\d{2,4}[\s-]\d{3,4}[\s-]?\d{3,4}"  # United Kingdom
    r")(?![\w/-]|[.,]\d)"
)
_VERSION: Final = re.compile(
    r"(?<![\w.,/-])(?P<v>[vV]\.?\s?)?(?P<number>\d{1,6}(?:\.\d{1,6}){0,4})(?P<rest>-?(?:alpha|beta|rc|b|a)\.?\d{0,3})?(?![\w/%°]|[.,]\d)"
)
_VERSIONED: Final = re.compile(
    r"\b(?:[Vv]ersions?|[Rr]eleases?|[Ff]irmware|[Bb]uild|[Kk]ernel|Python|iOS|iPadOS|Android|macOS|Ubuntu|Debian|Fedora|Linux|Windows|"
    r"Home Assistant|HAOS|Node(?:\.js)?|Java|PHP|CUDA|PyTorch|Django|ESPHome|HTTP|TLS|USB|Bluetooth|Zigbee|Matter|HDMI|Qwen|GPT)"
    r"\s(?:OS\s|Core\s)?$"
)
_SECRET: Final = re.compile(
    r"\b(?:code|codes|PIN|pin|passcode|password|OTP|ZIP|zip|ID|extension|ext\.?|account|serial|order|ticket|tracking)"
    r"(?:\s(?:is|number|code|no\.|#|was))*:?\s#?$",
)
_CALL: Final = re.compile(r"\b(?:[Cc]all|[Dd]ial|[Pp]hone|[Rr]ing|[Tt]ext|[Cc]alled|[Dd]ialed)\s$")
_ROOM: Final = re.compile(
    r"\b(?:[Rr]oom|[Ff]light|[Bb]us|[Rr]oute|[Hh]ighway|[Ii]nterstate|[Aa]partment|[Aa]pt\.?|[Ss]uite|[Gg]ate|Boeing|Airbus|Model|Area|RTX|GTX|RX)\s$"
)
_FIGURES: Final = re.compile(r"(?<![\w.,/:$£€-])\d{3,12}(?![\w%°/:]|[.,]\d|\s?[-–]\s?\d)")
_LONG: Final = re.compile(r"(?<![\w.,-])(?:\d{10,40}|0\d{1,39})(?![\w-]|[.,:/]\d)")
_CARD: Final = re.compile(r"(?<![\w.,-])(?:\d{4}(?:[ -]\d{4}){2,4}|\d{1,8}(?:-\d{1,8}){2,6})(?![\w-]|[.,]\d)")
_MODEL: Final = re.compile(
    r"(?<![\w.'’/#@-])(?P<name>[A-Za-z]{1,3}|[A-Z]{4,6}|[A-Z][A-Za-z]{2,14}(?=-?\d{1,4}(?!\w)))-?(?P<number>\d{1,5}(?:\.\d(?!\d))?)(?P<rest>[A-Za-z]{0,2})(?![\w@/]|-\d)"
)
_SIZED: Final = re.compile(
    r"(?<![\w.,/$£€-])(?P<number>\d{1,5}(?:\.\d{1,2})?)-?(?P<rest>[A-Z]{1,3}|[a-fpxik])(?![\w/]|-\d)"
)
_NOT_MODELS: Final = frozenset("am pm to at in on no of or by is st nd rd th".split())
# A long run of figures with this many zeros at its end is an amount.
_ROUND: Final = "000000"


def _phone(match: re.Match[str]) -> str | None:
    written = match[0]
    if sum(character.isdecimal() for character in written) < 7:
        return None
    groups = re.findall(r"\d+", written)
    said = [_toll_free(group, at, len(groups)) for at, group in enumerate(groups)]
    return ("plus " if written.startswith("+") else "") + ", ".join(said)


def _toll_free(group: str, at: int, groups: int) -> str:
    return f"{cardinal(int(group))}" if group in {"800", "900"} and at < min(2, groups - 1) else spelled(group)


def _version(match: re.Match[str]) -> str | None:
    parts = match["number"].split(".")
    known = _VERSIONED.search(before(match))
    if not match["v"] and len(parts) < 3 and not (known and len(parts) == 2) and not (known and match["rest"]):
        return None
    numbers = [_version_part(part, at) for at, part in enumerate(parts)]
    rest = re.findall(r"[a-z]+|\d+", match["rest"] or "")
    said = " point ".join(numbers) + "".join(f" {number(part) if part.isdecimal() else _stage(part)}" for part in rest)
    return f"version {said}" if match["v"] else said


def _version_part(part: str, at: int) -> str:
    if not at and len(part) == 4:
        return code(part)
    return f"oh {cardinal(int(part))}" if len(part) == 2 and part[0] == "0" and part != "00" else cardinal(int(part))


def _stage(letters: str) -> str:
    return letters if letters in {"alpha", "beta"} else " ".join(letters.upper())


def _figures(match: re.Match[str]) -> str | None:
    ahead = before(match)
    if _SECRET.search(ahead) or (len(match[0]) == 3 and _CALL.search(ahead)):
        return spelled(match[0])
    return code(match[0]) if len(match[0]) <= 4 and _ROOM.search(ahead) else None


def _long(match: re.Match[str]) -> str | None:
    return None if match[0].endswith(_ROUND) and match[0][0] != "0" else spelled(match[0])


def _card(match: re.Match[str]) -> str:
    return ", ".join(spelled(group) for group in re.findall(r"\d+", match[0]))


def _model(match: re.Match[str]) -> str | None:
    if match["name"] in _NOT_MODELS:
        return None
    figures = match["number"]
    said = number(figures) if "." in figures else code(figures)
    return f"{match['name']} {said}" + (f" {match['rest'].upper()}" if match["rest"] else "")


def _sized(match: re.Match[str]) -> str:
    figures = match["number"]
    said = number(figures) if "." in figures or match["rest"] in {"k", "K", "x"} else code(figures)
    return f"{said} {' '.join(match['rest'].upper()) if match['rest'].islower() else match['rest']}"


def address_number(digits: str) -> str:
    """A number inside a link or a host name."""
    return code(digits) if len(digits) <= 4 else spelled(digits)


def octet(digits: str) -> str:
    """A number of an internet address: three figures one by one."""
    return spelled(digits) if len(digits) > 2 else cardinal(int(digits))


_SUBSCRIPT: Final = re.compile(r"(?<=[A-Za-z])[₀-₉]{1,4}")
_FIGURES_BELOW: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

EARLY: Final = (Rule("version", _VERSION, _version), Rule("telephone", _PHONE, _phone), Rule("card", _CARD, _card))
RULES: Final = (
    Rule("figures that name", _FIGURES, _figures),
    Rule("long figures", _LONG, _long),
    Rule("model", _MODEL, _model),
    Rule("subscript", _SUBSCRIPT, lambda match: f" {cardinal(int(match[0].translate(_FIGURES_BELOW)))}"),
    Rule("size", _SIZED, _sized),
)
