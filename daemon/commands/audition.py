"""`voiced voices design`: a description spoken with several seeds, by the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import sys

from daemon.commands import remote
from daemon.commands.table import show
from daemon.core import Voiced
from daemon.settings import Settings
from voices.auditions import Audition, Auditions


def run(args: argparse.Namespace, read: Settings) -> int:
    """Hold the audition, tell where its takes lie and how to keep one."""
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    if daemon is not None:
        wish = {"description": args.description, "takes": args.takes, "seed": args.seed, "text": args.text}
        told = daemon.ask("POST", "/api/v1/auditions", {**wish, "language": _language(args)})
        held = Audition.model_validate({key: value for key, value in told.items() if key != "links"})
    else:
        held = asyncio.run(_hold(args, read))
    folder = Auditions(read.data_dir / "voices" / "auditions").folder / held.id
    rows = [
        {
            "take": one.take,
            "seed": one.seed,
            "seconds": round(one.seconds, 1),
            "file": str(folder / f"take-{one.take}.wav"),
        }
        for one in held.takes
    ]
    show(rows, as_json=args.json, nothing="")
    if not args.json:
        sys.stdout.write(f"\nkeep one with `voiced voices lock {held.id} TAKE --id NAME`\n")
    return 0


async def _hold(args: argparse.Namespace, read: Settings) -> Audition:
    async with Voiced(read) as voiced:
        return await voiced.auditions.hold(
            args.description, text=args.text, language=_language(args), takes=args.takes, seed=args.seed
        )


def _language(args: argparse.Namespace) -> str | None:
    """`--language` may be given more than once for a voice that is kept; what is heard is in the first."""
    return args.language[0] if args.language else None
