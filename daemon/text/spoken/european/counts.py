"""Numbers that stand alone: counts, fractions, ranges, versions, telephone numbers, "3x"."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from daemon.text.spoken.european.figures import END, NUMBER, UNSIGNED
from daemon.text.spoken.european.nouns import Noun
from daemon.text.spoken.european.tongue import Tongue, as_it_is, named, read
from daemon.text.spoken.rules import Rule, before

# The fractions with a sign of their own.
SIGNS: Final = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}

_FRACTION: Final = re.compile(
    rf"(?<![\w/])(?:(?P<whole>\d{{1,4}})?(?P<sign>[{''.join(SIGNS)}])|(?P<over>\d\d?)/(?P<under>[1-9]\d?))(?![\w/])"
)
_HALVES: Final = re.compile(r"(?<![\w/])(?:(?P<whole>\d{1,3})?½|1/2)[ \u00a0](?P<noun>[^\W\d_]{1,40})(?!\w)")
_RANGE: Final = re.compile(
    rf"(?P<number>{NUMBER})(?:\s?[–—]\s?|-)(?P<to>{UNSIGNED}){END}(?![-–])(?=(?:\s(?P<word>[^\W\d_]{{2,40}}))?)"
)
_VERSION: Final = re.compile(r"(?<![\w.,:/])(?:(?P<v>[vV])\.? ?)?(?P<parts>\d{1,8}(?:\.\d{1,8}){1,5}+)(?![\w,:/]|\.\d)")
# An international number, or a national one in at least three groups that begins with zero.
_PHONE: Final = re.compile(
    r"(?<![\w.,/+])(?<!\d )(?:\+\d{1,3}[ \u00a0./-]?(?:\(0?\d{1,5}\)[ \u00a0]?)?\d{1,14}(?:[ \u00a0./-]\d{1,14}){0,6}+"
    r"|\(?0\d{1,5}\)?(?:[ \u00a0./-]+\d{2,8}){2,6}+|0\d{2,5}[/-]\d{3,10}|0\d{2,4} \d{5,8})(?![\w,:]|[./-]\d)"
)
_TIMES: Final = re.compile(rf"(?P<number>{NUMBER})[ \u00a0]?[x×](?!\w)(?![ \u00a0]?\d)")
_BY: Final = re.compile(r"(?<=\d)[ \u00a0]?[x×][ \u00a0]?(?=\d)")
# "10 - 3 = 7"; without a result it may be a range.
_LESS: Final = re.compile(r"(?<=\d) [-−–] (?=[\d.,]{1,15} ?=)")
_VERSUS: Final = re.compile(r"(?<![\w.,:/-])(?P<left>\d{1,3}):(?P<right>\d{1,3})(?![\w:/]|[.,]\d)")
_COUNT: Final = re.compile(rf"(?P<number>{NUMBER}){END}(?=(?:[ \u00a0](?P<word>[^\W\d_]{{2,40}}))?)")


def rules(tongue: Tongue) -> list[Rule]:
    """What no other rule has taken."""
    return [
        Rule("phone", _PHONE, partial(phone, tongue)),
        Rule("halves", _HALVES, partial(_halves, tongue)),
        Rule("fraction", _FRACTION, partial(_fraction, tongue)),
        Rule("version", _VERSION, partial(_version, tongue, named(tongue))),
        Rule("times", _TIMES, partial(_times, tongue)),
        Rule("by", _BY, lambda match: f" {tongue.times[1]} "),
        Rule("versus", _VERSUS, partial(_versus, tongue)),
        Rule("less", _LESS, lambda match: f" {tongue.signs['-']} "),
        Rule("range", _RANGE, partial(_range, tongue)),
        Rule("count", _COUNT, partial(_count, tongue)),
    ]


def phone(tongue: Tongue, match: re.Match[str]) -> str | None:
    """A telephone number, group by group; the zero of "+49 (0)30" is for those who do not dial the rest."""
    size = tongue.phone_group
    plus = [tongue.signs["+"]] if match[0].startswith("+") else []
    groups = re.findall(r"\d+", match[0].replace("(0)", ""))
    if not 5 <= sum(map(len, groups)) <= 20:
        return None
    said = [tongue.digits(digits, size if len(digits) % size == 0 else 1) or "" for digits in groups]
    return " ".join([*plus, ", ".join(said)])


def _fraction(tongue: Tongue, match: re.Match[str]) -> str | None:
    written = SIGNS[match["sign"]] if match["sign"] else f"{match['over']}/{match['under']}"
    over, under = map(int, written.split("/"))
    if match["whole"]:
        whole = int(match["whole"])
        return tongue.half(whole) if under == 2 else f"{tongue.cardinal(whole, '')} {_part(tongue, over, under)}"
    if not 1 <= over <= under:
        return None
    if under not in tongue.parts or over == under:
        return f"{tongue.cardinal(over, '')} {tongue.out_of} {tongue.cardinal(under, '')}"
    return tongue.govern(Noun("", "", _part(tongue, over, under)), before(match)).many


def _halves(tongue: Tongue, match: re.Match[str]) -> str | None:
    word = match["noun"]
    whole = int(match["whole"] or 0)
    gender = tongue.gender(word)
    noun = tongue.units.get(word) or (Noun(gender, word, word) if gender else None)
    return tongue.halved(whole, noun) if noun else None


def _versus(tongue: Tongue, match: re.Match[str]) -> str:
    return f"{tongue.cardinal(int(match['left']), '')} {tongue.versus} {tongue.cardinal(int(match['right']), '')}"


def _part(tongue: Tongue, over: int, under: int) -> str:
    one, many = tongue.parts[under]
    return one if over == 1 else f"{tongue.cardinal(over, 'm')} {many}"


def _version(tongue: Tongue, unit: re.Pattern[str], match: re.Match[str]) -> str | None:
    parts = match["parts"].split(".")
    if not match["v"] and re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+", match["parts"]):
        return None  # a number in groups
    if len(parts) == 2 and unit.match(match.string, match.end()) and (amount := read(match["parts"])):
        return tongue.number(amount, mark=tongue.comma)
    said = f" {tongue.dot} ".join(tongue.code(part) for part in parts)
    return f"{tongue.version} {said}" if match["v"] else said


def _times(tongue: Tongue, match: re.Match[str]) -> str | None:
    amount = read(match["number"])
    if not amount or amount.mark or amount.padded:
        return None
    return tongue.times[0].format(tongue.number(amount, "f"))


def _range(tongue: Tongue, match: re.Match[str]) -> str | None:
    start, end = read(match["number"]), read(match["to"])
    if not start or not end or start.padded or end.padded:
        return None
    if "-" in match[0][1:] and (len(start.digits) > 4 or start.whole >= end.whole):
        return None  # a score, a part of a name
    gender = tongue.gender(match["word"] or "")
    return tongue.range(start, end, Noun(gender, "", ""), before(match))


def _count(tongue: Tongue, match: re.Match[str]) -> str | None:
    amount = read(match["number"])
    if not amount:
        digits = match["number"]
        return tongue.digits(digits) if digits.isdecimal() else None
    if amount.padded and not amount.mark:
        return tongue.sign(amount) + (tongue.digits(amount.digits) or "")
    gender = tongue.gender(match["word"] or "")
    if tongue.govern is not as_it_is:
        gender = tongue.govern(Noun(gender, "", ""), before(match)).gender
    return tongue.number(amount, gender)
