"""How numbers, dates, times and amounts are written in Chinese, Japanese and Korean texts alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# A number as it is written: grouped by commas or not, with decimals or without.
NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})++(?![0-9])|[0-9]++)(?:\.[0-9]++)?"
# Nothing before it that would make it the rest of something else.
FRESH: Final = r"(?<![0-9A-Za-z_])(?<![0-9][.:/])(?<![0-9A-Za-z]-)"
# A sign, and not the hyphen of "GPT-4", "5-10" or "6月1日-7日".
SIGN: Final = r"(?:(?<![0-9A-Za-z)\]%°℃日号號年月时時分点點秒일월년시초])(?P<sign>[-+±]))?"
TO: Final = r"[-~–—]"

# What makes a window for the rules; words and kana alone have nothing to be said otherwise.
TRIGGER: Final = re.compile(r"[0-9½⅓⅔¼¾⅕⅛Ⅰ-Ⅻ₂&~]")

DATE: Final = re.compile(
    r"(?<![0-9A-Za-z./-])(?P<year>[12][0-9]{3})(?P<by>[-./])(?P<month>1[0-2]|0?[1-9])(?P=by)(?P<day>3[01]|[12][0-9]|0?[1-9])"
    r"(?![0-9]|[./-][0-9])(?:T(?=[0-9]))?"
)
# 3/14 is a fraction unless the day of the week or the time of day follows.
SHORT_DATE: Final = re.compile(
    r"(?<![0-9A-Za-z./-])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12][0-9]|0?[1-9])"
    r"(?=\s?\(\s?(?:周|星期|週)?[一二三四五六日月火水木金土월화수목금토일]|\s[0-9]{1,2}:[0-5][0-9])"
)
CLOCK: Final = re.compile(
    r"(?<![0-9A-SU-Za-z:.])(?P<hour>2[0-4]|[01]?[0-9]):(?P<minute>[0-5][0-9])(?![0-9]|\.[0-9])"
    r"(?::(?P<second>[0-5][0-9])(?:\.[0-9]{1,9}+)?(?:Z|[-+]0[0-9]:[0-9]{2})?)?(?![0-9:])(?:\s?(?P<half>[AaPp])\.?[Mm](?![A-Za-z0-9]))?"
)
RATIO: Final = re.compile(r"(?<![0-9A-Za-z:.])(?P<left>[0-9]{1,4}):(?P<right>[0-9]{1,4})(?![0-9A-Za-z:]|\.[0-9])")
FRACTION: Final = re.compile(
    r"(?<![0-9A-Za-z./:-])(?:(?P<whole>[0-9]{1,3})\s)?(?P<upper>[0-9]{1,4})/(?P<lower>[0-9]{1,4})(?![0-9A-Za-z/%]|\.[0-9])"
)
VULGAR: Final = re.compile(r"(?<![0-9A-Za-z.,/])(?P<whole>[0-9]{1,3})?(?P<sign>[½⅓⅔¼¾⅕⅛])")
VULGARS: Final = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
VERSION: Final = re.compile(r"(?<![0-9.])(?<![A-Za-z]-)[0-9]{1,5}(?:\.[0-9]{1,5}){2,5}(?![0-9])")
# What only looks like a number: serial numbers, checksums, sizes such as 1080p60. It is left as it is.
CODE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:0x[0-9A-Fa-f]++|(?:[A-Za-z]++[0-9]++[A-Za-z]|[0-9]++[A-Za-z]++[0-9])[A-Za-z0-9]*+"
    r"|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})(?:-[A-Za-z0-9]{1,16}){0,8}"
)
NUMERAL: Final = re.compile(rf"{SIGN}(?P<number>{NUMBER})")
# The number alone, where an earlier rule has taken its sign.
UNSIGNED: Final = re.compile(rf"(?P<sign>(?!))?(?P<number>{NUMBER})")
SUM: Final = re.compile(rf"(?<![0-9A-Za-z.]){NUMBER}(?:\s?[-+×÷*]\s?{NUMBER}){{1,8}}\s?=\s?{NUMBER}(?![0-9A-Za-z])")
SUM_PART: Final = re.compile(rf"{NUMBER}|[-+×÷*=]")
# Roman numerals that are characters of their own.
ROMAN: Final = re.compile("[Ⅰ-Ⅻ]")
CARBON_DIOXIDE: Final = re.compile("(?<![A-Za-z0-9])CO[2₂](?![A-Za-z0-9])")

_CLOCK_BEFORE: Final = re.compile("[0-9]:[0-9]{2}$")
_CLOCK_AFTER: Final = re.compile("[0-9]{1,2}:[0-9]{2}")
_SMALLER: Final = re.compile(r"([A-Za-z-]?)([0-9]{1,9})(?:\.[0-9]{1,9})?$")
_LARGER: Final = re.compile(r"([0-9]{1,9})(?:\.[0-9]{1,9})?(?!-?[0-9A-Za-z])")
_VERSION_BEFORE: Final = re.compile(
    r"(?:版本?|[vV]|[Vv]er(?:sion|\.)?|バージョン|버전|Assistant|Core|OS|Android|iOS|固件|更新到|升级到|업데이트)[号号:：はが은는를을]?\s?$"
)
_VERSION_AFTER: Final = re.compile(r"\s?(?:版|バージョン|버전)")

# Letter for letter of the same length, so that places in the text stay what they are.
_WIDE: Final = {
    **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **str.maketrans("％﹪＋－−‐‑＝／：．￥＄＆（）～〜∼＊✕✖", "%%+----=/:.¥$&()~~~*××"),
}
_IS_WIDE: Final = re.compile(f"[{''.join(map(chr, _WIDE))}]")
_WIDE_COMMA: Final = re.compile(r"(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")
_WIDE_DIGIT: Final = re.compile("[０-９]")
# Thin spaces, which standards group digits with.
_IS_THIN: Final = re.compile("[\u00a0\u2009\u202f]")
_THIN: Final = re.compile("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")


def folded(text: str) -> str:
    """The text with digits, letters and signs of full width made ordinary ones; every place in it stays the same."""
    narrow = _THIN.sub(",", text) if _IS_THIN.search(text) else text
    if not _IS_WIDE.search(text):
        return narrow
    narrow = narrow.translate(_WIDE)
    # Between ordinary digits a wide comma is that of a list: 有1，200，3种.
    return _WIDE_COMMA.sub(",", narrow) if _WIDE_DIGIT.search(text) else narrow


def is_version(match: re.Match[str]) -> bool:
    """Whether what is before or after these digits says that they are a version."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    return bool(_VERSION_BEFORE.search(before) or _VERSION_AFTER.match(match.string, match.end()))


