"""The run folder of long work: its plan, its segments as they finish, and what they became.

    input.json  meta.json  input/<name>  plan.json  segments/<id>.flac  segments.jsonl  and the artifacts

A segment counts when its file is there with the checksum that its line tells: whatever a kill has left is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

from outputs.recording import (
    INPUT,
    LOCK,
    META,
    StorageFailed,
    encode_json,
    guaranteed,
    new_folder,
    now,
    replace,
    storage,
)

PLAN: Final = "plan.json"
SEGMENTS: Final = "segments"
_LINES: Final = "segments.jsonl"


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
        cls, path: Path, request: Mapping[str, object], meta: Mapping[str, object], name: str, data: bytes
    ) -> Ledger:
        """A new run folder with the input in it, under a plain file `name`. Raises StorageFailed."""
        return cls(path, new_folder(path, request, meta, {f"input/{name}": data}), meta)

    @classmethod
    def reopen(cls, path: Path) -> Ledger:
        """Go on with a run that has ended or was left. Raises LedgerBusy, StorageFailed."""
        with storage(path):
            lock = FileIO(path / LOCK, "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise LedgerBusy(f"run {path.name} is being worked on; pause or cancel it first") from None
            meta = json.loads((path / META).read_bytes())
        ledger = cls(path, lock, meta)
        ledger.note("running", {"finished": None})
        return ledger

    @classmethod
    def look(cls, path: Path) -> Ledger:
        """A run to read alone, whoever works on it. Raises StorageFailed."""
        with storage(path):
            meta = json.loads((path / META).read_bytes())
        ledger = cls(path, FileIO(os.devnull), meta)
        ledger._lock.close()
        return ledger

    # --- what it holds ------------------------------------------------------------------------------------------

    @property
    def request(self) -> dict[str, Any]:
        """The job as it was asked for. Raises StorageFailed."""
        with storage(self.path):
            found: dict[str, Any] = json.loads((self.path / INPUT).read_bytes())
        return found

    def input(self, name: str) -> bytes:
        """The input as it was sent. Raises StorageFailed."""
        with storage(self.path):
            return (self.path / "input" / name).read_bytes()

    def plan(self) -> dict[str, Any] | None:
        """What was planned; None before it was. Raises StorageFailed."""
        with storage(self.path):
            try:
                found: dict[str, Any] = json.loads((self.path / PLAN).read_bytes())
            except FileNotFoundError:
                return None
        return found

    def write_plan(self, plan: Mapping[str, object]) -> None:
        """Before the first segment is spoken. Raises StorageFailed."""
        with storage(self.path):
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
        with self._turn, storage(self.path / SEGMENTS):
            replace(self.path / SEGMENTS / f"{segment}.flac", flac)
            lines = os.open(self.path / _LINES, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(lines, data)  # one call: after a kill it is there or it is not, but for a disk that is full
            finally:
                os.close(lines)
        return line

    def write(self, name: str, data: bytes) -> None:
        """An artifact by its plain name. Raises StorageFailed."""
        with storage(self.path / name):
            replace(self.path / name, data)

    def note(self, state: str, facts: Mapping[str, object]) -> None:
        """Tell how it stands. Raises StorageFailed."""
        with self._turn, storage(self.path / META):
            self._meta = {**self._meta, **facts, **guaranteed(self._meta), "state": state}
            replace(self.path / META, encode_json(self._meta))

    def finish(self, state: str, facts: Mapping[str, object], artifacts: Sequence[Mapping[str, object]]) -> None:
        """How it ended, and what it became; then it is let go of. Raises StorageFailed, and is let go of all the same."""
        try:
            self.note(state, {**facts, "finished": now().isoformat(), "artifacts": list(artifacts)})
        finally:
            self.release()

    def release(self) -> None:
        """Let go; a run that has not finished reads as interrupted. Safe to call twice."""
        if not self._lock.closed:
            with suppress(OSError):
                (self.path / LOCK).unlink()
            self._lock.close()

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
