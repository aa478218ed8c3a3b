"""German, French, Spanish, Italian and Portuguese as they are spoken: what the corpora do not tell."""

from __future__ import annotations

import time
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.spoken.european.figures import figure
from daemon.text.spoken.european.nouns import Noun, nouns
from daemon.text.spoken.piece import Piece, joined
from daemon.text.spoken.roman import value

MODULES = ("german", "french", "spanish", "italian", "portuguese")
# What numbers, units and abbreviations are made of, so that random texts find the rules.
WORDS = (
    "1 2 21 5. 3er 2e 1.º 2ª 80er XIV XX. Ie 14:30 7.30 h Uhr € $5 R$ 5,50 1.234 1 234 ½ 1/2 3/4 -5 – bis °C km/h % § 5 "
    "z. B. Dr. Sr. M. n° p. ex. "
    "am der le las alle às années años anni anos siglo Ludwig Louis Felipe 24/7 +49 30 v2.1 192.168.1.1 "
    "info@example.com www. x × & + = ~ ± Mio. min. . , ( ) \n"
).split(" ")


def pieces(language: str, text: str) -> list[Piece]:
    module = import_module(f"daemon.text.spoken.{language}")
    found: list[Piece] = module.pieces(text)
    return found


def said(language: str, text: str) -> str:
    return joined(text, pieces(language, text))


def mixed() -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(WORDS), max_size=12)
    return st.one_of(
        st.text(max_size=60), st.builds(lambda found, gap: gap.join(found), words, st.sampled_from(["", " "]))
    )


@pytest.mark.parametrize("language", MODULES)
@settings(max_examples=60, deadline=None)
@given(text=mixed())
def test_pieces_lie_in_the_text_in_order_and_apart(language: str, text: str) -> None:
    at = 0
    for piece in pieces(language, text):
        assert at <= piece.start < piece.end <= len(text)
        assert piece.said != text[piece.start : piece.end]
        at = piece.end


@pytest.mark.parametrize("language", MODULES)
@pytest.mark.parametrize(
    "text", ["", "Haus, casa, maison.", "Ohne Zahl: si, sì, é, où!", "B2B, H2O, MP3, 4K, A4, U2, 5G", "1,2,3", "1e5"]
)
def test_what_is_not_known_is_left(language: str, text: str) -> None:
    assert pieces(language, text) == []


def test_a_piece_tells_where_the_number_stood() -> None:
    assert pieces("german", "Es sind 21,5 °C im Bad.") == [Piece(8, 15, "einundzwanzig Komma fünf Grad Celsius")]


@pytest.mark.parametrize("language", MODULES)
def test_a_million_characters_take_less_than_a_second(language: str) -> None:
    text = (
        "In der Stadt am See, la maison est calme, y la gente camina despacio por el parque. " * 3 + "21,5 °C, "
    ) * 4000
    started = time.process_time()
    assert len(pieces(language, text[:1_000_000])) > 3000
    assert time.process_time() - started < 10


