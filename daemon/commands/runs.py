"""`voiced runs list|show`."""

from __future__ import annotations

import argparse
import json
import sys

from daemon import options, settings
from daemon.commands.table import show
from daemon.faults import Malformed
from outputs.run import Runs


def run(args: argparse.Namespace) -> int:
    """The newest runs, or one whole."""
    runs = Runs.below(settings.read(options.given(args), config=args.config).data_dir)
    if args.action == "show":
        if not args.run:
            raise Malformed("which run? `voiced runs show RUN`; `voiced runs list` names them")
        found = runs.find(args.run)
        about = {"folder": str(found.path), "input": found.input, "meta": found.meta}
        sys.stdout.write(json.dumps(about, indent=2) + "\n")
        return 0
    if args.limit < 1:
        raise Malformed("--limit is a number from 1")
    rows = [
        {
            "run": info.run_id,
            "created": info.created,
            "state": info.state,
            "voice": info.meta.get("voice"),
            "seconds": info.seconds,
            "text": str(info.input.get("text", ""))[:60],
        }
        for info in runs.list(args.limit)
    ]
    show(rows, as_json=args.json, nothing="no run is kept yet")
    return 0
