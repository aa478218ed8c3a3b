"""Russian as it is spoken: every number in the case that its sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rules
from daemon.text.spoken.russian import calendar, clock, codes, figures, measures, ordinals, words
from daemon.text.spoken.web import Addresses, Words

__all__ = ["pieces"]

_SIGNS: Final = {
    ".": "точка",
    "@": "собака",
    "/": "слэш",
    "-": "дефис",
    "_": "нижнее подчёркивание",
    ":": "двоеточие",
    "?": "знак вопроса",
    "=": "равно",
    "&": "и",
    "#": "решётка",
    "%": "процент",
    "+": "плюс",
    "~": "тильда",
}  # fmt: skip
_ADDRESSES: Final = Addresses(
    Words(
        signs=_SIGNS,
        number=codes.address_number,
        names={"com": "ком", "ru": "ру", "org": "орг", "net": "нет", "рф": "рф", "by": "бай", "www": "вэ вэ вэ"},
    )
)
_RULES: Final = (
    *calendar.RULES, *codes.EARLY, *clock.RULES, *measures.RULES, measures.SCALED, *ordinals.RULES, *codes.RULES, *figures.RULES,
    *calendar.LATE, *words.ABBREVIATIONS, *words.SIGNS, *figures.PLAIN,
)  # fmt: skip
# Where a rule may find something: figures, signs, abbreviations, numerals.
_TRIGGER: Final = re.compile(
    r"\d+|[#@&+=×*÷≈≠≤≥<>±§№√~→°%℃℉$€£¥₽₴₸₿½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞²³₀₁₂₃₄₅₆₇₈₉]|кВт|км/ч|м/с|"
    rf"(?<![\w.])(?:[IVXLCХ]{{1,8}}(?!\w)|{words.TRIGGER})"
)
_READY: Final = Rules(_RULES, _TRIGGER)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise in a Russian text: in order, none over another; what no rule knows is left."""
    return _READY.applied(text, _ADDRESSES.pieces(text))
