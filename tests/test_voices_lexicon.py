"""The lexicon's file: edited by the house and by hand, by several at once, and never half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from voices.disk import StoreFailed
from voices.lexicon import MAX_BYTES, MAX_PATTERNS, Entry, LexiconBroken, LexiconFile

NGO = Entry("Ngô", "Ngo")


def refuse_x(entry: Entry) -> None:
    if entry.word == "x":
        raise ValueError("x is no word")


@pytest.fixture
def lexicon(tmp_path: Path) -> LexiconFile:
    return LexiconFile.below(tmp_path, refuse_x)


def written(lexicon: LexiconFile, content: object) -> None:
    lexicon.path.parent.mkdir(exist_ok=True)
    lexicon.path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def test_no_file_is_no_entry(lexicon: LexiconFile) -> None:
    assert lexicon.entries() == ()
    assert lexicon.problem() == ""
    assert not lexicon.remove("Ngô")
    assert not lexicon.path.exists()


def test_what_is_put_is_there(lexicon: LexiconFile) -> None:
    entries = [
        NGO,
        Entry("Ngô", "No", language="de"),
        Entry("Ngô", "Go", voice="anna"),
        Entry("a+", "b", regex=True, case=True),
    ]
    for entry in entries:
        lexicon.put(entry)
    assert lexicon.entries() == LexiconFile(lexicon.path).entries() == tuple(entries)
    assert lexicon.path.read_text("utf-8") == (
        '{"schema": 1, "entries": [\n'
        '  {"word": "Ngô", "say": "Ngo"},\n'
        '  {"word": "Ngô", "say": "No", "language": "de"},\n'
        '  {"word": "Ngô", "say": "Go", "voice": "anna"},\n'
        '  {"word": "a+", "say": "b", "regex": true, "case": true}\n'
        "]}\n"
    )


def test_an_entry_takes_the_place_of_one_for_the_same_word(lexicon: LexiconFile) -> None:
    for entry in (NGO, Entry("b", "c"), Entry("Ngô", "other")):
        lexicon.put(entry)
    assert lexicon.entries() == (Entry("Ngô", "other"), Entry("b", "c"))


def test_an_entry_is_removed(lexicon: LexiconFile) -> None:
    lexicon.put(NGO)
    lexicon.put(Entry("Ngô", "No", language="de"))
    assert not lexicon.remove("Ngô", "fr")
    assert lexicon.remove("Ngô", "de")
    assert lexicon.entries() == (NGO,)
    assert lexicon.remove("Ngô")
    assert lexicon.entries() == ()
    assert lexicon.problem() == ""


def test_an_entry_that_cannot_be_used_is_refused(lexicon: LexiconFile) -> None:
    for bad in (Entry("x", "y"), Entry("\ud800", "y")):
        with pytest.raises(ValueError, match=r"x is no word|surrogates"):
            lexicon.put(bad)
    assert lexicon.entries() == ()


def test_patterns_are_few(lexicon: LexiconFile) -> None:
    rows = [{"word": f"a{n}", "say": "b", "regex": True} for n in range(MAX_PATTERNS)]
    written(lexicon, {"schema": 1, "entries": rows})
    assert len(lexicon.entries()) == MAX_PATTERNS
    with pytest.raises(ValueError, match="201 entries are patterns, and a lexicon holds 200"):
        lexicon.put(Entry("one more", "b", regex=True))
    lexicon.put(NGO)
    written(lexicon, {"schema": 1, "entries": [*rows, {"word": "more", "say": "b", "regex": True}]})
    assert "201 entries are patterns" in lexicon.problem()


def test_changes_on_the_disk_are_seen_at_once(lexicon: LexiconFile) -> None:
    for say in "abcdefgh":  # within one tick of the kernel's clock, and of the same length
        written(lexicon, {"schema": 1, "entries": [{"word": "w", "say": say}]})
        assert [entry.say for entry in lexicon.entries()] == [say]
    lexicon.path.unlink()
    assert lexicon.entries() == ()


def test_the_same_object_as_long_as_nothing_changes(lexicon: LexiconFile) -> None:
    lexicon.put(NGO)
    first = lexicon.entries()
    assert lexicon.entries() is first
    os.utime(lexicon.path, (1, 1))
    assert lexicon.entries() is lexicon.entries() is first


def test_a_byte_order_mark_is_no_problem(lexicon: LexiconFile) -> None:
    written(lexicon, '\ufeff{"schema": 1, "entries": []}')
    assert lexicon.problem() == ""


BROKEN = [
    ("{", "is not JSON in UTF-8"),
    ("", "is not JSON in UTF-8"),
    ("[" * 100_000, "is not JSON in UTF-8"),
    ([], "does not begin with"),
    ({"schema": 2, "entries": []}, 'does not begin with {"schema": 1, "entries": […]}'),
    ({"schema": 1, "entries": {}}, "does not begin with"),
    ({"schema": 1, "entries": ["a"]}, 'entry 1: an entry is {"word": "…", "say": "…"}'),
    ({"schema": 1, "entries": [{"word": "a", "say": "b"}, {"word": "a"}]}, "entry 2: 'say' is missing or no text"),
    ({"schema": 1, "entries": [{"word": 1, "say": "b"}]}, "'word' is missing or no text"),
    (
        {"schema": 1, "entries": [{"word": "a", "say": "b", "lang": "de"}]},
        "'lang' is not known; an entry has word, say,",
    ),
    ({"schema": 1, "entries": [{"word": "a", "say": "b", "voice": 1}]}, "'voice' is no text"),
    ({"schema": 1, "entries": [{"word": "a", "say": "b", "case": "yes"}]}, "'case' is neither true nor false"),
    ({"schema": 1, "entries": [{"word": "x", "say": "b"}]}, "entry 1: x is no word"),
    ('"' + "a" * MAX_BYTES + '"', "is larger than 16 MB"),
]


@pytest.mark.parametrize(("content", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_a_broken_file_is_told_and_left_alone(lexicon: LexiconFile, content: object, problem: str) -> None:
    lexicon.put(NGO)
    written(lexicon, content)
    before = lexicon.path.read_bytes()
    assert lexicon.entries() == (NGO,)
    assert problem in lexicon.problem()
    assert str(lexicon.path) in lexicon.problem()
    with pytest.raises(LexiconBroken, match="mend the file first"):
        lexicon.put(Entry("b", "c"))
    assert lexicon.path.read_bytes() == before
    assert LexiconFile(lexicon.path, refuse_x).entries() == ()
    written(lexicon, {"schema": 1, "entries": []})
    assert (lexicon.entries(), lexicon.problem()) == ((), "")


def test_a_file_that_cannot_be_read_is_a_problem(lexicon: LexiconFile) -> None:
    lexicon.put(NGO)
    lexicon.path.unlink()
    lexicon.path.mkdir()
    assert lexicon.entries() == (NGO,)
    assert "Is a directory" in lexicon.problem()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "voices").write_text("no folder")
    with pytest.raises(StoreFailed):
        LexiconFile.below(tmp_path).put(NGO)


def test_many_writers_lose_nothing(lexicon: LexiconFile) -> None:
    def write(name: str) -> None:
        mine = LexiconFile(lexicon.path)
        for number in range(10):
            mine.put(Entry(f"{name}{number}", "x"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    other = subprocess.Popen([sys.executable, "-c", WRITER, str(lexicon.path)])
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert other.wait() == 0
    assert sorted(entry.word for entry in lexicon.entries()) == sorted(f"{a}{n}" for a in "abcp" for n in range(10))


WRITER = """
import sys
from pathlib import Path
from voices.lexicon import Entry, LexiconFile
for number in range(10):
    LexiconFile(Path(sys.argv[1])).put(Entry(f"p{number}", "x"))
"""


def test_what_a_killed_writer_has_left_is_cleared(lexicon: LexiconFile) -> None:
    lexicon.put(NGO)
    left = lexicon.path.with_name(".voiced-0123456789ab.tmp")
    left.write_text("half")
    lexicon.put(Entry("b", "c"))
    assert not left.exists()
    assert len(lexicon.entries()) == 2
