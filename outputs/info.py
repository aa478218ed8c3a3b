"""A run as it lies on the disk, read with distrust: anyone may have been there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from outputs.recording import INPUT, META, is_being_written

NAME: Final = re.compile(r"([0-9]{8}-[0-9]{6})_([a-z0-9][a-z0-9_-]*)_([0-9a-f]{10})")
"""Of a folder: when it was made, the task, the run's id."""
ARTIFACTS: Final = "artifacts.json"
"""Where a run that has become a great many files tells of all of them; its meta tells of this one first."""
# Thirty years of audio: JSON knows numbers that no float can hold.
_LONGEST_S: Final = 1e9
STATES: Final = ("running", "done", "cancelled", "failed")
"""As they are written; `interrupted` is what a reader makes of `running` when the writer is dead."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run as it lies on the disk."""

    run_id: str
    name: str
    """Of its folder."""
    path: Path
    task: str
    state: str
    """running, done, cancelled, failed; interrupted when its process died."""
    created: datetime
    finished: datetime | None
    meta: Mapping[str, object]
    """All of meta.json, as it was written."""

    @property
    def input(self) -> Mapping[str, object]:
        """The request, read now; empty where it cannot be."""
        return _object(self.path / INPUT) or {}

    @property
    def artifacts(self) -> Sequence[Mapping[str, object]]:
        """What it became, in order: read now, where the meta has the first of a great many alone."""
        told = _objects(self.meta.get("artifacts"))
        if not told or told[0].get("name") != ARTIFACTS:
            return told
        return [told[0], *_objects((_object(self.path / ARTIFACTS) or {}).get("artifacts"))]

    @property
    def seconds(self) -> float:
        """How much audio there is; 0 when there is none, or none yet."""
        return total_seconds(_objects(self.meta.get("artifacts")))


def total_seconds(artifacts: Iterable[Mapping[str, object]]) -> float:
    """How much audio these are."""
    lengths = [artifact.get("seconds") for artifact in artifacts]
    return sum((max(0.0, min(length, _LONGEST_S)) for length in lengths if isinstance(length, int | float)), 0.0)


def read_info(path: Path) -> RunInfo | None:
    """What a folder says of itself; None when it is not a run, is broken or has just gone."""
    meta = _load(path)
    if meta is not None and meta["state"] == "running" and not is_being_written(path):
        meta = _load(path)  # it may have ended between the two looks
        if meta is not None and meta["state"] == "running":
            return _info(path, meta, "interrupted")
    return None if meta is None else _info(path, meta, str(meta["state"]))


def _load(path: Path) -> dict[str, object] | None:
    """A meta that can be relied on."""
    meta, name = _object(path / META), NAME.fullmatch(path.name)
    if meta is None or name is None or not isinstance(meta.get("schema"), int):
        return None
    trusted = (meta.get("task"), meta.get("run_id")) == name.group(2, 3) and meta.get("state") in STATES
    return meta if trusted and _time(meta.get("created")) else None


def _object(path: Path) -> dict[str, object] | None:
    """A JSON object; None for anything else."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _objects(value: object) -> list[dict[str, object]]:
    """The objects of a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _info(path: Path, meta: dict[str, object], state: str) -> RunInfo:
    created = _time(meta["created"])
    assert created is not None
    finished = _time(meta.get("finished"))
    if finished is not None:  # by a clock that was set back meanwhile it may have ended before it began
        finished = max(created, finished)
    task, run_id = str(meta["task"]), str(meta["run_id"])
    return RunInfo(run_id, path.name, path, task, state, created, finished, meta)


def _time(value: object) -> datetime | None:
    """An ISO time with its offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
