"""How long it takes to say a text, by language."""

from __future__ import annotations

import unicodedata
from typing import Final

# Letters and blanks a second, without pauses: the syllables of Pellegrino, Coupé and Marsico (Language 87, 2011: 5.2 in
# Chinese, 6.2 in English, 7.8 in Spanish and Japanese) times their letters, and between those and what voices here were
# measured at (15 in Italian to 24 in French).
_RATES: Final = {"de": 17.0, "en": 18.0, "es": 16.5, "fr": 18.5, "it": 16.0, "pt": 17.0, "ru": 16.0}
_LETTERS: Final = 17.0
_HAN: Final = {"zh": 5.0, "ja": 4.2}
_KANA: Final = 7.8
_HANGUL: Final = 6.3
# A digit that nobody put into words: "seven", "siebzig".
_DIGIT: Final = 4.0


def expected_seconds(text: str, language: str, speed: float = 1.0) -> float:
    """Of speech without pauses, for a text as it is spoken (numbers in words). `language` is a BCP-47 tag.

    0 for a text without anything to say.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    words = unicodedata.normalize("NFC", " ".join(text.split()))
    return sum(_seconds(sign, code) for sign in words) / speed if any(sign.isalnum() for sign in words) else 0.0


def _seconds(sign: str, code: str) -> float:
    if sign.isspace():
        return 0.0 if code in ("ja", "ko", "zh") else 1 / _RATES.get(code, _LETTERS)
    if sign.isdigit():
        return 1 / _DIGIT
    if not sign.isalpha():
        return 0.0
    script = unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]
    if script == "CJK":
        return 1 / _HAN.get(code, _HAN["zh"])
    if script in ("HIRAGANA", "KATAKANA"):
        return 1 / _KANA
    return 1 / (_HANGUL if script == "HANGUL" else _RATES.get(code, _LETTERS))
