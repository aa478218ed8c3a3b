"""A file on its way in. It has a name of its own, hidden and locked, until all of it is there and was looked at."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, Self

HIDDEN: Final = ".new-"


class FileTooLarge(Exception):
    """More bytes than a recording may have."""


class UploadsFailed(Exception):
    """The disk did not do what it should. The text names the path and the reason."""


class Arriving:
    """Ends with `discard`, which does nothing to what was given a name; safe to call twice."""

    def __init__(self, path: Path, file: FileIO, max_bytes: int) -> None:
        self.path = path
        self._file, self._max_bytes = file, max_bytes
        self._size, self._sha = 0, hashlib.sha256()

    @classmethod
    def begin(cls, folder: Path, max_bytes: int) -> Self:
        """In this folder, which is made where there is none. Raises UploadsFailed."""
        with storage(folder):
            folder.mkdir(parents=True, exist_ok=True)
            while True:
                path = folder / f"{HIDDEN}{secrets.token_hex(8)}"
                file = FileIO(path, "x+", opener=_private)
                fcntl.flock(file, fcntl.LOCK_EX)
                if is_there(file):  # not swept away in the instant before it was locked
                    return cls(path, file, max_bytes)
                file.close()

    @property
    def digest(self) -> str:
        """SHA-256 of what has arrived, in hex."""
        return self._sha.hexdigest()

    def write(self, data: bytes | bytearray) -> None:
        """Raises FileTooLarge and UploadsFailed."""
        self._size += len(data)
        if self._size > self._max_bytes:
            raise too_large(self._max_bytes)
        self._sha.update(data)
        with storage(self.path):
            rest = memoryview(data)
            while rest:  # a disk that fills up takes a part of it first
                rest = rest[self._file.write(rest) :]

    def move(self, path: Path) -> None:
        """Give it its name: what is acknowledged is on the disk. Raises OSError."""
        os.fsync(self._file.fileno())
        self.path.rename(path)

    def discard(self) -> None:
        """Let go of it."""
        with suppress(OSError):
            self.path.unlink()
        self._file.close()


def clear(path: Path) -> None:
    """Remove what was arriving when its process was killed: the kernel has dropped its lock. Raises OSError."""
    with suppress(FileNotFoundError, BlockingIOError), locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
        path.unlink()


def too_large(max_bytes: int) -> FileTooLarge:
    """What whoever sends too much is told."""
    return FileTooLarge(f"a file may have {max_bytes / 1e6:g} MB (settings upload_mb and files_max_mb)")


def is_there(file: FileIO) -> bool:
    """Whether an open file has not been removed meanwhile."""
    return os.fstat(file.fileno()).st_nlink > 0


@contextmanager
def locked(path: Path, how: int) -> Iterator[FileIO]:
    """The file, under a lock. Raises OSError."""
    with FileIO(path, "r+") as file:
        fcntl.flock(file, how)
        yield file


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the OSErrors of a block into UploadsFailed for this path."""
    try:
        yield
    except OSError as error:
        raise UploadsFailed(f"{path}: {error.strerror or error}") from error


def _private(path: str, flags: int) -> int:
    """Open for ourselves alone: it is somebody's voice."""
    return os.open(path, flags, 0o600)
