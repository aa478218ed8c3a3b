"""The composition root as systemd sees it: one process, its signals, its exit code."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.__main__ import _first_of
from tests.command import around, shell

# Long after any of these tests has given up.
_FOR_EVER = "lambda self, *_: time.sleep(300)"


@contextmanager
def serving(folder: Path, planted: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`voiced serve` with a tone in which something is planted."""
    program = (
        f"import sys, time\nfrom models.tone import Tone\n{planted}\n"
        "from daemon.__main__ import main\nsys.exit(main(sys.argv[1:]))"
    )
    doors = ["--http", "127.0.0.1:0", "--wyoming", f"unix://{folder}/door", "--data-dir", str(folder), "--drain", "0.2"]
    command = [sys.executable, "-c", program, "serve", *doors, *words]
    with subprocess.Popen(command, env=around(), stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], word: str) -> None:
    """Read the log up to a line with this word in it."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if word in line:
            return
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path, "") as process:
        until(process, "Ready")
        process.send_signal(number)
        assert process.wait(60) == 0


def test_the_same_signal_twice_at_once_is_one_wish(tmp_path: Path) -> None:
    with serving(tmp_path, "") as process:
        until(process, "Ready")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_it_may_have_as_many_files_as_the_machine_allows(tmp_path: Path) -> None:
    with serving(tmp_path, "") as process:
        until(process, "Ready")
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
        soft, hard = line.split()[3:5]
        assert hard == "unlimited" or int(soft) == min(int(hard), 8192) or int(soft) > 8192


def test_it_stops_while_the_model_is_loading(tmp_path: Path) -> None:
    with serving(tmp_path, f"Tone.load = {_FOR_EVER}") as process:
        until(process, "tone engine was asked for")
        time.sleep(0.3)
        process.terminate()
        assert process.wait(60) == 0
        until(process, "the engine's thread hangs")


def test_it_stops_while_a_step_hangs(tmp_path: Path) -> None:
    with serving(tmp_path, f"Tone.step = {_FOR_EVER}", "--http", "none") as process:
        until(process, "Ready")
        asking = b'{"type": "synthesize", "data": {"text": "Hello."}}\n'
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(f"{tmp_path}/door")
            client.sendall(asking)
            time.sleep(0.3)
            process.terminate()
            assert process.wait(60) == 0


def test_a_model_that_cannot_load_is_one_line_and_a_failure(tmp_path: Path) -> None:
    planted = "from models.backend import EngineUnavailable\ndef load(self): raise EngineUnavailable('no weights')\n"
    with serving(tmp_path, planted + "Tone.load = load") as process:
        assert process.wait(60) == 1
        until(process, "voiced: no weights")


def test_asked_wrongly_is_2() -> None:
    assert shell("voiced serve --config /nowhere.toml").returncode == 2
    assert shell("voiced sing").returncode == 2


async def test_the_first_to_end_ends_the_others_and_its_failure_is_told() -> None:
    async def fail() -> None:
        raise MemoryError("planted")

    with pytest.raises(MemoryError, match="planted"):
        await _first_of(one=asyncio.Event().wait(), two=fail())
    assert {task.get_name() for task in asyncio.all_tasks()} & {"one", "two"} == set()
