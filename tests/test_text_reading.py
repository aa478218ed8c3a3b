"""Which reader a text gets, as soon as its beginning tells."""

from __future__ import annotations

import pytest

from daemon.text.reading import read, reader
from daemon.text.score import BadMarkup, Mode, Said
from tests.feeding import three_ways
from tests.markings import heard, short


def ways(text: str, mode: Mode) -> list[str]:
    """The same in three ways."""
    results = [heard(reader(mode), parts) for parts in three_ways(text).values()]
    assert all(result == results[0] for result in results), results
    events, mistake = results[0]
    return [*short(events), *filter(None, [mistake])]


@pytest.mark.parametrize("mode", ["auto", "on", "strict"])
@pytest.mark.parametrize("before", ["", " \n", "\ufeff", '<?xml version="1.0"?>\n'])
def test_ssml_is_told_by_its_beginning(before: str, mode: Mode) -> None:
    assert ways(f"{before}<speak>a<break/>b</speak>", mode) == ["a", "(0.5 s)", "b"]
    assert ways(f"{before}<speak\nversion='1.1'/>", mode) == []


def test_a_document_type_is_refused_and_not_read_aloud() -> None:
    assert "a document type" in ways("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "auto")[0]


@pytest.mark.parametrize(
    "text",
    [
        "<speaker> [pause]",
        "<speak",
        "<",
        "<b>bold</b> [pause]",
        "Say <speak>a</speak> [pause]",
        "<!DOCTYPE html> [pause]",
        "<Speak>a</Speak>",
        " " * 300 + "<speak>a</speak>",
        "",
        " ",
    ],
)
@pytest.mark.parametrize("mode", ["auto", "on", "strict"])
def test_everything_else_may_hold_tags(text: str, mode: Mode) -> None:
    assert ways(text, mode) == ([text.removesuffix("[pause]")] if text else []) + ["(0.5 s)"] * ("[pause]" in text)


def test_where_nothing_is_a_tag() -> None:
    assert ways("<speak>[pause]</speak>", "off") == ["<speak>[pause]</speak>"]


def test_text_that_is_no_ssml_is_not_waited_with() -> None:
    reading = reader("auto")
    assert short(reading.feed("H")) == ["H"]
    waiting = reader("auto")
    assert waiting.feed(" <spea") + waiting.flush() == []
    assert short(waiting.feed("r")) == [" <spear"]


def test_a_tag_that_is_whole_is_obeyed_in_a_silence() -> None:
    reading = reader("on")
    assert short([*reading.feed("Hi [pause]"), *reading.flush()]) == ["Hi ", "(0.5 s)"]


def test_is_as_new_after_the_end() -> None:
    reading = reader("auto")
    assert short([*reading.feed("<speak>a"), *reading.finish()])[0] == "a"
    assert [*reading.feed("b [c"), *reading.finish()] == [Said("b [c", 0, 4)]
    with pytest.raises(BadMarkup):
        reading.feed("<speak>&a;")
    with pytest.raises(BadMarkup):
        reading.finish()
    assert short([*reading.feed("[pause]"), *reading.finish()]) == ["(0.5 s)"]


def test_a_whole_text() -> None:
    assert read("a b", "auto") == [Said("a b", 0, 3)]
    with pytest.raises(BadMarkup, match=r"character 3: \[sic\] is no tag"):
        read("a [sic]", "strict")
