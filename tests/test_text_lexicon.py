"""The words of the house: which are found where, and whose entry counts."""

from __future__ import annotations

import random
import time
import unicodedata

import pytest

from daemon.text.lexicon import SAY_LIMIT, WORD_LIMIT, BadEntry, Lexicon, check
from daemon.text.spoken.piece import Piece, joined
from voices.lexicon import Entry

# A text, what is said for it, and the entries as "word=say".
FOUND = [
    ("Ngô lives here.", "Ngo lives here.", ["ngô=Ngo"]),
    ("STRASSE, Straße, strasse", "road, road, road", ["Straße=road"]),
    ("cat cats concat cat's cat_1 CAT", "dog cats concat dog's cat_1 dog", ["cat=dog"]),
    ("I love New York, New  York\nand New Yorkers.", "I love NY, NY\nand New Yorkers.", ["New York=NY"]),
    ("New York City and New York", "Gotham and NY", ["New York=NY", "New York City=Gotham", "New=old"]),
    ("New Yorkers", "old Yorkers", ["New York=NY", "New=old"]),
    ("C++ & .NET", "C plus plus and dot net", ["c++=C plus plus", "&=and", ".net=dot net"]),
    ("W3C or w3c", "double u three c or double u three c", ["W3C=double u three c"]),
    ("東京都に行く", "とうきょうとに行く", ["東京都=とうきょうと", "東京=とうきょう"]),
    ("私の東京", "私のとうきょう", ["東京都=とうきょうと", "東京=とうきょう"]),
    ("新しいiPhone15を", "新しいアイフォンを", ["iphone15=アイフォン"]),
    ("서울은 남서울 서울", "소울은 남서울 소울", ["서울=소울"]),
    (unicodedata.normalize("NFD", "café"), "kaffee", ["café=kaffee"]),
    ("café", "kaffee", [unicodedata.normalize("NFD", "café") + "=kaffee"]),
    ("किताब कि", "किताब ki", ["कि=ki"]),
    ("Жуковский и жуковский", "Zh и Zh", ["ЖУКОВСКИЙ=Zh"]),
    ("a a a b", "x a b", ["a a=x"]),
    ("nothing", "nothing", []),
    ("same", "same", ["same=same"]),
    ("", "", ["a=b"]),
]


def read(text: str, *entries: Entry, language: str | None = None, voice: str | None = None) -> str:
    return joined(text, Lexicon(entries).pieces(text, language, voice))


@pytest.mark.parametrize(("text", "said", "entries"), FOUND)
def test_words_are_found(text: str, said: str, entries: list[str]) -> None:
    assert read(text, *(Entry(word, say) for word, say in (entry.split("=") for entry in entries))) == said


def test_case_counts_if_it_is_wished() -> None:
    exact, loose = Entry("US", "United States", case=True), Entry("us", "all of us")
    assert read("US us Us", exact) == "United States us Us"
    assert read("US us Us", exact, loose) == read("US us Us", loose, exact) == "United States all of us all of us"
    assert read("Big  Ben big ben", Entry("Big Ben", "the bell", case=True)) == "the bell big ben"


def test_the_most_special_entry_counts() -> None:
    entries = [
        Entry("Jan", "all"),
        Entry("Jan", "German", language="de"),
        Entry("Jan", "Austrian", language="de_AT"),
        Entry("Jan", "Anna", voice="anna"),
        Entry("Jan", "Anna in German", language="de", voice="anna"),
    ]
    said = {
        (None, None): "all",
        ("en", "bob"): "all",
        ("de", None): "German",
        ("de-DE", "bob"): "German",
        ("de-AT", None): "Austrian",
        ("DE_at", None): "Austrian",
        ("en", "anna"): "Anna",
        ("de-CH", "anna"): "Anna in German",
        ("de-AT", "anna"): "Anna in German",
    }
    for order in (entries, entries[::-1]):
        lexicon = Lexicon(order)
        assert {key: joined("Jan", lexicon.pieces("Jan", *key)) for key in said} == said


def test_the_longest_counts_more_than_the_most_special() -> None:
    assert read("Anna May", Entry("Anna", "A", voice="v"), Entry("Anna May", "AM"), voice="v") == "AM"


def test_the_later_of_two_counts() -> None:
    assert read("a", Entry("a", "1"), Entry("A", "2")) == "2"


def test_a_pattern_says_what_it_found() -> None:
    volts = Entry(r"(\d++)\s?V\b", r"\1 volts", regex=True)
    assert read("230V, 12 v, 5 Vx", volts) == "230 volts, 12 volts, 5 Vx"
    assert read("230V", Entry("230v", "mains"), volts) == "mains"
    assert read("ab", Entry("a", "1", regex=True), Entry("ab?", "2", regex=True)) == "1b"
    assert read("ab", Entry("a", "1", regex=True), Entry("ab", "2", regex=True, voice="v"), voice="v") == "2"
    assert read("x", Entry("y*", "z", regex=True)) == "x"


def test_pieces_are_in_order_and_none_over_another() -> None:
    entries = [Entry("b", "1"), Entry("a|b|c", "2", regex=True), Entry("c d", "3"), Entry(".", "4", regex=True)]
    assert Lexicon(entries).pieces("a b c d") == [
        Piece(0, 1, "2"),
        Piece(1, 2, "4"),
        Piece(2, 3, "1"),
        Piece(3, 4, "4"),
        Piece(4, 7, "3"),
    ]


def test_whether_anything_is_held_for_a_voice() -> None:
    lexicon = Lexicon([Entry("a", "b", language="de")])
    assert lexicon.holds("de-AT", "v")
    assert not lexicon.holds("en", "v")
    assert not Lexicon([]).holds()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (Entry(" ", "x"), f"a word has 1 to {WORD_LIMIT} characters"),
        (Entry("a" * 101, "x"), "this one has 101"),
        (Entry("a", "x" * (SAY_LIMIT + 1)), "for 'a' it has 401"),
        (Entry("(a+)+", "x", regex=True), "the pattern '(a+)+' cannot be used: it can match"),
        (Entry("(a)", r"\2", regex=True), "invalid group reference 2"),
        (Entry("(a)", r"\q", regex=True), "bad escape"),
        (Entry("(a", "x", regex=True), "missing )"),
    ],
)
def test_an_entry_that_cannot_be_used_says_why(entry: Entry, why: str) -> None:
    for use in (check, lambda bad: Lexicon([bad])):
        with pytest.raises(BadEntry) as error:
            use(entry)
        assert why in str(error.value)


def test_a_thousand_entries_are_found_fast() -> None:
    letters, dice = "abcdefghijklmnop", random.Random(4)
    words = ["".join(dice.choices(letters, k=dice.randint(3, 9))) for _ in range(20_000)]
    known = set(words[:1000])
    lexicon = Lexicon(Entry(word, word.upper()) for word in known)
    text = " ".join(dice.choices(words, k=30_000))
    started = time.process_time()
    pieces = lexicon.pieces(text)
    assert time.process_time() - started < 10
    assert joined(text, pieces) == " ".join(w.upper() if w in known else w for w in text.split(" "))


def test_words_that_begin_alike_take_linear_time() -> None:
    lexicon = Lexicon([Entry("a " * count + "z", "x") for count in range(1, 45)])
    started = time.process_time()
    assert not lexicon.pieces("a " * 20_000)
    assert time.process_time() - started < 10
