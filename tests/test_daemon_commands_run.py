"""`voiced run`: what a person is told besides the folder."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from daemon.bench.clients import Broken
from daemon.bench.server import Server, serving
from tests.command import VOICED, around, hear_ctrl_c, voiced

DATA = Path(__file__).parent / "data"


def address(server: Server) -> str:
    return f"{server.http[0]}:{server.http[1]}"


def follower(book: Path, server: Server) -> subprocess.Popen[bytes]:
    """`voiced run` of a text that takes minutes, once something of it is told."""
    book.write_text("\n\n".join(f"This is line {n} of a long text." for n in range(400)))
    words = [*VOICED, "run", "long_form", str(book), "--server", address(server), "--data-dir", str(book.parent)]
    following = subprocess.Popen(words, stderr=subprocess.PIPE, env=around(), preexec_fn=hear_ctrl_c)
    assert following.stderr is not None and following.stderr.readline()
    return following


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


def test_a_verified_run_is_verified_again(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("The kitchen light is on, and nobody is there to see it.")
    words = ("run", "--local", "--data-dir", str(tmp_path))
    first = voiced(*words, "long_form", str(tmp_path / "book.txt"), "--verify", "2", "--seed", "5")
    again = voiced(*words, "--again", first.stdout.decode().strip().rpartition("_")[2])
    assert (again.returncode, again.stderr.decode().splitlines()[-1]) == (0, "all 5 artifacts are the same")


async def test_again_is_work_of_the_daemon_too(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("A lamp stands there.")
    async with serving("--data-dir", str(tmp_path), "--engine", "tone") as server:
        words = ("--data-dir", str(tmp_path), "--server", address(server))
        first = await asyncio.to_thread(voiced, "run", "long_form", str(tmp_path / "book.txt"), *words)
        run = first.stdout.decode().strip().rpartition("_")[2]
        # another engine than the daemon's would not make the same
        again = await asyncio.to_thread(voiced, "run", "--again", run, *words, VOICED_ENGINE="builtin")
    assert (again.returncode, again.stderr.decode().splitlines()[-1]) == (0, "all 4 artifacts are the same")


async def test_again_is_done_here_where_the_daemon_has_another_folder(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("A lamp stands there.")
    words = ("run", "--data-dir", str(tmp_path))
    first = await asyncio.to_thread(voiced, *words, "--local", "long_form", str(tmp_path / "book.txt"))
    run = first.stdout.decode().strip().rpartition("_")[2]
    async with serving("--data-dir", str(tmp_path / "there"), "--engine", "builtin") as server:
        again = await asyncio.to_thread(voiced, *words, "--again", run, VOICED_HTTP=address(server))
        assert not list((tmp_path / "there" / "outputs" / "runs").glob("*_long_form_*"))
    assert (again.returncode, again.stderr.decode().splitlines()[-1]) == (0, "all 4 artifacts are the same")


async def test_a_daemon_that_goes_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="-9"):
        async with serving("--data-dir", str(tmp_path), "--engine", "tone", "--tone-step-ms", "50") as server:
            following = await asyncio.to_thread(follower, tmp_path / "book.txt", server)
            os.kill(server.pid, signal.SIGKILL)
            _, told = await asyncio.to_thread(following.communicate, timeout=30)
    assert following.returncode == 1
    last = told.decode().splitlines()[-1]
    assert last.startswith("voiced: the daemon broke off; `voiced runs resume ") and last.endswith("` goes on with it")


async def test_who_stops_watching_is_told_that_the_work_goes_on(tmp_path: Path) -> None:
    async with serving("--data-dir", str(tmp_path), "--engine", "tone", "--tone-step-ms", "50") as server:
        following = await asyncio.to_thread(follower, tmp_path / "book.txt", server)
        following.send_signal(signal.SIGINT)
        _, told = await asyncio.to_thread(following.communicate, timeout=30)
        run = told.decode().splitlines()[-1].split("`")[1].split()[-1]
        assert following.returncode == 130
        words = ("runs", "--data-dir", str(tmp_path), "--server", address(server))
        watching = subprocess.Popen([*VOICED, *words, "watch", run], stderr=subprocess.PIPE, env=around())
        assert watching.stderr is not None
        line = await asyncio.to_thread(watching.stderr.readline)
        assert b"of 400 segments" in line
        assert (await asyncio.to_thread(voiced, *words, "cancel", run)).returncode == 0
        assert await asyncio.to_thread(watching.wait, 30) == 1
        watching.stderr.close()