@pytest.mark.parametrize("language", MODULES)
@pytest.mark.parametrize(
    "piece", ["1", "1.", "1,", "1/", "1:", "$", "I", "-", "½", "111 ", "01 23 ", "z. ", "a@", "1 km/", "Mio.", "°", " "]
)
def test_hostile_text_takes_linear_time(language: str, piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.process_time()
    pieces(language, text)
    assert time.process_time() - started < 10  # a square would take minutes


def test_figures() -> None:
    for written, whole, decimals in (
        ("1.234.567", 1_234_567, ""),
        ("1 234,5", 1234, "5"),
        ("1\u202f234", 1234, ""),
        ("1'234.50", 1234, "50"),
        ("1,234.56", 1234, "56"),
        ("0.125", 0, "125"),
        ("-5,0", 5, "0"),
    ):
        read = figure(written)
        assert read is not None
        assert (read.whole, read.decimals) == (whole, decimals)
    assert figure("1.2.3") is None
    assert figure("1" * 100) is None


def test_roman_numerals() -> None:
    assert [value(numeral) for numeral in ("I", "IV", "XIV", "XXIII", "MCMLXXXIV")] == [1, 4, 14, 23, 1984]
    assert [value(numeral) for numeral in ("", "IIII", "VX", "IXI", "X" * 50)] == [None] * 5


def test_tables_of_nouns() -> None:
    assert nouns("f: h Std=Stunde+n\nm: m²=mètre carré|mètres carrés, €=euro") == {
        "h": Noun("f", "Stunde", "Stunden"),
        "Std": Noun("f", "Stunde", "Stunden"),
        "m²": Noun("m", "mètre carré", "mètres carrés"),
        "€": Noun("m", "euro", "euro"),
    }


@pytest.mark.parametrize(
    ("language", "written", "expected"),
    [
        ("german", "Heute ist der 5.", "Heute ist der fünfte."),
        ("german", "vom 24. bis zum 26. Dezember", "vom vierundzwanzigsten bis zum sechsundzwanzigsten Dezember"),
        ("german", "Ende der 2. Woche, am 3. Tag", "Ende der zweiten Woche, am dritten Tag"),
        ("german", "Montag, 5. Januar", "Montag, fünfter Januar"),
        ("german", "mit 1 Person nach 1 h", "mit einer Person nach einer Stunde"),
        ("german", "1914–1918", "neunzehnhundertvierzehn bis neunzehnhundertachtzehn"),
        ("german", "1500 Watt, 101 km", "tausendfünfhundert Watt, hunderteins Kilometer"),
        ("german", "unter Papst Johannes Paul II.", "unter Papst Johannes Paul dem Zweiten."),
        (
            "german",
            "Die Krone Elisabeths II., das Reich Karls V.",
            "Die Krone Elisabeths der Zweiten, das Reich Karls des Fünften.",
        ),
        ("german", "Max. Ich bin Max.", "Max. Ich bin Max."),
        ("german", "USB Typ C, Malcolm X.", "USB Typ C, Malcolm X."),
        ("german", "2½ Stunden", "zweieinhalb Stunden"),
        ("german", "0171 1234567", "null eins sieben eins, eins zwei drei vier fünf sechs sieben"),
        ("french", "2½ heures et 1/2 tasse", "deux heures et demie et une demi-tasse"),
        ("french", "80 millions, 80 000, 200 000", "quatre-vingts millions, quatre-vingt mille, deux cent mille"),
        ("french", "une pièce de 1 €", "une pièce d'un euro"),
        (
            "french",
            "Il vit au Ve siècle, vers 1984",
            "Il vit au cinquième siècle, vers mille neuf cent quatre-vingt-quatre",
        ),
        ("french", "le 24/12", "le vingt-quatre décembre"),
        ("spanish", "a la 1, a las 21:00", "a la una, a las veintiuna"),
        ("spanish", "21 más 1 persona", "veintiuno más una persona"),
        ("spanish", "Isabel II, Tipo II", "Isabel segunda, Tipo dos"),
        ("spanish", "912 345 678", "nueve uno dos, tres cuatro cinco, seis siete ocho"),
        ("italian", "1 h, 1 studente, 1 luce", "un'ora, uno studente, una luce"),
        ("italian", "dal 1° al 5 maggio, 20° in casa", "dal primo al cinque maggio, venti gradi in casa"),
        ("italian", "per 5-10 minuti", "per cinque-dieci minuti"),
        ("italian", "la II guerra mondiale", "la seconda guerra mondiale"),
        ("portuguese", "102 portas e 2.500.000 €", "cento e duas portas e dois milhões e quinhentos mil euros"),
        ("portuguese", "Às 2 vamos, das 2 às 22", "Às duas vamos, das duas às vinte e duas"),
        ("portuguese", "00:15, 1 h 30 min", "zero hora e quinze, uma hora e trinta minutos"),
        ("portuguese", "(11) 91234-5678", "um um, nove um dois três quatro, cinco seis sete oito"),
        ("portuguese", "J. R. Silva, R. Augusta", "J. R. Silva, rua Augusta"),
    ],
)
def test_habits_of_a_language(language: str, written: str, expected: str) -> None:
    assert said(language, written) == expected
