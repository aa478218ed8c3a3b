"""`voiced run PIPELINE INPUT`: by the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import base64
import filecmp
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing, closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.watching import Watching
from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.job import Job, State
from daemon.job_folder import VERIFIED
from daemon.settings import Settings
from outputs.info import RunInfo, read_info
from outputs.ledger import Ledger
from outputs.run import RunNotFound, Runs

_BAD: Final = frozenset({State.FAILED, State.CANCELLED})
# What a terminal shows without hiding what it is about; the run has all of them.
_REMARKS: Final = 20


def run(args: argparse.Namespace) -> int:
    """Do the work, show how far it is, and print its folder."""
    read = settings.read(options.given(args), config=args.config)
    if args.again:
        return asyncio.run(_again(args.again, read))
    if not args.pipeline or not args.input:
        raise Malformed("which pipeline, and what of? `voiced run PIPELINE INPUT`, or `voiced run --again RUN`")
    data = sys.stdin.buffer.read() if args.input == "-" else Path(args.input).read_bytes()
    name = "input.txt" if args.input == "-" else Path(args.input).name
    wishes = _options(args.option or [])
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    if daemon is None:
        return asyncio.run(_work(args, read, data, name, wishes))
    body = {
        "data": base64.b64encode(data).decode(), "name": name, "options": wishes, "seed": args.seed, "after": args.after,
        "verify": args.verify,
    }  # fmt: skip
    return follow(daemon, daemon.ask("POST", f"/api/v1/pipelines/{args.pipeline}", body), read)


async def _work(args: argparse.Namespace, read: Settings, data: bytes, name: str, wishes: dict[str, Any]) -> int:
    """Without any door. Ctrl-C leaves a run that `voiced runs resume` goes on with."""
    async with Voiced(read) as voiced:
        job = await voiced.jobs.start(args.pipeline, data, name, wishes, args.seed, args.after, args.verify)
        return ended(await watch(job), read)


async def _again(run_id: str, read: Settings) -> int:
    """A run once more, in this process; 0 when every artifact is the same, byte for byte."""
    earlier = Runs.below(read.data_dir).find(run_id)
    old = Ledger.look(earlier.path)
    asked = old.request
    if "pipeline" not in asked:
        raise Malformed(f"run {run_id} is speech that was kept, and no pipeline")
    async with Voiced(read) as voiced:
        job = await voiced.jobs.start(
            asked["pipeline"], old.input(asked["name"]), asked["name"], asked["options"], asked["seed"]
        )
        told = await watch(job)
    code = ended(told, read)
    names = {str(one["name"]) for path in (earlier.path, job.ledger.path) for one in _made(path)}
    others = sorted(name for name in names if not _same(earlier.path / name, job.ledger.path / name))
    same = f"all {len(names)} artifacts are the same" if len(names) > 1 else "the artifact is the same"
    sys.stderr.write(f"differs: {', '.join(others)}\n" if others else f"{same}\n")
    return code or int(bool(others))


def _made(run: Path) -> Sequence[Mapping[str, Any]]:
    info = read_info(run)
    return info.artifacts if info else []


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def follow(daemon: remote.Daemon, told: Mapping[str, Any], read: Settings) -> int:
    """Show a job of a daemon's until it has ended, or somebody has to choose."""
    watching = Watching()
    with closing(daemon.events(f"/api/v1/runs/{told['run_id']}/events")) as progress:
        for one in progress:
            told = one
            watching(one)
            if one.get("question"):
                break
    watching.close()
    return ended(told, read)


async def watch(job: Job) -> Mapping[str, Any]:
    """Show a job of this process until it has ended, or somebody has to choose; what it told last."""
    told: dict[str, Any] = {}
    watching = Watching()
    async with aclosing(job.watch()) as progress:
        async for one in progress:
            told = asdict(one)
            watching(told)
            if one.question:
                break
    watching.close()
    return told


def ended(told: Mapping[str, Any], read: Settings) -> int:
    """Print the folder, what is to be known of it, and what went wrong or has to be chosen."""
    run_id = str(told["run_id"])
    try:
        found = Runs.below(read.data_dir).find(run_id)
    except RunNotFound:  # the daemon has a data folder of its own, maybe on another machine
        sys.stdout.write(f"{run_id}\n")
        sys.stderr.write(f"voiced: the run lies in the daemon's data folder: GET /api/v1/runs/{run_id} has its files\n")
    else:
        sys.stdout.write(f"{found.path}\n")
        sys.stderr.writelines(f"voiced: warning: {remark}\n" for remark in _remarks(found))
    if message := told.get("error") or told.get("question"):
        sys.stderr.write(f"voiced: {message}\n")
    return 1 if told["state"] in _BAD else 0


def _remarks(run: RunInfo) -> Sequence[str]:
    """What its input was warned of, and which segments the gate thinks bad of."""
    told = run.meta.get("warnings")
    warnings = [str(one) for one in told] if isinstance(told, list) else []
    if len(warnings) > _REMARKS:
        warnings[_REMARKS:] = [f"and {len(warnings) - _REMARKS} more, in meta.json"]
    with suppress(OSError, ValueError, KeyError, TypeError):
        if bad := json.loads((run.path / VERIFIED).read_bytes())["not_good"]:
            which = ", ".join(bad[:_REMARKS]) + ", …" * (len(bad) > _REMARKS)
            warnings.append(
                f"no take is good of {len(bad)} in {run.meta.get('segments')} segments: {which}; see {VERIFIED}"
            )
    return warnings


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
