"""The composition root: imports every room, is imported by none. `voiced` and `python -m daemon` start here."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any

from daemon import cli, options

if TYPE_CHECKING:
    from daemon.settings import Settings

_LOG = logging.getLogger("voiced")
# 384 callers and their run folders, ten times over.
FILES = 8192
# `timeout` and some supervisors send their signal to the process and to its group: twice in the same instant.
SAME_WISH_S = 1.0
_STARTED = time.monotonic()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 is well, 1 failed, 2 asked wrongly, 130 interrupted."""
    args = cli.parse(sys.argv[1:] if argv is None else argv)
    from daemon import console
    from daemon.faults import CallerMistake, describe, is_ours
    from daemon.settings import SettingsMistake

    try:
        with console.ready():
            return _serve(args) if args.command == "serve" else _run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1  # whoever read our output has enough
    except (SettingsMistake, CallerMistake) as error:
        return _complain(_all(error), 2)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error), 1)
    except Exception as error:  # noqa: BLE001 - the boundary of a command
        if is_ours(error):
            _LOG.debug("internal error", exc_info=error)
            return _complain(f"internal error, please report it: {type(error).__name__}: {error}", 1)
        return _complain(describe(error).message, 1)


def _all(error: Exception) -> str:
    """Every mistake on a line of its own, where there are several."""
    details = getattr(error, "details", ())
    lines = [f"{one.path}: {one.message}" if one.path else one.message for one in details]
    return "\n  ".join([f"{len(lines)} mistakes", *lines]) if len(lines) > 1 else str(error)


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"voiced: {message}\n")
    return code


def _run(args: argparse.Namespace) -> int:
    return int(import_module(f"daemon.commands.{args.command}").run(args))


def _serve(args: argparse.Namespace) -> int:
    from daemon import logs, settings
    from daemon.lease import leased

    read = settings.read(options.given(args), config=args.config)
    logs.set_up(read.log_format, read.debug)
    with leased(read.data_dir):
        return asyncio.run(serve(read), debug=False)


async def serve(settings: Settings) -> int:
    """Open every door, say Ready, speak until told to stop. Top to bottom in one function."""
    from daemon.core import Voiced
    from daemon.notify import listen_sockets, notify, watchdog
    from protocol.discovery import announced
    from protocol.server import WyomingDoor
    from web import app, guard

    handed, stop = listen_sockets(), _stop_signal()
    _allow_many_files()
    keys = guard.Keys.read(settings.api_keys) if settings.api_keys else None
    if warning := guard.warning(settings):
        _LOG.warning("%s", warning)
    voiced = Voiced(settings)
    voiced.runs.prepare()
    _LOG.info("%s", voiced.reason)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await _first_of(stop=stop.wait(), model=enter(voiced))
        if stop.is_set():
            return 0  # told to while the model was loading
        wyoming = await enter(WyomingDoor(voiced.speech, settings, sockets=handed.get("wyoming", ())))
        http = None
        if settings.http != "none":
            http = await enter(app.serve(app.build(voiced, keys), settings, handed.get("http", ())))
        await enter(announced(settings.zeroconf, wyoming.endpoints))
        await voiced.go_on()
        addresses = [*wyoming.addresses, *(http.urls if http else ())]
        _LOG.info("Ready in %.2f s: %s", time.monotonic() - _STARTED, " ".join(addresses))
        notify(f"READY=1\nSTATUS={voiced.reason}")
        try:
            await _first_of(
                stop=stop.wait(),
                caller=wyoming.hung_up(),
                engine=voiced.failed(),
                journal=voiced.journal.sweep(),
                files=voiced.files.sweep(),
                watchdog=watchdog(voiced.engine.answers),
            )
        finally:
            notify("STOPPING=1")
            _LOG.info("stopping: nobody new is let in, open streams get %.0f s", settings.drain)
            wyoming.stop_listening()
            if http is not None:
                await http.stop_listening()
            await voiced.speech.close(settings.drain)
    _LOG.info("stopped")
    return 0


def _allow_many_files() -> None:
    """Callers are counted in hundreds, and the usual soft limit is 1024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT; a later one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    first: list[float] = []

    def heard() -> None:
        if first and loop.time() - first[0] > SAME_WISH_S:
            os._exit(1)
        first.append(loop.time())
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, heard)
    return stop


async def _first_of(**waits: Coroutine[Any, Any, object]) -> None:
    """Return when one of them does; raise what it died of, so that systemd starts a fresh process."""
    tasks = [asyncio.create_task(wait, name=name) for name, wait in waits.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
