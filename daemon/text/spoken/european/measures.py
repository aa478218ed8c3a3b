"""Numbers with a unit or a currency: 5 km, 5–10 °C, 60 km/h, 5,50 €, R$ 2 milhões."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from daemon.text.spoken.european.figures import NUMBER, UNSIGNED
from daemon.text.spoken.european.nouns import one_of
from daemon.text.spoken.european.tongue import Tongue, read
from daemon.text.spoken.rules import Rule, before, ended

_GAP: Final = r"[ \u00a0\u2009\u202f]?"
_TO: Final = rf"(?:(?:{_GAP}[–—]{_GAP}|-|\.\.\.|…)(?P<to>{UNSIGNED}))?"
# Attached to a number these are parts of a name: 4K, 5A.
_APART: Final = frozenset("KAM")
# "850,- €"
_NO_CENTS: Final = r"(?:,[-–—]{1,2})?"
# These are millions of a currency only: 5 M€, but size 5 M.
_WITH_COINS: Final = frozenset(("M", "mi", "bi"))
# A symbol of letters ends where the word ends; "2 l'anno" is no two litres.
_OVER: Final = r"(?![\w²³'’])"


def rules(tongue: Tongue) -> list[Rule]:
    """Money first, since it is more certain than a unit."""
    coin = rf"(?P<coin>{one_of(tongue.coins)})"
    # "Euro 5" is a norm, "EUR 5" and "€5" are prices.
    ahead = rf"(?P<coin>{one_of(symbol for symbol in tongue.coins if symbol.upper() == symbol)})"
    scale = rf"(?P<scale>{one_of(tongue.scales)})(?!\w)"
    units = one_of((*tongue.units, *tongue.rates))
    number, left = rf"(?P<number>{NUMBER})", r"(?<![\w$])"
    leading = rf"(?P<sign>(?<!\w)[-−–])?{left}{ahead}{_GAP}(?P<number>-?{UNSIGNED}){_TO}(?:{_GAP}{scale})?{_OVER}"
    trailing = rf"{number}{_NO_CENTS}{_TO}(?:{_GAP}{scale})?{_GAP}{coin}(?:/(?P<each>{units}|[^\W\d_]{{3,20}}))?{_OVER}"
    measure = rf"{number}{_TO}{_GAP}(?:{scale}{_GAP})?(?P<unit>(?:{units})(?:/(?:{units}))?){_OVER}"
    return [
        _rule("money before", leading, partial(_money, tongue)),
        _rule("money after", trailing, partial(_money, tongue)),
        _rule("measure", measure, partial(_measure, tongue)),
        _rule("unit of a rate", rf"(?<=(?<!\w){tongue.per} )(?:{units})(?![\w²³'’])", partial(_unit, tongue)),
        _rule("millions", rf"{number}{_GAP}{scale}{_OVER}", partial(_millions, tongue)),
    ]


def _rule(name: str, pattern: str, say: Callable[[re.Match[str]], str | None]) -> Rule:
    def said(match: re.Match[str]) -> str | None:
        words = say(match)
        return ended(match, words) if words else None

    return Rule(name, re.compile(pattern), said)


def _money(tongue: Tongue, match: re.Match[str]) -> str | None:
    found = match.groupdict()
    amount = read((found.get("sign") or "") + found["number"])
    if not amount:
        return None
    symbol, context = found["coin"], before(match)
    if found["scale"]:
        return tongue.scaled(amount, found["scale"], tongue.coins[symbol][0], context)
    if found["to"]:
        end = read(found["to"])
        return tongue.between(tongue.number(amount), tongue.priced(end, symbol), context) if end else None
    said = tongue.priced(amount, symbol, context)
    each = found.get("each")
    return f"{said} {tongue.per} {tongue.units[each].one if each in tongue.units else each}" if each else said


def _measure(tongue: Tongue, match: re.Match[str]) -> str | None:
    amount, unit = read(match["number"]), tongue.unit(match["unit"])
    if not amount or not unit or (match["unit"] in _APART and not match.string[match.start("unit") - 1].isspace()):
        return None
    context = before(match)
    if match["scale"]:
        return tongue.scaled(amount, match["scale"], unit, context)
    if not match["to"]:
        return tongue.counted(amount, unit, context)
    end = read(match["to"])
    return tongue.range(amount, end, unit, context) if end else None


def _unit(tongue: Tongue, match: re.Match[str]) -> str | None:
    unit = tongue.unit(match[0])
    return unit.one if unit and len(match[0]) > 1 else None


def _millions(tongue: Tongue, match: re.Match[str]) -> str | None:
    amount, scale = read(match["number"]), match["scale"]
    if not amount or scale in _WITH_COINS:
        return None
    return tongue.scaled(amount, scale, None, before(match))
