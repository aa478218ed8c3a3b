"""Text as it is spoken, whatever the language: offsets, unknown text, foreign spans, addresses, speed."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.spoken import LANGUAGES, Piece, prepare, spoken
from daemon.text.spoken.align import aligned
from daemon.text.spoken.piece import joined
from daemon.text.spoken.rules import Rule, Rules, after, before, ended
from daemon.text.spoken.web import Addresses, Words

OURS = ("en", "ru")
WORDS = Words(
    {".": "dot", "@": "at", "/": "slash", "-": "dash", ":": "colon"}, lambda digits: f"<{digits}>", {"com": "COM"}
)
ADDRESSES = Addresses(WORDS)
# It takes 0.5 s of a free core; a core that is shared counts up to twice that for the same work.
MILLION_S = 10
# What rules look for, thrown together; plain random text would hardly ever meet one.
BITS = st.sampled_from(
    (
        "1 2 5 21 100 1984 2024 0 00 007 1,234 1.5 2,5 . , : ; - – / % ° °C km km/h кг км/ч kWh $ € £ ₽ № # @ & + = × ½ ² 3/4 "
        "14:30 pm a.m. st nd й го IV XX Henry Chapter Dr. St. г. ул. т. е. т.д. руб. March мая году век в с до к на www. a.b "
        "x@y.zz http:// v1.2 F-16 Mr. etc. the a of в. I V 5-й 10-летний"
    ).split()
)
MIXED = st.lists(st.one_of(BITS, st.just(" "), st.text(max_size=3)), max_size=24).map("".join)


def checked(text: str, language: str) -> list[Piece]:
    """The pieces, after all that is promised of them has been looked at."""
    pieces = spoken(text, language)
    at = 0
    for piece in pieces:
        assert at <= piece.start < piece.end <= len(text)
        assert text[piece.start : piece.end] != piece.said
        at = piece.end
    said, kept, last = joined(text, pieces), 0, 0
    for piece in pieces:
        between = text[last : piece.start]
        assert said[kept : kept + len(between)] == between
        kept, last = kept + len(between) + len(piece.said), piece.end
    assert said[kept:] == text[last:]
    return pieces


@pytest.mark.parametrize("language", OURS)
@settings(max_examples=300, deadline=None)
@given(text=MIXED)
def test_offsets_lie_inside_the_text_and_nothing_else_is_lost(language: str, text: str) -> None:
    checked(text, language)


@pytest.mark.parametrize("language", OURS)
@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_at_all_can_be_read(language: str, text: str) -> None:
    checked(text, language)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from("the lamp is on in my kitchen and we are fine today".split()), max_size=30).map(" ".join)
)
def test_english_without_figures_is_left(text: str) -> None:
    assert spoken(text, "en") == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("на кухне горит свет и мы дома всё хорошо сегодня".split()), max_size=30).map(" ".join))
def test_russian_without_figures_is_left(text: str) -> None:
    assert spoken(text, "ru") == []


def test_a_language_without_rules_changes_nothing() -> None:
    assert spoken("5 km", "nl") == [] and "nl" not in LANGUAGES
    prepare("nl")


def test_the_region_of_a_language_does_not_matter() -> None:
    assert spoken("5 km", "en-GB") == spoken("5 km", "EN") == [Piece(0, 4, "five kilometers")]


def test_a_quotation_is_read_by_the_rules_of_its_own_language() -> None:
    text = "Он сказал: see you there at 7:30, и ушёл в 7:30."
    said = joined(text, checked(text, "ru"))
    assert said == "Он сказал: see you there at seven thirty, и ушёл в семь тридцать."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("See https://www.example.com/a-b.", "See www dot example dot COM slash a dash b."),
        ("Mail me: jo.doe@example.com!", "Mail me: jo dot doe at example dot COM!"),
        ("(homeassistant.local:8123)", "(homeassistant dot local colon <8123>)"),
        ("It is at 10.0.0.1.", "It is at <10> dot <0> dot <0> dot <1>."),
        ("Open notes.pdf now.", "Open notes dot P D F now."),
        ("Look in /etc/hosts.", "Look in slash etc slash hosts."),
    ],
)
def test_addresses_are_said_and_the_sentence_keeps_its_marks(text: str, said: str) -> None:
    assert joined(text, ADDRESSES.pieces(text)) == said


@pytest.mark.parametrize(
    "text",
    ["and/or", "e.g. this", "It ends.Then it", "3.5", "999.1.1.1", "1/2/3", "5 km/h", "a @ b", "U.S.A.", "...", "//"],
)
def test_what_is_no_address_is_left(text: str) -> None:
    assert ADDRESSES.pieces(text) == []


def test_earlier_rules_come_first_and_none_touches_what_is_taken() -> None:
    first = Rule("first", re.compile(r"bc"), lambda match: "X")
    second = Rule("second", re.compile(r"[a-d]"), lambda match: match[0].upper())
    unsure = Rule("unsure", re.compile(r"\w+"), lambda match: None)
    pieces = Rules((unsure, first, second)).applied("abcd", [Piece(3, 4, "taken")])
    assert pieces == [Piece(0, 1, "A"), Piece(1, 3, "X"), Piece(3, 4, "taken")]


def test_a_trigger_narrows_what_rules_see_and_loses_nothing() -> None:
    number = Rule("number", re.compile(r"(?<!\w)\d+ apples(?!\w)"), lambda match: "some apples")
    text = "word " * 100 + "12 apples " + "word " * 100 + "7 apples"
    assert Rules([number], re.compile(r"\d")).applied(text) == Rules([number]).applied(text)
    assert len(Rules([number]).applied(text)) == 2


@pytest.mark.parametrize("gap", range(0, 90, 3))
def test_each_trigger_has_room_of_its_own(gap: int) -> None:
    """A trigger near the end of the window of the one before it still sees what follows."""
    number = Rule("number", re.compile(r"(?<!\w)\d+ parts in a million(?!\w)"), lambda match: "few parts")
    text = "7 " + "w" * gap + " 850 parts in a million" + " word" * 40
    assert [piece.said for piece in Rules([number], re.compile(r"\d")).applied(text)] == ["few parts"]


def test_a_rule_sees_what_stands_around_its_match() -> None:
    match = re.search(r"c\.", "ab c. de")
    assert match is not None
    assert (before(match), after(match), before(match, 1)) == ("ab ", " de", " ")
    assert ended(match, "see") == "see"
    last = re.search(r"c\.", 'ab c."')
    capital = re.search(r"c\.", "ab c. De")
    assert last is not None and capital is not None
    assert ended(last, "see") == "see."
    assert (ended(capital, "see"), ended(capital, "see", before_capital=True)) == ("see", "see.")


def test_what_a_library_said_is_told_word_by_word() -> None:
    text, said = "I have 5 cats and 12 dogs.", "I have five cats and twelve dogs."
    assert aligned(text, said) == [Piece(7, 8, "five"), Piece(18, 20, "twelve")]
    assert aligned(text, text) == []


@pytest.mark.parametrize(
    ("language", "prose"),
    [
        (
            "en",
            "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 6
            + "It was 21.5 °C on March 3, 2024. ",
        ),
        ("ru", "Съешь ещё этих мягких французских булок, да выпей чаю. " * 6 + "Было 21,5 °C 5 мая 2024 г. в доме. "),
    ],
)
def test_a_million_characters_take_less_than_a_second(language: str, prose: str) -> None:
    prepare(language)
    text = prose * (1_000_000 // len(prose) + 1)
    started = time.process_time()
    pieces = spoken(text, language)
    assert time.process_time() - started < MILLION_S
    assert len(pieces) > 4000


@pytest.mark.parametrize("language", OURS)
@pytest.mark.parametrize(
    "bit",
    ["1", "1,", "1 ", "$", "$1", ".", "1.", "1:", "1/", "1-", "+1", "a.", "a@", "/a", "X ", "I", "5'", "г. ", "-", " "],
)
def test_no_text_takes_for_ever(language: str, bit: str) -> None:
    """Ten thousand numbers take 0.3 s; a rule that goes back and forth over them would take minutes."""
    prepare(language)
    text = (bit * 10_000)[:10_000]
    started = time.process_time()
    checked(text, language)
    assert time.process_time() - started < 10
