"""French text as it is spoken, with the numbers of France."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from daemon.text.spoken.european import dates, romans, signs
from daemon.text.spoken.european.counts import phone
from daemon.text.spoken.european.figures import Figure
from daemon.text.spoken.european.nouns import Noun
from daemon.text.spoken.european.reader import Reader
from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.french import words
from daemon.text.spoken.french.numbers import cardinal, ordinal
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.roman import value
from daemon.text.spoken.rules import Rule
from daemon.text.spoken.web import Words

_CLOCK: Final = re.compile(
    r"(?<![\w.,:/-])(?P<h>2[0-4]|[01]?\d)(?:[ \u00a0]?[hH][ \u00a0]?(?P<m>[0-5]\d)(?:[ \u00a0]?min)?"
    r"|:(?P<colon>[0-5]\d)(?::(?P<s>[0-5]\d))?|[ \u00a0]?[hH])(?![\w:/]|[.,]\d)"
)
_ORDINAL: Final = re.compile(
    r"(?<![\w.,])(?:(?P<number>\d{1,4})(?P<of>ers?|ères?|res?|es?|[eè]mes?|i[eè]mes?|nde?s?|ds?)|"
    r"(?P<roman>[IVX]{1,10})(?P<ending>e|ème|(?<=I)er|(?<=I)re))(?!\w)"
)
_PHONE: Final = re.compile(r"(?<![\w.,+])0\d(?:[ \u00a0.-]\d\d){4}(?![\w]|[ .]\d)")
_DECADE: Final = re.compile(r"(?<=années )(?P<tens>[2-9]0)(?!\w)")
# "de un million" is "d'un million"; a number with decimals keeps its "de".
_ELIDED: Final = re.compile(r"(?<!\w)([dD])e[ \u00a0]$")
_VOWELS: Final = "aeiouéèêh"


@remembered
def _gender(word: str) -> str:
    singular = word.lower().removesuffix("s")
    if word.lower() in words.GENDERS or singular in words.GENDERS:
        return "f"
    return "f" if len(singular) > 5 and singular.endswith(words.FEMININE) else ""


def _date(day: int, month: int, year: str, before: str) -> str:
    said = f"{'premier' if day == 1 else cardinal(day)} {words.MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _halved(whole: int, noun: Noun) -> str:
    ending = "e" if noun.gender == "f" else ""
    if whole:
        return f"{cardinal(whole, noun.gender)} {noun.many if whole > 1 else noun.one} et demi{ending}"
    return f"un{ending} demi-{noun.one}"


_THAN: Final = {"<": "moins de", ">": "plus de", "≤": "au plus", "≥": "au moins"}
TONGUE: Final = Tongue(
    cardinal=cardinal,
    comma="virgule",
    dot="point",
    signs={"-": "moins", "+": "plus", "±": "plus ou moins", "~": "environ", "≈": "environ"} | _THAN,
    between=lambda start, end, before: f"{start} à {end}",
    per="par",
    of=lambda noun: f"d'{noun}" if noun[:1] in _VOWELS else f"de {noun}",
    one=lambda read: read.whole < 2,
    price=lambda whole, number, cents: f"{whole} {number}",
    units=words.UNITS,
    coins=words.COINS,
    scales=words.SCALES,
    gender=_gender,
    parts={
        2: ("un demi", "demis"),
        3: ("un tiers", "tiers"),
        4: ("un quart", "quarts"),
        5: ("un cinquième", "cinquièmes"),
        6: ("un sixième", "sixièmes"),
        8: ("un huitième", "huitièmes"),
    },
    half=lambda whole: f"{cardinal(whole)} et demi",
    halved=_halved,
    phone_group=2,
    out_of="sur",
    versus="à",
    times=("{} fois", "fois"),
    version="version",
    year=cardinal,
    date=_date,
)


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), match["m"] or match["colon"] or ""
    said = f"{cardinal(hour, 'f')} heure{'s' if hour > 1 else ''}"
    if minute.strip("0"):
        said += f" {cardinal(int(minute), 'f')}"
    if match["s"] and int(match["s"]):
        said += f" et {TONGUE.counted(Figure('', str(int(match['s']))), words.UNITS['s'])}"
    return said


def _ordinal(match: re.Match[str]) -> str | None:
    ending = match["of"] or match["ending"]
    number = int(match["number"]) if match["number"] else value(match["roman"])
    if not number or (number == 1) != ending.startswith(("er", "ère", "re")):
        return None
    if ending.startswith(("nd", "d")):
        return ("seconde" if "de" in ending else "second") + "s" * ending.endswith("s") if number == 2 else None
    said = ordinal(number, "m" if ending.startswith("er") else "f" if number == 1 else "m")
    return f"{said}s" if ending.endswith("s") else said


_READER: Final = Reader(
    TONGUE,
    Words(
        signs={".": "point", "@": "arobase", "/": "barre oblique", "-": "tiret", "_": "tiret bas", ":": "deux-points"},
        number=TONGUE.code,
        names={"www": "W W W"},
    ),
    first=[
        *signs.abbreviations(words.ALWAYS),
        Rule("phone", _PHONE, partial(phone, TONGUE)),
        Rule("clock", _CLOCK, _clock),
        dates.after("le|du|au|jusqu'au", _date),
        Rule("decade", _DECADE, lambda match: cardinal(int(match["tens"])).removesuffix("s" * (match["tens"] == "80"))),
        Rule("ordinal", _ORDINAL, _ordinal),
        romans.after(words.HEADINGS, cardinal),
        romans.after(words.KINGS, lambda number: "premier" if number == 1 else cardinal(number)),
        romans.after_name(cardinal),
    ],
    after=signs.signs(words.SIGNS),
    short=signs.abbreviations(words.ABBREVIATIONS, words.BEFORE_NUMBER, words.BEFORE_NAME),
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise than it is written."""
    return [_elided(text, piece) for piece in _READER.pieces(text)]


def _elided(text: str, piece: Piece) -> Piece:
    """The piece with the "de" before it, where they become one word."""
    said = piece.said
    if not said.startswith(("un ", "une ", "un.")) or " virgule " in said:
        return piece
    de = _ELIDED.search(text, max(0, piece.start - 4), piece.start)
    return Piece(de.start(), piece.end, f"{de[1]}'{said}") if de else piece
