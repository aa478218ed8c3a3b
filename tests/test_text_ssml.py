"""SSML: what it says, what is refused, and that a stream's cut does not matter."""

from __future__ import annotations

import time

import pytest

from daemon.text.score import BadMarkup, Mode, Pause, Said
from daemon.text.ssml import ATTRIBUTE_LIMIT, DEPTH_LIMIT, TOKEN_LIMIT, SsmlReader
from tests.feeding import three_ways
from tests.markings import heard, short, words

# What stands inside <speak>, and what becomes of it in each mode.
SAID = [
    ("Hello  world,\n\tyou", ["Hello ", "world, ", "you"]),
    ("  a <mark name='x'/> <emphasis>b</emphasis>", ["a ", "b"]),
    ("a &amp; b &lt;&#233;&#x4e2d;&apos;", ["a ", "&", " b ", "<", "é", "中", "'"]),
    ("a<![CDATA[ &amp; <b>]]>", ["a", " &amp; <b>"]),
    ("a<!-- <break/> -->b", ["a", "b"]),
    ("<p>One.</p><p><s>Two</s> <s>three</s></p>four", ["One.", "\n\n", "Two", "\n\n", "three", "\n\n", "four"]),
    ("one<s/>two", ["one", "\n\n", "two"]),
    ("a<break/>b<break time='1s'/><break time='250ms' strength='none'/>", ["a", "(0.5 s)", "b", "(1 s)", "(0.25 s)"]),
    ("<break strength='none'/><break strength='x-strong'/>", ["(1.2 s)"]),
    ("<prosody rate='80%' pitch='+2st' volume='-6dB'>a</prosody>b", ["rate=0.8 pitch=2.0 gain=-6.0|a", "b"]),
    ("<prosody rate='x-slow'>a<prosody rate='fast' pitch='low'>b</prosody></prosody>", ["rate=0.5|a", "rate=0.625 pitch=-2.0|b"]),
    ("<voice name='a'>1<voice name='b' xml:lang='de'>2</voice>3</voice>", ["voice=a|1", "voice=b language=de|2", "voice=a|3"]),
    ("<lang xml:lang='fr'>a</lang><p xml:lang='de'>b</p>", ["language=fr|a", "\n\n", "language=de|b", "\n\n"]),
    ("<say-as interpret-as='digits'>12</say-as>3", ["1", " 2", " ", "3"]),
    ("<say-as interpret-as='date' format='dmy'>1.2.</say-as>", ["hint=date|1.2."]),
    ("<sub alias='World Wide Web'>W<b/>W<!---->W</sub>!", ["World Wide Web", "!"]),
    ("<sub alias='a'/>b", ["a", "b"]),
    ("<phoneme alphabet='x-respell' ph='nigh-key'>Nike</phoneme>", ["nigh-key"]),
]  # fmt: skip
# Said without it and with a remark that holds this; a mistake in strict mode.
UNKNOWN = [
    ("<audio src='x'>words</audio>", "<audio> is not known: <speak> <p>", "words"),
    ("<x:p>words</x:p>", "<x:p> is not known", "words"),
    ("<phoneme alphabet='ipa' ph='x'>words</phoneme>", 'write alphabet="x-respell"', "words"),
    ("<phoneme ph='x'>words</phoneme>", "phonemes of 'ipa' cannot be spoken", "words"),
    ("<sub>words</sub>", "<sub> does not say alias", "words"),
    ("<voice gender='male'>words</voice>", '<voice> does not say name: write <voice name="anna">', "words"),
    ("<lang>words</lang>", "does not say xml:lang", "words"),
    ("<lang xml:lang='?'>words</lang>", "'?' is no language", "words"),
    ("<prosody rate='brisk'>words</prosody>", "'brisk' is no rate", "words"),
    ("<prosody pitch='200Hz'>words</prosody>", "'200Hz' is no pitch", "words"),
    ("<say-as interpret-as='song'>words</say-as>", "'song' is no way to say it", "words"),
    ("<break time='soon'/>words", "'soon' is no length of time", "words"),
    ("<break strength='huge'/>words", "'huge' is no strength of a break", "words"),
]
# Refused in every mode, with what is said of it.
REFUSED = [
    ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "a document type"),
    ('<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak/>', "a document type"),
    ("<speak>&nbsp;</speak>", "only &amp; &lt; &gt; &quot; &apos; and numbers"),
    ('<?xml version="1.0"?><?php x?><speak/>', "a processing instruction"),
    ("<speak><?php x?></speak>", "a processing instruction"),
    ('<?xml version="1.0"?><html/>', "SSML begins with <speak>"),
    ("<speak>" + "<p>" * DEPTH_LIMIT, f"nested deeper than {DEPTH_LIMIT}"),
    ("<speak>" + "<x>" * 10_000, f"nested deeper than {DEPTH_LIMIT}"),
    ("<speak " + " ".join(f'a{n}="1"' for n in range(ATTRIBUTE_LIMIT + 1)) + ">", "attributes"),
    (f'<speak a="{"x" * TOKEN_LIMIT}">', f"longer than {TOKEN_LIMIT} characters"),
    (f'<speak a="{"x" * TOKEN_LIMIT}', f"longer than {TOKEN_LIMIT} characters"),
    (f"<speak><!--{'x' * TOKEN_LIMIT}--></speak>", f"longer than {TOKEN_LIMIT} characters"),
    (f"<speak>&#{'0' * TOKEN_LIMIT}65;</speak>", f"longer than {TOKEN_LIMIT} characters"),
    ("<speak>a</speek>", "mismatched tag"),
    ("<speak>a < b</speak>", "not well-formed"),
    ("<speak>\x00</speak>", "not well-formed"),
    ("<speak>a</speak>b", "junk after document element"),
    ("<speak/><speak/>", "junk after document element"),
    ("<speak a='1' a='2'/>", "duplicate attribute"),
    ("<speak>]]></speak>", "not well-formed"),
]


