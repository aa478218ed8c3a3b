"""Where Roman numerals stand: after names and headings, before centuries and wars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from daemon.text.spoken.european.nouns import one_of
from daemon.text.spoken.roman import ANY, SMALL, value
from daemon.text.spoken.rules import Rule

Say = Callable[[int], str | None]


def after(words: Iterable[str], say: Say, numeral: str = ANY) -> Rule:
    """A numeral after one of these words, written small or with a capital."""
    every = {*words, *(word.capitalize() for word in words)}
    return _rule(rf"(?<!\w)(?P<word>{one_of(every)})[ \u00a0](?P<roman>{numeral})(?!\w|\.\w)", "{word} {said}", say)


def century(short: str, word: str, say: Say) -> Rule:
    """A numeral after an abbreviation: "sec. XVI"."""
    return _rule(rf"(?<!\w)(?P<word>{re.escape(short)}) ?(?P<roman>{SMALL})(?!\w|\.\w)", f"{word} {{said}}", say)


def after_name(say: Say) -> Rule:
    """A numeral of two letters or more after any other word with a capital: Typ II, Windows XI."""
    return _rule(
        r"(?<!\w)(?P<word>[^\W\da-zß-öø-ÿ_][\w'’]+)[ \u00a0](?P<roman>[IVX]{2,})(?!\w|\.\w)", "{word} {said}", say
    )


def ahead_of(words: str, say: Say) -> Rule:
    """A numeral before a word that this pattern finds."""
    return _rule(rf"(?<!\w)(?P<roman>{SMALL})(?P<word>[ \u00a0](?:{words})(?!\w))", "{said}{word}", say)


def _rule(pattern: str, shape: str, say: Say) -> Rule:
    def said(match: re.Match[str]) -> str | None:
        number = value(match["roman"])
        words = say(number) if number else None
        return shape.format(word=match["word"], said=words) if words else None

    return Rule("Roman numeral", re.compile(pattern), said)
