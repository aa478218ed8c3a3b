"""What holds for every step from a typed text to a spoken one, whatever is typed.

The same whole and in any pieces; nothing that is unknown is lost; places lie inside the source, in order, and a word that was
not changed is found where it was typed; a million characters take no time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.bench import text as text_bench
from daemon.text.clean import Cleaner, clean
from daemon.text.lexicon import Lexicon
from daemon.text.placed import TracedCleaner, clean_traced
from daemon.text.reading import read, reader
from daemon.text.score import BadMarkup, Event, Mode, Said
from daemon.text.sentences import PlacedSplitter, Splitter, has_words, split, split_placed
from daemon.text.spoken import LANGUAGES, spoken
from daemon.text.spoken.piece import Piece, joined
from daemon.text.traced import Traced, replaced
from tests.feeding import cut, three_ways
from tests.markings import heard, words
from voices.lexicon import Entry

# Whole tags and halves, in the middle of everything that looks like them.
TAGS = [
    *(
        "[pause]",
        "[pause 1s]",
        "[pause 99s]",
        "[voice a]",
        "[/voice]",
        "[rate 0.9]",
        "[rate 9]",
        "[/rate]",
        "[pitch +2]",
    ),
    *(
        "[sic]",
        "[gain -3dB]",
        "[lang de]",
        "[emotion sad]",
        "[say as=digits]",
        "[say as=date]",
        "[/say]",
        '[sub alias="b c"]',
    ),
    *("[/sub]", "[sub alias=x]y[/sub]", "[^1]", "[x]", "[1]", "a[i]", "a[index]", "[a b](http://c)", "[voi"),
    *("\\", "\\[", "\\\\", "[", "]", "[[", "]]", "(", "=", '"', "\n", " ", ".", ". ", "a", "B", "12", "é", "中", "👋"),
]
ELEMENTS = [
    *(
        "<p>",
        "</p>",
        "<s>",
        "</s>",
        "<s/>",
        "<break/>",
        "<break time='1s'/>",
        "<voice name='a'>",
        "</voice>",
        "<x>",
        "</x>",
    ),
    *(
        "<prosody rate='80%'>",
        "</prosody>",
        "<prosody rate='?'>",
        "<say-as interpret-as='digits'>",
        "</say-as>",
        "<mark/>",
    ),
    *(
        "<sub alias='b c'>",
        "</sub>",
        "<phoneme ph='x'>",
        "</phoneme>",
        "<!-- c -->",
        "<![CDATA[ & ]]>",
        "&amp;",
        "&#233;",
    ),
    *(
        "&nbsp;",
        "<?x?>",
        "<!DOCTYPE",
        "<",
        ">",
        "&",
        "]]>",
        "\r\n",
        "\n",
        "  ",
        "\t",
        " ",
        "a",
        "B.",
        "12",
        "é",
        "中",
        "👋",
    ),
]
MARKDOWN = [
    *(
        "**",
        "_",
        "`",
        "```\n",
        "\n# ",
        "\n- ",
        "\n1. ",
        "| ",
        "[a](http://b.c/d)",
        "![x](y)",
        "https://www.a.bc/d ",
        "<b>",
    ),
    *("\n", "\n\n", " ", ". ", "! ", "? ", "a ", "Mr. ", "z. B. ", "5. ", "12.50 ", "中。", "é", "👋", "\u200b", "\\"),
]
SPOKEN = [
    *(
        "5 km",
        "$3.50",
        "1999",
        "3. Mai",
        "12:30",
        "20 %",
        "Dr. ",
        "№ 5",
        "XIV ",
        "+49 30 1234",
        "a@b.cd",
        "www.e.fg",
        "½",
    ),
    *(
        "-3 °C",
        "1.000,50 €",
        "2/3",
        "¥300",
        "三",
        "5月3日",
        "10시",
        "２",
        "١٢",
        " ",
        ". ",
        ", ",
        "-",
        "/",
        "%",
        "a",
        "я",
        "가",
    ),
]


def texts(pieces: Sequence[str]) -> st.SearchStrategy[str]:
    """Made of these, or of anything."""
    return st.one_of(st.lists(st.sampled_from(pieces), max_size=40).map("".join), st.text(max_size=120))


PLACES = st.lists(st.integers(min_value=0), max_size=12)
MODES = st.sampled_from(["off", "auto", "on", "strict"])
# What was found hard: half constructs, characters of several units, white space of every kind, signs without words.
ADVERSARIAL = [
    "",
    " ",
    "\n\n\n",
    "[" * 300,
    "]" * 300,
    "[pause" * 100,
    "[sub alias=x]" * 20 + "a",
    "[say as=digits]" + "1" * 50,
    "a[/voice]" * 80,
    "\\" * 101 + "[pause]",
    "[voice " + "a" * 400 + "]",
    "<speak>" + "<p>" * 31 + "a",
    "<speak>" + "&amp;" * 100,
    "<speak>a</speak>" * 2,
    "<speak><![CDATA[" + "]" * 50,
    "<speak a='" + "x" * 5000,
    "\ufeff<?xml version='1.0'?><speak>\r\r\n\n\ré</speak>",
    "<" * 300,
    "**" * 200,
    "\ud83d\ude00 \udc00",
    "\u202e\u200b\u0301\u0301",
    "🇩🇪👨‍👩‍👧‍👦 1️⃣",
    "．。！？" * 50,
    "1" * 400,
    "1.1.1.1." * 50,
    "http://" * 50,
    "٣٫٥ १२ Ⅻ ½ ²",
]


def alphanumeric(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def cuts(text: str, places: Sequence[int]) -> list[list[str]]:
    return [cut(text, places), *three_ways(text).values()]


# --- the same whole and in any pieces -------------------------------------------------------------------------------


def see_that_the_cut_does_not_matter(text: str, places: Sequence[int], mode: Mode) -> None:
    whole = heard(reader(mode), [text])
    cleaned = Traced.joined([(cleaner := TracedCleaner()).feed(text), cleaner.finish()])
    for parts in cuts(text, places):
        assert heard(reader(mode), parts) == whole
        plain, traced, splitter, placed = Cleaner(), TracedCleaner(), Splitter(), PlacedSplitter()
        assert "".join([*map(plain.feed, parts), plain.finish()]) == cleaned.text
        assert Traced.joined([*map(traced.feed, parts), traced.finish()]).text == cleaned.text
        assert [one for part in parts for one in splitter.feed(part)] + splitter.finish() == split(text)
        assert [one for part in parts for one in placed.feed(part)] + placed.finish() == split_placed(text)


@settings(max_examples=150, deadline=None)
@given(texts(TAGS), PLACES, MODES)
def test_tags(text: str, places: list[int], mode: Mode) -> None:
    see_that_the_cut_does_not_matter(text, places, mode)


@settings(max_examples=150, deadline=None)
@given(texts(ELEMENTS), PLACES, MODES)
def test_ssml(text: str, places: list[int], mode: Mode) -> None:
    see_that_the_cut_does_not_matter(f"<speak>{text}", places, mode)
    see_that_the_cut_does_not_matter(f"\ufeff\n<speak>{text}</speak>", places, mode)


@settings(max_examples=100, deadline=None)
@given(texts(MARKDOWN), PLACES, MODES)
def test_markdown(text: str, places: list[int], mode: Mode) -> None:
    see_that_the_cut_does_not_matter(text, places, mode)


@pytest.mark.parametrize("text", ADVERSARIAL)
@pytest.mark.parametrize("mode", ["off", "auto", "on", "strict"])
def test_what_was_found_hard(text: str, mode: Mode) -> None:
    see_that_the_cut_does_not_matter(text, [7, 50, 51, 300], mode)
    see_that_places_are_right(text, mode)


# --- nothing is lost ------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(texts([piece for piece in TAGS if "[" not in piece]), MODES)
def test_without_tags_everything_is_said(text: str, mode: Mode) -> None:
    said = words(read(text.replace("[", "("), mode))
    assert said == text.replace("[", "(")


@settings(max_examples=200, deadline=None)
@given(texts(TAGS), texts(MARKDOWN))
def test_auto_loses_no_word_that_is_not_in_a_tag_it_knows(text: str, other: str) -> None:
    known = [piece for piece in TAGS if piece.startswith("[") and piece.strip("[/").split(" ")[0].rstrip("]") in KNOWN]
    unknown = text + other
    for piece in known:
        unknown = unknown.replace(piece, "")
    if "<speak" not in unknown and not any(f"[{name}" in unknown or f"[/{name}" in unknown for name in KNOWN):
        assert alphanumeric(words(read(unknown, "auto"))) == alphanumeric(unknown)


KNOWN = ("pause", "voice", "rate", "pitch", "volume", "gain", "lang", "emotion", "say", "sub")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_ssml_loses_no_word(text: str) -> None:
    shown = "".join(c for c in text if c.isprintable() or c in " \n\t")
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert words(read(f"<speak>{escaped}</speak>", "strict")).split() == shown.split()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_cleaning_and_cutting_lose_no_word(text: str) -> None:
    # ❶ to ➓ are digits to Python, and bullets to who reads aloud.
    plain = "".join(c for c in text if (c.isalnum() and not "\u2776" <= c <= "\u2793") or c in " .,;:?\n")
    if clean(plain) and not any(scheme in plain.lower() for scheme in ("http", "www")):
        assert alphanumeric(clean(plain)) == alphanumeric(plain)
        assert alphanumeric("".join(split(clean(plain), 60))) == alphanumeric(plain)


# --- places ---------------------------------------------------------------------------------------------------------


def see_that_places_are_right(text: str, mode: Mode) -> None:
    """Through markup, the cleaner, the splitter and a lexicon: the way that a sentence takes to a voice."""
    try:
        events = read(text, mode)
    except BadMarkup as error:
        assert 0 <= error.at <= len(text)
        return
    assert all(0 <= event.at <= len(text) for event in events)
    assert in_order(events)
    said = [event for event in events if isinstance(event, Said)]
    assert all(event.at <= event.until <= len(text) for event in said)
    marked = Traced.of_said(said)
    cleaned = marked.then(clean_traced(marked.text))
    assert cleaned.text == clean(words(events))
    see_that_it_is_traced(cleaned, text)
    for sentence in split_placed(cleaned.text):
        traced = cleaned.part(sentence.start, sentence.end).collapsed()
        assert traced.text == sentence.text
        see_that_it_is_traced(traced, text)
        spoken_text = traced.said(Lexicon([Entry("a", "first letter"), Entry("12", "twelve")]).pieces(traced.text))
        see_that_it_is_traced(spoken_text, text)
        start, end = traced.source(0, len(traced.text))
        if not is_alias(traced.text, text):
            assert start < end
            assert has_words(text[start:end]) or "&" in text


def is_alias(sentence: str, text: str) -> bool:
    """Whether all its words are said instead of others: these need not be words, and instead of nothing stands nowhere."""
    for alias in sorted(ALIAS.findall(text), key=len, reverse=True):
        sentence = sentence.replace(alias, "")
    return not has_words(sentence)


ALIAS = re.compile(r"""alias=["']?([^"'\]>]+)""")


def see_that_it_is_traced(traced: Traced, text: str) -> None:
    places = [(run.origin, run.until) for run in traced.runs]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    for at in range(len(traced.text)):
        start, end = traced.source(at, at + 1)
        assert 0 <= start <= end <= len(text)


def in_order(events: Sequence[Event]) -> bool:
    return all(before.at <= after.at for before, after in pairwise(events))


@settings(max_examples=150, deadline=None)
@given(texts([*TAGS, *MARKDOWN]), MODES)
def test_places_of_tagged_text(text: str, mode: Mode) -> None:
    see_that_places_are_right(text, mode)


@settings(max_examples=150, deadline=None)
@given(texts(ELEMENTS), MODES)
def test_places_of_ssml(text: str, mode: Mode) -> None:
    see_that_places_are_right(f" <speak>{text}</speak>", mode)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyzäé", min_size=1, max_size=8), min_size=1, max_size=20))
def test_a_word_that_was_not_changed_is_where_it_was_typed(typed: list[str]) -> None:
    text = (
        "[voice v]**" + "[pause] ".join(f"{number}{word}{number}" for number, word in enumerate(typed)) + "**[/voice]"
    )
    marked = Traced.of_said([event for event in read(text, "on") if isinstance(event, Said)])
    cleaned = marked.then(clean_traced(marked.text))
    for number, word in enumerate(typed):
        whole = f"{number}{word}{number}"
        at = cleaned.text.index(whole)
        start, end = cleaned.source(at, at + len(whole))
        assert text[start:end] == whole


# --- numbers and dates in words -------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(texts(SPOKEN), PLACES, st.sampled_from(sorted(LANGUAGES)))
def test_the_spoken_form_does_not_depend_on_the_cut(text: str, places: list[int], language: str) -> None:
    whole = [joined(sentence, spoken(sentence, language)) for sentence in split(clean(text))]
    for parts in cuts(text, places)[:2]:
        cleaner, splitter = Cleaner(), Splitter()
        cleaned = [*map(cleaner.feed, parts), cleaner.finish()]
        sentences = [one for part in cleaned for one in splitter.feed(part)] + splitter.finish()
        assert [joined(sentence, spoken(sentence, language)) for sentence in sentences] == whole


@settings(max_examples=100, deadline=None)
@given(texts(SPOKEN), st.sampled_from(sorted(LANGUAGES)))
def test_the_spoken_form_has_its_places_and_loses_no_word(text: str, language: str) -> None:
    pieces = spoken(text, language)
    see_pieces(pieces, text)
    kept = replaced(text, pieces)
    for run in kept.runs:
        if run.end - run.start == run.until - run.origin and not any(p.start == run.origin for p in pieces):
            assert kept.text[run.start : run.end] == text[run.origin : run.until]


def see_pieces(pieces: Sequence[Piece], text: str) -> None:
    done = 0
    for piece in pieces:
        assert done <= piece.start <= piece.end <= len(text)
        done = piece.end


# --- a million characters -------------------------------------------------------------------------------------------

# Processor seconds on one core, for every step and every known input of it.
WANTED_S = 1.0


@pytest.mark.slow
@pytest.mark.parametrize("step", text_bench.STEPS, ids=lambda step: step.name)
def test_a_million_characters(step: text_bench.Step) -> None:
    """The best of three, without the collector, whose work depends on what else lives in the process."""
    for text in step.texts:
        took = text_bench.best(step.work, text, text_bench.MILLION, text_bench.ROUNDS)
        print(f"{step.name:20} {text[:24]!r:28} {took:.2f} s")
        assert took < WANTED_S


@pytest.mark.slow
@pytest.mark.parametrize("count", [1_000, 20_000])
def test_a_million_characters_and_many_words(count: int) -> None:
    dice = random.Random(1)
    known = ["".join(dice.choices("abcdefghijklmnop", k=dice.randint(3, 9))) for _ in range(20_000)]
    lexicon = Lexicon(Entry(word, "x") for word in known[:count])
    text = " ".join(dice.choices(known, k=145_000))[: text_bench.MILLION]
    took = text_bench.best(lexicon.pieces, text, len(text), text_bench.ROUNDS)
    print(f"lexicon          {count} words {took:.2f} s")
    assert took < WANTED_S