def ways(text: str, mode: Mode) -> list[str]:
    """The same in three ways."""
    results = {way: heard(SsmlReader(mode), parts) for way, parts in three_ways(text).items()}
    assert results["one at a time"] == results["left over"] == results["whole"]
    events, mistake = results["whole"]
    return [*short(events), *filter(None, [mistake])]


@pytest.mark.parametrize(("inside", "expected"), SAID)
def test_says(inside: str, expected: list[str]) -> None:
    text = f"<speak>{inside}</speak>"
    assert ways(text, "auto") == ways(text, "on") == expected
    if "<b/>" not in inside:
        assert ways(text, "strict") == expected


@pytest.mark.parametrize(("element", "message", "said"), UNKNOWN)
def test_what_cannot_be_obeyed(element: str, message: str, said: str) -> None:
    text = f"<speak>one\n{element}</speak>"
    one, remark, after = ways(text, "auto")
    assert (one, after) == ("one ", said)
    assert message in remark
    assert ways(text, "strict") == ["one ", f"line 2, column 1: {remark[1:-1]} @11"]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message + text[:12] for text, message in REFUSED])
@pytest.mark.parametrize("mode", ["auto", "on", "strict"])
def test_what_is_refused(text: str, message: str, mode: Mode) -> None:
    mistake = ways(text, mode)[-1]
    assert message in mistake or (mode == "strict" and "<x> is not known" in mistake)
    assert mistake.startswith("line 1, column ")
    assert len(mistake) < 300


def test_entities_in_entities_are_never_expanded() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE speak [<!ENTITY l0 "lol">{levels}]><speak>&l9;</speak>'
    started = time.process_time()
    assert "a document type" in ways(bomb, "auto")[-1]
    assert time.process_time() - started < 10


def test_a_mistake_is_told_by_line_and_column() -> None:
    assert ways("<speak>é漢😀\n\n  <b", "strict")[-1].startswith("line 3, column 5: the SSML ends inside <speak>")
    assert ways("\ufeff\n<speak>é漢😀\nx &y;</speak>", "auto")[-1].startswith("line 3, column 3: the SSML is broken")


