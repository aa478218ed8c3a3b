"""`voiced codec encode|decode`: by the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import base64
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Final

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.sink import Sink, opened
from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.settings import Settings
from outputs import codes
from outputs.codes import Codes, Table
from outputs.recording import replace

_STDOUT: Final = "-"


def run(args: argparse.Namespace) -> int:
    """FILE into codes, or codes into sound. What is written appears under its name when all of it is there."""
    read = settings.read({**options.given(args), "preload": False}, config=args.config)
    data = sys.stdin.buffer.read() if args.file == _STDOUT else Path(args.file).read_bytes()
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    if args.action == "encode":
        kind = _kind(args.output, args.format)
        made = asyncio.run(_encode(read, data, args.model)) if daemon is None else _encoded(daemon, data, args.model)
        _write(args.output, codes.to_npz(made) if kind == "npz" else codes.to_json(made))
        return 0
    table = codes.read(data)
    with opened(args.output, args.format) as sink:
        if daemon is None:
            asyncio.run(_decode(read, table, args.model, sink))
        else:
            body = {"npz": base64.b64encode(codes.to_npz(Codes(table))).decode(), "format": "pcm", "model": args.model}
            for pcm in daemon.sound("/api/v1/codec/decode", body):
                sink.write(pcm, daemon.sample_rate)
        sink.finish()
    return 0


def _kind(output: str | None, wanted: str | None) -> str:
    """How codes are written; as JSON where nothing tells. Raises Malformed."""
    ending = Path(output or "").suffix.removeprefix(".").lower()
    kind = wanted or ending or "json"
    if kind not in ("npz", "json"):
        raise Malformed(f"codes are written as npz or json, not {kind[:40]!r}: name the file so, or say --format")
    if kind == "npz" and output in (None, _STDOUT) and sys.stdout.isatty():
        raise Malformed("a .npz file would garble the terminal: redirect stdout, or name a file with -o")
    return kind


def _write(output: str | None, data: bytes) -> None:
    if output in (None, _STDOUT):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    elif Path(output).exists() and not Path(output).is_file():  # a pipe or a device, which no other file may replace
        Path(output).write_bytes(data)
    else:
        replace(Path(output), data)


async def _encode(read: Settings, data: bytes, model: str | None) -> Codes:
    async with Voiced(read) as voiced:
        return await voiced.codec.encode(data, model)


async def _decode(read: Settings, table: Table, model: str | None, sink: Sink) -> None:
    async with Voiced(read) as voiced:
        facts = voiced.codec.able(model)
        async with aclosing(voiced.codec.decode(table, facts.model)) as chunks:
            async for pcm in chunks:
                sink.write(pcm, facts.sample_rate)


def _encoded(daemon: remote.Daemon, data: bytes, model: str | None) -> Codes:
    told = daemon.ask("POST", "/api/v1/codec/encode", {"audio": base64.b64encode(data).decode(), "model": model})
    return Codes(codes.from_list(told["codes"]), str(told["model"]))
