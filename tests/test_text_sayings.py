"""Sayings: whole sentences with their times, whatever a recogniser's window has cut."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.sayings import MOST_LETTERS, Saying, Span, sayings
from daemon.text.wordtimes import Word

ALWAYS = [Span(0, 10_000_000)]


def words(text: str, start: int, step: int = 300) -> list[Word]:
    """A word every so many milliseconds, of which the last 20 are silence."""
    return [Word(one, start + n * step, start + (n + 1) * step - 20, False) for n, one in enumerate(text.split())]


def letters(text: str) -> str:
    return "".join(text.split())


def test_a_sentence_that_was_cut_by_the_window_is_whole_again() -> None:
    first, second = "So it was. The committee had met every", "Thursday since the war. Nobody had come."
    segments = [Saying(first, 0, 2400), Saying(second, 2400, 4500)]
    heard = [*words(first, 0), *words(second, 2400)]
    assert sayings(segments, heard, ALWAYS).said == (
        Saying("So it was. The committee had met every Thursday since the war.", 0, 3580),
        Saying("Nobody had come.", 3600, 4480),
    ), "three words alone are joined to what comes next"


def test_a_long_silence_ends_a_sentence_and_a_short_one_does_not() -> None:
    segments = [
        Saying("I will tell you about everything", 0, 2000),
        Saying("that has happened here tonight.", 3400, 5000),
    ]
    assert len(sayings(segments, (), ALWAYS).said) == 1
    apart = [segments[0], Saying(segments[1].text, 3600, 5000)]
    assert sayings(apart, (), ALWAYS).said == tuple(apart)


def test_a_word_alone_goes_with_its_neighbour_when_it_is_near() -> None:
    def said(gap_ms: int) -> list[str]:
        segments = [Saying("Oh no.", 0, 500), Saying("It has begun to rain again.", 500 + gap_ms, 3000)]
        return [one.text for one in sayings(segments, (), ALWAYS).said]

    assert said(650) == ["Oh no. It has begun to rain again."]
    assert said(750) == ["Oh no.", "It has begun to rain again."]


def test_no_sentence_begins_before_the_one_before_has_ended() -> None:
    """A service may tell times that overlap."""
    segments = [Saying("This is the first of them.", 0, 2000), Saying("And this is the second one.", 1500, 3000)]
    assert [(one.start_ms, one.end_ms) for one in sayings(segments, (), ALWAYS).said] == [(0, 2000), (2000, 3000)]


def test_words_without_a_sign_are_cut_before_nobody_can_say_them() -> None:
    text = "and so we went on and on " * 40
    said = sayings([Saying(text, 0, 60_000)], (), ALWAYS).said
    assert all(len(one.text) <= MOST_LETTERS for one in said)
    assert all(one.start_ms < one.end_ms <= other.start_ms for one, other in pairwise(said))
    assert letters("".join(one.text for one in said)) == letters(text)
    chinese = sayings([Saying("我们去北京" * 60, 0, 60_000)], (), ALWAYS).said
    assert max(one.end_ms - one.start_ms for one in chinese) < 20_000


def test_silence_that_a_recogniser_gives_to_a_word_is_nobodys() -> None:
    heard = [Word("Hello", 0, 3000, False), Word("dear", 3000, 3400, False), Word("friends.", 3400, 9000, False)]
    (one,) = sayings([Saying("Hello dear friends.", 0, 9000)], heard, [Span(2500, 3100), Span(3200, 4000)]).said
    assert one == Saying("Hello dear friends.", 2480, 4200)


def test_a_word_that_is_nearly_all_silence_begins_where_it_is_spoken() -> None:
    """As whisper-base has heard it."""
    heard = [Word("Good", 1232, 1712, False), Word("morning.", 1712, 2152, False)]
    (one,) = sayings([Saying("Good morning.", 1232, 2152)], heard, [Span(1632, 2336)]).said
    assert one == Saying("Good morning.", 1612, 2152)


def test_a_pause_inside_such_a_word_is_found() -> None:
    heard = [Word("It", 0, 400, False), Word("rained.", 400, 900, False), Word("Afterwards", 900, 6000, False)]
    heard += words("the sun came out again.", 6000)
    segments = [Saying("It rained. Afterwards the sun came out again.", 0, 7500)]
    said = sayings(segments, heard, [Span(0, 960), Span(5000, 7500)]).said
    assert said == (Saying("It rained.", 0, 900), Saying("Afterwards the sun came out again.", 4980, 7480))


def test_what_is_heard_where_nobody_speaks_is_doubted() -> None:
    segments = [Saying("This was really said by me.", 0, 2000), Saying("Thanks for watching!", 9000, 10_000)]
    found = sayings(segments, (), [Span(100, 1900)])
    assert [one.text for one in found.said] == ["This was really said by me."]
    assert found.doubted == (segments[1],)


def test_chinese_and_japanese_have_no_blanks_between() -> None:
    assert sayings([Saying("今天天气很好，我们", 0, 1000), Saying("去公园吧。", 1000, 2000)], (), ALWAYS).said == (
        Saying("今天天气很好，我们去公园吧。", 0, 2000),
    )
    (korean,) = sayings([Saying("오늘은 날씨가", 0, 1000), Saying("좋습니다 여러분.", 1000, 2000)], (), ALWAYS).said
    assert korean.text == "오늘은 날씨가 좋습니다 여러분."


def test_signs_without_a_word_are_said_by_nobody() -> None:
    assert sayings([], (), ALWAYS).said == ()
    assert sayings([Saying("", 0, 100), Saying("…", 100, 200), Saying(" - ", 200, 300)], (), ALWAYS).said == ()


TEXTS = st.lists(
    st.sampled_from(["yes.", "No", "the", "committee,", "decided!", "Mr.", "3.5", "今天", "好。", "—", "오늘은", "?"]),
    max_size=30,
).map(" ".join)


@st.composite
def heard(draw: st.DrawFn) -> tuple[list[Saying], list[Word], list[Span]]:
    segments, timed, spans, at = list[Saying](), list[Word](), list[Span](), 0
    for text in draw(st.lists(TEXTS, max_size=5)):
        start = at + draw(st.integers(0, 4000))
        at = start + draw(st.integers(0, 9000))
        segments.append(Saying(text, start, at))
        if draw(st.booleans()) and text:
            timed += [one for one in words(text, start, max(21, (at - start) // len(text.split()))) if one.end_ms <= at]
        if draw(st.booleans()) and at - start > 2:
            spans.append(Span(start + 1, at - 1))
    return segments, timed, spans


@given(heard())
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost_and_none_is_said_before_its_time(
    case: tuple[list[Saying], list[Word], list[Span]],
) -> None:
    segments, timed, spans = case
    found = sayings(segments, timed, spans)
    every = sorted([*found.said, *found.doubted], key=lambda one: (one.start_ms, one.end_ms))  # one may take no time
    said = "".join(letters(one.text) for one in every)
    assert [one for one in said if one.isalnum()] == [
        one for segment in segments for one in segment.text if one.isalnum()
    ]
    for one, following in pairwise(found.said):
        assert one.start_ms <= one.end_ms <= following.start_ms
    for one in found.said:
        assert segments[0].start_ms <= one.start_ms and one.end_ms <= segments[-1].end_ms


@pytest.mark.parametrize("timed", [True, False])
def test_ten_hours_take_seconds(timed: bool) -> None:
    sentence = "Nobody had asked him for it at all, and he brought it anyway."
    segments = [Saying(sentence, n * 5000, n * 5000 + 4500) for n in range(7200)]
    spans = [Span(one.start_ms, one.end_ms) for one in segments]
    began = time.process_time()
    told = [word for one in segments for word in words(sentence, one.start_ms)] if timed else []
    found = sayings(segments, told, spans)
    assert len(found.said) == 7200
    assert time.process_time() - began < 15
