"""The run folders below one root: made, listed, found, read and thrown away.

    <root>/<YYYYmmdd-HHMMSS>_<task>_<run_id>/   local time; input.json, meta.json and the artifacts

Names that start with a dot are still being written, or on their way out.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Final

from outputs.clock import now
from outputs.info import NAME, RunInfo, read_info
from outputs.ledger import Ledger
from outputs.recording import HIDDEN_NEW, SCHEMA, Ending, Run, StorageFailed, storage

__all__ = ["Ending", "Run", "RunBusy", "RunInfo", "RunNotFound", "Runs", "StorageFailed"]

_LOG = logging.getLogger(__name__)

_HIDDEN_GONE: Final = ".gone-"
# Making a folder takes milliseconds: one that is still hidden after an hour was left by a kill.
_LEFTOVER_AGE_S: Final = 3600.0


class RunNotFound(Exception):
    """There is no such run, or no such file in it."""


class RunBusy(Exception):
    """The run is being written; cancel it first."""


class Runs:
    """Every run below a root that need not exist yet. Calls block on the disk; any thread may make them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def below(cls, data_dir: Path) -> Runs:
        """Those of a data folder."""
        return cls(data_dir / "outputs" / "runs")

    def prepare(self) -> None:
        """See at the start, not at the first request, that runs can be written. Raises StorageFailed."""
        with storage(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.root):
                pass

    def begin(
        self, task: str, request: Mapping[str, object], facts: Mapping[str, object], sample_rate: int,
        files: Mapping[str, bytes] | None = None,
    ) -> Run:  # fmt: skip
        """Start a run. `request` and the `files` it names are enough to do it again; `facts` go into its meta.

        Raises StorageFailed.
        """
        path, meta = self._new(task, facts, sample_rate)
        return Run.create(path, request, meta, sample_rate, files or {})

    def begin_work(
        self, task: str, request: Mapping[str, object], facts: Mapping[str, object], name: str, data: bytes,
        plan: Mapping[str, object] | None = None,
    ) -> Ledger:  # fmt: skip
        """Start long work on this input, under a plain file name, as it is planned. Raises as `Ledger.create`."""
        path, meta = self._new(task, facts, 0)
        return Ledger.create(path, request, meta, name, data, plan)

    def _new(self, task: str, facts: Mapping[str, object], sample_rate: int) -> tuple[Path, dict[str, object]]:
        """Where a run goes, and what is known of it when it begins."""
        created, run_id = now(), secrets.token_hex(5)
        name = f"{created:%Y%m%d-%H%M%S}_{task}_{run_id}"
        if not NAME.fullmatch(name):
            raise ValueError(f"{task!r} cannot be the name of a task")
        ours = {
            "schema": SCHEMA,
            "run_id": run_id,
            "task": task,
            "state": "running",
            "created": created.isoformat(),
            "finished": None,
            "sample_rate": sample_rate,
            "artifacts": [],
        }
        # Ours first to read, and ours last to win over a caller's fact of the same name.
        return self.root / name, {**ours, **facts, **ours}

    def list(self, limit: int, *, task: str | None = None, state: str | None = None) -> Sequence[RunInfo]:
        """The newest runs, newest first. What is not a run, or is broken, is passed over."""
        infos = (i for i in self._newest() if task in (None, i.task) and state in (None, i.state))
        return list(islice(infos, limit))

    def find(self, run_id: str) -> RunInfo:
        """The run with this id, or with a folder of this name. Raises RunNotFound."""
        for name in self._names():
            if run_id in (name, name.rpartition("_")[2]) and (info := read_info(self.root / name)):
                return info
        raise RunNotFound(f"there is no run {run_id[:80]!r}")

    def file(self, run_id: str, relative: str) -> Path:
        """A file of a run, to read. RunNotFound for what is hidden, not there, or leads out of the folder."""
        folder = self.find(run_id).path
        parts = PurePosixPath(relative).parts
        if parts and not any(part.startswith((".", "/")) for part in parts):
            try:
                path = folder.joinpath(*parts).resolve(strict=True)
            except (OSError, ValueError, RuntimeError):  # not there; not a name; links in a circle
                path = folder
            if path.is_file() and path.is_relative_to(folder.resolve()):
                return path
        raise RunNotFound(f"run {run_id[:80]!r} has no file {relative[:80]!r}")

    def remove(self, run_id: str) -> None:
        """Delete a run. Raises RunNotFound, RunBusy, StorageFailed."""
        info = self.find(run_id)
        if info.state == "running":
            raise RunBusy(f"run {info.run_id} is being written; cancel it first")
        self._delete(info)

    def sweep(self, max_age_s: float | None, max_bytes: int | None) -> Sequence[str]:
        """Delete what is too old, then the oldest until the rest fits; None is no limit. Returns the ids.

        Runs that a living process writes are counted, never touched; so is nothing that is not a run.
        """
        self._clear_leftovers()
        runs = [(info, _size(info.path)) for info in self._newest()]
        total, today, swept = sum(size for _, size in runs), now(), []
        for info, size in reversed(runs):
            age_s = (today - (info.finished or info.created)).total_seconds()
            too_old = max_age_s is not None and age_s > max_age_s
            too_much = max_bytes is not None and total > max_bytes
            if info.state == "running" or not (too_old or too_much):
                continue
            total -= size
            try:
                self._delete(info)
            except StorageFailed as error:
                _LOG.warning("a run could not be swept away: %s", error)
            else:
                swept.append(info.run_id)
        return swept

    def _newest(self) -> Iterator[RunInfo]:
        """Newest first, reading no more than is asked for: by the second in the name, then by the meta."""
        for _, names in groupby(sorted(self._names(), reverse=True), key=lambda name: name[:15]):
            infos = [info for name in names if (info := read_info(self.root / name))]
            yield from sorted(infos, key=lambda info: info.created, reverse=True)

    def _names(self, pattern: re.Pattern[str] = NAME) -> Sequence[str]:
        """The folders whose names fit."""
        with storage(self.root):
            try:
                with os.scandir(self.root) as entries:
                    folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
            except FileNotFoundError:
                return []
        return [name for name in folders if pattern.fullmatch(name)]

    def _delete(self, info: RunInfo) -> None:
        """Out of sight first: a kill in the middle leaves no half of a run."""
        hidden = self.root / (_HIDDEN_GONE + info.name)
        with storage(info.path):
            try:
                info.path.rename(hidden)
                shutil.rmtree(hidden)
            except FileNotFoundError:  # someone else deletes it at the same time
                pass

    def _clear_leftovers(self) -> None:
        """Hidden folders that a kill left behind."""
        leftover = re.compile(f"({re.escape(HIDDEN_NEW)}|{re.escape(_HIDDEN_GONE)}){NAME.pattern}")
        for name in self._names(leftover):
            try:
                age_s = now().timestamp() - (self.root / name).stat().st_mtime
            except OSError:
                continue
            if name.startswith(_HIDDEN_GONE) or age_s > _LEFTOVER_AGE_S:
                shutil.rmtree(self.root / name, ignore_errors=True)


def _size(path: Path) -> int:
    """The bytes of all files in a folder; what vanishes meanwhile or cannot be looked at counts nothing."""
    total = 0
    for folder, _, files in os.walk(path):
        for file in files:
            try:
                total += os.lstat(Path(folder) / file).st_size
            except OSError:
                continue
    return total
