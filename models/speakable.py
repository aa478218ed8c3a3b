"""Text that the built-in engines survive: bounded, without markup, only of characters that the voice can say.

SVOX Pico is C of 2009 and hangs or crashes on what it was not made for (a word of 400 letters, a `<`), and hibari takes nine
seconds for "A1A1A1…"; so everything that reaches them passes here. `tests/test_models_builtin.py` throws random text at it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# The longest text that an engine gets at once. Pico's time grows with the square beyond it.
MAX_SEGMENT: Final = 400
# Pico hangs from a few hundred letters without a blank, hibari's time is quadratic; no word that a person says is longer.
MAX_WORD: Final = 40
# Pico fails from 60 digits on and hibari counts to decillions (36); a longer number is read in parts anyway.
MAX_DIGITS: Final = 15

_LATIN_1: Final = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
# What SVOX Pico says in each of its languages; it passes over every other letter without a sound (probed one by one).
_PICO: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?'()%&+-/=@#$€£°§¿¡" + _LATIN_1
)
# What is written otherwise, for those letters that Unicode does not take apart.
_PICO_SPELLING: Final = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ´`", "'"),
        **dict.fromkeys("—―…", ", "),
        **dict.fromkeys("‐‑‒–−", "-"),
        "×": " x ",
        "¼": " 1/4 ",
        "½": " 1/2 ",
        "¾": " 3/4 ",
        "œ": "oe",
        "Œ": "Oe",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "ŋ": "ng",
        "ẞ": "ß",
    }
)
_LONG_NUMBER: Final = re.compile(rf"\d{{{MAX_DIGITS}}}(?=\d)")
_LONG_WORD: Final = re.compile(rf"\S{{{MAX_WORD}}}(?=\S)")
# Every mark is a pause of half a second or is read out: "?!" and "..." are one, and a row of them is a comma.
_PAUSES: Final = re.compile(r"([.,;:!?])(?:\s*[.,;:!?])+")
_MARKS: Final = re.compile(r"(?:[^\w\s]\s*){4,}")
_BLANK_BEFORE_PAUSE: Final = re.compile(r" (?=[.,;:!?](?: |$))")
_LONE_QUOTE: Final = re.compile(r"(?<![^\W\d_])'|'(?![^\W\d_])")


def for_pico(text: str) -> str:
    """Safe for SVOX Pico: Latin letters, no markup, no long word; maybe empty."""
    spelled = text.translate(_PICO_SPELLING)
    spoken = "".join(c for character in spelled for c in _latin(character))
    return _calm(_LONE_QUOTE.sub(" ", spoken))


def for_hibari(text: str) -> str:
    """Safe for hibari: without its `[word](/phonemes/)` markup, no long word; maybe empty."""
    return _calm("".join(_english(character) for character in text))


def portions(text: str) -> Iterator[str]:
    """The text in parts of at most MAX_SEGMENT characters, cut at blanks; its words are at most MAX_WORD long."""
    while len(text) > MAX_SEGMENT:
        cut = text.rindex(" ", 0, MAX_SEGMENT + 1)
        yield text[:cut]
        text = text[cut + 1 :]
    if text:
        yield text


def _calm(text: str) -> str:
    """Rows of marks, long numbers and long words broken up; single blanks."""
    text = _MARKS.sub(", ", _PAUSES.sub(r"\1", text))
    text = _LONG_WORD.sub(r"\g<0> ", _LONG_NUMBER.sub(r"\g<0> ", text))
    return _BLANK_BEFORE_PAUSE.sub("", " ".join(text.split()))


def _latin(character: str) -> str:
    """The character as Pico can say it; a blank when it cannot."""
    if character in _PICO:
        return character
    parts = unicodedata.normalize("NFKD", character)
    return "".join(c for c in parts if c in _PICO) or " "


def _english(character: str) -> str:
    """The character as hibari can read it: no control, no surrogate, no circled digit, which it takes for a number."""
    if character in "[]" or unicodedata.category(character)[0] == "C":
        return " "
    if character.isdigit() and not character.isdecimal() and character not in "²³":
        return str(unicodedata.digit(character))
    return character
