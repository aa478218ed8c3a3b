"""What Chinese, Japanese and Korean have in common: numbers in words, units, shapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.text.spoken.eastern import units
from daemon.text.spoken.eastern.hangul import ends_in_consonant, native
from daemon.text.spoken.eastern.myriad import chinese, japanese, korean
from daemon.text.spoken.eastern.shapes import folded

PLACES = {"十": 10, "百": 100, "千": 1000, "십": 10, "백": 100, "천": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12, "만": 10**4, "억": 10**8, "조": 10**12}
DIGITS = {
    character: value
    for names in ("零一二三四五六七八九", "영일이삼사오육칠팔구", "ー一两三四五六七八九")
    for value, character in enumerate(names)
}


def understood(words: str) -> int:
    """The number that these words name."""
    total = section = digit = 0
    for character in words.replace(" ", ""):
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in PLACES:
            section, digit = section + (digit or 1) * PLACES[character], 0
        elif character == "亿":  # 一万亿: what is before counts whole
            total, section, digit = (total + section + digit) * MYRIADS[character], 0, 0
        else:
            total, section, digit = total + (section + digit or 1) * MYRIADS[character], 0, 0
    return total + section + digit


@given(st.integers(0, 10**16 - 1) | st.integers(0, 99999))
def test_a_number_in_words_is_that_number(number: int) -> None:
    for words in (chinese(str(number)), japanese(str(number)), korean(str(number))):
        assert understood(words) == number, words


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "零 零 영"),
        (2, "二 二 이"),
        (10, "十 十 십"),
        (110, "一百一十 百十 백십"),
        (200, "二百 二百 이백"),
        (1005, "一千零五 千五 천오"),
        (2020, "两千零二十 二千二十 이천이십"),
        (10000, "一万 一万 만"),
        (10010, "一万零一十 一万十 만_십"),
        (105000, "十万五千 十万五千 십만_오천"),
        (22000, "两万二千 二万二千 이만_이천"),
        (200000, "二十万 二十万 이십만"),
        (10000000, "一千万 一千万 천만"),
        (100010000, "一亿零一万 一億一万 일억_일만"),
        (100000005, "一亿零五 一億五 일억_오"),
        (1000000000000, "一万亿 一兆 일조"),
    ],
)
def test_numbers_grouped_by_ten_thousands(number: int, expected: str) -> None:
    digits = str(number)
    assert [chinese(digits), japanese(digits), korean(digits).replace(" ", "_")] == expected.split()


def test_native_korean_numerals() -> None:
    assert [native(number) for number in (1, 2, 11, 20, 21, 34, 99)] == "한 두 열한 스무 스물한 서른네 아흔아홉".split()
    assert ends_in_consonant("삼")
    assert not ends_in_consonant("사")


def test_full_width_becomes_ordinary_and_keeps_its_place() -> None:
    assert folded("￥１，２３４，１２：３０、５０％，Ａ〜Ｂ") == "¥1,234，12:30、50%，A~B"
    assert folded("有1，200种") == "有1，200种"
    assert folded("1\u2009234\u202f567") == "1,234,567"


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    assert len(folded(text)) == len(text)


@pytest.mark.parametrize("language", ["zh", "ja", "ko"])
def test_every_unit_has_a_name(language: str) -> None:
    for table in (units.units(language), units.money(language)):
        assert all(name and "|" not in name and name.count("{}") <= 1 for name in table.values())
