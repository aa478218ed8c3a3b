"""Abbreviations and signs: what is written short and said in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from daemon.text.spoken.european.nouns import one_of
from daemon.text.spoken.rules import Rule, ended

_BLANK: Final = "[ \u00a0\u202f]"


def table(entries: str) -> dict[str, str]:
    """Lines of `short = in full`, several to a line between semicolons."""
    pairs = (entry.partition("=") for line in entries.strip().splitlines() for entry in line.split(";") if "=" in entry)
    return {short.strip(): full.strip() for short, _, full in pairs}


def abbreviations(anywhere: str, before_number: str = "", before_name: str = "") -> list[Rule]:
    """Rules for tables of abbreviations. At the end of a text, the full stop of one that ends in a full stop stays."""
    return [
        rule
        for name, entries, ahead in (
            ("number", before_number, rf"(?={_BLANK}?\d|{_BLANK}[IVX]+\b)"),
            ("name", before_name, rf"(?={_BLANK}[^\W\da-zß-öø-ÿ_])"),
            ("abbreviation", anywhere, ""),
        )
        if (rule := _rule(name, table(entries), ahead))
    ]


def signs(words: Mapping[str, str]) -> list[Rule]:
    """Rules for signs that stand between blanks or between numbers, like the ampersand."""
    sign = one_of(words)
    pattern = rf"(?<!\S)(?:{sign})(?=[\s.,;!?)]|$)|(?<=\d)(?:{sign})(?=\d)"
    return [Rule("sign", re.compile(pattern), lambda match: _spaced(match, words[match[0]]))]


def _rule(name: str, entries: Mapping[str, str], ahead: str) -> Rule | None:
    if not entries:
        return None
    # "Z. B." begins a sentence; "Max." is a name.
    capital = {short[0].upper() + short[1:]: full for short, full in entries.items() if short.count(".") > 1}
    spaced = {**entries, **capital}
    words = {short.replace(" ", ""): full for short, full in spaced.items()}
    pattern = one_of(spaced).replace(r"\ ", f"{_BLANK}?")

    def say(match: re.Match[str]) -> str:
        return ended(match, words[re.sub(_BLANK, "", match[0])])

    return Rule(name, re.compile(rf"(?<![\w.])(?<![A-Z]\. )(?:{pattern})(?!\w){ahead}"), say)


def _spaced(match: re.Match[str], word: str) -> str:
    text, start, end = match.string, match.start(), match.end()
    left = " " if start and text[start - 1].isalnum() else ""
    right = " " if end < len(text) and text[end].isalnum() else ""
    return f"{left}{word}{right}"
