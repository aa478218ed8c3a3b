"""Whether a transcript can be what is said in a recording: by its length, and by what was heard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

# Characters a second, by script: the slowest reader and the fastest, with spaces. Syllables and ideograms say more than
# letters; a digit is read as a word ("1984" takes as long as twenty letters, or as four).
_LETTERS: Final = (8.0, 25.0)
_SYLLABLES: Final = (2.5, 9.0)
_DIGITS: Final = (1.2, 9.0)
# Scripts that write no vowels, or several signs for one sound.
_OTHERS: Final = (4.0, 25.0)
_ALPHABETS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN")
_SYLLABARIES: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
# What the detector of speech takes from the ends of a recording, or adds to it.
_SLACK_S: Final = 0.5
# Languages that are compared by characters: they write no spaces, or not always the same ones.
_UNSPACED: Final = frozenset("ja ko th yue zh".split())
_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds that somebody needs to say a text, at the fastest and at the slowest."""

    fastest: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How a transcript differs from what was heard."""

    rate: float
    """Words (or characters, where no spaces are written) that differ, in relation to those of the transcript."""
    longest: int
    """The most words in a row that are only in one of them."""
    places: tuple[tuple[str, str], ...]
    """What is written and what was heard instead; either may be empty."""
    spaced: bool
    """Whether it counts words."""


def span(text: str) -> Span:
    """How long it takes to say `text`."""
    fastest = slowest = 0.0
    for letter in unicodedata.normalize("NFC", text):
        slow, fast = _rates(letter)
        fastest += 1 / fast if fast else 0.0
        slowest += 1 / slow if slow else 0.0
    return Span(max(0.0, fastest - _SLACK_S), slowest + _SLACK_S)


def _rates(letter: str) -> tuple[float, float]:
    """Characters a second, slow and fast; nothing for what is not spoken."""
    if letter.isdigit():
        return _DIGITS
    if letter.isspace():
        return _LETTERS
    if not letter.isalpha():
        return 0.0, 0.0
    script = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return _LETTERS if script in _ALPHABETS else _SYLLABLES if script in _SYLLABARIES else _OTHERS


def difference(transcript: str, heard: str, language: str | None = None) -> Difference:
    """Compare what is written with what was heard, without case and punctuation.

    Where either has digits nothing is said: nobody knows whether "21" was written as it was heard.
    """
    spaced = _is_spaced(transcript, language)
    written, said = _parts(transcript, spaced), _parts(heard, spaced)
    places = list[tuple[str, str]]()
    wrong = longest = 0
    for what, a, b, c, d in SequenceMatcher(None, written, said, autojunk=False).get_opcodes():
        ours, theirs = written[a:b], said[c:d]
        if what == "equal" or any(part.isdigit() for part in (*ours, *theirs)):
            continue
        wrong += max(len(ours), len(theirs))
        longest = max(longest, abs(len(ours) - len(theirs)))
        places.append(((" " if spaced else "").join(ours), (" " if spaced else "").join(theirs)))
    return Difference(wrong / max(1, len(written)), longest, tuple(places), spaced)


def _is_spaced(text: str, language: str | None) -> bool:
    if language:
        return language.replace("_", "-").split("-")[0].lower() not in _UNSPACED
    letters = [letter for letter in text if letter.isalpha()]
    return sum(_rates(letter) == _SYLLABLES for letter in letters) * 2 <= len(letters)


def _parts(text: str, spaced: bool) -> Sequence[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words: list[str] = _WORD.findall(plain)
    return words if spaced else [letter for word in words for letter in word]
