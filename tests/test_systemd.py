"""The units, as systemd's own tools see them, and the daemon as systemd sees it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parent.parent / "systemd"
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed here")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they are, but for a program that exists on this machine."""
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/voiced/.venv/bin/voiced", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@needs_systemd
def test_the_units_are_clean(units: Path) -> None:
    names = [str(units / name) for name in ("voiced.service", "voiced.socket", "voiced-http.socket")]
    done = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_service_is_hardened(units: Path) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / "voiced.service")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    level = re.search(r"exposure level for voiced.service: ([\d.]+)", done.stdout)
    assert level is not None, done.stderr
    assert float(level[1]) <= 2.0


def test_memory_may_be_written_and_run_and_the_unit_says_why() -> None:
    unit = (UNITS / "voiced.service").read_text()
    assert not re.search(r"^MemoryDenyWriteExecute", unit, re.MULTILINE)
    assert "# MemoryDenyWriteExecute stays off" in unit


def test_the_install_is_documented_in_three_lines() -> None:
    text = (UNITS.parent / "docs" / "operations.md").read_text()
    block = text.split("## Install as a service")[1].split("```")[1]
    assert len(block.strip().splitlines()) == 4  # the fence's language, then three commands


async def test_the_daemon_tells_systemd_how_it_is(tmp_path: Path) -> None:
    told: asyncio.Queue[bytes] = asyncio.Queue()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(listener, lambda: told.put_nowait(listener.recv(1000)))
        words = ["--engine", "tone", "--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daemon", "serve", "--data-dir", str(tmp_path / "data"), *words,
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(20):
            assert (await told.get()).startswith(b"READY=1\nSTATUS=the tone engine")
            assert await told.get() == b"WATCHDOG=1"
            assert await told.get() == b"WATCHDOG=1"
            process.send_signal(signal.SIGTERM)
            while await told.get() != b"STOPPING=1":
                pass
            assert await process.wait() == 0
        loop.remove_reader(listener)
