"""`voiced runs`."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import aiohttp
import pytest

from daemon.bench.server import serving
from tests.command import TEXT, say, voiced


def test_saving_leaves_a_run_that_is_listed_and_shown(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    assert say(tmp_path, TEXT, "-o", "-").returncode == 0
    assert json.loads(voiced("runs", "list", "--json", "--data-dir", data).stdout) == []
    assert say(tmp_path, TEXT, "-o", "-", "--save", "--seed", "5").returncode == 0
    (row,) = json.loads(voiced("runs", "list", "--json", "--data-dir", data).stdout)
    assert (row["state"], row["voice"], row["text"]) == ("done", "tone", TEXT)
    shown = json.loads(voiced("runs", "show", row["run"], "--data-dir", data).stdout)
    assert shown["input"]["seed"] == 5
    assert shown["meta"]["artifacts"][0]["name"] == "audio.wav"
    missing = voiced("runs", "show", "0000000000", "--data-dir", data)
    assert missing.returncode == 1
    assert b"0000000000" in missing.stderr
    assert voiced("runs", "show", "--data-dir", data).returncode == 2


@pytest.mark.parametrize("limit", ["-1", "0"])
def test_no_limit_below_one(tmp_path: Path, limit: str) -> None:
    done = voiced("runs", "list", "--limit", limit, "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert b"--limit is a number from 1" in done.stderr


def listed(data: Path, *words: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(voiced("runs", "list", "--json", "--data-dir", str(data), *words).stdout)
    return rows


def test_long_work_is_listed_by_its_task_and_title(tmp_path: Path) -> None:
    book = tmp_path / "lamp.txt"
    book.write_text("A lamp stands there.")
    done = voiced("run", "--local", "long_form", str(book), "--data-dir", str(tmp_path), "-p", "voice=tone-2")
    assert done.returncode == 0, done.stderr
    (row,) = listed(tmp_path)
    assert (row["task"], row["text"], row["voice"]) == ("long_form", "lamp", "tone-2")
    assert re.fullmatch(r"[-0-9]{10} [0-9:]{8}\+00:00", str(row["created"]))
    shown = json.loads(voiced("runs", "show", "--data-dir", str(tmp_path), str(row["run"])).stdout)
    (speaker,) = shown["speakers"]
    assert (speaker["voice"], speaker["engine"], speaker["segments"]) == ("tone-2", "tone", 1)


async def test_what_a_daemon_has_paused_is_not_called_running(tmp_path: Path) -> None:
    async with (
        serving("--data-dir", str(tmp_path), "--engine", "tone", "--tone-step-ms", "50") as server,
        aiohttp.ClientSession() as web,
    ):
        address = f"{server.http[0]}:{server.http[1]}"
        body = {"text": "\n\n".join(f"This is line {n} of a long text." for n in range(200)), "name": "long.txt"}
        async with web.post(f"http://{address}/api/v1/pipelines/long_form", json=body) as response:
            run = (await response.json())["run_id"]
        async with web.post(f"http://{address}/api/v1/runs/{run}/pause") as response:
            assert response.status == 200
        (there,) = await asyncio.to_thread(listed, tmp_path, "--server", address)
        (here,) = await asyncio.to_thread(listed, tmp_path, "--local")
        assert (there["state"], here["state"]) == ("paused", "running")


async def test_a_run_of_a_daemon_elsewhere_is_changed_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "lamp.txt").write_text("A lamp stands there.")
    async with serving("--data-dir", str(tmp_path / "there"), "--engine", "tone") as server:
        words = ("--data-dir", str(tmp_path), "--server", f"{server.http[0]}:{server.http[1]}")
        done = await asyncio.to_thread(voiced, "run", "long_form", str(tmp_path / "lamp.txt"), *words)
        run = done.stdout.decode().strip()
        watched = await asyncio.to_thread(voiced, "runs", "watch", run, *words)
        assert (watched.returncode, watched.stdout) == (0, done.stdout)
        cancelled = await asyncio.to_thread(voiced, "runs", "cancel", run, *words)
        assert (cancelled.returncode, f"run {run} cannot be stopped: it is done" in cancelled.stderr.decode()) == (
            2,
            True,
        )
        unknown = await asyncio.to_thread(voiced, "runs", "watch", "../x", *words)
        assert (unknown.returncode, unknown.stderr) == (2, b"voiced: there is no run '../x'\n")


def test_who_has_no_daemon_cannot_watch(tmp_path: Path) -> None:
    (tmp_path / "lamp.txt").write_text("A lamp stands there.")
    words = ("--local", "--data-dir", str(tmp_path))
    run = voiced("run", "long_form", str(tmp_path / "lamp.txt"), *words).stdout.decode().strip().rpartition("_")[2]
    done = voiced("runs", "watch", run, *words)
    assert (done.returncode, done.stderr) == (2, b"voiced: no daemon is here that could watch it\n")
