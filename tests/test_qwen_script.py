"""A text becomes stretches: none too long, cut between sentences where there are any, the same however the text came."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from checkpoints import Shelf
from hypothesis import given
from hypothesis import strategies as st

from models.qwen.script import LONGEST_TOKENS, STRETCH_TOKENS, Script
from models.qwen.tokens import Tokens

SENTENCE = "The quick brown fox jumps over a dog. "
CHINESE = "今天天气不错我们一起去公园散步吧。"


@pytest.fixture(scope="module")
def tokens(checkpoint: Shelf) -> Tokens:
    return Tokens(checkpoint("custom_voice"))


def stretches(tokens: Tokens, *pieces: str) -> list[list[int]]:
    script = Script(tokens)
    for piece in pieces:
        script.write(piece)
    script.end()
    found = []
    while (stretch := script.first) is not None:
        assert stretch.ended
        found.append(stretch.ids)
        script.drop()
    assert script.over
    return found


def texts(tokens: Tokens, *pieces: str) -> list[str]:
    return [tokens._tokenizer.decode(ids) for ids in stretches(tokens, *pieces)]


def test_a_short_text_is_one_stretch(tokens: Tokens) -> None:
    assert stretches(tokens, "One. Two! Three?") == [tokens.encode("One. Two! Three?")]


def test_no_text_is_over_at_once(tokens: Tokens) -> None:
    assert stretches(tokens) == []
    assert stretches(tokens, "") == []


def test_a_script_waits_for_its_first_word(tokens: Tokens) -> None:
    script = Script(tokens)
    assert (script.first, script.over) == (None, False)
    script.write("He")
    assert script.first is None
    script.write("llo the")
    first = script.first
    assert first is not None
    assert (first.ids, first.ended) == (tokens.encode("Hello"), False)
    script.end()
    assert (first.ids, first.ended) == (tokens.encode("Hello the"), True)
    assert not script.over


@pytest.mark.parametrize(
    "sentence", [SENTENCE, CHINESE, "Wirklich? Ja! ", "「今日はいい天気ですね。」", 'He said: "No." ']
)
def test_a_long_text_is_cut_between_sentences(tokens: Tokens, sentence: str) -> None:
    found = texts(tokens, sentence * 40)
    assert "".join(found) == sentence * 40
    assert len(found) > 2
    for text in found[:-1]:
        assert text.strip()[-1] in '.。?!」"'
        assert STRETCH_TOKENS <= len(tokens.encode(text)) < STRETCH_TOKENS + len(tokens.encode(sentence))


def test_a_sentence_too_long_is_cut_between_words(tokens: Tokens) -> None:
    text = "and again the house " * 60
    found = stretches(tokens, text)
    assert [number for ids in found for number in ids] == tokens.encode(text)
    assert all(LONGEST_TOKENS - 10 < len(ids) <= LONGEST_TOKENS for ids in found[:-1])
    assert all(text.startswith(" ") for text in texts(tokens, text)[1:])


@pytest.mark.parametrize("text", ["a" * 5000, "今" * 900, "!" * 2000, "\n" * 2000, "7" * 2000])
def test_a_word_without_end_is_cut_as_well(tokens: Tokens, text: str) -> None:
    found = stretches(tokens, text)
    assert [number for ids in found for number in ids] == tokens.encode(text)
    assert max(len(ids) for ids in found) <= LONGEST_TOKENS


def test_a_number_is_not_cut_at_its_point(tokens: Tokens) -> None:
    for places in range(STRETCH_TOKENS - 6, STRETCH_TOKENS + 6):
        assert texts(tokens, "7" * places + " is 3.14 or so. And more.")[0].endswith("or so.")
        assert texts(tokens, "今" * (places // 3) + "今。2月好。今。")[0].endswith("。")


def test_a_hundred_thousand_characters(tokens: Tokens) -> None:
    text = (SENTENCE * (100_000 // len(SENTENCE) + 1))[:100_000]
    began = time.process_time()
    found = stretches(tokens, text)
    assert time.process_time() - began < 20
    assert sum(map(len, found)) == len(tokens.encode(text))
    assert max(map(len, found)) <= LONGEST_TOKENS
    assert min(map(len, found[:-1])) >= STRETCH_TOKENS


WORDS = st.lists(
    st.sampled_from(
        ["Hello", " there", ".", "!", " ", "\n", "\n\n", "。", "今天", " 3", ".1", "4", "...", " and", "x" * 50]
    ),
    max_size=120,
)


@given(WORDS, st.lists(st.integers(0, 5000), max_size=6))
def test_the_cuts_of_what_is_written_change_nothing(tokens: Tokens, words: list[str], at: list[int]) -> None:
    text = "".join(words)
    edges = [0, *sorted(place % (len(text) + 1) for place in at), len(text)]
    whole = stretches(tokens, text)
    assert stretches(tokens, *(text[start:end] for start, end in pairwise(edges))) == whole
    assert [number for ids in whole for number in ids] == tokens.encode(text)
    assert all(0 < len(ids) <= LONGEST_TOKENS for ids in whole)


def test_whoever_needs_whole_sentences_gets_them_one_by_one(tokens: Tokens) -> None:
    script = Script(tokens)
    script.write("It is 3.")
    script.end_sentence()
    script.write("14 now. And")
    first = script.first
    assert first is not None
    assert not first.ended
    script.end_sentence()
    assert first.ended
    assert first.ids == tokens.encode("It is 3.14 now.")
    script.write(" more")
    script.drop()
    script.end_sentence()
    second = script.first
    assert second is not None
    assert not second.ended
    script.end()
    assert second.ids == tokens.encode(" And more")


def test_a_chinese_sentence_ends_without_a_blank(tokens: Tokens) -> None:
    script = Script(tokens)
    script.write("你好。")
    script.end_sentence()
    first = script.first
    assert first is not None
    assert not first.ended  # a quotation mark may follow
    script.write("今天")
    script.end_sentence()
    assert first.ended
    assert first.ids == tokens.encode("你好。")
    script.end_sentence()
    script.end()
    script.drop()
    second = script.first
    assert second is not None
    assert second.ids == tokens.encode("今天")


def test_a_chinese_text_keeps_what_a_tokenizer_takes_together(tokens: Tokens) -> None:
    """Only where a stretch ends is 。 cut off from what follows."""
    assert stretches(tokens, "你好。今天。") == [tokens.encode("你好。今天。")]


def test_what_comes_after_a_voice_stopped_in_a_stretch_is_a_new_one(tokens: Tokens) -> None:
    """As in a whole text: what is left of a stretch in which the voice stopped stays unspoken."""
    script = Script(tokens)
    script.write("One two")
    script.drop()
    script.write(" three")
    assert script.first is None
    assert not script.over
    script.end()
    assert script.over
