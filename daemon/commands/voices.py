"""`voiced voices`: those that are here; the kept ones made, changed, handed on and removed."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from daemon import options, settings
from daemon.commands import audition
from daemon.commands.alteration import changes
from daemon.commands.table import show
from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.making.linting import Report
from daemon.making.profiles import Draft
from voices.profile import Defaults, Profile, Share


def run(args: argparse.Namespace) -> int:
    """What the action does. All but auditions are done on the files themselves, whether or not a daemon runs."""
    read = settings.read(options.given(args), config=args.config)
    if args.action == "design" and not args.keep:
        return audition.run(args, read)
    # without the house's own voice: what is missing may be the very one that is to be brought back
    return _ACTIONS[args.action or "list"](args, Voiced(read.model_copy(update={"voice": None})))


def _list(args: argparse.Namespace, voiced: Voiced) -> int:
    rows = [
        {
            "id": p.id, "label": p.label, "kind": p.kind, "languages": p.languages, "model": p.model,
            "here": p.installed, "kept": p.stored,
        }
        for p in voiced.casting.everyone()
    ]  # fmt: skip
    show(rows, as_json=args.json, nothing="no voice is here")
    for broken in voiced.store.broken():
        sys.stderr.write(f"voiced: {broken.file} is left alone: {broken.reason}\n")
    return 0


def _show(args: argparse.Namespace, voiced: Voiced) -> int:
    wanted = args.id.casefold()
    for profile in voiced.casting.everyone():
        if wanted == profile.id or wanted in profile.aliases:
            return _print(profile)
    voiced.casting.find(args.id)  # says who is here
    return 0


def _add(args: argparse.Namespace, voiced: Voiced) -> int:
    draft = _draft(args, kind="clone", transcript=args.text, mode=args.mode, origin=f"the file {args.file.name}")
    data = args.file.read_bytes()
    making = voiced.profiles.create(draft, data, suffix=args.file.suffix, force=args.force)
    made, report = asyncio.run(making)
    if report is not None:
        _remarks(report)
    return _kept(made)


def _lock(args: argparse.Namespace, voiced: Voiced) -> int:
    draft = _draft(args, kind="clone", mode=args.mode)
    return _kept(asyncio.run(voiced.profiles.lock(args.audition, args.take, draft)))


def _mix(args: argparse.Namespace, voiced: Voiced) -> int:
    draft = _draft(args, kind="mix", shares=tuple(_share(written) for written in args.shares))
    made, _ = asyncio.run(voiced.profiles.create(draft))
    return _kept(made)


def _preset(args: argparse.Namespace, voiced: Voiced) -> int:
    made, _ = asyncio.run(voiced.profiles.create(_draft(args, kind="preset", speaker=args.speaker)))
    return _kept(made)


def _design(args: argparse.Namespace, voiced: Voiced) -> int:
    made, _ = asyncio.run(voiced.profiles.create(_draft(args, kind="design", description=args.description)))
    return _kept(made)


def _change(args: argparse.Namespace, voiced: Voiced) -> int:
    old = asyncio.run(voiced.profiles.get(args.id))
    return _kept(asyncio.run(voiced.profiles.update(old.id, changes(args, old))))


def _rename(args: argparse.Namespace, voiced: Voiced) -> int:
    return _kept(asyncio.run(voiced.profiles.update(args.id, {}, args.new)))


def _remove(args: argparse.Namespace, voiced: Voiced) -> int:
    asyncio.run(voiced.profiles.delete(args.id))
    return 0


def _export(args: argparse.Namespace, voiced: Voiced) -> int:
    data = asyncio.run(voiced.profiles.export(args.id))
    if args.output == "-":
        sys.stdout.buffer.write(data)
        return 0
    path = Path(args.output or f"{args.id}.voice.zip")
    path.write_bytes(data)
    sys.stdout.write(f"{path}\n")
    return 0


def _import(args: argparse.Namespace, voiced: Voiced) -> int:
    return _kept(asyncio.run(voiced.profiles.bring(args.file.read_bytes(), args.new_id)))


def _lint(args: argparse.Namespace, voiced: Voiced) -> int:
    languages = (args.language,) if args.language else ()
    report = asyncio.run(voiced.profiles.lint(args.file.read_bytes(), args.text, languages))
    if args.json:
        sys.stdout.write(json.dumps(report.as_dict(), indent=2) + "\n")
    else:
        _remarks(report, sys.stdout.write)
        sys.stdout.write("a voice can be made of it\n" if report.usable else "no voice can be made of it\n")
    return 0 if report.usable else 1


_ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, Voiced], int]]] = {
    "list": _list,
    "show": _show,
    "add": _add,
    "design": _design,
    "lock": _lock,
    "preset": _preset,
    "mix": _mix,
    "change": _change,
    "rename": _rename,
    "remove": _remove,
    "export": _export,
    "import": _import,
    "lint": _lint,
}


def _draft(args: argparse.Namespace, **more: object) -> Draft:
    defaults = Defaults(None, args.instruct, args.seed, args.speed, args.pitch, args.gain)
    return Draft(
        id=args.new_id, label=args.label, languages=tuple(args.language or ()), defaults=defaults, consent=args.consent,
        **more,  # type: ignore[arg-type]  # the actions above know a draft's fields
    )  # fmt: skip


def _share(written: str) -> Share:
    """`vivian` or `vivian=0.7`."""
    voice, _, weight = written.partition("=")
    try:
        return Share(voice, float(weight or 1.0))
    except ValueError:
        raise Malformed(f"{written!r}: a share is written VOICE or VOICE=WEIGHT, such as vivian=0.7") from None


def _remarks(report: Report, write: Callable[[str], object] = sys.stderr.write) -> None:
    for finding in report.findings:
        write(f"{finding.level}: {finding.message} {finding.advice}\n")


def _kept(made: Profile) -> int:
    sys.stdout.write(f"{made.id}\n")
    return 0


def _print(profile: Profile) -> int:
    sys.stdout.write(json.dumps(asdict(profile), indent=2, ensure_ascii=False) + "\n")
    return 0
