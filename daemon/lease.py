"""One daemon at a time works on a data folder: two would answer for each other's jobs and voices."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final

from daemon.settings import SettingsMistake

_LOCK: Final = ".voiced.lock"


@contextmanager
def leased(data_dir: Path) -> Iterator[None]:
    """Hold the folder. The kernel lets go of it when the process ends, however it does.

    Raises SettingsMistake when another daemon has it. A folder that cannot be written to is left as it is.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = FileIO(data_dir / _LOCK, "a+")
    except OSError:  # whoever writes there tells why it cannot
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsMistake(
                f"another daemon{_owner(lock)} works on {data_dir}; stop it, or give this one a folder of its own with --data-dir"
            ) from None
        with suppress(OSError):
            lock.truncate(0)
            lock.write(str(os.getpid()).encode())
        yield


def _owner(lock: FileIO) -> str:
    with suppress(OSError, ValueError):
        lock.seek(0)
        return f" (process {int(lock.read(20) or b'')})"
    return ""
