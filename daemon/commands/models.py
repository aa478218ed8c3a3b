"""`voiced models list`."""

from __future__ import annotations

import argparse

from daemon import options, settings
from daemon.commands.table import show
from daemon.core import Voiced
from models.catalog import checkpoints


def run(args: argparse.Namespace) -> int:
    """The model that would speak, and the checkpoints that lie in the data folder."""
    voiced = Voiced(settings.read(options.given(args), config=args.config))
    facts = voiced.engine.facts
    spoken = sorted({language for speaker in facts.speakers for language in speaker.languages})
    rows: list[dict[str, object]] = [
        {"id": facts.model, "engine": facts.name, "speaks": True, "languages": spoken, "where": "inside voiced"}
    ]
    rows += [
        {"id": found.id, "engine": "qwen", "speaks": False, "languages": (), "where": found.path}
        for found in checkpoints(voiced.settings.data_dir / "models")
    ]
    show(rows, as_json=args.json, nothing="no model is here")
    return 0
