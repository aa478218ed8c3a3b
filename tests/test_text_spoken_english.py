"""English numbers and the rules that decide between two readings; the sentences are in the corpus."""

from __future__ import annotations

import pytest

from daemon.text.spoken.english import pieces
from daemon.text.spoken.english.numbers import cardinal, code, number, ordinal, year
from daemon.text.spoken.piece import Piece, joined
from daemon.text.spoken.roman import value


def said(text: str) -> str:
    return joined(text, pieces(text))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "zero"), (13, "thirteen"), (40, "forty"), (99, "ninety-nine"), (100, "one hundred"), (105, "one hundred five"),
        (1000, "one thousand"), (1_000_001, "one million one"), (-7, "minus seven"), (10**18, "one quintillion"),
        (10**21, "one" + " zero" * 21),
    ],
)  # fmt: skip
def test_cardinals(amount: int, words: str) -> None:
    assert cardinal(amount) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"), (12, "twelfth"), (20, "twentieth"),
        (21, "twenty-first"), (100, "one hundredth"), (1000, "one thousandth"), (0, "zeroth"),
    ],
)  # fmt: skip
def test_ordinals(amount: int, words: str) -> None:
    assert ordinal(amount) == words


def test_years_codes_and_decimals() -> None:
    assert [year(n) for n in (1066, 1900, 1905, 1984, 2000, 2005, 2010, 44)] == [
        "ten sixty-six", "nineteen hundred", "nineteen oh five", "nineteen eighty-four", "two thousand", "two thousand five",
        "twenty ten", "forty-four",
    ]  # fmt: skip
    assert [code(digits) for digits in ("7", "204", "380", "100", "1205", "2000", "007")] == [
        "seven", "two oh four", "three eighty", "one hundred", "twelve oh five", "two thousand", "zero zero seven",
    ]  # fmt: skip
    assert [number(written) for written in ("1,234.50", "-0.5", "−3", "007")] == [
        "one thousand two hundred thirty-four point five zero", "minus zero point five", "minus three", "zero zero seven",
    ]  # fmt: skip


def test_roman_numerals_are_written_as_numerals_are() -> None:
    assert [value(numeral) for numeral in ("I", "IV", "XIV", "XLII", "XCIX")] == [1, 4, 14, 42, 99]
    assert [value(letters) for letters in ("IIX", "VX", "IIII", "")] == [None] * 4


def test_a_piece_is_no_larger_than_what_is_said_otherwise() -> None:
    assert pieces("It is 5 km away.") == [Piece(6, 10, "five kilometers")]
    assert pieces("Henry VIII") == [Piece(6, 10, "the Eighth")]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        # One and many, and a measure before its noun.
        ("1 kWh, 2 kWh, 0.5 kWh", "one kilowatt-hour, two kilowatt-hours, zero point five kilowatt-hours"),
        ("a 5 A fuse at 16 A.", "a five amp fuse at sixteen amps."),
        ("a 20-minute timer", "a twenty-minute timer"),
        # The same figures as a date, a fraction, a score, a sum.
        (
            "due on 3/14, 3/4 done, 10 / 2 = 5",
            "due on March fourteenth, three quarters done, ten divided by two equals five",
        ),
        ("5-3, 5 - 3 = 2, -5", "five to three, five minus three equals two, minus five"),
        # A year, a number of things, a unit.
        (
            "in 1999, 1999 cats, 1999 W",
            "in nineteen ninety-nine, one thousand nine hundred ninety-nine cats, one thousand nine hundred ninety-nine watts",
        ),
        ("the 90s, 90s", "the nineties, ninety seconds"),
        # Numerals and letters.
        ("I told Henry I was at Vitamin C, part IV", "I told Henry I was at Vitamin C, part four"),
        ("Type X and X-ray, IV drip", "Type ten and X-ray, IV drip"),
        # Streets and saints.
        ("St. Paul lives on Main St. in town.", "Saint Paul lives on Main Street in town."),
        # The dot of an abbreviation ends the sentence too.
        (
            "We ate pears, etc. Then we left at 7 am. I slept.",
            "We ate pears, et cetera. Then we left at seven AM. I slept.",
        ),
        ("7-9pm, 6:45 AM–7:00 AM", "seven to nine PM, six forty-five AM to seven AM"),
        ("1-800-555-0199", "one, eight hundred, five five five, zero one nine nine"),
        ('The 27" screen shows "5".', 'The twenty-seven inch screen shows "five".'),
        (
            "$1.50 a piece, $1m, -$5, 99¢, 5 EUR",
            "one dollar and fifty cents a piece, one million dollars, minus five dollars, ninety-nine cents, five euros",
        ),
        ("C++ > 5, x = 3, R&D", "C plus plus more than five, x equals three, R and D"),
        ("2024-03-14T14:05:00Z", "March fourteenth, twenty twenty-four, fourteen oh five UTC"),
        ("ISBN 978-3-16-148410-0", "ISBN nine seven eight, three, one six, one four eight four one zero, zero"),
        (
            "1/4 tsp, 4.5/5, 7/10, 120/80",
            "one quarter teaspoon, four point five out of five, seven out of ten, one hundred twenty over eighty",
        ),
        ("mid-1980s, CO₂, 1.2k, 3a", "mid-nineteen eighties, CO two, one point two K, three A"),
        ("on 1st of July. We left on 5 Jan.", "on the first of July. We left on the fifth of January."),
        ("See Jan. 5, Mar 2024.", "See January fifth, March twenty twenty-four."),
        ("2½ and 2 1/2 and ½", "two and a half and two and a half and one half"),
    ],
)  # fmt: skip
def test_readings_that_lie_close_together(written: str, spoken: str) -> None:
    assert said(written) == spoken


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I",
        "MIX",
        "CV",
        "DC",
        "No.",
        "No. I said no.",
        "a1b2c3d4",
        "kitchen_2",
        "light.kitchen_2",
        "AC/DC",
        "i7-12700K",
    ],
)
def test_what_no_rule_is_sure_of_is_left(text: str) -> None:
    assert pieces(text) == []
