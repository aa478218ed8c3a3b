"""Plain figures: fractions, ordinals, ranges and what is left."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.numbers import DASH, MINUS, NOT_INSIDE, NUMBER, cardinal, code, number, ordinal, spelled
from daemon.text.spoken.rules import Rule, after

_SIGNS: Final = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6),
    "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_NAMED: Final = {"24/7": "twenty-four seven", "9/11": "nine eleven", "50/50": "fifty-fifty", "20/20": "twenty twenty"}
# What people say as a fraction; other pairs are "over".
_DENOMINATORS: Final = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64, 100, 1000))
# So many is the best mark: `7/10` is seven out of ten.
_MARKS: Final = frozenset((10, 100))
_NO_MORE: Final = r"(?![\w/]|[.,]\d)"
_SIGN: Final = "".join(_SIGNS)

_FRACTION_SIGN: Final = re.compile(rf"(?<![\w/.,])(?:(\d{{1,6}})\s?)?([{_SIGN}])")
_FRACTION: Final = re.compile(
    rf"(?<![\w/.,])(?:(?P<whole>\d{{1,4}})(?:\s|-))?(?P<over>\d{{1,4}})\s?[/⁄]\s?(?P<under>\d{{1,4}}){_NO_MORE}"
)
_MARK: Final = re.compile(rf"(?<![\w/.,-])(\d{{1,3}}\.\d{{1,2}})/(\d{{1,4}}){_NO_MORE}")
_ORDINAL: Final = re.compile(rf"{NOT_INSIDE}(\d{{1,3}}(?:,\d{{3}}){{1,3}}|\d{{1,12}})(?:st|nd|rd|th|ST|ND|RD|TH)\b")
_DIMENSIONS: Final = re.compile(rf"{NOT_INSIDE}({NUMBER})(\s?)[x×](\s?)({NUMBER})(?:\s?[x×]\s?({NUMBER}))?(?![\w])")
_RATIO: Final = re.compile(r"(?<![\w:.,/-])(\d{1,3}):(\d{1,3})(?![\w:]|[.,]\d)")
_RANGE: Final = re.compile(rf"{NOT_INSIDE}(?<!-)({NUMBER}){DASH}({NUMBER})(?![\w]|[-–]\d|\s?=)")
_SCALED: Final = re.compile(rf"{NOT_INSIDE}({MINUS}{NUMBER})\s?(mln|mn|bn|tn)(?!\w)")
_POINT: Final = re.compile(r"(?<![\w.,])([-−])?\.(\d{1,20})(?!\d)")
_PLAIN: Final = re.compile(rf"{NOT_INSIDE}{MINUS}{NUMBER}(?![^\W_²³]|_\w|[./]\d)|(?<!\w)(?<=\d,)\d{{1,21}}(?!\w)")


def fraction(over: int, under: int) -> str:
    """A part of something."""
    if under == 2:
        return "one half" if over == 1 else f"{cardinal(over)} halves"
    part = "quarter" if under == 4 else ordinal(under)
    return f"{cardinal(over)} {part}{'' if over == 1 else 's'}"


def _mixed(whole: str | None, over: int, under: int) -> str:
    part = fraction(over, under)
    if not whole:
        return part
    return f"{cardinal(int(whole))} and {'a' + part.removeprefix('one') if over == 1 else part}"


def _fraction(match: re.Match[str]) -> str | None:
    if not match["whole"] and match[0] in _NAMED:
        return _NAMED[match[0]]
    over, under = int(match["over"]), int(match["under"])
    if over > 1 and under in _MARKS and over <= under and not match["whole"]:
        return f"{cardinal(over)} out of {cardinal(under)}"
    if 0 < over < under and under in _DENOMINATORS and not after(match, 3).startswith(" = "):
        return _mixed(match["whole"], over, under)
    if match["whole"]:
        return None
    return f"{number(match['over'])} {'divided by' if ' ' in match[0] else 'over'} {number(match['under'])}"


def _dimensions(match: re.Match[str]) -> str:
    sides = [side for side in (match[1], match[4], match[5]) if side]
    product = re.match(r"\s?=", after(match)) or ("×" in match[0] and match[2] and match[3] and not match[5])
    screen = all(re.fullmatch(r"\d{3,4}", side) for side in sides)
    return (" times " if product else " by ").join(
        code(side) if screen and not product else number(side) for side in sides
    )


def _ratio(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} to {cardinal(int(match[2]))}"


def _scaled(match: re.Match[str]) -> str:
    return f"{number(match[1])} { {'mln': 'million', 'mn': 'million', 'bn': 'billion', 'tn': 'trillion'}[match[2]] }"


RULES: Final = (
    Rule("fraction sign", _FRACTION_SIGN, lambda match: _mixed(match[1], *_SIGNS[match[2]])),
    Rule("fraction", _FRACTION, _fraction),
    Rule("mark", _MARK, lambda match: f"{number(match[1])} out of {number(match[2])}"),
    Rule("ordinal", _ORDINAL, lambda match: ordinal(int(match[1].replace(",", "")))),
    Rule("dimensions", _DIMENSIONS, _dimensions),
    Rule("ratio", _RATIO, _ratio),
    Rule("range", _RANGE, lambda match: f"{number(match[1])} to {number(match[2])}"),
    Rule("scaled", _SCALED, _scaled),
)
PLAIN: Final = (
    Rule("number", _PLAIN, lambda match: number(match[0])),
    Rule("point", _POINT, lambda match: f"{'minus ' if match[1] else ''}point {spelled(match[2])}"),
)
"""What is left where no other rule knew better."""
