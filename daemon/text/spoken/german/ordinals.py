"""German ordinals: a number with a full stop, in the case that the words around it ask for."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.german.numbers import ordinal
from daemon.text.spoken.german.words import FEMININE, GENDERS, MONTHS, WEEKDAYS
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.roman import SMALL, value
from daemon.text.spoken.rules import Rule, before, ended

DATIVE: Final = frozenset(
    "aus bei mit nach seit von zu ab in an auf vor unter über hinter neben zwischen bis binnen während wegen".split()
)
_WEAK: Final = frozenset(
    "am im vom zum zur beim dem den des einem einen einer eines jedem jeden diesem diesen dieser meinem meinen meiner seinem seinen "
    "seiner ihrem ihren ihrer unserem unseren unserer ersten letzten alle beiden".split()
)
_E: Final = frozenset("die das eine jeder jede jedes diese dieses meine deine seine ihre unsere ins ans".split())
_STRONG: Final = frozenset("ein mein dein sein ihr unser kein".split())
_ENDINGS: Final = {"m": "er", "f": "e", "n": "es"}
# "vom 1. bis 5. Mai": both stand in the case of the first.
_PAIRED: Final = re.compile(r"\d{1,3}\.?(?:\d{1,2}\.(?:\d{4})?)? (?:und|bis|oder|sowie|bis zum) $|\d{1,3}\., $")
_NUMBERED: Final = re.compile(
    rf"(?<![\w.,:/])(?P<number>\d{{1,3}}|{SMALL})\.(?:\s?[–-]\s?(?P<to>\d{{1,3}})\.)?(?=[ \u00a0](?P<word>[^\W\d_]{{2,40}}))"
)
# "Heute ist der 5."
_LAST: Final = re.compile(
    r"(?:(?<=[ADVZadvz][eou][mr] )|(?<=[Aa]m )|(?<=[Dd]en ))(?P<number>\d{1,2})\.(?=[\s\"'”’“»)]*$)"
)
_NAMED: Final = re.compile(rf"(?<!\w)(?P<name>[A-ZÄÖÜ][a-zäöüßé]+)[ \u00a0](?P<numeral>{SMALL})\.(?!\w)")
# After these a numeral is a number of its own: "Kapitel IV."
_HEADINGS: Final = frozenset(
    "Kapitel Teil Band Akt Abschnitt Artikel Absatz Typ Klasse Stufe Phase Buch Anhang Satz Modell Version Windows Final Episode "
    "Zone Gruppe Raum Halle Saal Tafel Kurs Plan Liga".split()
)
# For these a numeral of one letter is enough: "Karl V." is a king, "Malcolm X." is none.
_KINGS: Final = frozenset(
    "Ludwig Friedrich Wilhelm Heinrich Karl Otto Franz Josef Georg Eduard Richard Johannes Paul Pius Benedikt Leo Gregor Peter "
    "Alexander Nikolaus Napoleon Philipp Ferdinand Maximilian Leopold Rudolf Konrad Albrecht Christian Gustav Carlos Felipe Charles "
    "Albert Urban Innozenz Clemens Julius Sixtus Johann August Jakob Franziskus Harald Knut Haakon".split()
)
_WOMEN: Final = frozenset(
    "Elisabeth Elizabeth Katharina Maria Margarethe Margrethe Victoria Viktoria Anna Beatrix Christina Isabella Johanna Mary Königin".split()
)


@remembered
def gender(word: str) -> str:
    """The gender of a noun, from the table or from its ending; "" where neither tells."""
    if known := GENDERS.get(word):
        return known
    for length in (1, 2, 3, 5):
        if (singular := GENDERS.get(word[:-length])) and word[-length:] in ("n", "en", "e", "s", "er"):
            return singular
    return "f" if word[:1].isupper() and word.endswith(FEMININE) and len(word) > 5 else ""


def ending(before: str, word: str) -> str | None:
    """How an ordinal ends between this text and this noun; None where nothing says that it is one."""
    while paired := _PAIRED.search(before):
        before = before[: paired.start()]
    words = before.split()
    last = words[-1].lower().lstrip('(„"') if words else ""
    second = words[-2].lower() if len(words) > 1 else ""
    kind = gender(word)
    if last == "der":
        return "en" if second in DATIVE or kind == "f" else "e"
    if last in _WEAK:
        return "en"
    if last in _E:
        return "e"
    if last in _STRONG:
        return _ENDINGS.get(kind, "er")
    if kind and last in DATIVE:
        return "en"
    if last.rstrip(",") in WEEKDAYS and kind == "m":
        return "en" if second in _WEAK else "er"
    return _ENDINGS[kind] if kind else None


def rules() -> list[Rule]:
    """Kings first, since "Ludwig XIV. Tag" is one too."""
    return [Rule("king", _NAMED, _king), Rule("ordinal", _NUMBERED, _ordinal), Rule("day", _LAST, _day)]


def _day(match: re.Match[str]) -> str:
    return ended(
        match,
        ordinal(int(match["number"]), ending(match.string[max(0, match.start() - 40) : match.start()], "Tag") or "e"),
    )


def _ordinal(match: re.Match[str]) -> str | None:
    number, word = _number(match["number"]), match["word"]
    if not number:
        return None
    paired = re.match(
        r" (?:und|bis|oder|sowie)(?: zum)? (?:\d{1,3})\. ?(\w+)", match.string[match.end() : match.end() + 60]
    )
    how = ending(
        match.string[max(0, match.start() - 40) : match.start()],
        ("Tag" if paired[1].isdecimal() else paired[1]) if paired else word,
    )
    if how is None or (word[0].islower() and not paired and word in ("und", "oder", "bis")):
        return None
    said = ordinal(number, how)
    return f"{said} bis {ordinal(int(match['to']), how)}" if match["to"] else said


def _king(match: re.Match[str]) -> str | None:
    number, name = value(match["numeral"]), match["name"]
    if not number or name in _HEADINGS or name.lower() in _WEAK | _E | {"der"}:
        return None
    if len(match["numeral"]) == 1 and name.removesuffix("s") not in _KINGS | _WOMEN and name not in _KINGS:
        return None
    # What governs "Papst Johannes Paul II." stands before all the names.
    last = next((word for word in reversed(before(match).split()) if word[0].islower()), "")
    woman = name in _WOMEN
    if name.endswith("s") and name[:-1] in _KINGS | _WOMEN:
        return ended(match, f"{name} {'der' if name[:-1] in _WOMEN else 'des'} {ordinal(number, 'en').capitalize()}")
    if last in DATIVE - {"über", "auf", "bis"}:
        return ended(match, f"{name} {'der' if woman else 'dem'} {ordinal(number, 'en').capitalize()}")
    if last in ("für", "gegen", "durch", "ohne") and not woman:
        return ended(match, f"{name} den {ordinal(number, 'en').capitalize()}")
    return ended(match, f"{name} {'die' if woman else 'der'} {ordinal(number).capitalize()}")


def _number(written: str) -> int | None:
    return int(written) if written.isdecimal() else value(written)


def dated(day: int, month: int, before: str) -> str:
    """A day and its month, in the case that stands before them."""
    name = MONTHS[month - 1]
    return f"{ordinal(day, ending(before, name) or 'er')} {name}"
