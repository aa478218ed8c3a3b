"""Which words of a sentence are of another language."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.spans import spans

HOMES = ("de", "en", "es", "fr", "it", "ja", "ko", "pt", "ru", "zh", "uk", "el")
ALPHABET = "abZé жЯ あン一龍가힣1 20 5% .,:;!?'\"«»„“”「」『』《》()（）-–/@\n。、，ーの々\U00020000ß"


def marked(text: str, language: str) -> str:
    """The sentence with what is of another language in brackets: `他说 [en:see you at 5] 。`"""
    return "".join(
        text[span.start : span.end] if span.language == language else f"[{span.language}:{text[span.start : span.end]}]"
        for span in spans(text, language)
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        # A quotation in another script, with its numbers.
        ("de", "Er sagte «[ru:Встреча в 14:30]» und ging."),
        ("de", "Das Wort «[ru:Я купил iPhone 15 вчера]» ist Russisch."),
        ("de", "In [ru:Москва] 20 Grad, sagt er."),
        ("fr", "Il a écrit [ru:Привет, как дела 5?]"),
        ("en", "He said [zh:你好] and [ja:こんにちは] to [ko:안녕] 5 people."),
        ("en", "The sign reads 「[ja:営業中です 10時]」 today."),
        # Three words in Latin letters are English, fewer are names and units.
        ("zh", "他说 [en:I will be there at 5] 然后走了。"),
        ("zh", "他说：“[en:See you at 5:30 pm tomorrow.]”然后走了。"),
        ("zh", "[en:3 little pigs went home] 是一个故事。"),
        ("ja", "[en:The quick brown fox] と言った。"),
        ("ko", "그는 [en:see you tomorrow] 라고 말했다."),
        ("ru", "Он сказал «[en:I have 3 cats]», да."),
        ("ru", "Он сказал: [en:see you at 5] и ушёл."),
        ("ru", "Купил [en:Xiaomi Mi Band] 5 вчера."),
        ("zh", "[en:set it to] 5°[en:Celsius is a unit] 。"),
        # Kana in a Chinese sentence, Korean in a Japanese one.
        ("zh", "她唱了「[ja:夜に駆ける 2020]」这首歌。"),
        ("zh", "我喜欢[ja:ドラえもん]和皮卡丘。"),
        ("ja", "彼は「[ko:안녕하세요 3개 주세요]」と言った。"),
        ("ko", "그는 “[zh:我明天三点去北京 5次]” 라고 했다."),
        ("ko", "그는 [ja:こんにちは] 라고 말했다."),
    ],
)
def test_words_of_another_language(language: str, expected: str) -> None:
    text = expected
    for code in ("en", "ru", "zh", "ja", "ko"):
        text = text.replace(f"[{code}:", "")
    assert marked(text.replace("]", ""), language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Lampe im Wohnzimmer ist an."),
        ("zh", "我用iPhone、Android、Windows三个系统。"),
        ("zh", "Home Assistant 2024.3发布了。"),
        ("zh", "支持 USB HDMI VGA 接口。"),
        ("zh", "选项有 A B C D 四个。"),
        ("zh", "请访问 www.example.com 或 info@example.com。"),
        ("zh", "鲜の味很好。"),
        ("ja", "東京特許許可局。你好と言った。"),
        ("ja", "Home Assistant を起動しました。"),
        ("ko", "金 대통령은 四面楚歌에 빠졌다."),
        ("ru", "Windows 11 Pro установлен, скорость 5 km/h."),
        ("uk", "Привіт, як справи?"),
        ("en", ""),
    ],
)
def test_guests_that_speak_the_language_of_the_house(language: str, text: str) -> None:
    assert marked(text, language) == text


def test_the_tag_is_kept_as_it_was_given() -> None:
    assert [span.language for span in spans("他说 see you at five 。", "zh-CN")] == ["zh-CN", "en", "zh-CN"]


@given(st.text(ALPHABET, max_size=80) | st.text(max_size=40), st.sampled_from(HOMES))
@settings(max_examples=400, deadline=None)
def test_every_character_is_in_one_span(text: str, language: str) -> None:
    found = spans(text, language)
    assert found[0].start == 0
    assert found[-1].end == len(text)
    assert all(one.end == two.start for one, two in pairwise(found))
    assert all(span.start < span.end for span in found) or not text


@pytest.mark.parametrize("language", ["zh", "ja", "ko", "ru", "de"])
@pytest.mark.parametrize(
    "piece", ["a ", "a、", "ab cd ", "1 ", '"', "「", "«„", "あ", "一 ", "가1", "да", "\n", "ab 1", "a.b@"]
)
def test_a_million_characters_take_well_under_a_second(piece: str, language: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    begun = time.process_time()
    spans(text, language)
    assert time.process_time() - begun < 10
