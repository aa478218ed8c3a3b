"""Roman numerals."""

from __future__ import annotations

import re
from typing import Final

_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_VALID: Final = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")

# MMMDCCCLXXXVIII, the longest there is.
_LONGEST: Final = 15
# Kings, centuries and wars: no word or shortening is made of these letters alone, as "CD" and "MM" are.
SMALL: Final = r"[IVX]+"
# After a word that asks for a number; one letter more often tells a type: USB type C.
ANY: Final = r"(?:[IVXLCDM]{2,}|[IVX])"


def value(numeral: str) -> int | None:
    """The number, or None where the letters make none."""
    if len(numeral) > _LONGEST or not numeral or not _VALID.fullmatch(numeral):
        return None
    total = 0
    for letter, following in zip(numeral, [*numeral[1:], ""], strict=True):
        worth = _VALUES[letter]
        total += -worth if following and _VALUES[following] > worth else worth
    return total
