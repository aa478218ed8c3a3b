"""Numbers in words where they are grouped by ten thousands: Chinese, Japanese, Sino-Korean."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.remembered import remembered

# Sixteen digits are as far as anyone counts aloud; what is longer is a code.
LONGEST: Final = 16

_HAN_PLACES: Final = ("", "十", "百", "千")
_KOREAN_PLACES: Final = ("", "십", "백", "천")


@remembered
def chinese(digits: str) -> str:
    """A whole number: 1005 is 一千零五, 22000 is 两万二千."""
    words = _chinese(digits.lstrip("0"), inner=False)
    # 二 becomes 两 where 千, 万 or 亿 begins the number; before 百 and 十 it stays.
    return "两" + words[1:] if words[0] == "二" and words[1:2] in ("千", "万", "亿") else words


@remembered
def japanese(digits: str) -> str:
    """A whole number: 1234 is 千二百三十四, 10000000 is 一千万."""
    parts = list[str]()
    for four, myriad in _groups(digits.lstrip("0"), ("", "万", "億", "兆")):
        one_before = "千" if myriad else ""
        parts.append(_four(four, "〇一二三四五六七八九", _HAN_PLACES, one_before) + myriad)
    return "".join(parts) or "零"


@remembered
def korean(digits: str) -> str:
    """A whole number in Sino-Korean, spaced by ten thousands: 12500 is 만 이천오백."""
    parts = list[str]()
    for four, myriad in _groups(digits.lstrip("0"), ("", "만", "억", "조")):
        words = _four(four, "영일이삼사오육칠팔구", _KOREAN_PLACES, "")
        parts.append(myriad if words == "일" and myriad == "만" and not parts else words + myriad)
    return " ".join(parts) or "영"


def in_digits(digits: str, names: str) -> str:
    """Digit by digit, each with its name in `names`."""
    return "".join(names[int(digit)] for digit in digits)


def _groups(digits: str, myriads: tuple[str, ...]) -> list[tuple[str, str]]:
    """Four digits at a time with the word behind them, the highest first; empty ones are not said."""
    groups = []
    for index, myriad in enumerate(myriads):
        four = digits[max(0, len(digits) - 4 * index - 4) : len(digits) - 4 * index]
        if four.strip("0"):
            groups.append((four, myriad))
        if len(digits) <= 4 * index + 4:
            break
    return groups[::-1]


def _four(four: str, names: str, places: tuple[str, ...], one_before: str) -> str:
    """Up to four digits; a one is said alone and before the place `one_before` only."""
    words = ""
    for digit, place in zip(four, places[: len(four)][::-1], strict=True):
        if digit != "0":
            words += place if digit == "1" and place and place != one_before else names[int(digit)] + place
    return words


def _chinese(digits: str, *, inner: bool) -> str:
    for length, myriad in ((8, "亿"), (4, "万")):
        if len(digits) > length:
            high, low = digits[:-length], digits[-length:]
            rest = low.lstrip("0")
            zero = "零" if rest and rest != low else ""
            return _chinese(high, inner=inner) + myriad + (zero + _chinese(rest, inner=True) if rest else "")
    return _chinese_four(digits, inner=inner) or "零"


def _chinese_four(four: str, *, inner: bool) -> str:
    words, gap = "", False
    for digit, place in zip(four, _HAN_PLACES[: len(four)][::-1], strict=True):
        if digit == "0":
            gap = True
            continue
        words += ("零" if gap else "") + "零一二三四五六七八九"[int(digit)] + place
        gap = False
    return words.removeprefix("一") if len(four) == 2 and not inner and four[0] == "1" else words
