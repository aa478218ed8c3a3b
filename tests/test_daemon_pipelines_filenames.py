"""Names that people give their inputs. Those of the files that are made are tested with the pipelines that make them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.pipelines.filenames import of_input, problem
from outputs.ledger import is_plain


@pytest.mark.parametrize(
    ("called", "kept"),
    [
        ("alice.txt", "alice.txt"), ("../x", "x"), ("../../etc/passwd", "passwd"), ("/tmp/a.srt", "a.srt"),
        ("C:\\books\\Война и мир.epub", "Война и мир.epub"), ("CON", "_CON"), ("con.srt", "_con.srt"),
        ("👩‍👩‍👧 and me.txt", "👩‍👩‍👧 and me.txt"),
        ("", "input"), ("..", "input"), (".srt", "input.srt"), ("a\0b\n.md", "a_b_.md"),
        ("\ud83d.csv", "_.csv"), (" ~x.tsv", "_x.tsv"), ("Dr. Who and the others", "Dr. Who and the others"),
    ],
)  # fmt: skip
def test_what_an_input_is_kept_under(called: str, kept: str) -> None:
    assert of_input(called) == kept


def test_three_hundred_characters_keep_their_ending_and_stay_apart() -> None:
    names = [of_input(f"{'long ' * 60}{end}.jsonl") for end in "ab"]
    assert all(name.endswith(".jsonl") and len(name.encode()) < 120 for name in names)
    assert names[0] != names[1]


@given(st.text())
def test_any_name_becomes_that_of_a_file_in_its_folder(called: str) -> None:
    name = of_input(called)
    assert is_plain(name)
    assert not problem(name.rpartition(".")[0] or name)
    assert of_input(name) == name
