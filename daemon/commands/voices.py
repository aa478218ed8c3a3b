"""`voiced voices list`."""

from __future__ import annotations

import argparse

from daemon import options, settings
from daemon.commands.table import show
from daemon.core import Voiced


def run(args: argparse.Namespace) -> int:
    """The voices that this data folder and engine have."""
    voiced = Voiced(settings.read(options.given(args), config=args.config))
    rows = [
        {"id": p.id, "label": p.label, "kind": p.kind, "languages": p.languages, "model": p.model}
        for p in voiced.casting.profiles()
    ]
    show(rows, as_json=args.json, nothing="no voice is here")
    return 0
