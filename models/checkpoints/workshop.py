"""Where one model is put together, out of sight, by one process at a time.

<models>/.partial/<slug>.lock   held while somebody works
<models>/.partial/<slug>/parts  files on their way, named by what they must be, so that a changed listing starts anew
<models>/.partial/<slug>/tree   files that are whole; config.json, which makes it a model, comes last
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, Self

from models.checkpoints.client import PullFailed
from models.checkpoints.listing import Listing, RemoteFile
from models.checkpoints.manifest import MANIFEST, Manifest

PARTIAL: Final = ".partial"
# What file systems take for their own tables, and a manifest.
_SPARE_BYTES: Final = 64_000_000


class Workshop:
    """Entered by one at a time: another one is told who is there. Raises PullFailed."""

    def __init__(self, models_dir: Path, slug: str) -> None:
        self.models_dir = models_dir
        self._home = models_dir / PARTIAL / slug
        self._parts, self.tree = self._home / "parts", self._home / "tree"
        self._old = self._home / "old"
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        with disk(self.models_dir):
            lock = self._home.with_name(f"{self._home.name}.lock")
            self._undo.enter_context(_lock(lock))
            self._undo.callback(_tidy, lock)
        return self

    def __exit__(self, *exc: object) -> None:
        self._undo.close()

    def part(self, file: RemoteFile) -> Path:
        """Where the bytes of a file gather; its folder is made."""
        self._parts.mkdir(parents=True, exist_ok=True)
        what = f"{file.path}\n{file.size}\n{file.digest}"
        return self._parts / hashlib.sha256(what.encode()).hexdigest()[:32]

    def whole(self, file: RemoteFile) -> Path:
        """Where the file lies once it is whole."""
        part = self.part(file)
        return part if part.exists() else self.tree / file.path

    def gathered(self, files: Iterable[RemoteFile]) -> int:
        """The bytes of these files that need not be fetched any more."""
        return sum(min(file.size, max(_size(self.part(file)), _size(self.tree / file.path))) for file in files)

    def make_room(self, files: Sequence[RemoteFile]) -> None:
        """See before the first byte that the last one will fit. Raises PullFailed."""
        needed = sum(file.size for file in files) - self.gathered(files) + _SPARE_BYTES
        free = shutil.disk_usage(self.models_dir).free
        if free < needed:
            raise PullFailed(
                f"{needed / 1e6:.0f} MB are needed in {self.models_dir} and {free / 1e6:.0f} MB are free; make room, or"
                " choose another data folder"
            )

    def place(self, file: RemoteFile, source: Path) -> None:
        """A whole file goes where it belongs."""
        target = self.tree / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(source)
        source.replace(target)

    def finish(self, target: Path, listing: Listing, manifest: Manifest) -> None:
        """All files are here: the model appears at once, in the place of one that was there."""
        config = self.part(listing.config)
        if config.exists():
            self.place(listing.config, config)
        self._sweep({file.path for file in listing.files})
        manifest.write(self.tree / MANIFEST)
        for path in (self.tree / MANIFEST, self.tree, *filter(Path.is_dir, self.tree.rglob("*"))):
            _sync(path)
        self._change_places(target)
        _sync(target.parent)
        self.clear()

    def clear(self) -> None:
        """Throw away what was begun."""
        shutil.rmtree(self._home, ignore_errors=True)

    def take_away(self, folder: Path) -> None:
        """Delete a folder: out of sight first, so that a kill in the middle leaves no half of a model."""
        self.clear()
        self._home.mkdir()
        folder.rename(self._old)
        self.clear()

    def _change_places(self, target: Path) -> None:
        """The new one comes where the old one was; when it cannot, the old one stays."""
        shutil.rmtree(self._old, ignore_errors=True)
        if target.exists():
            target.rename(self._old)
        try:
            self.tree.rename(target)
        except OSError:
            with suppress(OSError):
                self._old.rename(target)
            raise

    def _sweep(self, wanted: Iterable[str]) -> None:
        """Files of an older listing go."""
        keep = {self.tree / path for path in wanted}
        for path in list(self.tree.rglob("*")):
            if not path.is_dir() and path not in keep:
                path.unlink()


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """What the disk does not do becomes PullFailed."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise PullFailed(f"the disk is full: make room in {folder}; what is here is kept, pull again") from error
        raise PullFailed(f"{error.filename or folder}: {error.strerror or error}") from error


def unfinished(models_dir: Path) -> list[str]:
    """The slugs of pulls that were begun and not ended."""
    try:
        return sorted(path.name for path in (models_dir / PARTIAL).iterdir() if path.is_dir())
    except OSError:
        return []


def _lock(path: Path) -> FileIO:
    """Held until it is closed; the kernel does that for a process that ends in any way."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = FileIO(path, "a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.truncate(0)
                file.write(str(os.getpid()).encode())
                return file
        except BlockingIOError:
            file.seek(0)
            who = file.read(20).decode("ascii", "replace").strip()
            file.close()
            raise PullFailed(
                f"it is being pulled or removed by process {who or '?'} already; wait for that one"
            ) from None
        except FileNotFoundError:  # whoever held it was just done, and took the file away
            pass
        file.close()


def _tidy(lock: Path) -> None:
    with suppress(OSError):
        lock.unlink()
        lock.parent.rmdir()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sync(path: Path) -> None:
    """After a power cut a name must not stand for a file whose bytes never reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
