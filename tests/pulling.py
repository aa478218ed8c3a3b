"""Pulls in tests: an order for the hub on loopback, what came of it, and what it died of."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.checkpoints.catalog import checkpoints, recognise
from models.checkpoints.client import PullFailed
from models.checkpoints.download import Patience
from models.checkpoints.hub import Hub, Kind
from models.checkpoints.order import Order, order
from models.checkpoints.pull import pull
from models.checkpoints.workshop import PARTIAL
from tests.folders import SLUG
from tests.hub import Hub as Server


def wanted(
    hub: Server | None, name: str = SLUG, *, kind: Kind = "huggingface", at: str = "", retries: int = 0
) -> Order:
    found = order(name, Hub(kind, at or (hub.address if hub else "")), None, Patience(5, retries, 0.0))
    assert found is not None
    return found


def failure(order: Order, models_dir: Path) -> str:
    with pytest.raises(PullFailed) as caught:
        pull(order, models_dir)
    return str(caught.value)


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "voiced.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def whole(hub: Server) -> dict[str, bytes]:
    return {name: data for name, data in hub.files.items() if not name.startswith(".")}


def nothing_half(models_dir: Path) -> bool:
    """Nothing here looks like a model, neither where models lie nor where they are made."""
    tree = models_dir / PARTIAL / SLUG / "tree"
    return not checkpoints(models_dir) and recognise(tree) is None
