"""Tags in brackets: what they do, what is none, and that a stream's cut does not matter."""

from __future__ import annotations

import time

import pytest

from daemon.text import stage
from daemon.text.markup import TAG_LIMIT, PlainReader, TagReader
from daemon.text.score import BadMarkup, Mode, Pause, Remark, Said
from tests.feeding import three_ways
from tests.markings import heard, short, words

# A text, and what becomes of it in each mode that obeys tags.
OBEYED = [
    ("Wait [pause 500ms] now", ["Wait ", "(0.5 s)", " now"]),
    ("Wait[pause 1.5s]now[PAUSE]", ["Wait", "(1.5 s)", "now", "(0.5 s)"]),
    ("[pause 0s]", []),
    ("[voice anna]Hi.[/voice] Bye.", ["voice=anna|Hi.", " Bye."]),
    ('[voice "Anna Maria"]Hi.', ["voice=Anna Maria|Hi."]),
    ("[rate 0.5]a[rate 0.5]b[/rate]c[/rate]d", ["rate=0.5|a", "rate=0.25|b", "rate=0.5|c", "d"]),
    ("[rate 0.5][rate 0.25]slowest", ["rate=0.25|slowest"]),
    ("[pitch +2]a[pitch -3]b", ["pitch=2.0|a", "pitch=-1.0|b"]),
    ("[pitch 12][pitch 12]a", ["pitch=12.0|a"]),
    ("[volume -3dB]a[gain +6]b", ["gain=-3.0|a", "gain=3.0|b"]),
    ("[lang de]Hallo[/lang] you", ["language=de|Hallo", " you"]),
    ("[emotion cheerful]a[emotion sad]b[/emotion]c", ["emotion=cheerful|a", "emotion=sad|b", "emotion=cheerful|c"]),
    ("[voice a][rate 2]x[/voice]y", ["voice=a rate=2.0|x", "y"]),
    ("Call [say as=digits]112[/say] now", ["Call ", "1", " 1", " 2", " now"]),
    ("[say as=spell]NATO[/say]s", ["N", " A", " T", " O", " ", "s"]),
    ('[say as="telephone"]55-1[/say]', ["5", " 5", "-1"]),
    ("[say as=date]1/2[/say]", ["hint=date|1/2"]),
    ('[sub alias="World Wide Web"]WWW[/sub].', ["World Wide Web", "."]),
    ("[sub alias=“Ngo”]Ngô[/SUB]", ["Ngo"]),
    (r"\[pause] \\[pause]", ["[", r"pause] \\", "(0.5 s)"]),
    ("a[pause]b[i][pause]c", ["a", "(0.5 s)", "b[i]", "(0.5 s)", "c"]),
    ("你好[pause 1s]世界", ["你好", "(1 s)", "世界"]),
]
# Never tags, in no mode.
TEXT = [
    "[docs](https://example.com)",
    "[pause](https://example.com)",
    "[pause 1s](x)",
    "a[i] b[index] f(x)[name] x[0][key] _[key]",
    "[1] [^1] [^note] [ ] [x] [X] [] [[]] [i]",
    "[see the chapter on tags]",
    "[Figure 1] [section 1.5]",
    "[музыка]",
    "[pause\n1s]",
    "[pause [x]]"[:9],
    "an open [voice anna",
    "a\\b \\",
]
# Text with `auto`; otherwise dropped, with a remark that holds this, or a mistake.
UNKNOWN = [
    ("[sic]", "[sic] is no tag; known are [pause] [voice]"),
    ("[/sic]", "[/sic] is no tag"),
    ("[wait 2s]", "is no tag"),
    ('[mood kind="kind of blue" x=1]', "is no tag"),
    ("[pause 5]", "'5' is no length of time: write 500ms or 1.5s"),
    ("[pause for thought]", "is no length of time"),
    ("[rate 9]", "from 0.25 to 4"),
    ("[rate]", "is no rate"),
    ("[voice]", "write [voice anna]"),
    ("[lang barrier]", "is no language"),
    ("[say as=song]", "known are address, cardinal"),
    ("[say digits]", "write [say as=digits]"),
    ("[sub W3C]", "the tag sets alias"),
    ('[sub alias="x"]', "has no [/sub] within"),
]


def ways(text: str, mode: Mode) -> list[str]:
    """The same in three ways."""
    results = [heard(TagReader(mode), parts) for parts in three_ways(text).values()]
    assert all(result == results[0] for result in results), results
    events, mistake = results[0]
    return [*short(events), *filter(None, [mistake])]


@pytest.mark.parametrize(("text", "expected"), OBEYED)
def test_a_tag_is_obeyed(text: str, expected: list[str]) -> None:
    assert ways(text, "auto") == ways(text, "on") == ways(text, "strict") == expected


@pytest.mark.parametrize("text", TEXT)
def test_brackets_that_mean_something_else_are_text(text: str) -> None:
    assert ways(text, "auto") == ways(text, "on") == ways(text, "strict") == [text]


