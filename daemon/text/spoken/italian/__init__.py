"""Italian text as it is spoken."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from daemon.text.spoken.european import dates, romans, signs
from daemon.text.spoken.european.nouns import Noun
from daemon.text.spoken.european.reader import Reader
from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.italian import words
from daemon.text.spoken.italian.numbers import cardinal, ordinal
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import Rule
from daemon.text.spoken.web import Words

_MONTH: Final = "|".join(words.MONTHS)
_TIME: Final = r"(?P<h>2[0-4]|[01]?\d)"
_CLOCK: Final = re.compile(rf"(?<![\w.,:/-]){_TIME}:(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\w:]|[.,]\d)")
# With a full stop it is a time only after these words; "all'1" is said "all'una".
_AFTER: Final = re.compile(
    rf"(?P<at>(?<!\w)(?:[Aa]lle|[Dd]alle|[Dd]elle|[Pp]er le|[Vv]erso le|[Oo]re|[Ss]ono le|[Ll]e) |(?<!\w)(?:[Aa]ll|[Dd]all|[Dd]ell|[Ll])['’])"
    rf"{_TIME}(?:[.:](?P<m>[0-5]\d)|(?![ \u00a0][^\W\d_]{{3,}}))(?![\w:/°º]|[.,]\d|[ \u00a0]?[%€])"
)
_ORDINAL: Final = re.compile(
    rf"(?<![\w.,])(?P<number>\d{{1,3}})\.?(?P<sign>[ºª]|°(?=[ \u00a0](?:{'|'.join(words.NUMBERED)})(?!\w)))(?!\w)"
)
_FIRST: Final = re.compile(
    rf"(?<![\w.,/])1[°º]?(?=[ \u00a0](?:{_MONTH})(?!\w))|(?<=(?:il|al) )1[°º](?!\w| ?C)|(?<=(?:dal|del) )1[°º](?!\w| ?C)"
)
_SMALL: Final = re.compile(r"(?<![\w.,:/])1[ \u00a0](?=(?P<word>[^\W\d_]{2,40}))")
_DECADE: Final = re.compile(r"(?<=anni )['’]?(?P<tens>[2-9]0)(?!\w)")
_SHORT_YEAR: Final = re.compile(r"(?<=\s)['’](?P<year>\d\d)(?!\w)")
_ALWAYS: Final = re.compile(r"(?<![\w/])(?:24/7|(?P<day>24 ?h(?:/24| su 24)))(?![\w/])")
_HARD: Final = re.compile(r"s[^aeiouàèéìòù]|z|gn|ps|pn|x|y", re.IGNORECASE)
_VOWEL: Final = re.compile(r"[aeiouàèéìòùh]", re.IGNORECASE)
# Before a range these take the numbers as they are; elsewhere it is said from one to the other.
_BEFORE_RANGE: Final = re.compile(
    r"(?:^|\W)(?:da|dal|dalle|in|per|di|con|su|tra|fra|entro|a|alle|ogni)\s$", re.IGNORECASE
)


@remembered
def _gender(word: str) -> str:
    lower = word.lower()
    # The plural of "ora" is "ore", that of "minuto" is "minuti".
    singulars = (lower, f"{lower[:-1]}a" if lower.endswith("e") else f"{lower[:-1]}o")
    for singular in singulars:
        if known := words.GENDERS.get(singular):
            return known
    return "f" if len(lower) > 5 and lower.endswith(("zione", "sione", "tà", "tù")) else ""


def _between(start: str, end: str, before: str) -> str:
    if not _BEFORE_RANGE.search(before):
        return f"da {start} a {end}"
    return f"{start} a {end}" if re.search(r"\bda\w*\s$", before, re.IGNORECASE) else f"{start}-{end}"


def _link(number: str, name: str) -> str:
    """ "Una" loses its vowel before another, and "un" gets one before a hard beginning."""
    if number == "una" and _VOWEL.match(name):
        return f"un'{name}"
    return f"{number}{'o' if number == 'un' and _HARD.match(name) else ''} {name}"


def _date(day: int, month: int, year: str, before: str) -> str:
    return f"{_day(day)} {words.MONTHS[month - 1]} {year}".rstrip()


def _halved(whole: int, noun: Noun) -> str:
    half = "mezza" if noun.gender == "f" else "mezzo"
    if whole:
        return f"{_link(cardinal(whole, noun.gender), noun.many if whole > 1 else noun.one)} e {half}"
    return f"{half} {noun.one}" if noun.one != "ora" else "mezz'ora"


_THAN: Final = {"<": "meno di", ">": "più di", "≤": "al massimo", "≥": "almeno"}
TONGUE: Final = Tongue(
    cardinal=cardinal,
    comma="virgola",
    dot="punto",
    signs={"-": "meno", "+": "più", "±": "più o meno", "~": "circa", "≈": "circa"} | _THAN,
    between=_between,
    per="per",
    of=lambda noun: f"di {noun}",
    one=lambda read: read.whole == 1 and not read.mark,
    price=lambda whole, number, cents: f"{whole} e {number}",
    units=words.UNITS,
    coins=words.COINS,
    scales=words.SCALES,
    rates=words.RATES,
    gender=_gender,
    parts={
        2: ("un mezzo", "mezzi"),
        3: ("un terzo", "terzi"),
        4: ("un quarto", "quarti"),
        5: ("un quinto", "quinti"),
        6: ("un sesto", "sesti"),
        8: ("un ottavo", "ottavi"),
    },
    half=lambda whole: f"{cardinal(whole)} e mezzo",
    halved=_halved,
    link=_link,
    out_of="su",
    versus="a",
    times=("{} volte", "per"),
    version="versione",
    year=cardinal,
    date=_date,
)


def _day(day: int) -> str:
    return "primo" if day == 1 else cardinal(day)


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["h"]), match["m"] or ""
    said = cardinal(hour, "f")
    return f"{said} e {cardinal(int(minute))}" if minute.strip("0") else said


def _after(match: re.Match[str]) -> str | None:
    at = match["at"]
    if at[-1] in "'’" and match["h"].lstrip("0") != "1":
        return None  # "l'8 maggio"
    if at.strip().lower() == "le" and not match["m"]:
        return None  # "le 3 luci"
    return at + _clock(match)


def _ordinal(match: re.Match[str]) -> str | None:
    number = int(match["number"])
    return ordinal(number, "f" if match["sign"] == "ª" else "m") if number else None


def _one(match: re.Match[str]) -> str | None:
    """One of something: "un'ora", "uno specchio", "una lampada"."""
    word = match["word"]
    gender = _gender(word)
    if gender == "f":
        return "un'" if _VOWEL.match(word) else "una "
    return ("uno " if _HARD.match(word) else "un ") if gender else None


_READER: Final = Reader(
    TONGUE,
    Words(
        signs={".": "punto", "@": "chiocciola", "/": "barra", "-": "trattino", "_": "trattino basso", ":": "due punti"},
        number=TONGUE.code,
        names={"www": "W W W"},
    ),
    first=[
        Rule(
            "always",
            _ALWAYS,
            lambda match: "ventiquattro ore su ventiquattro" + ("" if match["day"] else ", sette giorni su sette"),
        ),
        dates.after("il|del|al|dal|giorno", _date),
        Rule("clock after a word", _AFTER, _after),
        Rule("clock", _CLOCK, _clock),
        Rule("first of the month", _FIRST, lambda match: "primo"),
        Rule("ordinal", _ORDINAL, _ordinal),
        Rule("decade", _DECADE, lambda match: cardinal(int(match["tens"]))),
        Rule("short year", _SHORT_YEAR, lambda match: TONGUE.padded(match["year"])),
        Rule("one", _SMALL, _one),
        romans.after([*words.CHAPTERS, *words.KINGS], ordinal),
        romans.after(words.QUEENS, partial(ordinal, gender="f")),
        romans.after(words.HEADINGS, cardinal),
        romans.ahead_of("[Ss]ecolo|[Cc]ongresso|[Cc]apitolo|[Ff]estival", ordinal),
        romans.ahead_of("[Gg]uerra|[Rr]epubblica|[Ee]dizione|[Gg]iornata", partial(ordinal, gender="f")),
        romans.century("sec.", "secolo", ordinal),
        romans.after_name(cardinal),
    ],
    after=signs.signs(words.SIGNS),
    short=signs.abbreviations(words.ABBREVIATIONS, words.BEFORE_NUMBER, words.BEFORE_NAME),
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise than it is written."""
    return _READER.pieces(text)
