"""Where sentences end, in ten languages, and that a stream's cut does not matter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.sentences import PlacedSplitter, Sentence, Splitter, has_words, split, split_placed
from tests.feeding import cut, three_ways

# The rule in plain words, and a text in which "|" stands for a sentence's end.
RULES = [
    ("a full stop, a question mark, an exclamation mark", "Hello there.|How are you?|Fine!|Good."),
    ("en: a title is followed by a name", "Mr. Smith met Dr. Jones and Mrs. Hill at St. Paul's.|They talked."),
    ("en: an explanation goes on", "Use a tool, e.g. Ruff, i.e. a linter.|It is quick."),
    ("en: initials belong to a name", "J. R. R. Tolkien wrote it.|George R. R. Martin read it."),
    (
        "en: a dotted abbreviation goes on before a name or a small letter",
        "The U.S. Army left, and the U.S. troops too.|Done.",
    ),
    ("en: and ends before a frequent first word", "He lives in the U.S.|She does not."),
    ("en: so does a single letter", "That was plan B.|The rest is easy."),
    ("en: no. before a number", "See No. 5 on p. 12, vol. 3.|No.|I will not."),
    ("en: a.m. before a capital", "We met at 3 p.m.|Then we ate at 10 p.m. sharp."),
    ("en: etc. ends before a capital only", "Bring pens, etc. for all.|Bring paper, etc.|Thanks."),
    ("en: a company may end a sentence", "He works at Acme Inc.|She works at Foo Ltd. as well."),
    ("en: a number may end a sentence", "My son is 12.|My daughter is 10."),
    ("en: I am is not the German am", "I am 12.|My brother is 10."),
    ("en: a year", "It began in 1999.|Nobody knew."),
    ("decimals, versions, times, money", "Pi is 3.14, v2.0.1 is out at 10.30 for $2.50.|Yes."),
    ("hosts and files", "Visit example.com or open main.py now.|Then go."),
    ("a list's numerals", "1. Mix the flour.|2. Bake it."),
    ("an ellipsis before a small letter goes on", "Wait... what is it?|Well...|I see."),
    ("the one-character ellipsis too", "Hm… maybe.|Hm…|Yes."),
    ("marks in a row are one", "What?!|No way!!|Really?..|Yes."),
    ("quotes close with the sentence", '"Stop."|"Why?"|“Go!”|(Quietly.)|He went.'),
    ("speech before a small letter goes on", '"Stop!" he said.|“Why?” she asked.|They left.'),
    ("a quote may open a sentence", 'He left.|"Why?"|(Nobody knew.)|She stayed.'),
    ("a number may open a sentence", "It was late.|12 people came."),
    ("de: abbreviations", "Das gilt z. B. für Hunde, d. h. Tiere, u. a. Möpse, bzw. Katzen.|Gut."),
    ("de: the same without blanks", "Das gilt z.B. für Hunde, d.h. Tiere, ca. 5 Stück, vgl. Nr. 7.|Gut."),
    ("de: usw. ends before a capital", "Äpfel, Birnen usw.|Danach gibt es Brot usw. und mehr."),
    ("de: dates", "Am 5. Januar kam er, am 24. Dezember ging er.|Schade."),
    ("de: a date that opens a sentence", "Er kam.|3. Oktober ist Feiertag."),
    ("de: ordinals after an article", "Der 3. Mann wohnt im 2. Stock.|Im 19. Jahrhundert war das so."),
    ("de: a number that ends a sentence", "Es sind 21 Grad, gestern waren es 12.|Morgen wird es kälter."),
    ("de: numbered kings before a small letter", "Ludwig XIV. war König.|Er starb 1715."),
    ("de: quotes", "„Ja.“|„Gut!“, sagte er.|Sie ging."),
    ("fr: titles", "M. Dupont et Mme. Curie sont là, p. ex. ici.|Bien."),
    ("fr: guillemets with blanks", "« Oui ! » dit-il.|« Non. »|Elle part.|Vraiment ?|Oui !"),
    ("fr: etc.", "Du pain, du vin, etc.|Puis le dessert."),
    ("es: opening marks", "¿Qué tal?|¡Muy bien!|¿y tú?|Bien."),
    ("es: titles and abbreviations", "El Sr. López y la Sra. Ruiz vinieron, p. ej. ayer.|Vale."),
    ("es: EE. UU. as one word", "Vive en EE.UU. desde ayer.|Vale."),
    ("it: titles", "Il sig. Rossi e il dott. Bianchi sono qui.|Va bene."),
    ("pt: titles", "O Sr. Silva e a Dra. Ana chegaram.|Bom dia."),
    ("ru: addresses", "Он живёт на ул. Ленина, д. 5, кв. 7, в г. Москва.|Она тоже."),
    ("ru: years", "Это было в 2020 г. в Москве.|В 2021 г.|Он уехал."),
    ("ru: т. е. goes on, и т. д. may end", "Дом, т. е. квартира, и т. д.|Потом всё."),
    ("ru: initials", "А. С. Пушкин родился в 1799 году.|Он поэт."),
    ("ru: dialogue", "— Привет.|— Как дела?|— Хорошо."),
    ("zh: no blank after a full stop", "你好。|你叫什么名字？|我叫小明！|好。"),
    ("zh: quotes", "他说：“好。”|然后走了。|我……不知道。"),
    ("zh: after a Latin mark", "OK!|你好。"),
    ("ja: no blank after a full stop", "今日は。|元気ですか？|はい。"),
    ("ja: speech goes on with と", "「はい。」と言った。|そうです。"),
    ("ko: blanks as in Latin", "안녕하세요.|잘 지내세요?|네!"),
    ("ar: its own question mark", "كيف حالك؟|أنا بخير."),
    ("hi: the danda", "नमस्ते।|आप कैसे हैं?|ठीक।"),
    ("a blank line always ends", "A title\n\n|and a text\n \n|without an end"),
    ("a new line alone does not", "one\nline."),
    ("Mr. before a blank line ends too", "Mr.\n\n|Smith"),
    ("what has no word goes with what follows", "... well.|Yes."),
]
PIECES = [
    *" .!?…。！？\"')”»(,;:\n-–«5iÉと」\t",
    *(
        ". ",
        ".\n\n",
        "... ",
        "Mr. ",
        "z. B. ",
        "am 5. ",
        "Mai ",
        "J. ",
        "U.S. ",
        "The ",
        "the ",
        "word ",
        "Er ",
        "日本",
    ),
    *("etc. ", "no. ", "12. ", "www.a.b ", "г. "),
]
DENSE = st.lists(st.sampled_from(PIECES), max_size=50).map("".join)


def fed(parts: list[str], max_chars: int = 400) -> list[str]:
    splitter = Splitter(max_chars)
    return [sentence for part in parts for sentence in splitter.feed(part)] + splitter.finish()


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize(("rule", "marked"), RULES, ids=[rule for rule, _ in RULES])
def test_rule(rule: str, marked: str) -> None:
    expected = [" ".join(part.split()) for part in marked.split("|")]
    text = "".join(
        part if part.endswith((*"。！？\n", "。”", "OK!")) else part + " " for part in marked.split("|")
    ).rstrip(" ")
    for way, parts in three_ways(text).items():
        assert fed(parts) == expected, (rule, way)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(DENSE, st.text(max_size=200)),
    st.lists(st.integers(min_value=0), max_size=12),
    st.sampled_from([20, 60, 400]),
)
def test_the_cut_does_not_matter(text: str, places: list[int], max_chars: int) -> None:
    assert fed(cut(text, places), max_chars) == fed([text], max_chars) == fed(list(text), max_chars)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(DENSE, st.text(max_size=300)),
    st.integers(min_value=5, max_value=60),
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_nothing_is_lost_and_nothing_twice(text: str, max_chars: int, places: list[int]) -> None:
    splitter, sentences = Splitter(max_chars), []
    for part in cut(text, places):
        sentences += splitter.feed(part) + splitter.flush()
    for found in (split(text, max_chars), sentences + splitter.finish()):
        assert letters("".join(found)) == letters(text)
        assert all(
            has_words(sentence) and len(sentence) <= max_chars and sentence == sentence.strip() for sentence in found
        )


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(DENSE, st.text(max_size=200)),
    st.lists(st.integers(min_value=0), max_size=12),
    st.sampled_from([20, 60, 400]),
)
def test_where_sentences_stand(text: str, places: list[int], max_chars: int) -> None:
    splitter = PlacedSplitter(max_chars)
    fed = [sentence for part in cut(text, places) for sentence in splitter.feed(part)] + splitter.finish()
    assert fed == split_placed(text, max_chars)
    assert [sentence.text for sentence in fed] == split(text, max_chars)
    done = 0
    for sentence in fed:
        written = text[sentence.start : sentence.end]
        assert written == written.strip()
        assert " ".join(written.split()) == sentence.text
        assert sentence.start >= done
        done = sentence.end


def test_places_go_on_after_a_flush_and_begin_anew_after_the_end() -> None:
    splitter = PlacedSplitter()
    assert splitter.feed(" It is\non.") + splitter.flush() == [Sentence("It is on.", 1, 10)]
    assert splitter.feed(" Good.") + splitter.finish() == [Sentence("Good.", 11, 16)]
    assert splitter.feed("New") + splitter.finish() == [Sentence("New", 0, 3)]


def test_a_sentence_goes_out_with_the_letter_that_decides() -> None:
    splitter = Splitter()
    assert splitter.feed("The light is on. ") == []
    assert splitter.feed("T") == ["The light is on."]
    assert splitter.feed("itle\n\n") == ["Title"]
    assert splitter.feed("好。") == []
    assert splitter.feed("你") == ["好。"]


@pytest.mark.parametrize(
    ("text", "released"),
    [
        ("The light is on.", ["The light is on."]),
        ("The light is on. ", ["The light is on."]),
        ("“Go!” ", ["“Go!”"]),
        ("One. Two", ["One."]),
        ("Half a sentence, and", []),
        ("Ask Mr.", []),
        ("By J.", []),
        ("Am 5.", []),
        ("It is 5.", ["It is 5."]),
        ("Well...", ["Well..."]),
        ("...", []),
        ("好。", ["好。"]),
    ],
)
def test_flush_releases_what_is_over(text: str, released: list[str]) -> None:
    splitter = Splitter()
    assert splitter.feed(text) + splitter.flush() == released
    rest = splitter.finish()
    assert letters("".join([*released, *rest])) == letters(text)


def test_goes_on_after_a_flush() -> None:
    splitter = Splitter()
    assert splitter.feed("It is on.") + splitter.flush() == ["It is on."]
    assert splitter.flush() == []
    assert splitter.feed(" And the") + splitter.flush() == []
    assert splitter.feed(" door.") + splitter.finish() == ["And the door."]
    assert splitter.feed("New. Text") + splitter.finish() == ["New.", "Text"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 90 + ", " + "b" * 30 + " " + "c" * 60, ["a" * 90 + ",", "b" * 30 + " " + "c" * 60]),
        ("a, " + "b" * 60 + " " + "c" * 60, ["a, " + "b" * 60, "c" * 60]),
        ("a" * 250, ["a" * 100, "a" * 100, "a" * 50]),
        ("一" * 80 + "，" + "二" * 60, ["一" * 80 + "，", "二" * 60]),
    ],
    ids=["at a comma", "a comma near the start is none", "anywhere", "a wide comma"],
)
def test_a_sentence_that_is_too_long_is_cut(text: str, parts: list[str]) -> None:
    assert split(text, 100) == parts


@pytest.mark.parametrize(
    ("text", "answer"),
    [("...", False), ("", False), ("_", False), ("“ ”", False), ("👋", False), ("5", True), ("你", True), ("é", True)],
)
def test_has_words(text: str, answer: bool) -> None:
    assert has_words(text) is answer


@pytest.mark.parametrize("piece", ["a", ".", ". ", " ", "\n", "a, ", "The quick brown fox, he said. "])
def test_a_million_characters_take_less_than_a_second(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.process_time()
    split(text)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("piece", ['."', "x. «« ", "z. B. ", "A. ", "am 5. ", "«. ", "x\n", "好。", ". é"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    split(text)
    assert time.process_time() - started < 10  # a square would take minutes


@pytest.mark.parametrize("piece", ["a", ".", ". ", "A. ", ". " + " " * 50, "z. B. "])
def test_one_character_at_a_time_is_linear(piece: str) -> None:
    splitter, started = Splitter(), time.process_time()
    for character in piece * (100_000 // len(piece)):
        splitter.feed(character)
    assert time.process_time() - started < 10
