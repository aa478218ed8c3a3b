"""`voiced models list|pull|verify|remove`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from daemon import hubs, options, settings
from daemon.commands.examination import at, examine
from daemon.commands.progress import Progress, megabytes
from daemon.commands.source import hub
from daemon.commands.table import show
from daemon.faults import Malformed, UnknownModel
from daemon.settings import Settings
from models.checkpoints import removal
from models.checkpoints.catalog import checkpoints, named
from models.checkpoints.client import NotThere, PullFailed
from models.checkpoints.download import Patience
from models.checkpoints.manifest import kept
from models.checkpoints.order import Order
from models.checkpoints.pull import Pulled, pull

# A silence of an hour is not the network's any more.
_LONGEST_S: Final = 3600


def run(args: argparse.Namespace) -> int:
    """One of the four."""
    read = settings.read(options.given(args), config=args.config)
    try:
        return _ACTIONS[args.action](args, read)
    except PullFailed as error:
        sys.stderr.write(f"voiced: {error}\n")
        return 1


def _list(args: argparse.Namespace, read: Settings) -> int:
    """The model that would speak, what lies in the data folder, and with --all what could."""
    from daemon.commands.shelf import rows  # with the engine and numpy, which take half of the time of all else

    show(rows(read, everything=args.all, whole=args.json), as_json=args.json, nothing="no model is here")
    return 0


def _pull(args: argparse.Namespace, read: Settings) -> int:
    wanted = _order(args)
    progress = Progress(wanted.folder)
    try:
        pulled = pull(wanted, _models(read), progress)
    except KeyboardInterrupt:
        progress.close()
        sys.stderr.write(
            f"voiced: stopped; what is here is kept, `voiced models pull {args.name}` goes on from there\n"
        )
        return 130
    finally:
        progress.close()
    if args.json:
        _print_json(_about(pulled))
    else:
        sys.stdout.write(_sentence(pulled) + "\n")
    return 0


def _verify(args: argparse.Namespace, read: Settings) -> int:
    """Read every byte; 1 when something is not as it must be."""
    found = [examine(name, path) for name, path in _folders(args.name, _models(read)).items()]
    if args.json:
        _print_json([row.as_dict() for row in found])
    else:
        sys.stdout.write("".join(row.sentence() for row in found) or "no model is here\n")
    return int(any(row.verdict.problems for row in found))


def _remove(args: argparse.Namespace, read: Settings) -> int:
    try:
        gone = removal.remove(_models(read), _name(args.name))
    except NotThere as error:
        raise UnknownModel(f"{error}; `voiced models list` names what is here") from None
    said = {
        "model": f"{gone.path} is gone",
        "link": f"the link {gone.path} is gone; what it led to stays",
        "unfinished": f"the unfinished pull of {gone.path.name} is gone",
    }
    if args.json:
        _print_json({"removed": gone.what, "path": str(gone.path)})
    else:
        sys.stdout.write(said[gone.what] + "\n")
    return 0


_ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, Settings], int]]] = {
    "list": _list,
    "pull": _pull,
    "verify": _verify,
    "remove": _remove,
}


def _models(read: Settings) -> Path:
    return read.data_dir / "models"


def _order(args: argparse.Namespace) -> Order:
    if not 0 < args.timeout <= _LONGEST_S or args.retries < 0:
        raise Malformed(f"--timeout is a number of seconds up to {_LONGEST_S}, --retries a number from 0")
    name = _name(args.name)
    return hubs.order(name, hub(args.source), args.revision, Patience(args.timeout, args.retries))


def _name(name: str | None) -> str:
    if not name:
        raise Malformed("which model? `voiced models list --all` names them")
    return name


def _folders(name: str | None, models_dir: Path) -> dict[str, Path]:
    """What to look at: one, or all; one whose config.json is damaged is found by its manifest."""
    if not name:
        return {found.id: found.path for found in checkpoints(models_dir)}
    found = named(models_dir, name)
    path = found.path if found else kept(models_dir, name)
    if path is None:
        raise UnknownModel(f"no model {name!r} lies in {models_dir}; `voiced models list` names what is here")
    return {found.id if found else path.name: path}


def _about(pulled: Pulled) -> dict[str, object]:
    about = asdict(pulled)
    found = about.pop("checkpoint")
    return {"id": found["id"], "path": str(found["path"]), "task": found["task"], **about}


def _sentence(pulled: Pulled) -> str:
    whole = f"{megabytes(pulled.bytes)} MB in {pulled.files} files, from {pulled.source}{at(pulled.revision)}"
    if not pulled.fetched_bytes:
        return f"{pulled.checkpoint.path} was here already: {whole}"
    return f"{pulled.checkpoint.path} is here: {whole}, {megabytes(pulled.fetched_bytes)} MB of it fetched now"


def _print_json(given: object) -> None:
    sys.stdout.write(json.dumps(given, indent=2) + "\n")
