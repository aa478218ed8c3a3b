"""The rows of `voiced models list`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from daemon.core import Voiced
from daemon.settings import Settings
from models.backend import Facts
from models.checkpoints.catalog import Checkpoint, checkpoints
from models.checkpoints.memory import BYTES, memory
from models.checkpoints.released import RELEASES, Capabilities
from models.checkpoints.workshop import unfinished

Row = dict[str, object]


def rows(read: Settings, *, everything: bool, whole: bool) -> Sequence[Mapping[str, object]]:
    """The models that need no folder and the checkpoints in the data folder.

    `everything` adds what was released and is not here, `whole` adds to each what only programs want to know.
    """
    voiced = Voiced(read)
    models_dir = read.data_dir / "models"
    models = voiced.engine.models
    found = checkpoints(models_dir)
    listed = [_row(one, speaks=one.id in models, whole=whole) for one in found]
    listed[:0] = [_own(facts, whole=whole) for facts in models.values() if facts.name != "qwen"]
    return [*listed, *_not_here(models_dir, found, everything=everything, whole=whole)]


def _own(facts: Facts, *, whole: bool) -> Row:
    return {
        "id": facts.model,
        "engine": facts.name,
        "task": "",
        "speaks": True,
        "mb": None,
        "state": "here",
        "languages": sorted({language for speaker in facts.speakers for language in speaker.languages}),
        "where": "inside voiced",
        **_more(None, "", "", whole=whole),
    }


def _row(found: Checkpoint, *, speaks: bool, whole: bool) -> Row:
    return {
        "id": found.id,
        "engine": "qwen",
        "task": found.task,
        "speaks": speaks,
        "mb": round(sum(path.stat().st_size for path in found.path.rglob("*") if path.is_file()) / 1e6),
        "state": found.obstacle or "here",
        "languages": found.languages,
        "where": found.path,
        **_more(found.capabilities, found.task, found.size, whole=whole),
    }


def _not_here(models_dir: Path, found: Sequence[Checkpoint], *, everything: bool, whole: bool) -> Iterator[Row]:
    """Pulls that were begun, and releases that could be."""
    begun, here = unfinished(models_dir), {one.id for one in found}
    for release in RELEASES:
        if release.folder in here or not (everything or release.slug in begun):
            continue
        yield {
            "id": release.slug,
            "engine": "qwen",
            "task": release.task,
            "speaks": False,
            "mb": round(release.download_bytes / 1e6),
            "state": "unfinished pull" if release.slug in begun else "not here",
            "languages": release.languages,
            "where": release.id,
            **_more(release.capabilities, release.task, release.size, whole=whole),
        }


def _more(can: Capabilities | None, task: str, size: str, *, whole: bool) -> Row:
    if not whole:
        return {}
    weighed = {dtype: round(memory(size, task, dtype) / 1e6) for dtype in BYTES} if can and size else None
    return {"capabilities": asdict(can) if can else None, "memory_mb": weighed}
