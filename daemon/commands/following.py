"""A job that is shown until it has ended, in a daemon or in this process, and what is told of it then."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing, closing, suppress
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import quote

from daemon.commands.remote import Daemon
from daemon.commands.watching import Watching
from daemon.job import ENDED, Job, State
from daemon.job_folder import VERIFIED
from daemon.settings import Settings
from models.backend import EngineUnavailable
from outputs.info import RunInfo
from outputs.run import RunNotFound, Runs

_LEFT: Final = "interrupted"
_BAD: Final = frozenset({State.FAILED, State.CANCELLED, _LEFT})
_OPEN: Final = frozenset(State) - ENDED
# What a terminal shows without hiding what it is about; the run has all of them.
_REMARKS: Final = 20


def followed(daemon: Daemon, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Show a job of a daemon's until it has ended, or somebody has to choose; what it told last.

    Raises EngineUnavailable where the daemon goes before that.
    """
    run_id, watching = str(told["run_id"]), Watching()
    try:
        with closing(daemon.events(f"/api/v1/runs/{quote(run_id, safe='')}/events")) as progress:
            for one in progress:
                told = one
                watching(one)
                if one.get("question"):
                    break
    except EngineUnavailable:
        pass  # which is told below, with what helps
    except KeyboardInterrupt:
        watching.close()
        sys.stderr.write(f"voiced: the daemon goes on with it; `voiced runs watch {run_id}` shows how far it is\n")
        raise
    watching.close()
    if told["state"] in _OPEN and not told.get("question"):
        raise EngineUnavailable(f"the daemon broke off; `voiced runs resume {run_id}` goes on with it")
    return told


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
    left = f"it was left unfinished; `voiced runs resume {run_id}` goes on with it" if told["state"] == _LEFT else ""
    if message := told.get("error") or told.get("question") or left:
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
