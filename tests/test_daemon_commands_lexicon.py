"""`voiced lexicon`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command import FRAME, say, voiced


def lexicon(folder: Path, *words: str) -> tuple[int, str, str]:
    done = voiced("lexicon", *words, VOICED_DATA_DIR=str(folder))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_word_is_added_heard_listed_and_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert lexicon(data)[:2] == (0, "the lexicon is empty\n")
    assert lexicon(data, "add", "HA", "Home Assistant", "--case")[0] == 0
    (entry,) = json.loads(lexicon(data, "list", "--json")[1])
    assert (entry["word"], entry["say"], entry["case"]) == ("HA", "Home Assistant", True)
    said = say(tmp_path, "HA ha.", "-o", "-", "--format", "pcm")
    assert len(said.stdout) == len("Home Assistant ha.") * FRAME
    assert lexicon(data, "remove", "HA")[0] == 0
    code, _, told = lexicon(data, "remove", "HA")
    assert (code, "no 'HA'" in told) == (2, True)
    code, _, told = lexicon(data, "add", "(a+)+", "x", "--regex")
    assert (code, "Traceback" in told) == (2, False)
