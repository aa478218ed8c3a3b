"""Spanish text as it is spoken."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from daemon.text.spoken.european import dates, romans, signs
from daemon.text.spoken.european.counts import phone
from daemon.text.spoken.european.nouns import Noun
from daemon.text.spoken.european.reader import Reader
from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import Rule, ended
from daemon.text.spoken.spanish import words
from daemon.text.spoken.spanish.numbers import cardinal, ordinal
from daemon.text.spoken.web import Words

_HALF: Final = r"[ap]\.?[ \u00a0]?m\b\.?"
_CLOCK: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<h>2[0-4]|[01]?\d)(?::(?P<m>[0-5]\d)(?::[0-5]\d)?(?:[ \u00a0]?(?P<hours>h\b|hs\b|hrs?\b\.?|horas\b))?"
    rf"(?:[ \u00a0](?P<half>{_HALF}))?|[ \u00a0](?P<only>{_HALF}))(?![\w:]|[.,]\d)",
    re.IGNORECASE,
)
_HOURS: Final = re.compile(
    r"(?P<las>(?<!\w)(?:[Ll]as|(?:[Aa]|[Dd]e|[Dd]esde|[Hh]asta) la) )(?P<h>2[0-4]|[01]?\d)(?![\w:/]|\.?[º°ª]|[.,:]\d)"
)
_ORDINAL: Final = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3})(?:\.?(?P<sign>[ºª])|\.?(?P<short>er)|\.?(?P<letter>[oa]))(?!\w)"
)
# Nine digits in the groups of a telephone number; a noun after them makes them a count.
_PHONE: Final = re.compile(
    r"(?<![\w.,/+])(?<!\d )(?:[6-9]\d\d \d{3} \d{3}|[89]\d \d{3} \d\d \d\d|[6-9]\d\d \d\d \d\d \d\d)(?!\w|[.,]\d| ?[\w€$%])"
)
_DECADE: Final = re.compile(r"(?<=años )['’]?(?P<tens>[2-9]0)(?!\w)")
_HUNDRED: Final = re.compile(r"(?<![\w.,])100[ \u00a0]?%")
_ALWAYS: Final = re.compile(r"(?<![\w/])24/7(?![\w/])")
_QUARTERS: Final = {0: "", 15: " y cuarto", 30: " y media"}
# From here on the day has twelve hours more than a clock, and its hours are said with bare minutes.
_NOON: Final = 12
_EVENING: Final = 8


@remembered
def _gender(word: str) -> str:
    lower = word.lower()
    if known := words.GENDERS.get(lower) or words.GENDERS.get(lower.removesuffix("s")):
        return known
    if lower in words.NOT_COUNTED or len(lower) < 5 or lower.endswith(("amos", "emos", "imos")):
        return ""
    if lower.endswith((*words.FEMININE, "as")):
        return "f"
    return "m" if lower.endswith(("os", "ones", "ores", "ales")) else ""


def _date(day: int, month: int, year: str, before: str) -> str:
    said = f"{cardinal(day)} de {words.MONTHS[month - 1]}"
    return f"{said} de {year}" if year else said


def _halved(whole: int, noun: Noun) -> str:
    half = "media" if noun.gender == "f" else "medio"
    if whole:
        return f"{cardinal(whole, noun.gender)} {noun.many if whole > 1 else noun.one} y {half}"
    return f"{half} {noun.one}"


_THAN: Final = {"<": "menos de", ">": "más de", "≤": "como máximo", "≥": "al menos"}
TONGUE: Final = Tongue(
    cardinal=cardinal,
    comma="coma",
    dot="punto",
    signs={"-": "menos", "+": "más", "±": "más menos", "~": "aproximadamente", "≈": "aproximadamente"} | _THAN,
    between=lambda start, end, before: f"{start} a {end}",
    per="por",
    of=lambda noun: f"de {noun}",
    one=lambda read: read.whole == 1 and not read.mark,
    price=lambda whole, number, cents: f"{whole} con {number}",
    units=words.UNITS,
    coins=words.COINS,
    scales=words.SCALES,
    gender=_gender,
    parts={
        2: ("un medio", "medios"),
        3: ("un tercio", "tercios"),
        4: ("un cuarto", "cuartos"),
        5: ("un quinto", "quintos"),
        6: ("un sexto", "sextos"),
        8: ("un octavo", "octavos"),
    },
    half=lambda whole: f"{cardinal(whole)} y medio",
    halved=_halved,
    out_of="de",
    versus="a",
    times=("{} veces", "por"),
    version="versión",
    year=cardinal,
    date=_date,
)


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), int(match["m"] or 0)
    half = match["half"] or match["only"]
    said = cardinal(hour, "f")
    if match["hours"]:
        return said + (f" {cardinal(minute)}" if minute else "") + (" hora" if hour == 1 and not minute else " horas")
    if hour > _NOON or hour == 0:
        return said + (f" {cardinal(minute)}" if minute else "")
    if minute in _QUARTERS:
        said += _QUARTERS[minute]
    else:
        said += f" y {cardinal(minute)}"
    return ended(match, said + _part_of_day(hour, half)) if half else said


def _part_of_day(hour: int, half: str) -> str:
    if half[0] in "aA":
        return " de la mañana"
    return " de la noche" if _EVENING <= hour < _NOON else " de la tarde"


def _ordinal(match: re.Match[str]) -> str | None:
    if match["letter"] == "a" and match["number"] != "1" and "." not in match[0]:
        return None  # a house number
    kind = "short" if match["short"] else "f" if match["sign"] == "ª" or match["letter"] == "a" else "m"
    return ordinal(int(match["number"]), kind)


def _numbered(number: int, gender: str = "m") -> str | None:
    """Kings, centuries and chapters: an ordinal up to ten."""
    return ordinal(number, gender) if number <= 10 else cardinal(number)


_READER: Final = Reader(
    TONGUE,
    Words(
        signs={".": "punto", "@": "arroba", "/": "barra", "-": "guion", "_": "guion bajo", ":": "dos puntos"},
        number=TONGUE.code,
        names={"www": "W W W"},
    ),
    first=[
        Rule("always", _ALWAYS, lambda match: "veinticuatro horas al día, siete días a la semana"),
        dates.after("el|del|al|día", _date),
        Rule("phone", _PHONE, partial(phone, TONGUE)),
        Rule("clock", _CLOCK, _clock),
        Rule("hours", _HOURS, lambda match: match["las"] + cardinal(int(match["h"]), "f")),
        Rule("ordinal", _ORDINAL, _ordinal),
        Rule("decade", _DECADE, lambda match: cardinal(int(match["tens"]))),
        Rule("hundred", _HUNDRED, lambda match: "cien por cien"),
        romans.after(["siglo", "siglos", *words.HEADINGS], _numbered),
        romans.after(words.TYPES, cardinal),
        romans.after(words.QUEENS, partial(_numbered, gender="f")),
        romans.after(words.KINGS, _numbered),
        romans.ahead_of("[Gg]uerra|[Rr]epública|[Ee]dición|[Jj]ornada", lambda number: ordinal(number, "f")),
        romans.ahead_of("[Cc]ongreso|[Ff]estival|[Cc]oncurso", lambda number: ordinal(number, "short")),
        romans.century("s.", "siglo", _numbered),
        romans.after_name(cardinal),
    ],
    after=signs.signs(words.SIGNS),
    short=signs.abbreviations(words.ABBREVIATIONS, words.BEFORE_NUMBER, words.BEFORE_NAME),
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise than it is written."""
    return _READER.pieces(text)
