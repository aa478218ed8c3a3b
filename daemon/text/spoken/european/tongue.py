"""How a language counts: its words for numbers, and what it does with them before a noun or a price."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.text.spoken.european.figures import Figure, figure
from daemon.text.spoken.european.nouns import Noun, one_of

# A row of digits longer than this is left to the voice: nobody listens to it.
_LONGEST_CODE: Final = 40


def as_it_is(noun: Noun, before: str) -> Noun:
    """How a language governs nouns that has no cases."""
    return noun


def _apart(number: str, name: str) -> str:
    return f"{number} {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """The words and habits of one language that the rules shared by all ask for."""

    cardinal: Callable[[int, str], str]
    """A number in words, in the form that a gender asks for."""
    comma: str
    dot: str
    signs: Mapping[str, str]
    """What a sign before a number is called; "-" stands for every minus."""
    between: Callable[[str, str, str], str]
    """A range from one number to another, after this text."""
    per: str
    """Between the units of a rate."""
    of: Callable[[str], str]
    """A noun after "a million"."""
    one: Callable[[Figure], bool]
    """Whether what is counted so stands in the singular."""
    price: Callable[[str, str, str], str]
    """What is said for "five euros" and "fifty", which is also given as "fifty cents"."""
    units: Mapping[str, Noun]
    coins: Mapping[str, tuple[Noun, Noun]]
    """Symbol or code of a currency to its name and that of the hundredth."""
    scales: Mapping[str, Noun]
    """"Mio." and the like."""
    gender: Callable[[str], str]
    """The gender of a word that follows a number, or ""."""
    govern: Callable[[Noun, str], Noun] = as_it_is
    """The noun in the case that the text before it asks for."""
    link: Callable[[str, str], str] = _apart
    """A number and the noun after it."""
    phone_group: int = 1
    """How many digits of a telephone number are said as one number, where they are written so."""
    by_digits: bool = False
    """Whether decimals are said digit by digit."""
    rates: Mapping[str, Noun] = field(default_factory=dict)
    """Rates with a name of their own."""
    parts: Mapping[int, tuple[str, str]]
    """Denominator to the name of one such part and of several."""
    half: Callable[[int], str]
    """What is said for "2½"."""
    halved: Callable[[int, Noun], str]
    """So many and a half of something: 0 for a half alone."""
    out_of: str
    """Between the numbers of "8/10"."""
    versus: str
    """Between the numbers of "16:9"."""
    times: tuple[str, str]
    """What is said for "3x", and between the numbers of "3x4"."""
    version: str
    """What the v of "v2.1" stands for."""
    year: Callable[[int], str]
    date: Callable[[int, int, str, str], str]
    """A day, a month and the words of a year, after this text."""

    def digits(self, digits: str, group: int = 1) -> str | None:
        """Digit by digit, or so many at a time."""
        if len(digits) > _LONGEST_CODE:
            return None
        parts = (digits[at : at + group] for at in range(0, len(digits), group))
        return " ".join(self.padded(part) for part in parts)

    def padded(self, digits: str) -> str:
        """A number with the zeros that stand before it."""
        rest = digits.lstrip("0")
        zeros = [self.cardinal(0, "")] * (len(digits) - len(rest))
        return " ".join([*zeros, self.cardinal(int(rest), "")] if rest else zeros)

    def code(self, digits: str) -> str:
        """Digits in a name or an address: a number where it is short, else one by one."""
        long = len(digits) > 4 or (len(digits) > 1 and digits[0] == "0")
        return (self.digits(digits) or digits) if long else self.cardinal(int(digits), "")

    def sign(self, read: Figure) -> str:
        """What stands before a number, with a blank after it."""
        return f"{self.signs['-' if read.sign in '-−–' else read.sign]} " if read.sign else ""

    def number(self, read: Figure, gender: str = "", *, mark: str | None = None) -> str:
        """A number in words; the form only shows where there are no decimals."""
        sign = self.sign(read)
        if not read.mark:
            return sign + self.cardinal(read.whole, gender)
        mark = mark or (self.comma if read.mark == "," else self.dot)
        single = self.by_digits or len(read.decimals) > 3
        decimals = self.digits(read.decimals) if single else self.padded(read.decimals)
        return f"{sign}{self.cardinal(read.whole, '')} {mark} {decimals}"

    def counted(self, read: Figure, noun: Noun, before: str = "") -> str:
        """So many of something, after this text."""
        noun = self.govern(noun, before)
        name = noun.one if self.one(read) else noun.many
        if name and not read.mark and read.whole >= 10**6 and read.whole % 10**6 == 0:
            name = self.of(name)
        number = self.number(read, noun.gender, mark=self.comma)
        return self.link(number, name) if name else number

    def range(self, start: Figure, end: Figure, noun: Noun, before: str = "") -> str:
        """From so many to so many of something."""
        return self.between(self.number(start, noun.gender, mark=self.comma), self.counted(end, noun, before), before)

    def scaled(self, read: Figure, scale: str, noun: Noun | None, before: str = "") -> str:
        """So many millions of something."""
        said = self.counted(read, self.scales[scale], before)
        return f"{said} {self.of(noun.many)}" if noun else said

    def priced(self, read: Figure, symbol: str, before: str = "") -> str:
        """An amount of money."""
        coin, cent = self.coins[symbol]
        if len(read.decimals) != 2:
            return self.counted(read, coin, before)
        cents = Figure("", read.decimals.removeprefix("0"))
        whole = Figure(read.sign, read.digits)
        if not read.whole and cents.whole:
            return self.counted(Figure(read.sign, cents.digits), cent, before)
        said = self.counted(whole, coin, before)
        if not cents.whole:
            return said
        return self.price(said, self.number(cents), self.counted(cents, cent))

    def unit(self, symbol: str) -> Noun | None:
        """What a symbol is called, a rate such as km/h too."""
        if noun := self.units.get(symbol) or self.rates.get(symbol):
            return noun
        above, slash, below = symbol.partition("/")
        over = self.units.get(above) or (self.coins[above][0] if above in self.coins else None)
        under = self.units.get(below)
        if not slash or not over or not under:
            return None
        return Noun(over.gender, f"{over.one} {self.per} {under.one}", f"{over.many} {self.per} {under.one}")


def named(tongue: Tongue) -> re.Pattern[str]:
    """A blank and the name of a unit, written out."""
    names = {name for noun in tongue.units.values() for name in (noun.one, noun.many)}
    return re.compile(rf"[ \u00a0](?:{one_of(names)})(?!\w)", re.IGNORECASE)


def read(written: str | None) -> Figure | None:
    """What a group of a pattern found, as a number."""
    return figure(written) if written else None
