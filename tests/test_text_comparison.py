"""What a listener would call the same is the same, and the rest is counted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.text.comparison import MAX_UNITS, compare

CODES = "de en es fr it ja ko pt ru zh xx".split()
SENTENCES = {
    "de": "Guten Morgen, schön, dass du da bist!",
    "en": "It will be sunny today, and a little rain may pass through.",
    "es": "¡Buenos días, qué alegría oírte!",
    "fr": "Bonjour, quel plaisir de vous entendre !",
    "it": "Buongiorno, che piacere sentirti, amico mio!",
    "ja": "今日はよく晴れますが、夕方には少し雨が降るかもしれません。",
    "ko": "오늘은 하루 종일 맑겠고, 저녁에는 비가 조금 내릴 수도 있어요.",
    "pt": "Hoje vai fazer sol, e à noite talvez chova.",
    "ru": "Сегодня будет солнечно, а ближе к вечеру пройдёт дождь.",
    "zh": "今天阳光明媚，傍晚的时候可能会下一点小雨。",
}
WORDS = st.lists(
    st.sampled_from("apple river stone cloud seven kitchen window yellow".split()), min_size=5, max_size=20
)


@pytest.mark.parametrize(
    ("language", "meant", "heard"),
    [
        ("en", "The café, it's OPEN.", "the cafe its open"),
        ("en", "I paid $12.50 on 3 May 2021.", "I paid twelve dollars and fifty cents on the 3rd of May, 2021."),
        ("en", "She sells sea shells by the sea shore, every day.", "She sells seashells by the seashore every day."),
        ("en", "Please water the flowers in the garden.", "Um, please, uh, water the flowers in the garden. [Music]"),
        ("en", "The grey colour suits you very well.", "The gray color suits you very well."),
        ("en", "The alarm rings at 7:30 every day.", "The alarm rings at 7.30 every day."),
        ("de", "Im Wohnzimmer sind es 21,5 °C.", "Im Wohnzimmer sind es 21.5 °C."),
        ("de", "Der Staubsauger-Roboter fährt zur Haustür.", "Der Staubsaugerroboter fährt zur Haus Tür."),
        ("de", "Die Straße ist größer als früher.", "die strasse ist grösser als früher"),
        ("fr", "Le train part à 14 h 30 demain matin.", "Le train part à 14h30 demain matin"),
        ("ru", "Всё ещё 25 мая, не так ли?", "Все еще двадцать пятое мая, не так ли?"),
        ("ja", "2021年5月3日に25人", "二千二十一年五月三日に25人"),
        ("ja", "コーヒーを飲む", "こーひーを飲む"),
        ("ko", "목소리를 들으니 정말 반갑네요.", "목소리를들으니 정말반갑네요"),
        ("zh", "请把客厅的灯打开，谢谢。", "請把客廳的燈打開謝謝"),
        ("zh", "湿度45%。", "湿度百分之四十五"),
    ],
)
def test_what_only_looks_different_is_the_same(language: str, meant: str, heard: str) -> None:
    assert compare(meant, heard, language).word_error_rate <= 0.12, compare(meant, heard, language)


def test_what_is_different_is_told_with_its_words() -> None:
    found = compare(
        "The kitchen light is on and the door is open.", "The bathroom light is on and a door is open.", "en"
    )
    assert found.wrong == (("kitchen", "bathroom"), ("the", "a"))
    assert found.word_error_rate == pytest.approx(0.2)
    assert not found.by_characters and found.count == 10


@pytest.mark.parametrize("language", SENTENCES)
def test_another_sentence_is_wrong_in_every_language(language: str) -> None:
    others = {
        "en": "Nobody knows where my brother has put his keys.",
        "ja": "先生はとても忙しいです。",
        "ko": "제 동생은 열쇠를 어디에 두었는지 모릅니다.",
        "ru": "Никто не знает, куда мой брат положил ключи.",
        "zh": "我的弟弟不知道钥匙在哪里。",
    }
    assert compare(SENTENCES[language], others.get(language, others["en"]), language).word_error_rate > 0.7


@pytest.mark.parametrize("language", SENTENCES)
def test_missing_words_are_found_at_either_end(language: str) -> None:
    text = SENTENCES[language]
    middle = len(text) // 2
    half = middle if language in ("ja", "zh") else text.index(" ", middle)
    begun, ended = compare(text, text[:half], language), compare(text, text[half:], language)
    assert begun.cut_end > 1 and not begun.cut_start
    assert ended.cut_start > 1 and not ended.cut_end
    whole = compare(text, text, language)
    assert not whole.cut_start and not whole.cut_end


def test_a_word_that_is_missing_in_the_middle_is_no_cut() -> None:
    found = compare("The kitchen light is on and the door is open.", "The light is on and the door is open.", "en")
    assert (found.cut_start, found.cut_end) == (0, 0) and found.wrong == (("kitchen", ""),)


def test_kanji_may_be_heard_as_kana_and_cost_little() -> None:
    kana = compare("今日はよく晴れますが、雨が降るでしょう。", "きょうはよくはれますが、あめがふるでしょう。", "ja")
    assert 0 < kana.word_error_rate < 0.3 and not kana.cut_start


def test_short_texts_are_compared_by_letters() -> None:
    assert compare("Turn it off.", "Turn it of.", "en").word_error_rate < 0.2
    assert compare("Yes.", "No.", "en").word_error_rate >= 1
    assert compare("Ja.", "Ja!", "de").word_error_rate == 0
    assert compare("Mm.", "", "en").word_error_rate == 1


def test_nothing_was_meant_or_heard() -> None:
    assert compare("", "", "en").word_error_rate == 0
    assert compare("", "Hello", "en").word_error_rate > 1
    assert compare("Hello to all of you", "", "en").word_error_rate == 1
    assert compare("…", "", "en").wrong == ()


@given(st.sampled_from(CODES), st.text(max_size=60))
def test_the_same_text_is_the_same(language: str, text: str) -> None:
    found = compare(text, text, language)
    assert found.word_error_rate == 0 and not found.wrong and not found.cut_start and not found.cut_end


@given(st.sampled_from(CODES), st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared(language: str, meant: str, heard: str) -> None:
    found = compare(meant, heard, language)
    assert found.word_error_rate >= 0
    assert 0 <= found.cut_start <= max(found.count, 0) and 0 <= found.cut_end <= max(found.count, 0)


@given(WORDS, st.integers(0, 19))
def test_a_word_more_or_less_is_one_error(words: list[str], place: int) -> None:
    text, more = " ".join(words), " ".join([*words[:place], "elephant", *words[place:]])
    assert compare(text, more, "en").word_error_rate == pytest.approx(1 / len(words))
    assert compare(more, text, "en").word_error_rate == pytest.approx(1 / (len(words) + 1))


def test_ten_thousand_words_take_a_moment_and_too_many_are_refused() -> None:
    words = "the kitchen light is on and the door is open today".split() * 1000
    begun = time.process_time()
    assert compare(" ".join(words), " ".join([*words[:300], *words[320:]]), "en").word_error_rate < 0.01
    assert compare(" ".join(words), " ".join(["nobody knows where it was"] * 2000), "en").word_error_rate > 0.5
    assert time.process_time() - begun < 20  # 2 s on a free core
    with pytest.raises(ValueError, match="in parts"):
        compare("word " * (MAX_UNITS + 1), "word", "en")