@pytest.mark.parametrize(("tag", "message"), UNKNOWN)
def test_what_cannot_be_obeyed(tag: str, message: str) -> None:
    text = f"one {tag} two"
    assert ways(text, "auto") == [text]
    before, remark, after = ways(text, "on")
    assert (before, after) == ("one ", " two")
    assert message in remark
    said, mistake = ways(text, "strict")
    assert said == "one "
    assert mistake == f"character 5: {remark[1:-1]} @4"


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_a_closing_tag_that_closes_nothing_is_never_spoken(mode: Mode) -> None:
    assert ways("a[/voice]b", mode) == ["a", "([/voice] closes nothing: no [voice] is open)", "b"]
    assert ways("a[/voice]b", "strict") == ["a", "character 2: [/voice] closes nothing: no [voice] is open @1"]


def test_a_pause_is_cut_to_the_longest() -> None:
    assert ways("[pause 60s]", "auto") == ["(a pause of 60 s is longer than 10 s)", "(10 s)"]
    assert ways("[pause 60s]", "strict") == ["character 1: a pause of 60 s is longer than 10 s @0"]


def test_places_are_those_of_the_typed_text() -> None:
    text = '\\[a [pause]b [sub alias="long"]c[/sub][say as=digits]12[/say]'
    events, _ = heard(TagReader("strict"), [text])
    places = [(event.text, text[event.at : event.until]) for event in events if isinstance(event, Said)]
    assert places == [("[", "\\["), ("a ", "a "), ("b ", "b "), ("long", "c"), (" 1", "1"), (" 2", "2")]
    assert [event.at for event in events if isinstance(event, Pause)] == [text.index("[pause]")]


def test_a_text_without_tags_goes_out_at_once() -> None:
    reader = TagReader("on")
    assert short(reader.feed("Hello [")) == ["Hello "]
    assert short(reader.feed("you")) == []
    assert short(reader.feed(" there")) == []
    assert short(reader.feed("\n")) == ["[you there\n"]
    auto = TagReader("auto")
    assert short(auto.feed("[pau")) == []
    assert short(auto.feed("l")) == ["[paul"]


def test_flush_obeys_a_tag_that_might_have_become_a_link() -> None:
    reader = TagReader("auto")
    assert reader.feed("Hi[/voice]") == [Said("Hi", 0, 2)]
    assert len(reader.flush()) == 1
    assert reader.feed("[pau") + reader.flush() == []
    assert reader.feed("se]") + reader.flush() == [Pause(0.5, 10)]
    assert reader.feed('[sub alias="x"]') + reader.flush() == []
    assert reader.feed("y[/sub]") == [Said("x", 32, 33)]


@pytest.mark.parametrize("tail", ["a", "a ", "1s", '"'])
def test_nothing_is_held_back_for_ever(tail: str) -> None:
    reader = TagReader("on")
    assert words(reader.feed("[voice " + tail * TAG_LIMIT))
    assert words(reader.feed("[sub alias=x]" + "y" * TAG_LIMIT))


def test_a_dialogue_whose_voices_are_never_closed() -> None:
    text = "".join(f"[voice v{turn}]{turn}." for turn in range(1000)) + "[/voice]end"
    events, mistake = heard(TagReader("strict"), [text])
    assert short(events)[-2:] == ["voice=v999|999.", "voice=v998|end"]
    assert not mistake


def test_there_are_not_more_tags_than_anybody_writes() -> None:
    text = "[rate 1]a" * stage.MAX_TAGS + "[rate 2]b"
    assert ways(text, "auto")[-2:] == ["(there are more than 20000 tags; the others are passed over)", "rate=1.0|b"]
    assert "there are more than 20000 tags" in ways(text, "strict")[-1]


def test_remarks_are_few() -> None:
    events, _ = heard(TagReader("on"), ["[sic]" * 1000])
    assert len(events) == stage.MAX_REMARKS
    assert all(isinstance(event, Remark) for event in events)
    assert short(events)[-1] == "(and there is more like this)"


def test_after_a_mistake_nothing_more_comes_until_the_end() -> None:
    reader = TagReader("strict")
    assert short(reader.feed("a [sic]b")) == ["a "]
    for _ in range(2):
        with pytest.raises(BadMarkup, match="sic"):
            reader.feed("d")
    with pytest.raises(BadMarkup, match="sic"):
        reader.finish()
    assert short([*reader.feed("new"), *reader.finish()]) == ["new"]


def test_is_as_new_after_the_end() -> None:
    reader = TagReader("auto")
    reader.feed("[voice a]b [pau")
    reader.finish()
    assert reader.feed("a") == [Said("a", 0, 1)]


def test_a_plain_reader_knows_no_tag() -> None:
    assert heard(PlainReader(), list("[pause] x")) == ([Said("[pause] x", 0, 9)], "")


@pytest.mark.parametrize(
    "piece", ["[", "\\", "[a", "[/", "[pause 1s]", "[rate 1]", "[/rate]", "[sub alias=x]", "[sic] ", "[voice "]
)
@pytest.mark.parametrize("mode", ["auto", "on"])
def test_hostile_text_takes_linear_time(piece: str, mode: Mode) -> None:
    text, started = piece * (200_000 // len(piece)), time.process_time()
    heard(TagReader(mode), [text])
    assert time.process_time() - started < 10  # a square would take minutes


@pytest.mark.parametrize("piece", ["[voice ", "[pause 1s] ", "[sub alias=x]", "word "])
def test_one_character_at_a_time_is_linear(piece: str) -> None:
    reader, started = TagReader("on"), time.process_time()
    for character in piece * (50_000 // len(piece)):
        reader.feed(character)
    assert time.process_time() - started < 10
