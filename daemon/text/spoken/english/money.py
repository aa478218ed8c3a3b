"""Sums of money."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.measures import PER, compound, per
from daemon.text.spoken.english.numbers import DASH, NOT_INSIDE, NUMBER, cardinal, number
from daemon.text.spoken.rules import Rule

# Singular, plural, and the hundredth part.
_CURRENCIES: Final = {
    "$": ("dollar", "dollars", "cent", "cents"), "US$": ("US dollar", "US dollars", "cent", "cents"),
    "A$": ("Australian dollar", "Australian dollars", "cent", "cents"), "C$": ("Canadian dollar", "Canadian dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"), "£": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"), "₽": ("ruble", "rubles", "kopeck", "kopecks"), "₩": ("won", "won", "", ""),
    "₿": ("bitcoin", "bitcoins", "", ""), "USD": ("US dollar", "US dollars", "cent", "cents"), "EUR": ("euro", "euros", "cent", "cents"),
    "GBP": ("British pound", "British pounds", "penny", "pence"), "JPY": ("yen", "yen", "", ""), "CHF": ("Swiss franc", "Swiss francs", "", ""),
    "CAD": ("Canadian dollar", "Canadian dollars", "cent", "cents"), "AUD": ("Australian dollar", "Australian dollars", "cent", "cents"),
    "RUB": ("ruble", "rubles", "kopeck", "kopecks"), "CNY": ("yuan", "yuan", "", ""), "INR": ("rupee", "rupees", "paisa", "paise"),
    "BTC": ("bitcoin", "bitcoins", "", ""),
}  # fmt: skip
_SCALES: Final = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mln": "million", "mil": "million",
    "b": "billion", "B": "billion", "bn": "billion", "tn": "trillion", "T": "trillion",
}  # fmt: skip
_SIGN: Final = "|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))
_SCALE: Final = r"(?:\s?(?P<scale>thousand|million|billion|trillion|mln|mil|mn|bn|tn|[kKmMbBT])(?!\w))?"
_BEFORE: Final = re.compile(
    rf"(?P<minus>(?<!\w)[-−–])?(?<![A-Za-z])(?P<sign>{_SIGN})\s?{NOT_INSIDE}(?P<low>{NUMBER})"
    rf"(?:{DASH}(?:{_SIGN})?\s?(?P<high>{NUMBER}))?{_SCALE}(?P<plus>\+)?{PER}?(?![\w])"
)
_AFTER: Final = re.compile(
    rf"{NOT_INSIDE}(?P<minus>[-−–])?(?P<low>{NUMBER})(?:{DASH}(?P<high>{NUMBER}))?{_SCALE}(?P<plus>\+)?\s?(?P<sign>{_SIGN}){PER}?(?![\w])"
)
_CENTS: Final = re.compile(rf"{NOT_INSIDE}({NUMBER})\s?[¢￠]")


def _sum(match: re.Match[str]) -> str:
    currency = _CURRENCIES[match["sign"]]
    scale = _SCALES.get(match["scale"] or "", match["scale"])
    said = _amount(match["low"], match["high"], scale, currency, compound(match))
    return ("minus " if match["minus"] else "") + said + (" plus" if match["plus"] else "") + per(match)


def _amount(low: str, high: str | None, scale: str | None, currency: tuple[str, ...], adjective: bool) -> str:
    whole, _, part = low.replace(",", "").partition(".")
    singular, plural, *cents = currency
    if high or scale or len(part) not in {0, 2} or not cents[0]:
        name = singular if adjective or (low == "1" and not high and not scale) else plural
        upper = f" to {number(high)}" if high else ""
        return f"{number(low)}{upper}{f' {scale}' if scale else ''} {name}"
    said = []
    if int(whole) or not int(part or 0):
        said.append(f"{cardinal(int(whole))} {singular if adjective or int(whole) == 1 else plural}")
    if int(part or 0):
        said.append(f"{cardinal(int(part))} {cents[int(part) != 1]}")
    return " and ".join(said)


def _cents(match: re.Match[str]) -> str:
    return f"{number(match[1])} {'cent' if match[1] == '1' or compound(match) else 'cents'}"


RULES: Final = (Rule("sum", _BEFORE, _sum), Rule("sum, sign after it", _AFTER, _sum), Rule("cents", _CENTS, _cents))
