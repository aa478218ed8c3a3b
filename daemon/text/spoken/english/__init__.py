"""English as it is spoken in the United States."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english import calendar, clock, codes, figures, measures, money, roman, words
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rules
from daemon.text.spoken.web import Addresses, Words

__all__ = ["pieces"]

_SIGNS: Final = {
    ".": "dot",
    "@": "at",
    "/": "slash",
    "-": "dash",
    "_": "underscore",
    ":": "colon",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "#": "hash",
    "%": "percent",
    "+": "plus",
    "~": "tilde",
}  # fmt: skip
_ADDRESSES: Final = Addresses(
    Words(
        signs=_SIGNS,
        number=codes.address_number,
        names={},
        octet=codes.octet,
    )
)
_RULES: Final = (
    *calendar.RULES, *codes.EARLY, *clock.RULES, *money.RULES, *measures.RULES, *codes.RULES, *figures.RULES, *calendar.LATE,
    *roman.RULES, *words.ABBREVIATIONS, *words.SIGNS, *figures.PLAIN,
)  # fmt: skip
# Where a rule may find something. A number stands every few lines, a lone "I" in each: it needs a title before it.
_TRIGGER: Final = re.compile(
    r"\d+|[#@&+=×*÷^≈≠≤≥<>±§№√~→°%℃℉$€£¥₹₽₩₿½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞²³₀₁₂₃₄₅₆₇₈₉¢µμ]|kWh|Mbps|hPa|kW|km/h|m/s|"
    rf"(?<![\w.])(?:(?:[IVXLC]{{2,8}}|[VX])(?!\w)|(?:{words.TRIGGER})|(?:{calendar.TRIGGER})|{roman.TRIGGER})"
)
_READY: Final = Rules(_RULES, _TRIGGER)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise in an English text: in order, none over another; what no rule knows is left."""
    return _READY.applied(text, _ADDRESSES.pieces(text))
