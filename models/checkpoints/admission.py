"""What may come into the models folder: where nothing is in the way, a Qwen3-TTS model, whole, and the one asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from models.checkpoints.catalog import CODEC, CONFIG, INDEX, NO_VOICE, WEIGHTS, Checkpoint, describe, named, recognise
from models.checkpoints.client import PullFailed
from models.checkpoints.listing import Listing
from models.checkpoints.manifest import MANIFEST, expected
from models.checkpoints.released import Release


def see_place(target: Path, repo: str) -> None:
    """Whether the model may appear there. Raises PullFailed with what is in the way."""
    if target.is_symlink():
        raise PullFailed(f"{target} is a link to {target.readlink()}: pull there, or remove the link")
    ours = recognise(target) or (target / MANIFEST).is_file()
    if target.exists() and not ours and (target.is_file() or any(target.iterdir())):
        raise PullFailed(f"{target} is in the way, and it is no Qwen3-TTS model: move it away")
    if (before := _repo(target)) and before.casefold() != repo.casefold():
        raise PullFailed(f"{target.name} is here already, from {before}: remove that one first")
    other = named(target.parent, target.name)
    if other and other.path != target:
        raise PullFailed(f"{other.id} is here already, in {other.path}, as another program keeps it")


def unfit(config: Path, listing: Listing, release: Release | None) -> str:
    """Why the model with this config.json and these files is not to be had; empty when it is."""
    try:
        found = describe(json.loads(config.read_text("utf-8")), config.parent)
    except (ValueError, RecursionError):
        found = None
    if found is None:
        return f"its {CONFIG} is not that of a Qwen3-TTS model"
    if found.obstacle not in ("", NO_VOICE):
        return found.obstacle
    if release and (found.task, found.size) != (release.task, release.size):
        return f"its {CONFIG} is of a model for {found.task or '?'} {found.size}".rstrip() + f", not of {release.id}"
    gap = missing(found, (file.path for file in listing.files))
    return f"{gap} is not listed, without which it is not whole" if gap else ""


def _repo(target: Path) -> str:
    """What an earlier pull brought there; empty where none did."""
    try:
        known = expected(target)
    except PullFailed:  # it is damaged, and may be pulled anew
        return ""
    return known.repo if known else ""


def missing(checkpoint: Checkpoint, paths: Iterable[str]) -> str:
    """The file without which this kind of model is none; empty when all are there."""
    there = set(paths)
    needed = [{WEIGHTS, INDEX}]
    if checkpoint.task != "tokenizer":
        needed += [{f"{CODEC}/{WEIGHTS}"}, {f"{CODEC}/{CONFIG}"}, {"vocab.json", "tokenizer.json"}]
    return next((min(names) for names in needed if not names & there), "")
