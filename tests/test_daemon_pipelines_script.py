"""A script becomes a plan: its whole grammar, and everything that can be wrong with one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.pipelines.mistakes import MOST_TOLD, InputMistake
from daemon.pipelines.plan import Plan, Segment
from daemon.pipelines.script import Options, plan
from daemon.pipelines.stage.attributes import BadAttributes, attributes

SCRIPTS = Path(__file__).parent / "data" / "scripts"
CAST = {"ANNA": "lily", "BOB": "ryan"}


def planned(text: str, **options: object) -> Plan:
    return plan(text.encode(), "a.txt", Options.model_validate({"cast": CAST, **options}))


def short(found: Plan) -> list[str]:
    return [_short(segment) for segment in found.segments]


def _short(one: Segment) -> str:
    given = [one.emotion, one.instruct, one.speed, one.language, one.seed, one.pitch, one.gain]
    return "|".join([one.speaker, *(str(value) for value in given if value is not None), one.text]) + "^" * one.overlaps


def wrong(text: str, **options: object) -> dict[str, str]:
    with pytest.raises(InputMistake) as caught:
        planned(text, **options)
    return {detail.path: detail.message for detail in caught.value.details}


def test_the_visit() -> None:
    found = plan((SCRIPTS / "visit.txt").read_bytes(), "visit.txt", Options())
    assert (found.title, found.author, found.language, found.warnings) == ("The Visit", "voiced", "en", ())
    assert {segment.language for segment in found.segments} == {"en"}, "who says it once for all is heard in every line"
    assert [line.replace("|en|", "|") for line in short(found)] == [
        "NARRATOR|A small house at the edge of the wood. It is raining.",
        "ROBERT|a gruff old man|0.9|Who is there? It is late, and I expect nobody.",
        "ANNA|softly|It is me.",
        "ROBERT|angry|a gruff old man|0.9|I said that I expect nobody!^",
        "ROBERT|relieved, nearly laughing|1.1|Anna! Come in: you are wet to the bone.",
        "ANNA|out of breath|The bridge is gone.",
        "ANNA|calm|But I am here now.",
        "NARRATOR|Later, by the fire.",
        "ANNA|(Nobody else saw it) is what I would say.",
    ]
    assert [segment.pause_ms for segment in found.segments] == [400, 400, 0, 2000, 800, 400, 2000, 400, 0]
    assert [segment.chapter for segment in found.segments if segment.chapter] == ["The door", "The fire"]
    assert {segment.voice for segment in found.segments} == {"grace", "carter", "lily"}
    assert [segment.id for segment in found.segments] == [f"{number:04}" for number in range(1, 10)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ANNA: Hello.\n[BOB] Hi.\nanna：Hey.", ["ANNA|Hello.", "BOB|Hi.", "ANNA|Hey."]),
        ("ANNA: One\n  two: three\nfour", ["ANNA|One two: three four"]),
        ("ANNA:\n  One\n\n  two", ["ANNA|One two"]),
        ("ANNA (sad): x\nANNA: (bored) (to him) y", ["ANNA|sad|x", "ANNA|bored|to him|y"]),
        ("ANNA:\n(whispering)\nx", ["ANNA|whisper|x"]),
        (
            'ANNA {speed="0,9", seed=3}: x\n[BOB {language=de}] y\n[BOB] {gain=-3} z',
            ["ANNA|0.9|3|x", "BOB|de|y", "BOB|-3.0|z"],
        ),
        ('ANNA {instruct="low: so, \\"so\\""}: x', ['ANNA|low: so, "so"|x']),
        ("ANNA: x ^\nBOB: y //\n(He sits.)\nANNA: z", ["ANNA|x", "BOB|y^", "ANNA|z^"]),
        ("ANNA: a\n# b: c\nBOB: d", ["ANNA|a", "BOB|d"]),
        ("ANNA: a\n[Thunder.]\nb", ["ANNA|a", "ANNA|b"]),
        ("ANNA: at 12:30 see http://x.org", ["ANNA|at 12:30 see http://x.org"]),
        ("ANNA: a\n[rate 0.9] b [/rate]\n[pause 1s] c", ["ANNA|a [rate 0.9] b [/rate] [pause 1s] c"]),
        ("ANNA: a\n\\BOB: b", ["ANNA|a BOB: b"]),
        ("ANNA: a\nHe said, and left: b", ["ANNA|a He said, and left: b"]),
        ("[ANNA]\nhello\n(calmly) bye", ["ANNA|hello", "ANNA|calm|bye"]),
        ("ANNA: …\nBOB: a", ["BOB|a"]),
        ("@alias ANNE = ANNA\n@alias A = ANNE\nA: x", ["ANNA|x"]),
    ],
)
def test_lines(text: str, said: list[str]) -> None:
    assert short(planned(text)) == said


def test_who_says_what_stands_alone() -> None:
    found = planned("It rains.\n\nANNA: Hm.\nYes.\n\nShe goes.", narrator="BOB")
    assert short(found) == ["BOB|It rains.", "ANNA|Hm. Yes.", "BOB|She goes."]


def test_a_segment_knows_the_line_on_which_it_begins() -> None:
    found = planned("ANNA: One.\n\nBOB:\n  Two.\n  And three.\nANNA: Four.", cast={"ANNA": "tone", "BOB": "tone"})
    assert [one.line for one in found.segments] == [1, 3, 6]


def test_directions_of_the_caller() -> None:
    known = {"Softly": {"emotion": "tender", "gain": -3.0}, "to him": {}}
    found = planned(
        "ANNA (softly): x\nANNA (to  him) {emotion=sad}: y\nANNA {emotion=sad}: (softly) z", directions=known
    )
    assert short(found) == ["ANNA|tender|-3.0|x", "ANNA|sad|y", "ANNA|sad|-3.0|z"]


def test_the_options_cast_goes_before_the_scripts() -> None:
    found = planned(
        "@cast ANNA = grace\n@cast EVE = grace, speed=2\nANNA: x\nEVE: y\nBOB: z",
        cast={"anna": "lily", "BOB": {"speed": 0.5}},
    )
    assert [segment.voice for segment in found.segments] == ["lily", "grace", None]
    assert [segment.speed for segment in found.segments] == [None, 2, 0.5]
    assert planned("BOB: z", cast={"BOB": {}}, voice="lily", seed=3).segments[0].voice == "lily"


def test_silences() -> None:
    given = {"line_ms": 1, "direction_ms": 2, "pause_ms": 3, "chapter_ms": 4}
    text = (
        "ANNA: a\nBOB: b\n(x)\nBOB: c\n[pause]\nBOB: d\n[pause 0.25s]\nBOB: e\n[pause 70 ms]\n@chapter X\nBOB: f\n"
        "@chapter Y\nBOB: g ^\nBOB: h"
    )
    assert [segment.pause_ms for segment in planned(text, **given).segments] == [1, 2, 3, 250, 70, 4, 0, 0]


def test_a_long_speech_is_cut_at_its_sentences() -> None:
    found = planned("ANNA: Hm. ^\nBOB: " + "This is a sentence of his. " * 20 + "^\nANNA: Oh.", budget=100)
    assert [segment.overlaps for segment in found.segments] == [False, True, *[False] * (len(found.segments) - 3), True]
    assert {segment.pause_ms for segment in found.segments[1:-2]} == {300}
    assert all(len(segment.text) <= 100 for segment in found.segments)


def test_names_that_nobody_was_cast_for_are_told_at_once() -> None:
    with pytest.raises(InputMistake) as caught:
        plan((SCRIPTS / "unknown.txt").read_bytes(), "unknown.txt", Options())
    assert [(detail.path, detail.message.split(":")[0]) for detail in caught.value.details] == [
        ("line 2", "'ANA' is not in the cast (lines 2, 5)"),
        ("line 4", "'THE STRANGER' is not in the cast"),
    ]
    assert "is 'ANNA' meant?" in caught.value.details[0].message


def test_all_mistakes_at_once() -> None:
    told = wrong(
        "hello\n@cast EVE = x, speed=9\n@cast EVE = y\n@foo\n@alias C = NOBODY\n@language ?\nANNA {volume=1}: x\n"
        "[pause 99s]\n@cast x\n@alias y"
    )
    assert told["line 1"].startswith("nobody says this")
    assert told["line 2, column 15"] == "speed is a number from 0.25 to 4, not '9'"
    assert told["line 3"] == "'EVE' is cast twice"
    assert told["line 4"].startswith("there is no @foo; there are @cast")
    assert told["line 5"] == "the alias 'C' stands for 'NOBODY', who is not in the cast"
    assert told["line 6"].startswith("language is a code")
    assert told["line 7, column 7"].startswith("there is no 'volume'; there are voice, language")
    assert told["line 8"] == "a pause lasts at most 60 s"
    assert told["line 9"].startswith("'x' casts nobody")
    assert told["line 10"].startswith("an alias is written")


def test_more_mistakes_than_anybody_reads() -> None:
    with pytest.raises(InputMistake) as caught:
        planned("\n".join(f"@x{number}" for number in range(80)))
    assert len(caught.value.details) == MOST_TOLD + 1
    assert caught.value.details[-1].message == "and 30 more"


def test_aliases_in_a_circle() -> None:
    assert "line 1" in wrong("@alias A = B\n@alias B = A\nA: x")


@pytest.mark.parametrize("text", ["", "ANNA:", "# only this", "(Nothing.)\n[pause 1s]", "ANNA: …"])
def test_nobody_says_a_word(text: str) -> None:
    assert wrong(text) == {"": "nobody says a word: lines are written `NAME: words`"}


def test_an_overlap_with_nobody() -> None:
    assert "could overlap" in planned("ANNA: x ^").warnings[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("lily", {"voice": "lily"}),
        (' lily , speed = "0,9", SEED=7', {"voice": "lily", "speed": 0.9, "seed": 7}),
        ("instruct=“so, and so”, emotion='sad'", {"instruct": "so, and so", "emotion": "sad"}),
        ("instruct=it's late", {"instruct": "it's late"}),
    ],
)
def test_attributes(text: str, found: dict[str, object]) -> None:
    assert attributes(text) == found


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a, b", 2),
        ("speed=x", 0),
        ("seed=1, seed=2", 7),
        ("a=1", 0),
        ('a, instruct="b', 2),
        ("speed=", 0),
        ("seed=-1", 0),
    ],
)
def test_attributes_that_are_wrong(text: str, at: int) -> None:
    with pytest.raises(BadAttributes) as caught:
        attributes(text)
    assert caught.value.at == at


PIECES = st.sampled_from(
    ["ANNA", "BOB", "EVE", ":", " ", "\n", "(", ")", "[", "]", "{", "}", "speed=1", "=", ",", '"', "^", "//", "#", "@cast ",
     "@alias ", "CAST:\n", "[pause 1s]", "\\", "word", "words and more", "\t", "@chapter x", "：", "\r"]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode()), st.binary(max_size=100)))
def test_anything_is_planned_or_refused(data: bytes) -> None:
    try:
        found = plan(data, "a", Options.model_validate({"cast": CAST, "narrator": "BOB"}))
    except InputMistake as error:
        assert error.details
    else:
        assert all(segment.speaker for segment in found.segments)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ANNA: ", "[BOB] ", "\n  ", "BOB (calmly): ", "\n"]), st.integers(1, 30)), min_size=1
    )
)
def test_every_word_is_there_once(lines: list[tuple[str, int]]) -> None:
    words = [" ".join(f"w{line}x{word}" for word in range(count)) + "." for line, (_, count) in enumerate(lines)]
    text = "ANNA: start.\n" + "\n".join(before + said for (before, _), said in zip(lines, words, strict=True))
    found = planned(text, budget=80)
    assert " ".join(segment.text for segment in found.segments).split() == ["start.", *" ".join(words).split()]


def test_half_a_million_characters() -> None:
    text = (
        "ANNA (softly): Hello there, and good evening to you. ^\n  It goes on.\nBOB {speed=1.1}: And to you.\n" * 6_000
    )
    began = time.process_time()
    found = planned(text)
    assert time.process_time() - began < 20
    assert len(found.segments) == 12_000


@pytest.mark.parametrize("part", ["ANNA (", "{", 'ANNA {"', "[", "A ", "(", 'a="', "A{\\"])
def test_one_endless_line(part: str) -> None:
    began = time.process_time()
    with pytest.raises(InputMistake):
        planned(part * (300_000 // len(part)))
    assert time.process_time() - began < 20
