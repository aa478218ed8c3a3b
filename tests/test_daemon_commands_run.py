"""`voiced run`: what a person is told besides the folder."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from daemon.bench.server import serving
from tests.command import voiced

DATA = Path(__file__).parent / "data"


def test_what_the_input_is_warned_of_is_told(tmp_path: Path) -> None:
    done = voiced("run", "--local", "subtitles", str(DATA / "subtitles" / "kitchen.srt"), "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.decode().splitlines() if "warning" in line]
    assert warnings[0] == "voiced: warning: line 2: 'ANNA', 'BEN' speak with one voice, since `voices` names none"
    assert len(warnings) == 2
    assert len(done.stdout.splitlines()) == 1


def test_of_very_many_warnings_the_first_are_told(tmp_path: Path) -> None:
    times = [f"{n // 60:02}:{n % 60:02}" for n in range(0, 62, 2)]
    captions = [f"00:{at}.000 --> 00:59:59.000\nWord {n}.\n" for n, at in enumerate(times)]
    (tmp_path / "all.vtt").write_text("WEBVTT\n\n" + "\n".join(captions))
    done = voiced("run", "--local", "subtitles", str(tmp_path / "all.vtt"), "--data-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.decode().splitlines() if "warning" in line]
    run = json.loads((Path(done.stdout.decode().strip()) / "meta.json").read_bytes())
    assert len(warnings) == 21 < len(run["warnings"])
    assert warnings[-1] == f"voiced: warning: and {len(run['warnings']) - 20} more, in meta.json"


def test_what_the_gate_thinks_bad_is_told(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("The kitchen light is on, and nobody is there to see it.")
    words = ("run", "--local", "long_form", str(tmp_path / "book.txt"), "--verify", "2", "--data-dir", str(tmp_path))
    done = voiced(*words)
    bad = json.loads((Path(done.stdout.decode().strip()) / "verify.json").read_bytes())["not_good"]
    told = "voiced: warning: no take is good of 1 in 1 segments: 0001; see verify.json"
    assert (told in done.stderr.decode()) == bool(bad)
    assert bad, "the tone is too long for its text, or the gate has changed: take another sound"


async def test_a_run_in_another_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("A lamp stands there.")
    async with serving("--data-dir", str(tmp_path / "there"), "--engine", "tone") as server:
        address = f"{server.http[0]}:{server.http[1]}"
        words = ("run", "long_form", str(tmp_path / "book.txt"), "--server", address, "--data-dir", str(tmp_path))
        done = await asyncio.to_thread(voiced, *words)
    assert done.returncode == 0, done.stderr
    run = done.stdout.decode().strip()
    assert list((tmp_path / "there" / "outputs" / "runs").glob(f"*_{run}"))
    assert f"GET /api/v1/runs/{run}" in done.stderr.decode()


async def test_all_that_is_wrong_is_told_with_a_daemon_and_without(tmp_path: Path) -> None:
    words = ("run", "subtitles", str(DATA / "subtitles" / "broken.srt"), "--data-dir", str(tmp_path))
    async with serving("--data-dir", str(tmp_path / "there"), "--engine", "tone") as server:
        address = f"{server.http[0]}:{server.http[1]}"
        there = await asyncio.to_thread(voiced, *words, "--server", address)
    here = await asyncio.to_thread(voiced, *words, "--local")
    assert (there.returncode, here.returncode) == (2, 2)
    assert there.stderr == here.stderr
    first, *lines = here.stderr.decode().splitlines()
    assert first == "voiced: 8 mistakes" and len(lines) == 8
    assert lines[1].startswith("  line ")


def test_a_file_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    done = voiced("run", "--local", "long_form", str(tmp_path / "book.txt"), "--data-dir", str(tmp_path))
    assert done.stderr.decode() == f"voiced: {tmp_path / 'book.txt'}: No such file or directory\n"
