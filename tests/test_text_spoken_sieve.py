"""Which rules are looked at: what the sieve rules out would have found nothing, and nowhere else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.spoken import LANGUAGES, spoken
from daemon.text.spoken.charsets import Chars, chars, holds, parsed
from daemon.text.spoken.needs import Beside, Need, needs
from daemon.text.spoken.openings import openings
from daemon.text.spoken.sieve import Places, Sieve
from tests.test_text_properties import SPOKEN, texts
from tests.test_text_spoken_corpora import corpus

MINUS: Chars = frozenset({(45, 45)})
X: Chars = frozenset({(120, 120)})
# One of everything that patterns are made of.
PATTERNS = [
    r"(?<!\w)\d{3}-\d{4}",
    r"\b(?:Mr|Mrs|Dr)\.",
    r"(?<=\bper )(?:km|h)(?!\w)",
    r"[$€]\s?\d+(?:\.\d\d)?",
    r"(?:(?<!\w)[-−])?\d{1,3}(?:,\d{3})*\s?(?:km|m|%)",
    r"(?P<quote>['\"])\d+(?P=quote)",
    r"(?i:no)\.?\s?\d",
    r"(\()?\d+(?(1)\))",
    r"½|(?<=\d)¼",
    r"(?<![A-Za-z])[A-Z]{2,4}+-?\d",
    r"[^a-z]\d\d",
    r"(?:〒|(?<=a))\d{3}",
    r"\d*",
]


COMPILED = [re.compile(pattern) for pattern in PATTERNS]
SIEVE = Sieve(COMPILED)


def see_that_nothing_is_missed(text: str, start: int, end: int) -> None:
    places = SIEVE.places(text, start, end)
    for number, pattern in enumerate(COMPILED):
        found = {match.start() for match in pattern.finditer(text, start, end) if match[0]}
        may_begin = places.get(1 << number, [])
        assert may_begin is None or found <= set(may_begin), (pattern.pattern, text[start:end])


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(COMPILED), texts(SPOKEN), texts(SPOKEN))
def test_what_a_pattern_finds_is_not_ruled_out(
    data: st.DataObject, pattern: re.Pattern[str], left: str, right: str
) -> None:
    middle = data.draw(st.from_regex(pattern))
    text = left + middle + right
    see_that_nothing_is_missed(text, 0, len(text))
    see_that_nothing_is_missed(text, len(left), len(left) + len(middle))


@pytest.mark.parametrize(
    "text", ["a123", "3¼", "per km", "per h.", "no 7", "No.7", "'12'", "(5)", "−1,234 km", "A-1", "٣٣"]
)
def test_what_is_before_counts_too(text: str) -> None:
    see_that_nothing_is_missed(text, 0, len(text))
    see_that_nothing_is_missed(text, 1, len(text))


def test_much_is_ruled_out() -> None:
    assert SIEVE.places("Mr. Fox is away.", 0, 16) == {1 << 1: [0], 1 << 12: None}


@settings(max_examples=150, deadline=None)
@given(texts(SPOKEN), st.sampled_from(sorted(LANGUAGES)), st.integers(0, 50))
def test_rules_say_the_same_as_if_every_one_looked_everywhere(text: str, language: str, at: int) -> None:
    for one in (text, f"{corpus(language)[at][0]} {text}"):
        said = spoken(one, language)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Sieve, "places", everywhere)
            assert spoken(one, language) == said


def everywhere(sieve: Sieve, text: str, start: int, end: int) -> Places:
    return {1 << number: None for number in range(sieve._all.bit_length())}


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        (r"\d{3}-\d", {frozenset({3}), frozenset({Beside(MINUS, True)}), frozenset({Beside(MINUS, False)})}),
        (r"(?:-|)\d", {frozenset({1})}),
        (r"(?:-|x)", {frozenset({MINUS | X})}),
        (r"x(?=-)", {frozenset({X}), frozenset({MINUS})}),
        (r"(?!-)x-?", {frozenset({X})}),
    ],
)
def test_what_a_text_must_hold(pattern: str, asked: set[Need]) -> None:
    assert asked <= set(needs(re.compile(pattern))) <= asked | {frozenset({MINUS})}


@pytest.mark.parametrize(
    ("pattern", "heads"),
    [
        (r"\b(?:Mr|Dr)\.", {"Mr.", "Dr."}),
        (r"(?<!\w)[ab]c*", {"a", "ac", "acc", "b", "bc", "bcc"}),
        (r"\+\w", {"+"}),
    ],
)
def test_how_a_match_begins(pattern: str, heads: set[str]) -> None:
    begun = openings(re.compile(pattern))
    assert begun is not None
    assert begun.heads == heads


@pytest.mark.parametrize("pattern", [r"Mr\.", r"\s\d", r"\w+", r"[^a]", r"(?a:\d)", r"\d*"])
def test_what_may_begin_anywhere(pattern: str) -> None:
    assert openings(re.compile(pattern)) is None


def test_both_cases_of_a_set_are_in_it() -> None:
    pattern = re.compile("[i-s_]", re.IGNORECASE)
    nodes = parsed(pattern)
    assert nodes is not None
    several = chars(nodes[0], pattern.flags)
    assert several is not None
    assert all(holds(several, one) for one in map(chr, range(0x3000)) if pattern.match(one))
    beyond = parsed(re.compile("[ß-ü]", re.IGNORECASE))
    assert beyond is not None
    assert chars(beyond[0], pattern.flags) is None


def test_letters_are_known_in_all_their_cases() -> None:
    """What `re` takes for a letter where case does not count: "ſ" is an s, and the old "ᲂ" an о."""
    everything = "".join(chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000)
    for code in (*range(ord("A"), ord("Z") + 1), *range(ord("А"), ord("я") + 1), ord("ё"), ord("-")):
        (node,) = parsed(re.compile(re.escape(chr(code)))) or ()
        several = chars(node, re.IGNORECASE)
        assert several is not None
        taken = re.findall(re.escape(chr(code)), everything, re.IGNORECASE)
        assert len(taken) >= 1 and all(holds(several, one) for one in taken), chr(code)
