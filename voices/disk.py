"""Files that are there whole or not at all, and a lock between all who write them."""

from __future__ import annotations

import fcntl
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

# A write takes milliseconds, a large recording on a slow card a second: whoever holds the lock longer is stuck.
_PATIENCE_S: Final = 30.0
# Between two looks at the lock; uneven, so that two who wait do not always look at the same instant.
_LOOK_S: Final = (0.001, 0.005)
_TEMPORARY: Final = re.compile(r"\.voiced-[0-9a-f]+\.tmp")


class StoreFailed(Exception):
    """The disk did not do what it should. The text names the path and the reason."""


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the OSErrors of a block into StoreFailed for this path."""
    try:
        yield
    except OSError as error:
        raise StoreFailed(f"{path}: {error.strerror or error}") from error


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold this file's lock, which no other thread and no other process then does; a kill lets go of it.

    The folder is made when it is not there. Raises StoreFailed.
    """
    with storage(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        with storage(lock):
            _take(held, lock)
        yield
    finally:
        os.close(held)


def _take(held: int, lock: Path) -> None:
    """`flock`, as POSIX's other lock is shared by all threads of a process."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise StoreFailed(f"{lock}: another process has held it for {_PATIENCE_S:.0f} s") from None
        time.sleep(random.uniform(*_LOOK_S))  # noqa: S311 nothing secret


def replace(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file in the place of what was there. Durable is what a power cut leaves too. Raises StoreFailed.

    Only for who holds the lock of the folder: `sweep` takes every temporary file for one of a writer that was killed.
    """
    temporary = path.with_name(f".voiced-{os.urandom(6).hex()}.tmp")
    with storage(path):
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            _sync(path.parent)


def remove(path: Path) -> None:
    """Delete a file, for good; one that is not there is no mistake. Raises StoreFailed."""
    with storage(path):
        try:
            path.unlink()
        except FileNotFoundError:
            return
        _sync(path.parent)


def sweep(folder: Path) -> None:
    """Delete what writers that were killed have left; for who holds the lock. Raises StoreFailed."""
    with storage(folder), suppress(FileNotFoundError):
        for path in folder.iterdir():
            if _TEMPORARY.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A new name is only safe when its folder is on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
