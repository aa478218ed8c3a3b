"""Patterns that people write: which can be used, and that none can take for ever."""

from __future__ import annotations

import time

import pytest

from daemon.text.patterns import REPEATS_LIMIT, compiled

USED = [
    (r"\d+\.\d+", "1.25", True),
    (r"(\d+)V\b", "230v", True),
    (r"v{2}x?y*", "VVxyyy", True),
    (r"[^\]a-z]{2,}", "AB", False),
    (r"[^\]a-z]{2,}", "12", True),
    (r"[]x]+", "]x", True),
    (r"(?:Mo|Di|Mi)\.", "mi.", True),
    (r"(?P<name>a|b)c(?=d)", "ac", False),
    (r"\d++,\d++,\d++,\d++", "1,2,3,4", True),
    (r"(?>ab?)(?<!x)\.", "ab.", True),
    (r"a{,3}?", "aaa", True),
    (r"a{x}", "a{x}", True),
    (r"\(\*\)", "(*)", True),
    ("a" * 90, "a" * 90, True),
]
REFUSED = [
    (r"(a+)+b", "too many ways"),
    (r"(a|a)*b", "too many ways"),
    (r"(a|b|ab)*c", "too many ways"),
    (r"(\w+\s?)*$", "too many ways"),
    (r"(x+x+)+y", "too many ways"),
    (r"(.*a){20}", "too many ways"),
    (r".*.*.*x", "write ++ for + and *+ for *"),
    (r"(?=(a+)+b)", "too many ways"),
    (r"(?>(a|b)*)", "too many ways"),
    (r"(a|b|c)?" * 20, "too many ways"),
    (r"(.)\1", r"\1 cannot be used"),
    (r"\u0041", r"\u cannot be used"),
    (r"(?P<a>x)(?P=a)", "'(?P' cannot be used"),
    (r"(?i)a", "'(?i' cannot be used"),
    (r"(?(1)a|b)", "cannot be used"),
    (r"a{1000}", "repeats more than 50 times"),
    (r"a{9,1000}", "repeats more than 50 times"),
    (r"a{3,2}", "min repeat greater than max repeat"),
    (r"*a", r"'*' repeats nothing: write \* for the character"),
    (r"a|+", "repeats nothing"),
    (r"a**", "repeats nothing"),
    (r"a)", "closed that was not opened"),
    (r"(a", "missing )"),
    (r"[a", "unterminated character set"),
    (r"[[a]", "looks like a set in a set"),
    (r"[a--b]", "looks like a set in a set"),
    (r"(?<=a+)b", "look-behind requires fixed-width pattern"),
    ("a\\", "bad escape"),
]


@pytest.mark.parametrize(("pattern", "text", "matches"), USED)
def test_a_pattern_means_what_it_says(pattern: str, text: str, matches: bool) -> None:
    assert bool(compiled(pattern, case=False).fullmatch(text)) is matches


@pytest.mark.parametrize(("pattern", "why"), REFUSED)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, why: str) -> None:
    with pytest.raises(ValueError) as error:
        compiled(pattern, case=False)
    assert why in str(error.value)


def test_case_counts_if_it_is_wished() -> None:
    assert compiled("abc", case=False).fullmatch("ABC")
    assert not compiled("abc", case=True).fullmatch("ABC")


def test_a_repeat_without_an_end_gets_one() -> None:
    assert compiled("a+", case=False).match("a" * 1000).end() == REPEATS_LIMIT  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "pattern", ["[a-z]*[a-z]*1", ".*.*1", "(?:a|aa)(?:a|aa)a*1", "a++a*1", "(?>a*)a*1", "(?=a*b)a*1"]
)
def test_what_is_not_refused_takes_no_time(pattern: str) -> None:
    found, started = compiled(pattern, case=False), time.process_time()
    assert not list(found.finditer("a" * 400))
    assert time.process_time() - started < 10
