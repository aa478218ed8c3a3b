"""Whether a model's files are what they must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.checkpoints.catalog import incomplete, recognise, snapshot
from models.checkpoints.client import PullFailed
from models.checkpoints.manifest import Moved, expected, problems
from models.checkpoints.tensorfile import cut


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found."""

    path: Path
    by: Literal["digests", "form"]
    """Every byte, or where no digest is known only that nothing is missing and nothing was cut."""
    files: int
    problems: tuple[str, ...]
    source: str = ""
    revision: str = ""


def verify(folder: Path, moved: Moved = lambda _path, _done: None) -> Verdict:
    """Read all files of a model; `moved` hears the bytes read of each. Raises OSError."""
    folder = snapshot(folder) or folder
    try:
        manifest = expected(folder)
    except PullFailed as error:
        return Verdict(folder, "form", 0, (str(error),))
    if manifest is None:
        return Verdict(folder, "form", len(_weights(folder)), tuple(_form(folder)))
    found = [*problems(folder, manifest, moved), *_unfit(folder)]
    return Verdict(folder, "digests", len(manifest.files), tuple(found), manifest.source, manifest.revision)


def _form(folder: Path) -> Iterator[str]:
    yield from _unfit(folder)
    for path in _weights(folder):
        if problem := cut(path):
            yield f"{path.relative_to(folder)}: {problem}"


def _unfit(folder: Path) -> Iterator[str]:
    found = recognise(folder)
    problem = incomplete(found) if found else "it is no Qwen3-TTS model any more"
    if problem:
        yield problem


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))
