"""Taking a model away: what voiced keeps, and nothing that other programs keep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.checkpoints.catalog import named
from models.checkpoints.client import NotThere, PullFailed
from models.checkpoints.manifest import kept
from models.checkpoints.released import find
from models.checkpoints.workshop import Workshop, disk, unfinished


@dataclass(frozen=True, slots=True)
class Removed:
    """What is gone."""

    what: Literal["model", "link", "unfinished"]
    path: Path


def remove(models_dir: Path, name: str) -> Removed:
    """Delete a model, the link to one, or a pull that was not ended. Links are never followed.

    Raises NotThere, and PullFailed when it is not ours to delete.
    """
    release, checkpoint = find(name), named(models_dir, name)
    path = checkpoint.path if checkpoint else kept(models_dir, name)
    slug = release.slug if release else (checkpoint.id if checkpoint else name).lower()
    if path is None and slug not in unfinished(models_dir):
        raise NotThere(f"no model {name!r} lies in {models_dir}")
    with disk(models_dir), Workshop(models_dir, slug) as shop:
        if path is None:
            shop.clear()
            return Removed("unfinished", models_dir / slug)
        top = _top(models_dir, path)
        if top.is_symlink():
            top.unlink()
            return Removed("link", top)
        shop.take_away(top)
        return Removed("model", top)


def _top(models_dir: Path, path: Path) -> Path:
    """The entry of the models folder that is this model and nothing else. Raises PullFailed."""
    top = models_dir / path.relative_to(models_dir).parts[0]
    if top == path or (path.parent.name == "snapshots" and top == path.parent.parent):
        return top
    raise PullFailed(f"{path} is kept by another program, in a folder with others: remove it there")
