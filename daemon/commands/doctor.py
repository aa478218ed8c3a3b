"""`voiced doctor`: what is here, and what keeps speech from working."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from daemon import options, settings
from daemon.commands import demand, remote
from daemon.core import Voiced
from daemon.faults import CallerMistake
from daemon.settings import Settings
from models.backend import EngineUnavailable, ModelFault
from models.checkpoints.catalog import checkpoints
from models.load import kernels
from models.stream import DeadlinePassed
from outputs import audio
from outputs.run import StorageFailed

Level = Literal["ok", "note", "wrong"]

# A day of speech as WAV is 4 GB; below this a run may fail while it is written.
_LEAST_DISK_MB: Final = 500
_MARKS: Final = {"ok": "  ok ", "note": " note", "wrong": "WRONG"}
_SENTENCE: Final = "The kitchen light is on."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    level: Level
    text: str


def run(args: argparse.Namespace) -> int:
    """Look at everything; 1 when speech cannot work."""
    read = settings.read({**options.given(args), "preload": True}, config=args.config)
    findings = list(examine(read))
    for finding in findings:
        sys.stdout.write(f"{_MARKS[finding.level]} {finding.about:<10} {finding.text}\n")
    if args.json:
        args.json.write_text(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n", "utf-8")
    return int(any(finding.level == "wrong" for finding in findings))


def examine(read: Settings) -> Iterator[Finding]:
    """Every finding, in the order a person would look."""
    yield _machine()
    yield _devices()
    yield _kernels()
    yield from _data(read.data_dir)
    for text, much in demand.rows(read):
        yield Finding("memory", "note" if much else "ok", text)
    yield from _speech(read)
    yield _formats()
    for address in (*read.wyoming, read.http):
        yield _port(address, read)


def _machine() -> Finding:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    what = f"{os.cpu_count()} cores, {memory:.1f} GiB memory, {platform.platform()}, Python {platform.python_version()}"
    return Finding("machine", "ok", what)


def _devices() -> Finding:
    gpus = sorted(Path("/proc/driver/nvidia/gpus").glob("*/information"))
    names = [line.partition(":")[2].strip() for gpu in gpus for line in gpu.read_text().splitlines() if "Model" in line]
    return Finding("devices", "ok", ", ".join(names) if names else "no NVIDIA GPU; speech is made on the CPU")


def _kernels() -> Finding:
    used, missing = kernels()
    if missing:
        return Finding("kernels", "note", f"torch's own, which make speech half as fast: {missing}")
    return Finding("kernels", "ok", f"voiced's own, for {used}")


def _data(folder: Path) -> Iterator[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".doctor-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding("data", "wrong", f"{folder} cannot be written: {error.strerror}; choose another with --data-dir")
        return
    free = shutil.disk_usage(folder).free / 1e6
    level: Level = "ok" if free >= _LEAST_DISK_MB else "note"
    yield Finding("data", level, f"{folder}, {free / 1000:.1f} GB free")
    found = checkpoints(folder / "models")
    names = ", ".join(checkpoint.id for checkpoint in found) or f"no Qwen3-TTS checkpoint in {folder / 'models'}"
    yield Finding("models", "ok", names)


def _speech(read: Settings) -> Iterator[Finding]:
    try:
        voiced = Voiced(read)
        yield Finding("engine", "ok", voiced.reason)
        profiles = voiced.casting.profiles()
        yield Finding("voices", "ok", ", ".join(f"{p.id} ({p.languages[0]})" for p in profiles))
        yield Finding("speech", "ok", asyncio.run(_speak(voiced)))
    except (ModelFault, DeadlinePassed, CallerMistake, StorageFailed) as error:
        yield Finding("speech", "wrong", str(error))


async def _speak(voiced: Voiced) -> str:
    """Say a sentence, without keeping a run."""
    started = time.monotonic()
    async with voiced:
        loaded = time.monotonic()
        size = sum([len(pcm) async for pcm in voiced.speak(_SENTENCE)])
    seconds = size / 2 / voiced.engine.facts.sample_rate
    if not seconds:
        raise EngineUnavailable("the engine was asked for a sentence and made no audio")
    took = time.monotonic() - loaded
    return f"loads in {loaded - started:.2f} s; {seconds:.1f} s of speech in {took * 1000:.0f} ms"


def _formats() -> Finding:
    broken = [name for name in audio.FORMATS if not _encodes(name)]
    if broken:
        return Finding("formats", "wrong", f"cannot encode {', '.join(broken)}; is PyAV installed whole?")
    return Finding("formats", "ok", " ".join(audio.FORMATS))


def _encodes(name: str) -> bool:
    encoder = audio.encoder(name, 24_000)
    try:
        return bool(encoder.encode(bytes(48_000)) + encoder.finish())
    except (OSError, ValueError):
        return False
    finally:
        encoder.close()


def _port(address: str, read: Settings) -> Finding:
    """Whether a daemon started now could listen there."""
    if address in ("none", "stdio://") or address.startswith("unix:"):
        return Finding("door", "ok", address)
    parts = urlsplit(address if "//" in address else f"http://{address}")
    try:
        family, kind, _, _, where = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except (OSError, ValueError) as error:
        if remote.find(read.http, None, asked=False) is not None:
            return Finding("door", "ok", f"{address} is in use, and a voiced answers here")
        return Finding("door", "note", f"{address} cannot be opened: {error}; choose another with --http or --wyoming")
    return Finding("door", "ok", f"{address} is free")
