"""`voiced run PIPELINE INPUT`: by the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import base64
import filecmp
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.following import ended, followed, watch
from daemon.core import Voiced
from daemon.faults import CallerMistake, Malformed
from daemon.pipelines.table import RECIPES
from daemon.settings import Settings
from outputs.info import read_info
from outputs.ledger import Ledger
from outputs.run import Runs


@dataclass(frozen=True, slots=True)
class _Wish:
    """Work as it is asked for; the fields are those of `Jobs.start`."""

    pipeline: str
    data: bytes
    name: str
    options: Mapping[str, Any]
    seed: int | None
    after: str | None
    verify: int


def run(args: argparse.Namespace) -> int:
    """Do the work, show how far it is, and print its folder."""
    read = settings.read(options.given(args), config=args.config)
    if args.again:
        return _again(args, read)
    if not args.pipeline or not args.input:
        raise Malformed("which pipeline, and what of? `voiced run PIPELINE INPUT`, or `voiced run --again RUN`")
    data = sys.stdin.buffer.read() if args.input == "-" else Path(args.input).read_bytes()
    name = "input.txt" if args.input == "-" else Path(args.input).name
    wish = _Wish(args.pipeline, data, name, _options(args.option or []), args.seed, args.after, args.verify)
    return ended(_done(_daemon(args, read), wish, read), read)


def _daemon(args: argparse.Namespace, read: Settings) -> remote.Daemon | None:
    return None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))


def _done(daemon: remote.Daemon | None, wish: _Wish, read: Settings) -> Mapping[str, Any]:
    """What the job told last, in the daemon where there is one."""
    if daemon is None:
        return asyncio.run(_work(wish, read))
    body = {**asdict(wish), "data": base64.b64encode(wish.data).decode()}
    return followed(daemon, daemon.ask("POST", f"/api/v1/pipelines/{body.pop('pipeline')}", body))


async def _work(wish: _Wish, read: Settings) -> Mapping[str, Any]:
    """Without any door. Ctrl-C leaves a run that `voiced runs resume` goes on with."""
    async with Voiced(read) as voiced:
        return await watch(await voiced.jobs.start(*(getattr(wish, field.name) for field in fields(wish))))


def _again(args: argparse.Namespace, read: Settings) -> int:
    """A run once more; 0 when every artifact is the same, byte for byte."""
    runs = Runs.below(read.data_dir)
    earlier = runs.find(args.again)
    old = Ledger.look(earlier.path)
    asked = old.request
    if asked.get("pipeline") not in RECIPES:
        raise Malformed(f"run {earlier.run_id} is {earlier.task}, and no pipeline that could be done again")
    wish = _Wish(
        asked["pipeline"], old.input(asked["name"]), asked["name"], asked["options"], asked["seed"], None,
        asked.get("verify", 0),
    )  # fmt: skip
    daemon = _daemon(args, read)
    if daemon is not None and not args.server and not _keeps(daemon, earlier.run_id):
        daemon = None  # it works on another folder, where nothing could be compared
    told = _done(daemon, wish, read)
    code = ended(told, read)
    return code or _compared(earlier.path, runs.find(str(told["run_id"])).path)


def _keeps(daemon: remote.Daemon, run_id: str) -> bool:
    with suppress(CallerMistake), daemon.asked("GET", f"/api/v1/runs/{run_id}"):
        return True
    return False


def _compared(one: Path, other: Path) -> int:
    """Tell which artifacts of two runs differ; 0 where none does."""
    names = {str(told["name"]) for path in (one, other) for told in _made(path)}
    others = sorted(name for name in names if not _same(one / name, other / name))
    same = f"all {len(names)} artifacts are the same" if len(names) > 1 else "the artifact is the same"
    sys.stderr.write(f"differs: {', '.join(others)}\n" if others else f"{same}\n")
    return int(bool(others))


def _made(run: Path) -> Sequence[Mapping[str, Any]]:
    info = read_info(run)
    return info.artifacts if info else []


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _options(written: Sequence[str]) -> dict[str, Any]:
    """`budget=300`, `title="A book"`: a value is JSON where it can be read so, and a text otherwise."""
    found: dict[str, Any] = {}
    for one in written:
        name, equals, value = one.partition("=")
        if not equals:
            raise Malformed(f"{one!r}: an option is written NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
