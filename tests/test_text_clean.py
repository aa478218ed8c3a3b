"""What a voice gets to see of what a language model writes."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.clean import HOLD, Cleaner, clean
from daemon.text.placed import TracedCleaner, clean_traced
from daemon.text.traced import Traced
from tests.feeding import cut, three_ways

CASES = [
    # emphasis
    ("**Hello** *world*", "Hello world"),
    ("***both*** and __also__ _this_", "both and also this"),
    ("_one two_, three", "one two, three"),
    ("snake_case_name and __init__", "snake_case_name and init"),
    ("fill in ____ here", "fill in here"),
    ("~~gone~~ but ~5 stay", "gone but ~5 stay"),
    ("say `code` now", "say code now"),
    (r"\*not bold\*", "not bold"),
    ("an * unclosed star", "an unclosed star"),
    ("2 * 3 = 6", "2 3 = 6"),
    ("2*3", "2 3"),
    # lines
    ("# Title\nText", "Title\n\nText"),
    ("### Third ###\nText", "Third ###\n\nText"),
    ("Title\n=====\nText", "Title\n\nText"),
    ("one\ntwo", "one two"),
    ("one\n\ntwo", "one\n\ntwo"),
    ("one\r\n\r\ntwo\r\nthree", "one\n\ntwo three"),
    ("one\n \t\n\n\n\ntwo", "one\n\ntwo"),
    ("- a\n- b\n* c\n+ d", "a\n\nb\n\nc\n\nd"),
    ("• a\n  ◦ b", "a\n\nb"),
    ("List:\n- **bold** item", "List:\n\nbold item"),
    ("1. first\n2. second\nend", "1. first\n\n2. second\n\nend"),
    ("Steps:\n1) mix\n10. bake\n2024. was\n3.5 is", "Steps:\n\n1) mix\n\n10. bake\n\n2024. was 3.5 is"),
    ("- [ ] to do\n- [x] done", "to do\n\ndone"),
    ("> quoted\n> more", "quoted more"),
    ("above\n\n---\n\nbelow", "above\n\nbelow"),
    ("-5 degrees", "-5 degrees"),
    ("#hashtag and C#", "#hashtag and C#"),
    # tables
    ("| Name | Age |\n|:---|---:|\n| Bob | 5 |", "Name, Age\n\nBob, 5"),
    ("a | b", "a b"),
    # links and addresses
    ('[the docs](https://example.com/x_(y) "t")!', "the docs!"),
    ("![a cat](cat.png)", "a cat"),
    ("see ![a cat](cat.png) here", "see a cat here"),
    ("[text][1] and note[^1].", "text and note."),
    ("array[0](x y)", "array 0(x y)"),
    ("[sic]", "sic"),
    ("Go to https://www.example.com/a/b?c=d#e.", "Go to example.com."),
    ("(http://user@foo.org:8080/bar), then", "(foo.org), then"),
    ("www.bar.de!", "bar.de!"),
    ("<https://a.b/c> it", "a.b it"),
    ("the http protocol, https and www", "the http protocol, https and www"),
    ("mail me@example.com", "mail me@example.com"),
    # code
    ("before\n```python\nprint(1)\n```\nafter", "before\n\nafter"),
    ("~~~\ncode ``` code\n~~~\nafter", "after"),
    ("```inline code```", "inline code"),
    ("```\nnever closed", ""),
    # pictures
    ("Hi 👋🏽 there", "Hi there"),
    ("family 👨‍👩‍👧 flag 🇩🇪 heart ❤️ star ⭐ done", "family flag heart star done"),
    ("press 1️⃣ now", "press 1 now"),
    ("A → B ✓", "A B"),
    # tags and tokens
    ('<b>bold</b><br/> <a href="x y">link</a>', "bold link"),
    ("<think>hm</think> yes", "hm yes"),
    ("ready<|im_end|>", "ready"),
    ("<!-- note -->text", "text"),
    ("5 > 3 and 2 < 4", "5 > 3 and 2 < 4"),
    ("if a <b then go", "if a <b then go"),
    ("I <3 you", "I <3 you"),
    # characters
    ("a\x00b\x1bc\x85d\x9fe", "a b c d e"),
    ("zero\u200bwidth \u202eright\u202c soft\u00adhyphen \ufeffbom", "zerowidth right softhyphen bom"),
    ("half\ud83d surrogate\ude00", "half surrogate"),
    # what stays
    ("don't, it's “fine” – $3.50, 3.14%, 10:30…", "don't, it's “fine” – $3.50, 3.14%, 10:30…"),
    ("¿Qué? ¡Sí! « Oui ! » 你好。 «Да»", "¿Qué? ¡Sí! « Oui ! » 你好。 «Да»"),
    ("", ""),
    (" \n\t ", ""),
]

# Pieces of markup, so that random text is full of half-open constructs.
PIECES = [
    *'*_`~|[]()!<>#-+=:\n\n  \\\t\r"x5é。\u200d👋\ud800',
    *"``` ~~~ ]( ![ [^ <| |> </b> <www. http https:// ww www. a.b/c word 1. 12 ---".split(),
    *("<a href=", "\n2) ", "\n1. ", "- ", "| ", " \n", ". "),
]
MARKUP = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


def fed(parts: list[str]) -> str:
    cleaner = Cleaner()
    return "".join([*map(cleaner.feed, parts), cleaner.finish()])


@pytest.mark.parametrize(("text", "said"), CASES)
def test_says(text: str, said: str) -> None:
    assert clean(text) == said
    assert {way: fed(parts).strip() for way, parts in three_ways(text).items()} == dict.fromkeys(three_ways(text), said)


@settings(max_examples=250, deadline=None)
@given(st.one_of(MARKUP, st.text(max_size=200)), st.lists(st.integers(min_value=0), max_size=12))
def test_the_cut_does_not_matter(text: str, places: list[int]) -> None:
    assert fed(cut(text, places)) == fed([text])
    assert fed(list(text)) == fed([text])


@settings(max_examples=100, deadline=None)
@given(st.one_of(MARKUP, st.text(max_size=200)))
def test_what_comes_out_can_be_said(text: str) -> None:
    said = clean(text)
    assert all(c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} for c in said)
    assert "   " not in said
    assert "\n\n\n" not in said


@pytest.mark.parametrize(
    "opening", ["*", "[", "[link](", "<", "<a b=", "`", "```", "__", "https://", "![", "<|", "- [", "| "]
)
def test_nothing_holds_the_stream_for_ever(opening: str) -> None:
    cleaner = Cleaner()
    held = opening + "x" * (HOLD + 100)
    assert "afterwards" in cleaner.feed(held + " and afterwards it goes on\n\n more") or opening == "```"


def test_words_go_out_at_once() -> None:
    cleaner = Cleaner()
    assert [cleaner.feed(c) for c in "is **on**. Ok"] == [*"is", "", "", "", " o", "n", "", "", ".", "", " O", "k"]


def test_the_end_of_a_paragraph_goes_out_at_once() -> None:
    cleaner = Cleaner()
    assert cleaner.feed("# Title\n") == "Title\n\n"
    assert cleaner.feed("Text.\n\n") == "Text.\n\n"


def test_flush_lets_a_finished_sentence_go() -> None:
    cleaner = Cleaner()
    assert cleaner.feed("42.") + cleaner.flush() + cleaner.feed(" ") == "42."
    assert cleaner.feed("Attention !") + cleaner.flush() + cleaner.feed(" Oui.") == " Attention ! Oui."
    assert cleaner.feed(" See https://example.com/x.") + cleaner.flush() == " See example.com."
    assert cleaner.feed(" [a](http://half") + cleaner.flush() == " a"
    assert cleaner.feed("/way) b") == " b"


def test_is_as_new_after_the_end() -> None:
    cleaner = Cleaner()
    cleaner.feed("```\ncode")
    cleaner.finish()
    assert cleaner.feed("text") == "text"


@pytest.mark.parametrize("text", [text for text, _ in CASES])
def test_where_each_character_stood(text: str) -> None:
    traced = clean_traced(text)
    assert traced.text == clean(text)
    see_that_runs_are_verbatim(traced, text)
    unsaid = set(range(len(traced.text))).difference(*(range(run.start, run.end) for run in traced.runs))
    assert all(traced.text[at] in " ,\n" for at in unsaid)


def see_that_runs_are_verbatim(traced: Traced, text: str) -> None:
    """A blank may stand for any one character that is not said."""
    done = 0
    for run in traced.runs:
        assert run.start >= done
        done = run.end
        for said, typed in zip(traced.text[run.start : run.end], text[run.origin : run.until], strict=True):
            assert said == typed or said == " "


def test_a_word_is_traced_through_what_was_dropped() -> None:
    text = "# The *quick* [fox](http://x.y/z)\n```\ncode\n```\nsees https://www.example.com/a and <http://user@b.de>."
    traced = clean_traced(text)
    assert traced.text == "The quick fox\n\nsees example.com and b.de."
    for word in ("quick", "fox", "sees", "example.com", "b.de"):
        at = traced.text.index(word)
        start, end = traced.source(at, at + len(word))
        assert (text[start:end], start) == (word, text.index(word))


@settings(max_examples=150, deadline=None)
@given(st.one_of(MARKUP, st.text(max_size=200)), st.lists(st.integers(min_value=0), max_size=12))
def test_the_cut_does_not_matter_to_what_is_traced(text: str, places: list[int]) -> None:
    cleaner = TracedCleaner()
    parts = [*map(cleaner.feed, cut(text, places)), cleaner.finish()]
    joined, whole = Traced.joined(parts).stripped(), clean_traced(text)
    assert joined.text == whole.text == clean(text)
    assert [joined.source(at, at + 1) for at in range(len(joined.text))] == [
        whole.source(at, at + 1) for at in range(len(whole.text))
    ]
    see_that_runs_are_verbatim(joined, text)


def test_a_traced_cleaner_flushes_and_is_as_new_after_the_end() -> None:
    cleaner = TracedCleaner()
    fed = [cleaner.feed("**See** https://a.b/x."), cleaner.flush(), cleaner.feed(" Yes"), cleaner.finish()]
    assert [part.text for part in fed] == ["See", " a.b.", " Yes", ""]
    places = [[run[:4] for run in part.runs] for part in fed]
    assert places == [[(0, 3, 2, 5)], [(1, 4, 16, 19), (4, 5, 21, 22)], [(0, 4, 22, 26)], []]
    assert [run[:4] for run in cleaner.feed("new").runs] == [(0, 3, 0, 3)]


HOSTILE = [
    *"[*`<_!|~#]\\\n h👋\u200b",
    *"http:// ]( [a]( [^ <! a_ |a 👋a ](a(b".split(),
    *("<a b=", "\n# a", " h", "```\n", "\n1. "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    clean(text)
    assert time.process_time() - started < 10  # a square would take minutes


@pytest.mark.parametrize("piece", ["The quick brown fox, he said. ", "[", "*", "`", "<", "http://"])
def test_a_million_characters_take_less_than_a_second(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    clean(text)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("opening", ["", "[a](", "<a b=", "https://a/", "```"])
def test_one_character_at_a_time_is_linear(opening: str) -> None:
    cleaner, started = Cleaner(), time.process_time()
    for character in (opening + "x" * 450 + " ") * 200:
        cleaner.feed(character)
    assert time.process_time() - started < 10
