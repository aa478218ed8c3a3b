"""Portuguese text as it is spoken: in words right in both countries where there are any, else in Brazil's."""

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
from daemon.text.spoken.portuguese import words
from daemon.text.spoken.portuguese.numbers import cardinal, ordinal
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import Rule
from daemon.text.spoken.web import Words

_CLOCK: Final = re.compile(
    r"(?<![\w.,:/-])(?P<h>2[0-4]|[01]?\d)(?:[ \u00a0]?h[ \u00a0]?(?P<m>[0-5]\d)(?:[ \u00a0]?min)?"
    r"|:(?P<colon>[0-5]\d)(?::[0-5]\d)?(?P<named>[ \u00a0]?(?:horas\b|hs?\b))?|[ \u00a0]?hs?\b)(?![\w:/]|[.,]\d)"
)
# "às" and "das" are feminine whatever is counted.
_HOURS: Final = re.compile(
    r"(?P<at>(?<!\w)(?:[Àà]s?|[Dd]?[Aa]s|[Nn]as) )(?P<h>2[0-4]|[01]?\d)(?![\w:/º°ª-]|[.,]\d|\.[º°ª])"
)
_ORDINAL: Final = re.compile(
    rf"(?<![\w.,])(?P<number>\d{{1,3}})\.?(?P<sign>[ºª]|°(?=[ \u00a0](?P<word>{'|'.join(words.NUMBERED)})(?!\w)))(?!\w)"
)
_FIRST: Final = re.compile(rf"(?<![\w.,/])1(?=[ \u00a0]de (?:{'|'.join(words.MONTHS)})(?!\w))")
# Brazil: (11) 91234-5678; Portugal: nine digits in groups, which a noun after them makes a count.
_PHONE: Final = re.compile(
    r"(?<![\w.,/+])(?<!\d )(?:(?:\(\d\d\) ?|\d\d )9?\d{4}-\d{4}|[29]\d\d \d{3} \d{3}(?! ?[\w€$%]))(?!\w|[.,]\d)"
)
_DECADE: Final = re.compile(r"(?<=anos )['’]?(?P<tens>[2-9]0)(?!\w)")
_ALWAYS: Final = re.compile(r"(?<![\w/])24/7(?![\w/])")


@remembered
def _gender(word: str) -> str:
    lower = word.lower()
    if known := words.GENDERS.get(lower) or words.GENDERS.get(lower.removesuffix("s")):
        return known
    if lower in words.NOT_COUNTED or len(lower) < 5 or lower.endswith(("amos", "emos", "imos")):
        return ""
    if lower.endswith((*words.FEMININE, "as", "ãs")):
        return "f"
    return "m" if lower.endswith(("os", "ores", "ais")) else ""


def _date(day: int, month: int, year: str, before: str) -> str:
    said = f"{_day(day)} de {words.MONTHS[month - 1]}"
    return f"{said} de {year}" if year else said


def _halved(whole: int, noun: Noun) -> str:
    half = "meia" if noun.gender == "f" else "meio"
    if whole:
        return f"{cardinal(whole, noun.gender)} {noun.many if whole > 1 else noun.one} e {half}"
    return f"{half} {noun.one}"


_THAN: Final = {"<": "menos de", ">": "mais de", "≤": "no máximo", "≥": "pelo menos"}
TONGUE: Final = Tongue(
    cardinal=cardinal,
    comma="vírgula",
    dot="ponto",
    signs={"-": "menos", "+": "mais", "±": "mais ou menos", "~": "cerca de", "≈": "aproximadamente"} | _THAN,
    between=lambda start, end, before: f"{start} a {end}",
    per="por",
    of=lambda noun: f"de {noun}",
    one=lambda read: read.whole < 2,
    price=lambda whole, number, cents: f"{whole} e {cents}",
    units=words.UNITS,
    coins=words.COINS,
    scales=words.SCALES,
    gender=_gender,
    parts={
        2: ("um meio", "meios"),
        3: ("um terço", "terços"),
        4: ("um quarto", "quartos"),
        5: ("um quinto", "quintos"),
        6: ("um sexto", "sextos"),
        8: ("um oitavo", "oitavos"),
    },
    half=lambda whole: f"{cardinal(whole)} e meio",
    halved=_halved,
    out_of="de",
    versus="a",
    times=("{} vezes", "por"),
    version="versão",
    year=cardinal,
    date=_date,
)


def _day(day: int) -> str:
    return "primeiro" if day == 1 else cardinal(day)


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), match["m"] or match["colon"] or ""
    said = cardinal(hour, "f")
    if match[0].endswith("min"):
        return f"{said} hora{'s' if hour > 1 else ''} e {cardinal(int(minute))} minuto{'s' if int(minute) != 1 else ''}"
    if minute.strip("0"):
        return f"{said if hour else 'zero hora'} e {cardinal(int(minute))}"
    return f"{said} hora{'s' if hour > 1 else ''}"


def _ordinal(match: re.Match[str]) -> str | None:
    return ordinal(int(match["number"]), "f" if match["sign"] == "ª" else "m")


def _numbered(number: int, gender: str = "m") -> str | None:
    """Kings, centuries and chapters: an ordinal up to ten."""
    return ordinal(number, gender) if number <= 10 else cardinal(number)


_READER: Final = Reader(
    TONGUE,
    Words(
        signs={".": "ponto", "@": "arroba", "/": "barra", "-": "hífen", "_": "sublinhado", ":": "dois pontos"},
        number=TONGUE.code,
        names={"www": "W W W", "pt": "P T"},
    ),
    first=[
        Rule("always", _ALWAYS, lambda match: "vinte e quatro horas por dia, sete dias por semana"),
        dates.after("dia|em|até|no|do", _date),
        Rule("phone", _PHONE, partial(phone, TONGUE)),
        Rule("clock", _CLOCK, _clock),
        Rule("hours", _HOURS, lambda match: match["at"] + cardinal(int(match["h"]), "f")),
        Rule("first of the month", _FIRST, lambda match: "primeiro"),
        Rule("ordinal", _ORDINAL, _ordinal),
        Rule("decade", _DECADE, lambda match: cardinal(int(match["tens"]))),
        romans.after(["século", "séculos", *words.HEADINGS], _numbered),
        romans.after(words.QUEENS, partial(_numbered, gender="f")),
        romans.after(words.KINGS, _numbered),
        romans.after(words.TYPES, cardinal),
        romans.ahead_of("[Gg]uerra|[Rr]epública|[Ee]dição|[Jj]ornada", partial(ordinal, gender="f")),
        romans.ahead_of("[Cc]ongresso|[Ff]estival|[Ss]éculo|[Ee]ncontro", ordinal),
        romans.century("séc.", "século", _numbered),
        romans.after_name(cardinal),
    ],
    after=signs.signs(words.SIGNS),
    short=signs.abbreviations(words.ABBREVIATIONS, words.BEFORE_NUMBER, words.BEFORE_NAME),
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise than it is written."""
    return _READER.pieces(text)
