"""`voiced runs list|show|watch|resume|pause|cancel|remove`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.following import ended, followed, watch
from daemon.commands.table import show
from daemon.core import Voiced
from daemon.faults import CallerMistake, Malformed
from daemon.job_folder import speakers
from daemon.pipelines.table import is_job
from daemon.settings import Settings
from models.backend import EngineUnavailable
from outputs.info import RunInfo
from outputs.run import Runs


def run(args: argparse.Namespace) -> int:
    """The newest runs, one whole, or something done to one."""
    read = settings.read(options.given(args), config=args.config)
    runs = Runs.below(read.data_dir)
    if args.choose is not None and args.action != "resume":
        raise Malformed("--choose is the answer that `voiced runs resume RUN` goes on with")
    if args.action != "list":
        if not args.run:
            raise Malformed(f"which run? `voiced runs {args.action} RUN`; `voiced runs list` names them")
        if args.action not in ("show", "remove"):
            return _change(args, read)
        found = runs.find(args.run)
        if args.action == "remove":
            runs.remove(found.run_id)
            return 0
        about: dict[str, object] = {"folder": str(found.path), "input": found.input, "meta": found.meta}
        if is_job(found.task):
            about["speakers"] = speakers(found)
        sys.stdout.write(json.dumps(about, indent=2) + "\n")
        return 0
    if args.limit < 1:
        raise Malformed("--limit is a number from 1")
    rows = [
        {
            "run": info.run_id,
            "created": info.created.isoformat(" ", "seconds"),
            "task": info.task,
            "state": info.state,
            "voice": info.meta.get("voice") or _asked(info).get("voice"),
            "seconds": info.seconds,
            "text": str(info.input.get("text") or info.meta.get("title") or info.input.get("name", ""))[:60],
        }
        for info in runs.list(args.limit)
    ]
    if any(row["state"] == "running" for row in rows):
        states = _at_work(args, read)
        rows = [{**row, "state": states.get(str(row["run"]), row["state"])} for row in rows]
    show(rows, as_json=args.json, nothing="no run is kept yet")
    return 0


def _asked(info: RunInfo) -> Mapping[str, object]:
    """The options of a pipeline; none of anything else."""
    found = info.input.get("options")
    return found if isinstance(found, Mapping) else {}


def _at_work(args: argparse.Namespace, read: Settings) -> Mapping[str, str]:
    """By run, what a daemon tells of its jobs: a folder does not know that nobody works on it just now."""
    with suppress(CallerMistake, EngineUnavailable, ValueError, KeyError):
        if not args.local and (daemon := remote.find(args.server or read.http, args.api_key, asked=False)):
            with daemon.asked("GET", "/api/v1/jobs") as response:
                return {job["run_id"]: job["state"] for job in json.loads(response.read())["jobs"]}
    return {}


def _change(args: argparse.Namespace, read: Settings) -> int:
    """By the daemon that works on it, wherever its folder is; without one, only resuming is left to do."""
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    if daemon is None:
        return _alone(args, read)
    if args.action == "watch":
        return ended(followed(daemon, {"run_id": args.run, "state": "running"}), read)
    told = daemon.ask("POST", f"/api/v1/runs/{quote(args.run, safe='')}/{args.action}", {"choice": args.choose})
    return ended(followed(daemon, told), read) if args.action == "resume" else 0


def _alone(args: argparse.Namespace, read: Settings) -> int:
    found = Runs.below(read.data_dir).find(args.run)
    if args.action != "resume":
        raise Malformed(f"no daemon is here that could {args.action} it")
    return asyncio.run(_resume(read, found, args.choose))


async def _resume(read: Settings, found: RunInfo, choice: str | None) -> int:
    async with Voiced(read) as voiced:
        return ended(await watch(await voiced.jobs.resume(found.run_id, choice)), read)
