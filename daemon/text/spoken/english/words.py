"""Abbreviations and signs."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before, ended

_TITLES: Final = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Gen": "General", "Col": "Colonel",
    "Lt": "Lieutenant", "Sgt": "Sergeant", "Capt": "Captain", "Rev": "Reverend", "Gov": "Governor", "Sen": "Senator",
    "Rep": "Representative", "Hon": "Honorable", "Mt": "Mount", "Ft": "Fort", "St": "Saint", "Pres": "President",
}  # fmt: skip
_STREETS: Final = {
    "St": "Street", "Dr": "Drive", "Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Ct": "Court", "Pl": "Place",
    "Sq": "Square", "Hwy": "Highway", "Pkwy": "Parkway",
}  # fmt: skip
_BEFORE_NUMBER: Final = {
    "No": "number", "no": "number", "Nos": "numbers", "nos": "numbers", "p": "page", "pp": "pages", "Fig": "figure", "fig": "figure",
    "figs": "figures", "Vol": "volume", "vol": "volume", "Ch": "chapter", "ch": "chapter", "Sec": "section", "sec": "section",
    "Ex": "example", "ex": "example", "Eq": "equation", "eq": "equation", "Apt": "apartment", "apt": "apartment", "ca": "circa",
    "c": "circa", "max": "maximum", "min": "minimum", "Max": "maximum", "Min": "minimum", "temp": "temperature", "Temp": "temperature",
    "Tel": "telephone", "tel": "telephone", "Ext": "extension", "ext": "extension", "Art": "article", "art": "article",
}  # fmt: skip
_ANYWHERE: Final = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "etc.": "et cetera", "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "vs.": "versus", "vs": "versus",
    "approx.": "approximately", "Approx.": "approximately", "incl.": "including", "excl.": "excluding", "dept.": "department",
    "Dept.": "Department", "govt.": "government", "Inc.": "Incorporated", "Ltd.": "Limited", "Corp.": "Corporation", "Jr.": "Junior",
    "Sr.": "Senior", "et al.": "and others", "a.k.a.": "also known as", "misc.": "miscellaneous", "w/o": "without", "w/": "with",
    "avg.": "average", "Avg.": "average", "Max.": "maximum", "Min.": "minimum", "max.": "maximum", "min.": "minimum", "temp.": "temperature", "tbsp.": "tablespoon",
    "tsp.": "teaspoon", "viz.": "namely", "cf.": "compare", "resp.": "respectively", "Bros.": "Brothers", "Ave.": "Avenue",
    "Blvd.": "Boulevard", "Rd.": "Road", "assoc.": "association", "Assn.": "Association", "E.g.": "for example", "I.e.": "that is",
}  # fmt: skip


def _any(words: dict[str, str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_TITLE: Final = re.compile(rf"\b({_any(_TITLES)})(?:\.\s?|\s)(?=[A-Z](?:[\w'’-]|\.))")
_STREET: Final = re.compile(rf"\b({_any(_STREETS)})(?:\.|(?=\s*$|,))")
_NUMBERED: Final = re.compile(rf"(?<![\w.'’-])({_any(_BEFORE_NUMBER)})\.\s?(?=[\d#]|(?:[IVXLC]{{2,7}}|[VX])\b)")
_SHORT: Final = re.compile(rf"(?<![\w.'’-])({_any(_ANYWHERE)})(?!\w|\.\w)")
_STREET_BEFORE: Final = re.compile(
    r"(?:\d+[A-Za-z]?\s(?:[NSEW]\.?\s)?(?:[A-Z][\w'’]*\s|\d+(?:st|nd|rd|th)\s){1,3}|\b[A-Z][a-z]+\s)$"
)
# These begin with a capital only where they are titles of a place or a name: "on Oak St. in town" is none.
_UNDOTTED: Final = frozenset(("Dr", "Mr", "Mrs", "Ms", "Prof", "Mt", "St"))

TRIGGER: Final = rf"(?:{'|'.join(_UNDOTTED)}) (?=[A-Z])|(?:{'|'.join({*_TITLES, *_STREETS, *_BEFORE_NUMBER})})\.|(?:{_any(_ANYWHERE)})"

_TAG: Final = re.compile(r"(?<![\w&#])#([^\W\d]\w{0,60})")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_AND: Final = re.compile(r"(?<=\s)&(?=\s)|(?<=\w)\s?&\s?(?=\w)")
_OPERATOR: Final = re.compile(
    r"(?<=[\w)²³])([ \u00a0]?)(==|<=|>=|->|[+=×*÷^≈≠≤≥<>−]|-(?=\s?\d{1,9}\s?=))([ \u00a0]?)(?=[\w(√.])"
)
_OPERATORS: Final = {
    "+": "plus", "=": "equals", "==": "equals", "×": "times", "*": "times", "÷": "divided by", "^": "to the power of", "−": "minus",
    "-": "minus", "≈": "is about", "≠": "does not equal", "≤": "is at most", "<=": "is at most", "≥": "is at least", ">=": "is at least",
    "<": "is less than", ">": "is greater than", "->": "to",
}  # fmt: skip
_BEFORE_FIGURE: Final = {
    "#": "number ", "~": "about ", "≈": "about ", "±": "plus or minus ", "§": "section ", "§§": "sections ", "№": "number ", "√": "the square root of ",
    "<": "less than ", ">": "more than ", "≤": "at most ", "≥": "at least ", "+": "plus ", "×": "times ", "@": "at ",
}  # fmt: skip
_PREFIX: Final = re.compile(r"(?<![\w)])(§§|[#~≈±§№√<>≤≥+×@])\s?(?=[$€£]?-?\.?\d)")
_HANDLE: Final = re.compile(r"(?<![\w@.])@(?=[^\W\d]\w)")
_PLUSES: Final = re.compile(r"(?<=\bC)\+\+(?!\w)")
_PLUS_AFTER: Final = re.compile(r"(?<=\d)\+(?=\s|$|[,.;!?)])")
_POWER: Final = re.compile(r"(?<=[\w)])[²³](?!\w)")
_ARROW: Final = re.compile(r"(?<=\w)\s?→\s?(?=\w)")


def _title(match: re.Match[str]) -> str | None:
    dotted = "." in match[0]
    if not dotted and match[1] not in _UNDOTTED:
        return None
    if match[1] in _STREETS and re.search(r"\d+[A-Za-z]?\s(?:[A-Z][\w'’]*\s){1,3}$", before(match)):
        return _STREETS[match[1]] + (". " if dotted else " ")
    return f"{_TITLES[match[1]]} "


def _street(match: re.Match[str]) -> str | None:
    if not _STREET_BEFORE.search(before(match)):
        return None
    return ended(match, _STREETS[match[1]])


def _short(match: re.Match[str]) -> str:
    said = ended(match, _ANYWHERE[match[1]])
    ends = match[1] == "etc." and re.match(r"[\"')]?\s+[A-Z]", after(match))
    return f"{said}." if ends else said


def _operator(match: re.Match[str]) -> str | None:
    behind, ahead = before(match, 1), after(match, 1)
    spaced = bool(match[1] and match[3])
    figures = (behind.isdecimal() or behind in ")²³") + (ahead.isdecimal() or ahead in "(√.")
    if (not figures and not (spaced and match[2] in "+=×÷≈≠≤≥")) or (
        match[2] in "*<>->" and not spaced and figures < 2
    ):
        return None
    if match[2] in {"<", ">", "≤", "≥", "<=", ">="} and not re.search(r"(?:\d|\)|(?:^|\s)[A-Za-z])$", before(match)):
        return None
    if match[2] in "*^<>-−" and figures < (1 if spaced else 2):
        return None
    return f" {_OPERATORS[match[2]]} "


SIGNS: Final = (
    Rule("tag", _TAG, lambda match: f"hashtag {_HUMP.sub(' ', match[1])}"),
    Rule("handle", _HANDLE, lambda match: "at "),
    Rule("C++", _PLUSES, lambda match: " plus plus"),
    Rule("operator", _OPERATOR, _operator),
    Rule("sign before a figure", _PREFIX, lambda match: _BEFORE_FIGURE[match[1]]),
    Rule("and more", _PLUS_AFTER, lambda match: " plus"),
    Rule("and", _AND, lambda match: "and" if len(match[0]) == 1 and before(match, 1).isspace() else " and "),
    Rule("power", _POWER, lambda match: " squared" if match[0] == "²" else " cubed"),
    Rule("arrow", _ARROW, lambda match: " to "),
)
ABBREVIATIONS: Final = (
    Rule("title", _TITLE, _title),
    Rule("street", _STREET, _street),
    Rule("before a number", _NUMBERED, lambda match: f"{_BEFORE_NUMBER[match[1]]} "),
    Rule("abbreviation", _SHORT, _short),
)
