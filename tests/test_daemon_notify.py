"""What systemd is told, over a real datagram socket."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.notify import notify, watchdog


@pytest.fixture
def systemd(tmp_path: Path):
    """A socket that listens as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(2)
        yield listener


def test_states_are_sent(systemd: socket.socket) -> None:
    assert notify("READY=1", {"NOTIFY_SOCKET": systemd.getsockname()})
    assert systemd.recv(100) == b"READY=1"


def test_nobody_listens() -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": "/nowhere/at/all"})


async def test_the_watchdog_is_pinged_only_while_the_engine_answers(
    systemd: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    well = True

    async def answers() -> bool:
        return well

    environ = {"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "40000"}
    task = asyncio.create_task(watchdog(answers, environ), name="watchdog")
    systemd.setblocking(False)
    async with asyncio.timeout(20):
        assert await asyncio.get_running_loop().sock_recv(systemd, 100) == b"WATCHDOG=1"
    well = False
    async with asyncio.timeout(20):
        while "watchdog is not pinged" not in caplog.text:
            await asyncio.sleep(0.01)
    while True:
        try:
            systemd.recv(100)
        except BlockingIOError:
            break
    await asyncio.sleep(0.1)
    with pytest.raises(BlockingIOError):
        systemd.recv(100)
    task.cancel()


@pytest.mark.parametrize("environ", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}])
async def test_without_a_watchdog_nobody_is_asked(environ: dict[str, str]) -> None:
    async def never() -> bool:
        raise AssertionError("asked without need")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watchdog(never, environ), 0.05)


def test_sockets_are_taken_over_by_name() -> None:
    program = (
        "import os\nfrom daemon.notify import listen_sockets\n"
        "os.environ['LISTEN_PID'] = str(os.getpid())\n"
        "found = listen_sockets()\n"
        "print(sorted(found), found['wyoming'][0].getsockname()[1], 'LISTEN_FDS' in os.environ)"
    )
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        fds = os.dup(one.fileno()), os.dup(two.fileno())
        shell = f'exec 3<&{fds[0]} 4<&{fds[1]} && exec {sys.executable} -c "$PROGRAM"'
        done = subprocess.run(
            ["bash", "-c", shell],
            pass_fds=fds,
            env={**os.environ, "PROGRAM": program, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "wyoming:http"},
            capture_output=True,
            text=True,
            check=True,
        )
        for fd in fds:
            os.close(fd)
        assert done.stdout.split() == ["['http',", "'wyoming']", str(one.getsockname()[1]), "False"]