def is_range(match: re.Match[str]) -> bool:
    """Whether the sign between two numbers means "to": a wave does, a hyphen between a smaller number and a larger one."""
    earlier, later = (
        match.string[max(0, match.start() - 20) : match.start()],
        match.string[match.end() : match.end() + 20],
    )
    if "~" in match[0] or not earlier[-1:].isascii() or (_CLOCK_BEFORE.search(earlier) and _CLOCK_AFTER.match(later)):
        return True
    before, after = _SMALLER.search(earlier), _LARGER.match(later)
    if before is None:
        return True
    is_plain = not before[1] and (before[2][0] != "0" or len(before[2]) == 1)
    return after is not None and is_plain and int(before[2]) < int(after[1])


def is_models(match: re.Match[str]) -> bool:
    """Whether a lone letter behind a number is that of a model after a name ("iPhone 5s") or a size ("4K"), not a unit."""
    if match["unit"] == "K":
        return len(match["low"]) < 4
    return len(match["unit"]) == 1 and bool(
        re.search(r"[A-Za-z]\s$", match.string[max(0, match.start() - 2) : match.start()])
    )


def amount(units: Iterable[str], counters: str) -> re.Pattern[str]:
    """A number or a range of numbers with a unit behind; `counters` are the words that may stand before the unit."""
    return re.compile(
        rf"{SIGN}{FRESH}(?P<low>{NUMBER})(?P<low_ten>{counters})"
        rf"(?:\s?(?:{_either(units)})?\s?{TO}\s?(?P<high_sign>-)?(?P<high>{NUMBER})(?P<high_ten>{counters}))?"
        rf"\s?(?P<unit>{_either(units)})"
    )


def price(signs: Iterable[str], counters: str) -> re.Pattern[str]:
    """A number or a range of numbers with a currency before."""
    return re.compile(
        rf"(?:(?<![0-9A-Za-z)\]%])(?P<sign>[-+±]))?(?<![A-Za-z])(?P<unit>{_either(signs)})\s?(?P<low>{NUMBER})(?P<low_ten>{counters})"
        rf"(?:\s?{TO}\s?(?:{_either(signs)})?(?P<high_sign>-)?(?P<high>{NUMBER})(?P<high_ten>{counters}))?(?![0-9A-Za-z])"
    )


def _either(symbols: Iterable[str]) -> str:
    """The longest first; one that ends in a letter has no letter or digit behind it, and a lone letter is no model's."""
    return "|".join(_whole(symbol) for symbol in sorted(symbols, key=len, reverse=True))


def _whole(symbol: str) -> str:
    if not symbol[-1].isascii() or not symbol[-1].isalnum():
        return re.escape(symbol)
    return rf"{re.escape(symbol)}(?![0-9A-Za-z])"
