"""`voiced bench [engine|doors]`."""

from __future__ import annotations

import argparse
import asyncio

from daemon import options, settings
from daemon.bench import doors, engine
from daemon.faults import Malformed


def run(args: argparse.Namespace) -> int:
    """Measure, print the table, write the JSON."""
    if min(number for number in (args.streams, args.requests, 1) if number is not None) < 1:
        raise Malformed("--streams and --requests are numbers from 1")
    if args.json:
        args.json.touch()  # not after minutes of measuring
    if args.what == "doors":
        figures = asyncio.run(doors.measure(args.streams or doors.STREAMS, args.requests or doors.REQUESTS))
    else:
        read = settings.read({**options.given(args), "keep_runs": ()}, config=args.config)
        figures = asyncio.run(engine.measure(read, args.streams))
    figures.print()
    if args.json:
        figures.write(args.json)
    return 0
