"""`voiced doctor`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon import settings
from daemon.commands import doctor
from models.backend import Frame, RowFailed
from models.load import Choice
from models.tone import Tone
from tests.command import voiced


def test_nothing_is_wrong_here_and_it_is_written_down(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = voiced("doctor", "--data-dir", str(tmp_path / "data"), "--json", str(report))
    assert done.returncode == 0, done.stdout
    found = {finding["about"]: finding for finding in json.loads(report.read_text())}
    assert {"machine", "data", "engine", "voices", "speech", "formats", "door"} <= set(found)
    assert "of speech in" in found["speech"]["text"]


@pytest.mark.parametrize(
    ("forced", "level", "told"), [("portable", "ok", "portable"), ("off", "note", "VOICED_NATIVE is off")]
)
def test_it_tells_which_kernels_compute(tmp_path: Path, forced: str, level: str, told: str) -> None:
    report = tmp_path / "report.json"
    done = voiced("doctor", "--data-dir", str(tmp_path), "--json", str(report), VOICED_NATIVE=forced)
    assert done.returncode == 0, done.stderr
    (found,) = [finding for finding in json.loads(report.read_text()) if finding["about"] == "kernels"]
    assert found["level"] == level
    assert told in found["text"]


def test_1_when_speech_cannot_work(tmp_path: Path) -> None:
    done = voiced("doctor", "--engine", "qwen", "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert b"WRONG speech" in done.stdout
    (tmp_path / "file").write_text("")
    done = voiced("doctor", "--data-dir", str(tmp_path / "file" / "x"))
    assert done.returncode == 1
    assert b"WRONG data" in done.stdout


def test_a_voice_that_fails_is_a_finding_among_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute(Tone):
        def step(self, slots: object) -> list[Frame]:
            return [Frame(0, error=RowFailed("planted"))]

    monkeypatch.setattr("daemon.core.choose", lambda _: Choice(Mute(), "planted"))
    findings = list(doctor.examine(settings.read({"data_dir": tmp_path, "http": "none"}, environ={})))
    assert ("speech", "wrong", "planted") in [(f.about, f.level, f.text) for f in findings]
    assert findings[-1].about == "door"
