"""The run folder of long work: its plan, its segments as they finish, and what they became.

    input.json  meta.json  input/<name>  plan.json  segments/<id>.flac  segments.jsonl  and the artifacts

A segment counts when its file is there with the checksum that its line tells: whatever a kill has left is made again.
Nothing of a folder that somebody removes is made again by whoever still works on it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

from outputs.clock import now
from outputs.info import ARTIFACTS, total_seconds
from outputs.recording import (
    INPUT,
    LOCK,
    META,
    StorageFailed,
    encode_json,
    guaranteed,
    is_being_written,
    new_folder,
    replace,
    storage,
)

INPUTS: Final = "input"
PLAN: Final = "plan.json"
SEGMENTS: Final = "segments"
_LINES: Final = "segments.jsonl"


# A list of runs shows the meta of each: a pack of 50,000 files would be six megabytes of it.
MAX_TOLD: Final = 200
# Whoever looks whether a run is being written holds its lock for an instant, together with all others who look. On a busy
# machine that instant is as long as it takes until they run again.
_PATIENCE_S: Final = 10.0
_AGAIN_S: Final = 0.002


class LedgerBusy(Exception):
    """Another process, or another job of this one, is at work on the run."""


class Ledger:
    """A run that this process works on; ends with `finish` or `release`. Any thread may call."""

    def __init__(self, path: Path, lock: FileIO, meta: Mapping[str, Any]) -> None:
        self.path, self.id = path, str(meta["run_id"])
        self._lock, self._meta = lock, dict(meta)
        self._turn = threading.Lock()

    @classmethod
    def create(
        cls, path: Path, request: Mapping[str, object], meta: Mapping[str, object], name: str, data: bytes,
        plan: Mapping[str, object] | None = None,
    ) -> Ledger:  # fmt: skip
        """A new run folder with the input in it, under a plain file `name`, and with its plan where that is known.

        Raises StorageFailed, and then there is no folder; ValueError for a name that is none.
        """
        if not is_plain(name):
            raise ValueError(f"{name[:80]!r} cannot be the name of a file")
        files = {f"{INPUTS}/{name}": data, **({} if plan is None else {PLAN: encode_json(plan)})}
        return cls(path, new_folder(path, request, meta, files, [SEGMENTS]), meta)

    @classmethod
    def reopen(cls, path: Path) -> Ledger:
        """Go on with a run that has ended or was left. Raises LedgerBusy, StorageFailed."""
        with ExitStack() as undo:
            lock = undo.enter_context(_locked(path))
            ledger = cls(path, lock, _object(path / META))
            undo.callback(ledger.release)
            ledger.note("running", {"finished": None})
            undo.pop_all()
        return ledger

    @classmethod
    def look(cls, path: Path) -> Ledger:
        """A run to read alone, whoever works on it. Raises StorageFailed."""
        ledger = cls(path, FileIO(os.devnull), _object(path / META))
        ledger._lock.close()
        return ledger

    # --- what it holds ------------------------------------------------------------------------------------------

    @property
    def request(self) -> dict[str, Any]:
        """The job as it was asked for. Raises StorageFailed."""
        return _object(self.path / INPUT)

    def input(self, name: str) -> bytes:
        """The input as it was sent. Raises StorageFailed."""
        with storage(self.path):
            return (self.path / INPUTS / name).read_bytes()

    def plan(self) -> dict[str, Any] | None:
        """What was planned; None before it was. Raises StorageFailed."""
        try:
            return _object(self.path / PLAN)
        except StorageFailed as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def write_plan(self, plan: Mapping[str, object]) -> None:
        """Before the first segment is spoken. Raises StorageFailed."""
        with self._stored(PLAN):
            (self.path / SEGMENTS).mkdir(exist_ok=True)
            replace(self.path / PLAN, encode_json(plan))

    def taken(self) -> dict[str, dict[str, Any]]:
        """What is told of every segment that is there and whole, by its id. Reads all of them. Raises StorageFailed."""
        found = {}
        for line in self._lines():
            path = self.path / SEGMENTS / f"{line['id']}.flac"
            with storage(path), suppress(FileNotFoundError):
                if hashlib.sha256(path.read_bytes()).hexdigest() == line["sha256"]:
                    found[str(line["id"])] = line
        return found

    # --- what is written ----------------------------------------------------------------------------------------

    def keep(self, segment: str, flac: bytes, facts: Mapping[str, object]) -> dict[str, Any]:
        """A segment that is spoken: its file first, then its line. Raises StorageFailed."""
        line = {"id": segment, "sha256": hashlib.sha256(flac).hexdigest(), **facts}
        # the first line's end is for what a full disk has left of the line before
        data = b"\n" + json.dumps(line, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        with self._turn, self._stored(SEGMENTS):
            replace(self.path / SEGMENTS / f"{segment}.flac", flac)
            lines = os.open(self.path / _LINES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                while data:  # one call: after a kill it is there or it is not; a disk that fills up takes a part first
                    data = data[os.write(lines, data) :]
            finally:
                os.close(lines)
        return line

    def write(self, name: str, data: bytes) -> None:
        """An artifact by its plain name. Raises StorageFailed."""
        with self._stored(name):
            replace(self.path / name, data)

    def note(self, state: str, facts: Mapping[str, object]) -> None:
        """Tell how it stands. Raises StorageFailed."""
        with self._turn, self._stored(META):
            self._meta = {**self._meta, **facts, **guaranteed(self._meta), "state": state}
            replace(self.path / META, encode_json(self._meta))

    def finish(self, state: str, facts: Mapping[str, object], artifacts: Sequence[Mapping[str, object]]) -> None:
        """How it ended, and what it became; then it is let go of. Raises StorageFailed, and is let go of all the same.

        Of more artifacts than MAX_TOLD the meta tells the first, and a file of their own tells all.
        """
        try:
            made = list(artifacts)
            if len(made) > MAX_TOLD:
                made = self._list(made)
            self.note(state, {**facts, "finished": now().isoformat(), "artifacts": made})
        finally:
            self.release()

    def release(self) -> None:
        """Let go; a run that has not finished reads as interrupted. Safe to call twice."""
        if not self._lock.closed:
            with suppress(OSError):
                (self.path / LOCK).unlink()
            self._lock.close()

    def _list(self, artifacts: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
        """Those that the meta tells of, the list of all of them first."""
        data = encode_json({"artifacts": artifacts})
        self.write(ARTIFACTS, data)
        rest = total_seconds(artifacts[MAX_TOLD:])
        told = {"name": ARTIFACTS, "bytes": len(data), "count": len(artifacts), "seconds": round(rest, 3)}
        return [told, *artifacts[:MAX_TOLD]]

    @contextmanager
    def _stored(self, name: str) -> Iterator[None]:
        """As `storage`; who has lost the whole folder is told so."""
        try:
            with storage(self.path / name):
                yield
        except StorageFailed as error:
            if isinstance(error.__cause__, FileNotFoundError) and not self.path.exists():
                raise StorageFailed(f"{self.path}: the folder of this run has been removed") from error.__cause__
            raise

    def _lines(self) -> list[dict[str, Any]]:
        """Every line that is whole; of one segment the last counts."""
        try:
            with storage(self.path):
                data = (self.path / _LINES).read_bytes()
        except StorageFailed as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return []
            raise
        found = []
        for raw in data.splitlines():
            with suppress(ValueError):
                line = json.loads(raw)
                if isinstance(line, dict) and {"id", "sha256"} <= line.keys():
                    found.append(line)
        return found


def _locked(path: Path) -> FileIO:
    """The lock of a run, held. Raises LedgerBusy, StorageFailed."""
    end = time.monotonic() + _PATIENCE_S
    with storage(path):
        while True:
            lock = FileIO(path / LOCK, "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(lock.fileno()), (path / LOCK).stat()):
                    return lock
            except FileNotFoundError:
                pass  # whoever held it let go of it in between, and took its file away
            except BlockingIOError:
                if is_being_written(path) or time.monotonic() > end:
                    lock.close()
                    raise LedgerBusy(f"run {path.name} is being worked on; pause or cancel it first") from None
                time.sleep(_AGAIN_S)
            lock.close()


def _object(path: Path) -> dict[str, Any]:
    """A file of ours, read. Raises StorageFailed."""
    with storage(path):
        data = path.read_bytes()
    with suppress(ValueError, RecursionError):
        if isinstance(found := json.loads(data), dict):
            return found
    raise StorageFailed(f"{path}: it is damaged, and nothing can be made of the run any more; start it again")


def is_plain(name: str) -> bool:
    """Whether a name is that of a file in its folder, and nothing else."""
    return name == Path(name).name and name not in ("", "..") and "\0" not in name
