"""A table of a game's lines becomes a plan: formats, columns, file names, and everything that is wrong with its rows."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.pipelines.filenames import MAX_PART_BYTES, problem, safe
from daemon.pipelines.mistakes import InputMistake
from daemon.pipelines.npc_pack import Options, plan
from daemon.pipelines.pack.manifest import manifest
from daemon.pipelines.plan import Plan, Taken

GAMES = Path(__file__).parent / "data" / "games"


def planned(text: str, name: str = "a.csv", **options: object) -> Plan:
    return plan(text.encode(), name, Options.model_validate(options))


def wrong(text: str, name: str = "a.csv", **options: object) -> dict[str, str]:
    with pytest.raises(InputMistake) as caught:
        planned(text, name, **options)
    return {detail.path: detail.message for detail in caught.value.details}


@pytest.mark.parametrize("name", ["guards.csv", "guards_excel.csv", "guards.jsonl"])
def test_every_format_says_the_same(name: str) -> None:
    found = plan((GAMES / name).read_bytes(), name, Options(title="Guards"))
    halt, passing, smith = found.segments
    assert (halt.id, halt.text, halt.voice, halt.language) == ("guard-halt-a088f5bc10df", "Halt! Wer da?", "ryan", "de")
    assert (halt.emotion, halt.seed, halt.name) == ("urgent", 7, "ryan/guard_halt")
    assert halt.extra == {"id": "guard_halt", "scene": "Tor"}
    assert passing.text.split() == ["Sie", "dürfen", "passieren;", "aber", "leise."]
    assert smith.text == 'Er sagte "Guten Tag".'
    assert found.title == "Guards"


def test_a_segment_knows_its_line() -> None:
    found = planned('id,text\n\na,"Halt!\nWho goes there?"\nb,Pass.\n')
    assert [(one.id, one.line, one.where) for one in found.segments] == [("a", 3, "line 3"), ("b", 5, "line 5")]


def test_tsv_under_other_names() -> None:
    found = plan((GAMES / "gate.tsv").read_bytes(), "gate.tsv", Options(cast={"guard": "ryan"}))
    assert [(s.id, s.voice, s.speaker, s.name) for s in found.segments] == [
        ("1", "ryan", "Guard", "gate/who"),
        ("2", "Thief", "Thief", "gate/nobody"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("id,text\n1,a", "x", [("1", "a")]),
        ("sep=;\r\nid;text\r\n1;a,b\r\n", "x.csv", [("1", "a,b")]),
        ("id\ttext\n1\ta;b", "x.csv", [("1", "a;b")]),
        ("text\na\n\n\nb\n", "x.csv", [("1", "a"), ("2", "b")]),
        ("\n\nid,text,,\n1,a,,\n,,,\n", "x.csv", [("1", "a")]),
        ("id,TEXT\n1,\"a\nb \"\"c\"\"\"\n", "x.csv", [("1", 'a\nb "c"')]),
        ('{"id": 1, "text": "a", "x": null}\n\n{"id": "2", "text": "b"}', "x", [("1", "a"), ("2", "b")]),
    ],
)  # fmt: skip
def test_tables(text: str, name: str, said: list[tuple[str, str]]) -> None:
    assert [(segment.id, segment.text) for segment in planned(text, name).segments] == said


def test_columns_that_are_told() -> None:
    found = planned("nummer,satz,text\n7,a,b", columns={"Nummer": "id", "satz": "text", "text": "instruct"})
    assert [(segment.id, segment.text, segment.instruct) for segment in found.segments] == [("7", "a", "b")]
    assert "columns.foo" in wrong("id,text\n1,a", columns={"foo": "text"})


def test_all_mistakes_at_once() -> None:
    told = wrong(
        "id,text,seed,speed,language,filename\n1,a,x,9,??,../x\n1,,1,,,CON\n2,👋,,,,a/b.wav\n3,c,,,,A/B\n"
        "4,d,,,,C:\\x\n,e\n5,f,g,h,i,j,k\n6,\"x"
    )  # fmt: skip
    assert told == {
        "line 2, column seed": "seed is a whole number from 0 to 2147483647, not 'x'",
        "line 2, column speed": "speed is a number from 0.25 to 4, not '9'",
        "line 2, column language": "language is a code such as de or en-GB, not '??'",
        "line 2, column filename": "'../x' is no name for a file: it leads out of the folder with `..`",
        "line 3, column id": "'1' is also the id on line 2",
        "line 3, column text": "it is empty",
        "line 3, column filename": "'CON' is no name for a file: 'CON' is the name of a device on Windows",
        "line 4, column text": "'👋' holds no word that could be spoken",
        "line 5, column filename": "its file 'A/B' is also that of line 4",
        "line 6, column filename": "'C:\\\\x' is no name for a file: it leads out of the folder: a name begins with a letter or"
        " digit, not with a drive or a slash",
        "line 7, column id": "it is empty: without one nobody can tell later whether the row has changed",
        "line 8": "it has 7 cells, and the header names 6: is a text with a comma not in quotes?",
        "line 8, column seed": "seed is a whole number from 0 to 2147483647, not 'g'",
        "line 8, column speed": "speed is a number from 0.25 to 4, not 'h'",
        "line 8, column language": "language is a code such as de or en-GB, not 'i'",
        "line 9": "a quote is opened and never closed; the rows behind it were not read",
    }


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("", "", "it has no rows"),
        ("id,text\n", "", "it has no rows"),
        ("id,foo\n1,a", "the header", "there is no column text"),
        ("id,text,Text\n1,a,b", "the header", "'text' and 'Text' are both the column text"),
        ("id,,text\n1,a,b", "line 1", "column 2 has no name"),
        ('id,text\n1,"a"b\n2,c', "line 2", "a quote stands in the middle"),
        ("id,text\n1," + "x" * 4001, "line 2, column text", "it has 4001 characters"),
        ("id,text\n1," + "x" * 140_000, "line 2", "a cell is too long"),
    ],
)
def test_a_table_that_is_none(text: str, where: str, told: str) -> None:
    assert wrong(text)[where].startswith(told)


@pytest.mark.parametrize(
    ("line", "where", "told"),
    [
        ("[1]", "line 2", "a row is one JSON object"),
        ('{"a": NaN}', "line 2", "NaN is no JSON"),
        ('{"a": 1, "a": 2}', "line 2", "'a' is there twice"),
        ("{'a': 1}", "line 2, column 2", "it is no JSON"),
        ('{"id": 2, "text": "\\ud800"}', "line 2, column text", "it holds half of a character"),
        ('{"id": 2, "text": "a", "\\ud800": 1}', "line 2, column ?", "it holds half of a character"),
        ("[" * 100_000, "line 2", "it cannot be read"),
        ('{"a": ' + "1" * 5000 + "}", "line 2", "it cannot be read"),
        ('{"id": 2, "text": ["a"], "seed": 1.5}', "line 2, column seed", "seed is a whole number"),
    ],
)
def test_json_lines_that_are_wrong(line: str, where: str, told: str) -> None:
    assert wrong('{"id": 1, "text": "a"}\n' + line, "a.jsonl")[where].startswith(told)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("../{id}", "leads out of the folder"),
        ("/x/{id}", "leads out of the folder"),
        ("a/../{id}", "leads out of the folder"),
        ("{foo}", "there is no column 'foo'"),
        ("{id", "a bracket without its other"),
        ("{id:9}", "may be a name alone"),
        ("{id!r}", "may be a name alone"),
        ("{}", "may be a name alone"),
        ("con/{id}", "a device on Windows"),
        ("", "it is empty"),
    ],
)
def test_templates_that_are_refused(template: str, told: str) -> None:
    assert told in wrong("id,text\n1,a", template=template)["template"]


def names(text: str, template: str) -> list[str]:
    return [segment.name for segment in planned(text, template=template).segments]


def test_templates() -> None:
    assert names("id,text,Scene\n1,a,x/../y", "lines/{Scene}/{id}_{row}.wav") == ["lines/x_.._y/1_1"]
    assert names("id,text\n1,a", "{voice}/{language}/{id}") == ["default/default/1"]
    assert names("id,text\n../../etc/passwd,a\nC:\\x,b\nCON,c\n👋,d\nпривет,e\n...,f", "{id}") == [
        "__.._etc_passwd",
        "C__x",
        "_CON",
        "👋",
        "привет",
        "_",
    ]


def test_no_folder_is_called_like_a_file() -> None:
    assert names("id,text,voice\nx,a,v\ny,b,x.wav", "{voice}/{id}") == ["v/x", "x.wav_/y"]
    assert names("id,text\nmasse,a\nmaße,b", "{id}") == ["masse", "maße"]


def test_ids_of_300_characters_stay_apart() -> None:
    one, two = names(f"id,text\n{'x' * 300},a\n{'x' * 299}y,b", "{id}")
    assert one != two
    assert len(one) == len(two) == MAX_PART_BYTES


def test_two_ids_with_one_file_are_told() -> None:
    assert wrong("id,text\na?,x\na*,y", template="{id}") == {"line 3": "its file 'a_' is also that of line 2"}
    assert wrong("id,text\nA,x\na,y", template="{id}") == {"line 3": "its file 'a' is also that of line 2"}


@pytest.mark.parametrize("name", ["a", "a/b.wav", "a\\b", "ä ö", "👩‍🚀", "a.b.c", "com10", "console"])
def test_names_that_are_right(name: str) -> None:
    assert problem(name) == ""


@pytest.mark.parametrize(
    "name",
    ["", " ", "/a", "\\a", "C:a", "a/../b", "..", "a//b", "a/", "con", "NUL.txt", "a/Com1", "LPT¹", "a.", "a /b", ".a", "a\0b",
     "x.wav/a", "a\nb", "a<b", 'a"b', "a|b", "a?b", "a*b", "a\u202eb", "x" * 101, "ä" * 51, "/".join("abcdefghi")],
)  # fmt: skip
def test_names_that_are_wrong(name: str) -> None:
    assert problem(name)


@given(st.one_of(st.text(max_size=300), st.text(alphabet="./\\:~ conCONaux19👋\u0000\u202e", max_size=20)))
def test_a_safe_name_is_right(text: str) -> None:
    name = safe(text)
    assert problem(name) == "" or (name.lower().endswith(".wav") and not problem(name + "x"))
    assert "/" not in name
    assert safe(text) == name


def test_the_manifest() -> None:
    found = plan((GAMES / "guards.csv").read_bytes(), "guards.csv", Options())
    takes = [
        Taken(segment, "segments/x.flac", 1.23456, 7, segment.voice or "", "de")
        for segment in reversed(found.segments[:2])
    ]
    written, table = manifest(found, takes, "ogg")
    told = json.loads(written)
    assert (told["title"], told["count"]) == ("guards", 2)
    assert told["lines"][0] == {
        "id": "guard_halt", "file": "ryan/guard_halt.ogg", "text": "Halt! Wer da?", "speaker": "", "voice": "ryan",
        "language": "de", "instruct": "", "emotion": "urgent", "seed": 7, "seconds": 1.235, "reason": "stop", "scene": "Tor",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    assert [row["file"] for row in rows] == ["ryan/guard_halt.ogg", "ryan/guard_pass.ogg"]
    assert rows[1]["text"] == found.segments[1].text
    assert manifest(found, takes[::-1], "ogg") == (written, table)


def test_fifty_thousand_rows() -> None:
    text = "id,text,voice\n" + "".join(
        f'line_{n},"Hello, traveller {n} of many.",guard{n % 20}\n' for n in range(50_000)
    )
    began = time.process_time()
    found = planned(text)
    assert time.process_time() - began < 15
    assert (
        len({segment.id for segment in found.segments}) == len({segment.name for segment in found.segments}) == 50_000
    )


def test_fifty_thousand_mistakes() -> None:
    with pytest.raises(InputMistake) as caught:
        planned("id,text\n" + "1,\n" * 50_000)
    assert caught.value.details[-1].message == f"and {50_000 * 2 - 1 - 50} more"


PIECES = st.sampled_from(
    ["id", "text", "voice", "seed", "filename", ",", ";", "\t", '"', "\n", "\r", "1", "a", "x y", "../", "CON", "{", "}", ":",
     "[", "]", "\\ud800", "null", "sep=;", " ", "👋"]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode()),
        st.lists(PIECES, max_size=30).map(lambda parts: ("id,text\n1,a\n" + "".join(parts)).encode()),
        st.binary(max_size=100),
    ),
    st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a"]),
)
def test_anything_is_planned_or_refused(data: bytes, name: str) -> None:
    try:
        found = plan(data, name, Options())
    except InputMistake as error:
        assert error.details
    else:
        assert all(problem(segment.name) == "" for segment in found.segments)
        manifest(found, [Taken(segment, "", 1, 1, "", "") for segment in found.segments])


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet='ab c,;"\n\t|', min_size=1).map(lambda text: f"w{text}w"), min_size=1),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_a_table_program_writes_is_read_back(texts: list[str], delimiter: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "text"])
    writer.writerows(enumerate(texts, 1))
    assert [segment.text for segment in planned(out.getvalue()).segments] == texts
