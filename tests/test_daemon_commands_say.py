"""`voiced say`."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pysubs2
import pytest

from daemon.bench.server import serving
from tests.command import FRAME, TEXT, VOICED, around, hear_ctrl_c, say, voiced


def test_it_streams_to_stdout(tmp_path: Path) -> None:
    done = say(tmp_path, TEXT, "-o", "-", "--format", "pcm")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) == len(TEXT) * FRAME
    assert done.stderr == b""


def test_a_terminal_is_shown_how_far_it_is_and_gets_no_audio(tmp_path: Path) -> None:
    master, terminal = pty.openpty()
    words = ["say", "--local", "--data-dir", str(tmp_path), TEXT]
    file = subprocess.run([*VOICED, *words, "-o", str(tmp_path / "x.wav")], env=around(), stderr=terminal, timeout=100)
    shown = os.read(master, 65_536).decode()
    assert file.returncode == 0
    assert "0.7 s of speech" in shown
    assert "x real time, first audio after" in shown
    refused = subprocess.run([*VOICED, *words, "-o", "-"], env=around(), stdout=terminal, stderr=terminal, timeout=100)
    assert refused.returncode == 2
    assert "would garble the terminal" in os.read(master, 65_536).decode()
    os.close(master)
    os.close(terminal)


def test_it_reads_stdin(tmp_path: Path) -> None:
    given = say(tmp_path, TEXT, "-o", "-", "--format", "pcm")
    assert say(tmp_path, "-", "-o", "-", "--format", "pcm", text=TEXT).stdout == given.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((TEXT, "-o", "x.xyz"), "xyz"),
        ((TEXT, "-o", "-", "--format", "midi"), "midi"),
        (("...", "-o", "-"), "no word"),
        (("", "-o", "-"), "no word"),
        ((TEXT, "-o", "-", "--voice", "nobody"), "no voice is called 'nobody'"),
        ((TEXT, "-o", "-", "--speed", "99"), "speed"),
        ((TEXT, "-o", "-", "--speed", "nan"), "speed"),
        ((TEXT, "-o", "-", "--seed", "-1"), "seed"),
        ((TEXT, "-o", "-", "--seed", "9" * 40), "seed"),
        ((TEXT, "-o", "/nowhere/at/all.wav"), "/nowhere/at/all.wav"),
        ((TEXT, "-o", "/"), "Is a directory"),
        ((TEXT, "-o", ""), "Is a directory"),
        ((TEXT, "-o", "/proc/x.wav"), "/proc/x.wav"),
    ],
)
def test_what_cannot_be_said_is_told_in_one_line(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = say(tmp_path, *words)
    assert done.returncode in (1, 2)
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert done.stdout == b""


def test_stdin_that_is_no_text_is_told(tmp_path: Path) -> None:
    given = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}
    words = ("say", "--local", "--data-dir", str(tmp_path), "-", "-o", "-")
    done = voiced(*words, text="Grüße".encode("latin-1"), **given)
    assert done.returncode == 2
    assert b"the text on stdin is not utf-8" in done.stderr


def test_an_argument_that_is_no_text_is_spoken_as_far_as_it_is(tmp_path: Path) -> None:
    done = say(tmp_path, "caf\udcff", "-o", "-", "--format", "pcm", "--save")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert voiced("runs", "--data-dir", str(tmp_path / "data"), PYTHONIOENCODING="ascii").returncode == 0


def test_a_data_folder_that_cannot_be_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    done = say(tmp_path, TEXT, "-o", "-", "--format", "pcm")
    assert (done.returncode, done.stderr, len(done.stdout)) == (0, b"", len(TEXT) * FRAME)
    assert b"not kept" in say(tmp_path, TEXT, "-o", "-", "--save").stderr


def test_speaking_once_throws_no_old_run_away(tmp_path: Path) -> None:
    assert say(tmp_path, TEXT, "-o", "-", "--save").returncode == 0
    words = ("say", "--local", "--data-dir", str(tmp_path / "data"), TEXT, "-o", "-")
    assert voiced(*words, VOICED_RUNS_MAX_MB="0.001").returncode == 0
    assert len(list((tmp_path / "data" / "outputs" / "runs").iterdir())) == 1


def test_a_dry_run_shows_who_says_what(tmp_path: Path) -> None:
    shown = say(tmp_path, "**One.** Two.", "--dry-run").stdout.decode()
    assert "tone" in shown
    assert [line.split(maxsplit=1) for line in shown.splitlines()[-2:]] == [["1", "One."], ["2", "Two."]]


def test_ctrl_c_leaves_no_file_and_says_130(tmp_path: Path) -> None:
    words = ["say", "--local", "--data-dir", str(tmp_path / "data"), "la " * 3000, "-o", str(tmp_path / "x.wav")]
    with subprocess.Popen(
        [*VOICED, *words], env=around(VOICED_TONE_STEP_MS="5"), stderr=subprocess.PIPE, preexec_fn=hear_ctrl_c
    ) as process:
        while not list(tmp_path.glob("*.part")):
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


async def test_it_goes_through_the_daemon_that_runs(tmp_path: Path) -> None:
    async with serving("--engine", "tone") as server:
        address = f"{server.http[0]}:{server.http[1]}"
        done = await asyncio.to_thread(voiced, "say", TEXT, "--server", address, "-o", "-", "--format", "pcm")
        assert len(done.stdout) == len(TEXT) * FRAME
        keyed = ("say", TEXT, "--server", address, "-o", "-", "--format", "pcm")
        done = await asyncio.to_thread(lambda: voiced(*keyed, VOICED_API_KEY="secret"))
        assert (done.returncode, done.stderr) == (0, b"")
        refused = await asyncio.to_thread(voiced, "say", TEXT, "--server", address, "-o", "-", "--voice", "nobody")
        assert refused.returncode == 2
        assert b"no voice is called 'nobody'" in refused.stderr
    gone = await asyncio.to_thread(voiced, "say", TEXT, "--server", address, "-o", "-")
    assert gone.returncode == 1
    assert f"no daemon answers at {address}".encode() in gone.stderr


def test_subtitles_lie_beside_the_sound(tmp_path: Path) -> None:
    text = "Do re mi. Fa so! [pause 500ms] La?"
    done = say(tmp_path, text, "--subtitles", "--seed", "1", "-o", str(tmp_path / "song.flac"))
    assert (done.returncode, done.stderr) == (0, b"")
    cues = list(pysubs2.load(str(tmp_path / "song.srt")))
    assert [(cue.start, cue.plaintext) for cue in cues] == [(0, "Do re mi."), (840, "Fa so!"), (1820, "La?")]
    assert [cue.start for cue in pysubs2.load(str(tmp_path / "song.vtt"))] == [0, 840, 1820]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["song.flac", "song.srt", "song.vtt"]
    assert not list((tmp_path / "data").rglob("meta.json"))
    kept = say(tmp_path, text, "--subtitles", "--save", "-o", str(tmp_path / "song.wav"))
    (meta,) = (tmp_path / "data").rglob("meta.json")
    assert kept.stderr.decode() == f"run {meta.parent.name.rpartition('_')[2]}\n"
    assert (meta.parent / "subtitles.srt").read_bytes() == (tmp_path / "song.srt").read_bytes()


@pytest.mark.parametrize("output", [(), ("-o", "-"), ("-o", "/dev/null"), ("-o", "x.srt", "--format", "wav")])
def test_subtitles_of_no_file_are_told_to_need_one(tmp_path: Path, output: tuple[str, ...]) -> None:
    done = say(tmp_path, TEXT, "--subtitles", *output)
    assert done.returncode == 2 and b"name its file with -o" in done.stderr


def test_the_verdict_is_told(tmp_path: Path) -> None:
    out = tmp_path / "x.wav"
    done = say(tmp_path, TEXT, "--verify", "2", "--seed", "4", "-o", str(out))
    assert done.returncode == 0
    assert done.stderr.decode().startswith("none of 2 takes is good; this is the best of them (seed ")
    wrong = say(tmp_path, TEXT, "--verify", "11", "-o", str(tmp_path / "y.wav"))
    assert wrong.returncode == 2 and b"from 0 to 10" in wrong.stderr and not (tmp_path / "y.wav").exists()
    failed = say(tmp_path, "...", "--verify", "--subtitles", "-o", str(tmp_path / "y.wav"))
    assert failed.returncode == 2 and not list(tmp_path.glob("y.*"))
