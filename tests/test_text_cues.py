"""Cues: no word is lost, no cue stands over another, and each begins with its words."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.cues import WIDE_COLUMNS, Cue, Shape, Timed, cues
from daemon.text.wordtimes import ALIGNED_LIMIT, Word, weight, words
from daemon.text.wrapping import bits, joined, width, wrapped

LONG = (
    "The committee, which had met every Thursday since the war, decided that nothing would be decided until the chairman, "
    "who was ill, had come back from the mountains with his dog."
)
CHINESE = (
    "委员会自战争以来每个星期四都开会，它决定在生病的主席带着他的狗从山里回来之前，什么都不做决定。“那可不行！”他说。"
)
LETTERS = st.sampled_from(list("abcdefgäß12й中国の한é\u0301😀‍—-,.!?;:…「」（）")) | st.characters(
    exclude_categories=["Cs", "Cc"]
)
WORDS = st.text(LETTERS, min_size=1, max_size=12) | st.text("x", min_size=40, max_size=100)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


def texts(found: list[Cue]) -> list[tuple[str, ...]]:
    return [cue.lines for cue in found]


def letters(text: str) -> str:
    return "".join(text.split())


@st.composite
def spoken(draw: st.DrawFn) -> list[Timed]:
    """Sentences that follow each other, at the speed of speech; the speaker tells which it is."""
    sentences, at = [], draw(st.integers(0, 5000))
    for number, text in enumerate(draw(st.lists(TEXTS, max_size=6))):
        length = 50 + len(text) * draw(st.integers(30, 120))
        sentences.append(Timed(text, at, at + length, str(number)))
        at += length + draw(st.sampled_from([0, 1, 150, 700, 3000]))
    return sentences


@given(spoken())
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_can_be_read(sentences: list[Timed]) -> None:
    found, shape = cues(sentences), Shape()
    assert letters("".join(line for cue in found for line in cue.lines)) == letters("".join(s.text for s in sentences))
    for cue, following in pairwise(found):
        assert cue.end_ms <= following.start_ms
    for cue in found:
        sentence = sentences[int(cue.speaker)]
        assert 1 <= len(cue.lines) <= 2 and max(map(width, cue.lines)) <= shape.columns
        assert all(line == line.strip() and line for line in cue.lines)
        assert 0 < cue.end_ms - cue.start_ms <= shape.max_ms
        assert sentence.start_ms - 20 <= cue.start_ms <= sentence.end_ms + 20
        assert cue.heard_ms <= sentence.end_ms + 20
        reading = 1000 * sum(map(width, cue.lines)) / shape.per_second
        assert cue.end_ms <= max(sentence.end_ms + 20, cue.start_ms + max(shape.min_ms, reading) + 1)
        spans = [(word.start_ms, word.end_ms) for word in cue.words]
        assert all(start <= end for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(st.lists(st.builds(Timed, TEXTS, st.integers(0, 9000), st.integers(0, 9000)), max_size=8))
@settings(max_examples=100, deadline=None)
def test_whatever_the_times_no_cue_stands_over_another(sentences: list[Timed]) -> None:
    found = cues(sentences)
    assert sorted(letters("".join(line for cue in found for line in cue.lines))) == sorted(
        letters("".join(sentence.text for sentence in sentences))
    )
    assert all(cue.start_ms < cue.end_ms for cue in found)
    assert all(cue.end_ms <= following.start_ms for cue, following in pairwise(found))


def test_a_long_sentence_is_cut_where_a_clause_ends() -> None:
    found = cues([Timed(LONG, 1000, 13000, "Anna")])
    assert texts(found) == [
        ("The committee, which had met", "every Thursday since the war,"),
        ("decided that nothing would", "be decided until the chairman,"),
        ("who was ill, had come back", "from the mountains with his dog."),
    ]
    assert (found[0].start_ms, found[-1].end_ms) == (1000, 13000)
    assert all(cue.end_ms == following.start_ms for cue, following in pairwise(found))
    assert all(cue.estimated and cue.speaker == "Anna" for cue in found)


def test_two_sentences_in_one_are_cut_between_them() -> None:
    text = "Nobody had asked him for it at all. He brought it anyway, and put it down on the long table."
    assert texts(cues([Timed(text, 0, 6000)])) == [
        ("Nobody had asked him for it at all.",),
        ("He brought it anyway,", "and put it down on the long table."),
    ]


def test_chinese_has_shorter_lines_that_begin_with_no_comma() -> None:
    found = cues([Timed(CHINESE, 0, 14000)])
    assert "".join("".join(cue.lines) for cue in found) == CHINESE
    for line in (line for cue in found for line in cue.lines):
        assert width(line) <= WIDE_COLUMNS
        assert line[0] not in "，。！”"
        assert line[-1] != "“"
    assert texts(cues([Timed("오늘은 날씨가 아주 좋습니다", 0, 3000)])) == [("오늘은 날씨가 아주 좋습니다",)]


def test_a_short_cue_stands_for_a_second_where_there_is_room() -> None:
    found = cues([Timed("Yes.", 0, 300), Timed("No.", 700, 900), Timed("Oh!", 5000, 5100)])
    assert [(cue.start_ms, cue.end_ms, cue.heard_ms) for cue in found] == [
        (0, 700, 300),
        (700, 1700, 900),
        (5000, 6000, 5100),
    ]
    exact = cues([Timed("Yes.", 0, 300)], Shape(min_ms=0, per_second=1000))
    assert exact[0].end_ms == 300


def test_fast_speech_stands_until_it_is_read() -> None:
    text = "Peter Piper picked a peck of pickled peppers."
    assert [cue.end_ms for cue in cues([Timed(text, 0, 1500)])] == [2200]  # 44 columns on two lines, 20 a second
    assert [cue.end_ms for cue in cues([Timed(text, 0, 1500), Timed("Who?", 1600, 2600)])] == [1600, 2600]


def test_no_cue_stands_for_longer_than_seven_seconds() -> None:
    drawn = cues([Timed("Slow words and slower ones.", 0, 30_000)])
    assert len(drawn) == 5
    assert all(cue.end_ms - cue.start_ms <= 7000 for cue in drawn)
    assert [(cue.start_ms, cue.end_ms) for cue in cues([Timed("Ommmm.", 0, 20_000)])] == [(0, 7000)]


def test_who_speaks_at_the_same_time_is_read_one_after_the_other() -> None:
    both = cues([Timed("So am I!", 0, 2000, "B"), Timed("I am first!", 0, 2000, "A"), Timed("Wait.", 1500, 4000, "C")])
    assert [(cue.speaker, cue.start_ms, cue.end_ms) for cue in both] == [
        ("B", 0, 1000),
        ("A", 1000, 1500),
        ("C", 1500, 4000),
    ]
    interrupted = cues([Timed("A long story about", 0, 5000), Timed("No!", 3000, 4000)])
    assert [(cue.start_ms, cue.end_ms) for cue in interrupted] == [(0, 3000), (3000, 4000)]


def test_one_line_and_a_narrow_screen() -> None:
    found = cues([Timed(LONG, 0, 12000)], Shape(columns=20, lines=1))
    assert all(len(cue.lines) == 1 and width(cue.lines[0]) <= 20 for cue in found)


def test_a_word_that_is_wider_than_a_line_is_broken() -> None:
    found = cues([Timed("See https://example.org/" + "a" * 60 + " now", 0, 6000)])
    assert all(width(line) <= 42 for cue in found for line in cue.lines)
    assert letters("".join("".join(cue.lines) for cue in found)).endswith("anow")


def test_what_holds_nothing_gives_nothing() -> None:
    assert cues([]) == cues([Timed("", 0, 100), Timed(" \n ", 100, 200)]) == []


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("中国", 4), ("e\u0301", 1), ("a\u200d", 1), ("한글", 4), ("ｶﾅ", 2)]
)
def test_columns_are_those_of_a_screen(text: str, columns: int) -> None:
    assert width(text) == columns


def test_two_lines_are_about_as_long_as_each_other() -> None:
    assert wrapped(bits("one two", 42), 42) == ("one two",)
    assert wrapped(bits("aaa bbb ccc ddd eee fff", 12), 12) == ("aaa bbb ccc", "ddd eee fff")
    assert wrapped(bits("aaa bbb, ccc ddd eee", 12), 12) == ("aaa bbb,", "ccc ddd eee")
    assert wrapped(bits("aaa " * 12, 12), 12) is None
    assert joined(bits(" a  b\nc ", 12)) == "a b c"


def test_estimates_follow_letters_and_pauses() -> None:
    said = words(bits("I, however, waited.", 42), 0, 2600)
    assert [word.text for word in said] == ["I,", "however,", "waited."]
    assert [(word.start_ms, word.end_ms) for word in said] == [(0, 130), (520, 1430), (1820, 2600)]
    assert all(word.estimated for word in said)
    assert weight("2024") > weight("year") and weight("中国") > weight("ab") and weight("—") < 1


def test_what_was_heard_is_exact_and_the_rest_lies_between() -> None:
    heard = [Word("Hello", 100, 500, False), Word("dear", 600, 800, False), Word("friends", 2000, 2500, False)]
    said = words(bits("Hello, my 2 friends!", 42), 0, 3000, heard)
    assert [word.estimated for word in said] == [False, True, True, False]
    assert (said[0].start_ms, said[0].end_ms) == (100, 500)
    assert (said[3].start_ms, said[3].end_ms) == (2000, 2500)
    assert 500 <= said[1].start_ms < said[1].end_ms <= said[2].start_ms < said[2].end_ms <= 2000
    found = cues([Timed("Hello, my 2 friends!", 0, 3000, heard=tuple(heard))])
    assert found[0].estimated and found[0].start_ms == 0


def test_a_recogniser_may_cut_words_otherwise() -> None:
    said = words(
        bits("我们去北京。", 42), 0, 1500, [Word("我们", 0, 400), Word("去", 500, 600), Word("北京", 700, 1500)]
    )
    assert [(word.text, word.start_ms, word.end_ms) for word in said] == [
        ("我", 0, 200),
        ("们", 200, 400),
        ("去", 500, 600),
        ("北", 700, 1100),
        ("京。", 1100, 1500),
    ]
    assert not any(word.estimated for word in said)
    assert all(w.estimated for w in words(bits("a b", 42), 0, 100, [Word("x" * (ALIGNED_LIMIT + 1), 0, 9)]))


def test_times_of_a_recogniser_are_kept_within_the_sentence() -> None:
    said = words(
        bits("one two three", 42), 1000, 2000, [Word("one", 0, 5000), Word("two", 100, 200), Word("three", 1500, 9000)]
    )
    assert all(1000 <= word.start_ms <= word.end_ms <= 2000 for word in said)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(said))


def test_a_sentence_without_an_end_takes_linear_time() -> None:
    started = time.process_time()
    found = cues([Timed("word " * 40_000, 0, 40_000 * 300), Timed("字" * 40_000, 40_000_000, 70_000_000)])
    assert len(found) > 2500
    assert time.process_time() - started < 20  # 240,000 characters; 1 s on an idle machine
