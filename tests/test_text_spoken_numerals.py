"""Numerals in words, held against num2words where that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from daemon.text.spoken.french import numbers as french
from daemon.text.spoken.german import numbers as german
from daemon.text.spoken.italian import numbers as italian
from daemon.text.spoken.portuguese import numbers as portuguese
from daemon.text.spoken.spanish import numbers as spanish


def some() -> Iterator[int]:
    return chain(range(2000), range(2000, 10**6, 7919), range(10**6, 10**12, 10**10 + 1_234_567))


def same_in_german(said: str) -> str:
    """Both say "hundert" for "einhundert" at the beginning here, and "hunderteins" becomes "hundertein" before "tausend"."""
    return said.replace("einhundert", "hundert").replace("einstausend", "eintausend").replace("eintausend", "tausend")


def same_in_italian(said: str) -> str:
    """num2words leaves out accents and joins millions by "e", and elides "centootto" and "cento(di)ciotto"."""
    return (
        said.replace("tré", "tre")
        .replace(",", "")
        .replace(" e ", " ")
        .replace("centootto", "centotto")
        .replace("diciotto", "dicotto")
    )


def same_in_spanish(said: str) -> str:
    """num2words says "veintiuno mil" and "treinta y uno millones"."""
    return " ".join({"veintiuno": "veintiún", "uno": "un"}.get(word, word) for word in said.split())


def same_in_portuguese(said: str) -> str:
    """The two differ in when groups of millions are joined by "e"."""
    return said.replace(",", "").replace(" e ", " ")


@pytest.mark.parametrize(
    ("language", "cardinal", "alike"),
    [
        ("de", german.cardinal, same_in_german),
        ("fr", french.cardinal, str),
        ("it", italian.cardinal, same_in_italian),
        ("es", spanish.cardinal, same_in_spanish),
        ("pt_BR", portuguese.cardinal, same_in_portuguese),
    ],
)
def test_cardinals(language: str, cardinal: Callable[[int], str], alike: Callable[[str], str]) -> None:
    num2words = pytest.importorskip("num2words").num2words
    for number in some():
        assert alike(cardinal(number)) == alike(num2words(number, lang=language)), number


@pytest.mark.parametrize(
    ("language", "ordinal"),
    [("de", german.ordinal), ("fr", french.ordinal), ("it", italian.ordinal), ("pt_BR", portuguese.ordinal)],
)
def test_ordinals(language: str, ordinal: Callable[[int], str]) -> None:
    num2words = pytest.importorskip("num2words").num2words
    for number in range(1, 101):
        expected = num2words(number, lang=language, to="ordinal").replace("vingtsième", "vingtième")
        assert ordinal(number) == expected


def test_forms() -> None:
    assert [german.cardinal(1, form) for form in ("", "m", "f", "fd", "ma")] == [
        "eins",
        "ein",
        "eine",
        "einer",
        "einen",
    ]
    assert [german.ordinal(n, "en") for n in (1, 3, 7, 16, 20, 101)] == [
        *("ersten", "dritten", "siebten", "sechzehnten", "zwanzigsten", "hundertersten"),
    ]
    assert [german.year(n) for n in (1066, 1900, 1984, 2024)] == [
        *("tausendsechsundsechzig", "neunzehnhundert", "neunzehnhundertvierundachtzig", "zweitausendvierundzwanzig"),
    ]
    assert [french.cardinal(n, "f") for n in (1, 21, 71, 81, 1001)] == [
        *("une", "vingt et une", "soixante et onze", "quatre-vingt-une", "mille une"),
    ]
    assert [spanish.cardinal(n, "m") for n in (1, 21, 31, 101, 21_000)] == [
        *("un", "veintiún", "treinta y un", "ciento un", "veintiún mil"),
    ]
    assert [spanish.cardinal(n, "f") for n in (21, 200, 500_000)] == ["veintiuna", "doscientas", "quinientas mil"]
    assert [spanish.ordinal(n, "short") for n in (1, 3, 4)] == ["primer", "tercer", "cuarto"]
    assert [spanish.ordinal(n, "f") for n in (7, 21, 32)] == ["séptima", "vigesimoprimera", "trigésima segunda"]
    assert [italian.cardinal(n) for n in (23, 108, 180, 21_000, 1_000_003)] == [
        *("ventitré", "centootto", "centottanta", "ventunomila", "un milione tre"),
    ]
    assert [portuguese.cardinal(n, "f") for n in (1, 2, 22, 200, 2000)] == [
        *("uma", "duas", "vinte e duas", "duzentas", "duas mil"),
    ]
    assert [portuguese.cardinal(n) for n in (1100, 1984, 2024, 2_500_000)] == [
        *(
            "mil e cem",
            "mil novecentos e oitenta e quatro",
            "dois mil e vinte e quatro",
            "dois milhões e quinhentos mil",
        ),
    ]
