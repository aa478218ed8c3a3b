"""German text as it is spoken."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.european import romans, signs
from daemon.text.spoken.european.figures import Figure
from daemon.text.spoken.european.nouns import Noun
from daemon.text.spoken.european.reader import Reader
from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.german import words
from daemon.text.spoken.german.numbers import cardinal, year
from daemon.text.spoken.german.ordinals import DATIVE, dated, gender
from daemon.text.spoken.german.ordinals import rules as ordinals
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, ended
from daemon.text.spoken.web import Words

_ACCUSATIVE: Final = frozenset("für um ohne gegen durch pro auf über kostet kosten".split())
_MEASURES: Final = ("meter", "liter", "Viertel", "Drittel", "Achtel", "Fünftel")
_HOUR: Final = r"2[0-4]|[01]?\d"
_CLOCK: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<h>{_HOUR})(?:(?::(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?P<uhr>[ \u00a0]?Uhr\b)?)"
    r"|(?:\.(?P<dotted>[0-5]\d))?(?P<only>[ \u00a0]?Uhr\b)|(?<=[Uu]m \d)\.(?P<um>[0-5]\d)|(?<=[Uu]m \d\d)\.(?P<um2>[0-5]\d))(?![\w:]|[.,]\d)"
)
_OPEN: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<from>(?:{_HOUR})(?:[.:][0-5]\d)?)\s?[–-]\s?(?P<to>(?:{_HOUR})(?:[.:][0-5]\d)?)[ \u00a0]Uhr\b"
)
_DAY_AND_MONTH: Final = re.compile(r"(?<![\w.,:/-])(?P<d>\d{1,2})\.[ \u00a0]?(?P<m>\d{1,2})\.(?![\w]|\d)")
_DECADE: Final = re.compile(r"(?<![\w.,:/-])(?P<number>\d{2}|1[1-9]\d0)er(?!\w)")
_YEAR: Final = re.compile(r"(?<![\w.,:/])(?P<year>1[1-9]\d\d)(?!\w)(?![.,:/]\d)(?P<noun>[ \u00a0][A-ZÄÖÜ])?")
_YEARS: Final = re.compile(
    r"(?<![\w.,:/–-])(?P<from>1[1-9]\d\d|20\d\d)\s?[–-]\s?(?P<to>1[1-9]\d\d|20\d\d)(?![\w–-]|[.,:/]\d)"
)
_STREET: Final = re.compile(r"(?<=[a-zäöü])str\.(?!\w)")


def _govern(noun: Noun, before: str) -> Noun:
    """The noun in the case of the preposition that stands right before its number."""
    last = before.split()[-1].lower() if before[-1:].isspace() and before.strip() else ""
    if last in DATIVE - {"auf", "über", "zwischen", "bis"}:
        many = f"{noun.many}n" if noun.many.endswith(_MEASURES) else noun.many
        if " pro " in many:
            many = many.replace("meter pro", "metern pro")
        return Noun(f"{noun.gender}d", noun.one, many)
    return Noun("ma", noun.one, noun.many) if noun.gender == "m" and last in _ACCUSATIVE else noun


def _counted_gender(word: str) -> str:
    """A noun is counted as "ein" where nothing is known of it: "eins" is never said before one."""
    if not word[:1].isupper():
        return ""
    return gender(word) or ("f" if word.endswith("e") else "m")


def _halved(whole: int, noun: Noun) -> str:
    """In the accusative, since a half is mostly taken, turned or waited."""
    if whole:
        return f"{cardinal(whole, 'm')}einhalb {noun.many}"
    article, ending = {"m": ("einen", "en"), "f": ("eine", "e")}.get(noun.gender, ("ein", "es"))
    return f"{article} halb{ending} {noun.one}"


_THAN: Final = {"<": "unter", ">": "über", "≤": "höchstens", "≥": "mindestens"}
TONGUE: Final = Tongue(
    cardinal=cardinal,
    comma="Komma",
    dot="Punkt",
    signs={"-": "minus", "+": "plus", "±": "plus minus", "~": "etwa", "≈": "ungefähr"} | _THAN,
    between=lambda start, end, before: f"{start} bis {end}",
    per="pro",
    of=lambda noun: noun,
    one=lambda read: read.whole == 1 and not read.mark,
    price=lambda whole, number, cents: f"{whole} {number}",
    units=words.UNITS,
    coins=words.COINS,
    scales=words.SCALES,
    gender=_counted_gender,
    govern=_govern,
    by_digits=True,
    parts={
        2: ("ein halb", "halbe"),
        3: ("ein Drittel", "Drittel"),
        4: ("ein Viertel", "Viertel"),
        5: ("ein Fünftel", "Fünftel"),
        6: ("ein Sechstel", "Sechstel"),
        8: ("ein Achtel", "Achtel"),
    },
    half=lambda whole: f"{cardinal(whole, 'm')}einhalb",
    halved=_halved,
    out_of="von",
    versus="zu",
    times=("{}mal", "mal"),
    version="Version",
    year=year,
    date=lambda day, month, year, before: f"{dated(day, month, before)} {year}",
)


def _time(written: str) -> str:
    hour, _, minute = written.replace(".", ":").partition(":")
    said = f"{cardinal(int(hour), 'm')} Uhr"
    return f"{said} {cardinal(int(minute))}" if minute.strip("0") else said


def _clock(match: re.Match[str]) -> str:
    said = _time(f"{match['h']}:{match['m'] or match['dotted'] or match['um'] or match['um2'] or ''}")
    if match["s"] and int(match["s"]):
        seconds = TONGUE.counted(Figure("", match["s"].lstrip("0")), words.UNITS["s"])
        return f"{said} und {seconds}"
    return said


def _open(match: re.Match[str]) -> str:
    start, end = _time(match["from"]), _time(match["to"])
    return f"{start if ' Uhr ' in start else start.removesuffix(' Uhr')} bis {end}"


def _day_and_month(match: re.Match[str]) -> str | None:
    day, month = int(match["d"]), int(match["m"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    before = match.string[max(0, match.start() - 40) : match.start()]
    return ended(match, dated(day, month, before))


def _decade(match: re.Match[str]) -> str:
    return f"{year(int(match['number']))}er"


def _year(match: re.Match[str]) -> str | None:
    """Four digits are a year unless a noun is counted with them; "im Jahr 1984 Orwell" is told by what stands before."""
    before = match.string[max(0, match.start() - 20) : match.start()].lower().split()
    dated = bool(before) and before[-1] in _BEFORE_YEAR
    if match["noun"] and not dated:
        return None
    return year(int(match["year"])) + (match["noun"] or "")


def _years(match: re.Match[str]) -> str | None:
    start, end = int(match["from"]), int(match["to"])
    return f"{year(start)} bis {year(end)}" if start < end else None


_BEFORE_YEAR: Final = frozenset(("jahr", "jahre", "seit", "anno", *(month.lower() for month in words.MONTHS)))
_READER: Final = Reader(
    TONGUE,
    Words(
        signs={".": "Punkt", "@": "at", "/": "Schrägstrich", "-": "minus", "_": "Unterstrich", ":": "Doppelpunkt"},
        number=TONGUE.code,
        names={"www": "W W W"},
    ),
    first=[
        Rule("always", re.compile(r"(?<![\w/])24/7(?![\w/])"), lambda match: "vierundzwanzig sieben"),
        Rule("opening hours", _OPEN, _open),
        Rule("clock", _CLOCK, _clock),
        Rule("day and month", _DAY_AND_MONTH, _day_and_month),
        Rule("decade", _DECADE, _decade),
        *ordinals(),
        romans.after("kapitel teil band akt abschnitt artikel typ klasse stufe phase buch anhang".split(), cardinal),
        romans.after_name(cardinal),
    ],
    last=[Rule("years", _YEARS, _years), Rule("year", _YEAR, _year)],
    after=signs.signs(words.SIGNS),
    short=[
        Rule("street", _STREET, lambda match: "straße"),
        *signs.abbreviations(words.ABBREVIATIONS, words.BEFORE_NUMBER, words.BEFORE_NAME),
    ],
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise than it is written."""
    return _READER.pieces(text)
