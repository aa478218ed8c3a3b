"""Recordings that were sent to be used again and again: kept by what is in them, forgotten when nobody uses them.

    <root>/<sha256>_<milliseconds>_<rate>_<channels>.<kind>   its name says all that is known of it
    <root>/.new-<random>                                      still arriving

A file's modification time is when it was last used. A lock on it says that somebody is using it: the kernel drops the lock
of whoever is killed.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Final

from voices.files.arriving import (
    HIDDEN,
    Arriving,
    FileTooLarge,
    UploadsFailed,
    clear,
    is_there,
    locked,
    storage,
    too_large,
)

__all__ = [
    "FILE_ID", "Arriving", "FileBusy", "FileTooLarge", "Sound", "UnknownFile", "Upload", "Uploads", "UploadsFailed", "too_large",
]  # fmt: skip

_LOG = logging.getLogger(__name__)

# 128 bits of the content's SHA-256: nobody makes two recordings with the same ones.
_ID_DIGITS: Final = 32
FILE_ID: Final = re.compile(rf"file-([0-9a-f]{{{_ID_DIGITS}}})")
_NAME: Final = re.compile(r"([0-9a-f]{64})_(\d{1,12})_(\d{1,7})_(\d{1,3})\.(wav|flac|mp3|ogg)")


class UnknownFile(Exception):
    """There is no such file, or no longer."""


class FileBusy(Exception):
    """Somebody is using the file."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was heard in a file."""

    seconds: float
    sample_rate: int
    channels: int
    kind: str
    """wav, flac, mp3 or ogg."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is kept."""

    digest: str
    """SHA-256 of its bytes, in hex."""
    size: int
    sound: Sound
    used: datetime
    """When it was last used."""
    path: Path

    @property
    def id(self) -> str:
        """Its name at every door."""
        return f"file-{self.digest[:_ID_DIGITS]}"


class Uploads:
    """Every upload below a root that need not exist yet. Calls block on the disk; any thread may make them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        # What is kept and what is removed is decided by one thread at a time.
        self._turn = threading.Lock()

    @classmethod
    def below(cls, data_dir: Path) -> Uploads:
        """Those of a data folder."""
        return cls(data_dir / "voices" / "files")

    def begin(self, max_bytes: int) -> Arriving:
        """A file that is going to arrive, of so many bytes at most. Raises UploadsFailed."""
        return Arriving.begin(self.root, max_bytes)

    def reuse(self, digest: str) -> Upload | None:
        """What is kept of the same bytes, if anything is: used from now on. Raises UploadsFailed."""
        with self._turn:
            return self._reuse(digest)

    def keep(self, arriving: Arriving, sound: Sound) -> Upload:
        """Keep what has arrived, unless the same bytes are kept. Raises UploadsFailed."""
        path = self.root / _name(arriving.digest, sound)
        with self._turn:
            if (kept := self._reuse(arriving.digest)) is None:
                with storage(path):
                    arriving.move(path)
                    kept = _read(path)
        arriving.discard()
        assert kept is not None  # its name is one of ours
        return kept

    def find(self, file_id: str) -> Upload:
        """The file with this id. Raises UnknownFile and UploadsFailed."""
        match = FILE_ID.fullmatch(file_id)
        if match and (found := self._of(match[1])):
            return found
        raise UnknownFile(f"there is no file {file_id[:80]!r}; it may have expired, then it must be sent again")

    @contextmanager
    def held(self, file_id: str) -> Iterator[Upload]:
        """The file, used from now on and not removed before the block ends. Raises UnknownFile and UploadsFailed."""
        upload, file = self._hold(file_id)
        with file:
            yield upload

    def remove(self, file_id: str) -> None:
        """Forget a file. Raises UnknownFile, FileBusy and UploadsFailed."""
        self._remove(self.find(file_id))

    def sweep(self, max_age_s: float | None, max_bytes: int | None, *, spare: str = "") -> Sequence[str]:
        """Forget what nobody has used for so long, then what was used longest ago until the rest fits; None is no limit.

        Neither what is in use nor `spare` is touched. Returns the ids. Raises UploadsFailed.
        """
        self._clear_leftovers()
        uploads = sorted(self._all(), key=lambda upload: upload.used)
        total, today, swept = sum(upload.size for upload in uploads), datetime.now(UTC), list[str]()
        for upload in uploads:
            too_old = max_age_s is not None and (today - upload.used).total_seconds() > max_age_s
            too_much = max_bytes is not None and total > max_bytes
            if upload.id == spare or not (too_old or too_much):
                continue
            try:
                self._remove(upload)
            except UploadsFailed as error:
                _LOG.warning("a file could not be swept away: %s", error)
            except (FileBusy, UnknownFile):
                pass
            else:
                total -= upload.size
                swept.append(upload.id)
        return swept

    def _reuse(self, digest: str) -> Upload | None:
        if (kept := self._of(digest)) is not None:
            with storage(kept.path), suppress(FileNotFoundError):
                os.utime(kept.path)
                return _read(kept.path)
        return None

    def _hold(self, file_id: str) -> tuple[Upload, FileIO]:
        while True:  # until it is not there, or stays
            upload = self.find(file_id)
            with storage(upload.path), suppress(FileNotFoundError):
                file = FileIO(upload.path, "r+")
                fcntl.flock(file, fcntl.LOCK_SH)
                if is_there(file):
                    os.utime(file.fileno())
                    return upload, file
                file.close()

    def _remove(self, upload: Upload) -> None:
        busy = FileBusy(f"{upload.id} is being used; try again when that is done")
        with self._turn, storage(upload.path):
            try:
                with locked(upload.path, fcntl.LOCK_EX | fcntl.LOCK_NB) as file:
                    if _used(os.fstat(file.fileno())) > upload.used:
                        raise busy
                    upload.path.unlink()
            except BlockingIOError:
                raise busy from None
            except FileNotFoundError:
                raise UnknownFile(f"{upload.id} has gone") from None

    def _of(self, digest: str) -> Upload | None:
        """The file whose digest begins like this."""
        return next((upload for upload in self._all() if upload.digest.startswith(digest)), None)

    def _all(self) -> Iterator[Upload]:
        for path in self._paths():
            with storage(path):
                upload = _read(path)
            if upload is not None:
                yield upload

    def _clear_leftovers(self) -> None:
        for path in self._paths():
            if path.name.startswith(HIDDEN):
                with storage(path):
                    clear(path)

    def _paths(self) -> Sequence[Path]:
        with storage(self.root):
            try:
                with os.scandir(self.root) as entries:
                    return [Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
            except FileNotFoundError:
                return []


def _name(digest: str, sound: Sound) -> str:
    return f"{digest}_{round(sound.seconds * 1000)}_{sound.sample_rate}_{sound.channels}.{sound.kind}"


def _read(path: Path) -> Upload | None:
    """What its name and the disk say of a file; None where it is none of ours or has gone. Raises OSError."""
    if (match := _NAME.fullmatch(path.name)) is None:
        return None
    try:
        about = path.lstat()
    except FileNotFoundError:
        return None
    sound = Sound(int(match[2]) / 1000, int(match[3]), int(match[4]), match[5])
    return Upload(match[1], about.st_size, sound, _used(about), path)


def _used(about: os.stat_result) -> datetime:
    return datetime.fromtimestamp(about.st_mtime, UTC)
