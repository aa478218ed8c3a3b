"""A model is pulled from a hub, and becomes one of the house. It is made of no input, and nothing is spoken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from daemon import hubs
from daemon.pipelines.fields import MAX_NAME, Form
from daemon.pipelines.joined import artifact, stored
from daemon.pipelines.plan import Plan, Taken
from daemon.pipelines.tools import PREPARED, Tools, Work
from models.checkpoints.hub import Hub
from models.checkpoints.pull import Pulled
from outputs.recording import replace as written

ABOUT: Final = "a model comes from Hugging Face or ModelScope, and can be spoken with as soon as it is here"

# What came, from where, in which revision.
PULLED: Final = "pulled.json"


class Options(Form):
    """Which model, and from where: folders and addresses are for whoever sits at the machine."""

    model: Annotated[str, Field(min_length=1, max_length=MAX_NAME, description="a release's name, or OWNER/NAME")]
    source: Annotated[hubs.Name, Field(description="the hub")] = "huggingface"
    revision: Annotated[
        str | None, Field(min_length=1, max_length=MAX_NAME, description="its newest when not given")
    ] = None


def plan(data: bytes, name: str, options: Options) -> Plan:
    """Nothing to be spoken. Raises UnknownModel."""
    return Plan((), hubs.order(options.model, Hub(options.source, "")).folder)


def able(tools: Tools, options: Options) -> None:
    """Raises Malformed for a token or an address of the hub, in the environment, that is none."""
    hubs.named(options.source)


async def prepare(tools: Tools, work: Work, plan: Plan, options: Options) -> Plan:
    """All of the work: it goes on at the byte where it was stopped. Raises PullFailed, StorageFailed."""
    assert tools.pulls is not None, "a house with jobs pulls models"
    order = hubs.order(options.model, hubs.named(options.source), options.revision)
    pulled, unfit = await tools.pulls.pull(order, work.tell)
    await asyncio.to_thread(_keep, work.folder / PREPARED / PULLED, pulled)
    told = f"{pulled.checkpoint.id} is here, and cannot be used: {unfit}"
    return replace(plan, warnings=(*plan.warnings, told)) if unfit else plan


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """What came, where it is looked for. Raises StorageFailed."""
    with stored(folder):
        written(folder / PULLED, (folder / PREPARED / PULLED).read_bytes())
        return [artifact(folder, folder / PULLED)]


def _keep(path: Path, pulled: Pulled) -> None:
    found = pulled.checkpoint
    about = {"id": found.id, "task": found.task, "size": found.size, "source": pulled.source}
    sizes = {"files": pulled.files, "bytes": pulled.bytes, "fetched_bytes": pulled.fetched_bytes}
    with stored(path.parent):
        written(path, json.dumps({**about, "revision": pulled.revision, **sizes}, indent=1).encode() + b"\n")
