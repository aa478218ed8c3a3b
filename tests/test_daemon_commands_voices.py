"""`voiced voices`, as a person runs it. Kinds that need a model are in test_house_voices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import voiced
from tests.test_web_voices import humming


def voices(folder: Path, *words: str) -> tuple[int, str, str]:
    done = voiced("voices", *words, VOICED_DATA_DIR=str(folder))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_it_lists_whoever_is_here(tmp_path: Path) -> None:
    code, plain, _ = voices(tmp_path)
    assert (code, plain) == voices(tmp_path, "list")[:2]
    assert "tone" in plain
    listed = json.loads(voices(tmp_path, "list", "--json")[1])
    assert listed == json.loads(voices(tmp_path, "--json")[1])
    assert listed[0].keys() == {"id", "label", "kind", "languages", "model", "here", "kept"}


def test_a_preset_is_kept_shown_renamed_handed_on_and_removed(tmp_path: Path) -> None:
    house, other = tmp_path / "house", tmp_path / "other"
    assert voices(house, "preset", "tone", "--id", "bedtime", "--speed", "0.5", "--instruct", "Softly.")[:2] == (
        0,
        "bedtime\n",
    )
    shown = json.loads(voices(house, "show", "bedtime")[1])
    assert (shown["speaker"], shown["defaults"]["speed"], shown["stored"]) == ("tone", 0.5, True)
    assert voices(house, "rename", "bedtime", "night")[:2] == (0, "night\n")
    assert json.loads(voices(house, "show", "bedtime")[1])["id"] == "night"
    bundle = tmp_path / "night.voice.zip"
    assert voices(house, "export", "night", "-o", str(bundle))[0] == 0
    assert voices(other, "import", str(bundle), "--id", "noite")[:2] == (0, "noite\n")
    assert json.loads(voices(other, "show", "noite")[1])["defaults"]["instruct"] == "Softly."
    assert voices(house, "remove", "night")[0] == 0
    code, _, told = voices(house, "remove", "night")
    assert code != 0
    assert "no voice called 'night'" in told
    assert "Traceback" not in told


def test_what_is_said_of_a_voice_changes(tmp_path: Path) -> None:
    voices(tmp_path, "preset", "tone", "--id", "bedtime", "--speed", "0.5", "--instruct", "Softly.")
    words = ("--label", "Bed time", "--seed", "4", "--emotion", "grumpy=Grumpily.", "--emotion", "shy=Shyly.")
    assert voices(tmp_path, "change", "bedtime", *words, "--forget", "speed")[:2] == (0, "bedtime\n")
    shown = json.loads(voices(tmp_path, "show", "bedtime")[1])
    told = shown["defaults"]
    assert (shown["label"], told["speed"], told["seed"], told["instruct"]) == ("Bed time", None, 4, "Softly.")
    assert shown["emotions"] == {"grumpy": "Grumpily.", "shy": "Shyly."}
    voices(tmp_path, "change", "bedtime", "--emotion", "shy=")
    assert json.loads(voices(tmp_path, "show", "bedtime")[1])["emotions"] == {"grumpy": "Grumpily."}
    for words, told in (
        (("--speed", "99"), "speed"), (("--consent", "hers"), "of no recording"), (("--emotion", "shy"), "NAME=TEXT"),
        (("--speed", "2", "--forget", "speed"), "at once"),
    ):  # fmt: skip
        code, _, error = voices(tmp_path, "change", "bedtime", *words)
        assert (code != 0, told in error, "Traceback" in error) == (True, True, False)
    assert "no voice called 'tone'" in voices(tmp_path, "change", "tone", "--label", "x")[2]


def test_a_recording_is_looked_at(tmp_path: Path) -> None:
    recording = tmp_path / "hum.wav"
    recording.write_bytes(humming())
    code, told, _ = voices(tmp_path, "lint", str(recording))
    assert (code, "no voice can be made of it" in told) == (1, True)
    report = json.loads(voices(tmp_path, "lint", str(recording), "--json")[1])
    assert report["usable"] is False
    assert all(finding["advice"] for finding in report["findings"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "nobody"), "no voice is called 'nobody'"),
        (("add", "/nowhere.wav"), "/nowhere.wav"),
        (("mix", "tone=heavy"), "VOICE=WEIGHT"),
        (("mix", "tone", "tone-2"), "cannot be mixed"),
        (("preset", "tone", "--id", "tone"), "already"),
        (("preset", "tone", "--speed", "99"), "speed"),
        (("import", "/dev/null"), "file"),
        (("lock", "audition-0000000000", "1"), "no audition"),
        (("design", "a sailor", "--local"), "models pull"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    code, _, error = voices(tmp_path, *words)
    assert code != 0
    assert told in error
    assert "Traceback" not in error
