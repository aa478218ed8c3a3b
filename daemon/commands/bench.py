"""`voiced bench [engine|doors|priority|assembly|text]`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Final, TypeVar

from daemon import options, settings
from daemon.bench import arrivals, assembly, beside, doors, engine, priority, synthetic, text
from daemon.bench.figures import Figures
from daemon.faults import Malformed
from models.synthetic import CODECS, PRECISIONS, Codec, Precision

_T = TypeVar("_T", bound=str)
# What `auto` is where nobody measures: the engine's own choice on a CPU.
_AUTO_PRECISION: Final[Precision] = "int8"
_AUTO_CODEC: Final[Codec] = "float32"


def run(args: argparse.Namespace) -> int:
    """Measure, print the table, write the JSON."""
    _check(args)
    if args.json:
        args.json.touch()  # not after minutes of measuring
    figures = _measure(args)
    figures.print()
    if args.json:
        figures.write(args.json)
    return 0


def _check(args: argparse.Namespace) -> None:
    if min(number for number in (args.streams, args.requests, args.frames, args.rounds, 1) if number is not None) < 1:
        raise Malformed("--streams, --requests, --frames and --rounds are numbers from 1")
    if min(args.rate or [1.0]) <= 0:
        raise Malformed("--rate takes requests a second, more than 0")
    if not args.synthetic and (args.against or args.frames or args.rounds or args.live):
        raise Malformed("--against, --frames, --rounds and --live need --synthetic 0.6b, 1.7b or tiny")
    if args.rate and args.against:
        raise Malformed("--rate and --against are two measurements; ask for one of them")
    if args.what == "doors" and (args.rate or args.against or args.frames or args.rounds or args.live):
        raise Malformed("--rate, --against, --frames, --rounds and --live are for the engine, and not for the doors")


def _measure(args: argparse.Namespace) -> Figures:
    if args.what == "doors":
        return _doors(args)
    if args.what == "priority":
        return asyncio.run(priority.measure(args.requests or priority.REQUESTS))
    if args.what == "assembly":
        return assembly.measure(args.hours)
    if args.what == "text":
        return text.measure()
    if args.synthetic:
        return _synthetic(args)
    given = {"dtype": args.dtype, "codec_dtype": args.codec}
    wishes = {**options.given(args), **{name: value for name, value in given.items() if value}, "keep_runs": ()}
    read = settings.read(wishes, config=args.config)
    if args.rate:
        return asyncio.run(arrivals.measure(read, args.rate, args.requests or arrivals.REQUESTS))
    return asyncio.run(engine.measure(read, args.streams))


def _doors(args: argparse.Namespace) -> Figures:
    """With the tone alone; or with a model that somebody listens to meanwhile."""
    if not args.synthetic:
        return asyncio.run(doors.measure(args.streams or doors.STREAMS, args.requests or doors.REQUESTS))
    _leave_nothing()
    precisions, codecs = _kinds(args)
    if len(precisions) * len(codecs) > 1:
        raise Malformed("the doors are measured beside one model; give --dtype and --codec one name each")
    streams, requests = args.streams or beside.STREAMS, args.requests or beside.REQUESTS
    return beside.measure((args.synthetic, precisions[0], codecs[0]), streams, requests)


def _synthetic(args: argparse.Namespace) -> Figures:
    _leave_nothing()
    precisions, codecs = _kinds(args)
    frames = args.frames or synthetic.FRAMES
    if args.rate:
        kinds = [(args.synthetic, precision, codec) for precision in precisions for codec in codecs]
        slots, requests = args.streams or arrivals.SLOTS, args.requests or arrivals.REQUESTS
        figures = Figures()
        for kind in kinds:
            figures.rows += asyncio.run(arrivals.measure_synthetic(kind, slots, frames, args.rate, requests)).rows
        return figures
    wish = synthetic.Wish(
        size=args.synthetic,
        precisions=precisions,
        codecs=codecs,
        streams=(args.streams,) if args.streams else synthetic.STREAMS,
        frames=frames,
        live=args.live,
        rounds=args.rounds or (synthetic.ROUNDS if args.against else 1),
        package=args.against == "package",
    )
    return synthetic.measure(wish, tell=_tell)


def _leave_nothing() -> None:
    """Told to stop, do not leave a process that measures, or gigabytes of files."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _kinds(args: argparse.Namespace) -> tuple[Sequence[Precision], Sequence[Codec]]:
    precisions = _list("--dtype", args.dtype, PRECISIONS, _AUTO_PRECISION)
    return precisions, _list("--codec", args.codec, CODECS, _AUTO_CODEC)


def _list(option: str, given: str | None, known: Sequence[_T], auto: _T) -> Sequence[_T]:
    """What a list of names means: `auto`, `all`, or names with commas between."""
    if given == "all":
        return known
    words = [auto if word == "auto" else word for word in (given or "auto").split(",")]
    chosen = [name for word in words for name in known if name == word]
    if len(chosen) < len(words):
        raise Malformed(f"{option} takes auto, all, or some of {','.join(known)}; not {given}")
    return list(dict.fromkeys(chosen))


def _tell(what: str) -> None:
    """Minutes pass: whoever watches may know what with."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{what}\n")