@pytest.mark.parametrize(
    ("text", "said", "inside"),
    [
        ("<speak>One. <p>Two", ["One. ", "\n\n", "Two"], " inside <p>"),
        ("<speak>One<bre", ["One"], " inside <speak>"),
        ("<speak>One &am", ["One "], " inside <speak>"),
        ("<speak>One <sub alias='x'>y", ["One ", "x"], " inside <sub>"),
        ("<spe", [], ""),
    ],
)
def test_a_document_that_ends_too_early(text: str, said: list[str], inside: str) -> None:
    message = f"the SSML ends{inside} without </speak>"
    assert ways(text, "auto") == [*said, f"({message})"]
    assert ways(text, "strict")[-1].endswith(f"{message} @{len(text)}")


@pytest.mark.parametrize(
    "before", ["", "\ufeff", " \r\n\t", '\ufeff <?xml version="1.0" encoding="utf-16"?>\n<!-- x -->\n']
)
def test_what_may_stand_before(before: str) -> None:
    text = f"{before}<speak version='1.1' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang='en'>Hi</speak> \n"
    assert ways(text, "strict") == ["language=en|Hi"]


def test_half_a_character_is_one_that_cannot_be_shown() -> None:
    assert ways("<speak>a\ud83db</speak>", "auto") == ["a\ufffdb"]


def test_places_are_those_of_the_typed_text() -> None:
    text = "\ufeff <speak>é漢😀 <voice name='x'>ü&amp;\r\n\r\n w</voice><sub alias='long one'>c d</sub><break/></speak>"
    events, _ = heard(SsmlReader("strict"), [text])
    places = [(event.text, text[event.at : event.until]) for event in events if isinstance(event, Said)]
    assert places == [("é漢😀 ", "é漢😀 "), ("ü", "ü"), ("&", "&amp;"), (" ", "\r"), ("w", "w"), ("long one", "c d")]
    assert [event.at for event in events if isinstance(event, Pause)] == [text.index("<break/>")]


def test_words_go_out_at_once() -> None:
    reader = SsmlReader("auto")
    assert [short(reader.feed(part)) for part in ("<speak>He", "llo, <br", "eak/>", "you")] == [
        ["He"], ["llo, "], ["(0.5 s)"], ["you"],
    ]  # fmt: skip


def test_what_stands_before_a_mistake_comes_first() -> None:
    reader = SsmlReader("auto")
    assert short(reader.feed("<speak>One. <?x?> two")) == ["One. "]
    with pytest.raises(BadMarkup, match="processing instruction"):
        reader.feed("more")
    with pytest.raises(BadMarkup, match="processing instruction"):
        reader.finish()
    assert short([*reader.feed("<speak>new</speak>"), *reader.finish()]) == ["new"]


@pytest.mark.parametrize(
    "piece", ["<s>x</s>", "&amp;", "\n", "é ", "<break/>", "  a\n", "<!---->", "]", "<x/>", "<p><s>", "'"]
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text, started = "<speak>" + piece * (200_000 // len(piece)), time.process_time()
    heard(SsmlReader("on"), [text])
    assert time.process_time() - started < 10  # a square would take minutes


@pytest.mark.parametrize("piece", ["<s>é</s> ", f"<a b='{'x' * (TOKEN_LIMIT - 20)}'/>", "word ", "&#8211;"])
def test_one_character_at_a_time_is_linear(piece: str) -> None:
    reader, started = SsmlReader("on"), time.process_time()
    for character in "<speak>" + piece * (100_000 // len(piece)):
        reader.feed(character)
    assert time.process_time() - started < 10


def test_a_long_text_is_forgotten_as_it_is_read() -> None:
    text = "<speak>" + "Zwölf Boxkämpfer. " * 20_000 + "<b>\nend &x;</speak>"
    whole = heard(SsmlReader("on"), [text])
    pieces = heard(SsmlReader("on"), [text[at : at + 1000] for at in range(0, len(text), 1000)])
    assert whole == pieces
    assert words(whole[0]).endswith("Boxkämpfer. end ")
    assert whole[1].startswith("line 2, column 5")
