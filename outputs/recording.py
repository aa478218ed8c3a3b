"""One run while it is written. A kill at any instant leaves a folder that parses.

Nothing is synced to the platter: a kill loses nothing that was written, and after a power cut the readers
pass over what does not parse, while a sync for every reply would cost more than making it again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, Literal

from outputs.audio import UNKNOWN_LENGTH, WAV_HEADER_BYTES, wav_header
from outputs.clock import now

INPUT: Final = "input.json"
META: Final = "meta.json"
AUDIO: Final = "audio.wav"
PART: Final = ".audio.wav.part"
LOCK: Final = ".lock"
HIDDEN_NEW: Final = ".new-"
SCHEMA: Final = 1
# 1.4 s of speech at 24 kHz: few writes, and little that a kill could lose.
FLUSH_BYTES: Final = 64 * 1024

Ending = Literal["done", "cancelled", "failed"]


class StorageFailed(Exception):
    """The disk did not do what it should. The text names the path and the reason."""


class Run:
    """A run folder that this process is writing; ends with `finish` or `abandon`. Any thread may call."""

    def __init__(self, path: Path, lock: FileIO, meta: dict[str, object], sample_rate: int) -> None:
        self.path = path
        self.id = str(meta["run_id"])
        self._lock, self._meta, self._sample_rate = lock, meta, sample_rate
        # A cancelled task ends the run while the thread that it left behind still writes.
        self._turn = threading.Lock()
        self._buffer = bytearray()
        self._part: FileIO | None = None
        self._lost = ""
        self._artifacts: list[dict[str, object]] = []
        self._beside: list[dict[str, object]] = []

    @classmethod
    def create(
        cls, path: Path, request: Mapping[str, object], meta: dict[str, object], sample_rate: int,
        files: Mapping[str, bytes],
    ) -> Run:  # fmt: skip
        """Make the folder; it appears at once, with its request, files and meta in it. Raises StorageFailed."""
        lock = new_folder(path, request, meta, files)
        return cls(path, lock, meta, sample_rate)

    def write(self, pcm: bytes) -> None:
        """Append s16le mono, any cut. Raises StorageFailed, then every time: the audio would have a hole."""
        with self._turn:
            if self._lock.closed:
                raise ValueError(f"run {self.id} has ended")
            if self._lost:
                raise StorageFailed(self._lost)
            self._buffer += pcm
            if len(self._buffer) >= FLUSH_BYTES:
                self._flush()

    def fits(self, pcm: bytes) -> bool:
        """Whether `write` would only keep this in memory, so that no thread is needed for it."""
        return len(self._buffer) + len(pcm) < FLUSH_BYTES

    def attach(self, name: str, data: bytes) -> None:
        """Put a file beside the audio; the meta names it when the run ends. Raises StorageFailed."""
        with storage(self.path / name):
            replace(self.path / name, data)
        self._beside.append({"name": name, "bytes": len(data)})

    def finish(self, state: Ending, facts: Mapping[str, object], text: str | None = None) -> None:
        """Give the audio its exact header and its name, then write the meta. A second call does nothing.

        `text` goes into the request when it was not known at the beginning.

        Raises StorageFailed, after which `finish` may be tried again. A run that lost audio cannot be done;
        as cancelled or failed it keeps what the disk took.
        """
        with self._turn:
            if self._lock.closed:
                return
            if self._buffer and not self._lost:
                with suppress(StorageFailed):
                    self._flush()
            if self._lost and state == "done":
                raise StorageFailed(self._lost)
            self._seal()
            if text is not None:
                self._amend(text)
            self._write_meta(state, facts)
            self._release()

    def abandon(self) -> None:
        """Let go and give the space of unfinished audio back: for a full disk. Safe to call twice.

        Never raises StorageFailed: the run reads as failed, or as interrupted if that could not be written.
        """
        with self._turn:
            if self._lock.closed:
                return
            if self._part is not None:
                with suppress(OSError):
                    self._part.close()
                with suppress(OSError):
                    (self.path / PART).unlink()
            with suppress(StorageFailed):
                self._write_meta("failed", {"error": self._lost} if self._lost else {})
            self._release()

    @property
    def artifacts(self) -> list[str]:
        """The names of what is there to be fetched, once the run has finished."""
        return [str(artifact["name"]) for artifact in (*self._artifacts, *self._beside)]

    def _flush(self) -> None:
        waiting, self._buffer = self._buffer, bytearray()
        try:
            with storage(self.path / PART):
                if self._part is None:
                    self._part = FileIO(self.path / PART, "w")
                    waiting[:0] = wav_header(self._sample_rate, UNKNOWN_LENGTH)
                rest = memoryview(waiting)
                while rest:  # a disk that fills up takes a part of it first
                    rest = rest[self._part.write(rest) :]
        except StorageFailed as error:
            self._lost = str(error)
            raise

    def _seal(self) -> None:
        """Turn the part into an artifact, if it holds any audio. After a failure it goes on where it was."""
        if self._part is None:
            return
        with storage(self.path / AUDIO):
            data_bytes = max(0, os.fstat(self._part.fileno()).st_size - WAV_HEADER_BYTES) // 2 * 2
            if data_bytes:
                self._part.truncate(WAV_HEADER_BYTES + data_bytes)
                os.pwrite(self._part.fileno(), wav_header(self._sample_rate, data_bytes), 0)
                (self.path / PART).rename(self.path / AUDIO)
                seconds = round(data_bytes / 2 / self._sample_rate, 3)
                self._artifacts = [{"name": AUDIO, "bytes": WAV_HEADER_BYTES + data_bytes, "seconds": seconds}]
            else:
                (self.path / PART).unlink()
        self._part.close()
        self._part = None

    def _amend(self, text: str) -> None:
        with storage(self.path / INPUT):
            request = json.loads((self.path / INPUT).read_bytes())
            replace(self.path / INPUT, encode_json({**request, "text": text}))

    def _write_meta(self, state: Ending, facts: Mapping[str, object]) -> None:
        ours = {"state": state, "finished": now().isoformat(), "artifacts": [*self._artifacts, *self._beside]}
        with storage(self.path / META):
            replace(self.path / META, encode_json({**self._meta, **facts, **guaranteed(self._meta), **ours}))

    def _release(self) -> None:
        """Last of all: whoever finds the lock free must find the final meta."""
        with suppress(OSError):
            (self.path / LOCK).unlink()
        self._lock.close()


def new_folder(
    path: Path, request: Mapping[str, object], meta: Mapping[str, object], files: Mapping[str, bytes],
    folders: Iterable[str] = (),
) -> FileIO:  # fmt: skip
    """Make a run's folder; it appears at once with all of this in it. Its lock is held. Raises StorageFailed."""
    hidden = path.with_name(HIDDEN_NEW + path.name)
    with storage(path), ExitStack() as undo:
        hidden.mkdir(parents=True)
        undo.callback(shutil.rmtree, hidden, ignore_errors=True)
        lock = undo.enter_context(FileIO(hidden / LOCK, "w"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in folders:
            (hidden / name).mkdir()
        for name, data in files.items():
            (hidden / name).parent.mkdir(exist_ok=True)
            (hidden / name).write_bytes(data)
        (hidden / INPUT).write_bytes(encode_json(request))
        (hidden / META).write_bytes(encode_json(meta))
        hidden.rename(path)
        undo.pop_all()
    return lock


def guaranteed(meta: Mapping[str, object]) -> dict[str, object]:
    """The facts of a meta that no caller's facts may replace."""
    return {key: meta[key] for key in ("schema", "run_id", "task", "created", "sample_rate")}


def is_being_written(path: Path) -> bool:
    """Whether a living process, this one or another, holds the run in this folder."""
    try:
        with FileIO(path / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def encode_json(value: Mapping[str, object]) -> bytes:
    """Plain ASCII, so that lone surrogates survive. ValueError for NaN, TypeError for what is not JSON."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=1).encode("ascii")


def replace(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all. Raises OSError."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn the OSErrors of a block into StorageFailed for this path."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"{path}: {error.strerror or error}") from error
