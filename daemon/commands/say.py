"""`voiced say`: through the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import asdict
from typing import Final

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.sink import Sink, opened
from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.settings import Settings
from daemon.text.score import Pause
from daemon.utterance import Utterance

# Of a manner, what its voice and language say already.
_TOLD: Final = frozenset({"voice", "language"})


def run(args: argparse.Namespace) -> int:
    """Speak TEXT. A file appears under its name only when all of it was spoken."""
    read = settings.read(options.given(args), config=args.config)
    wish = Utterance(
        text=_stdin() if args.text == "-" else args.text,
        voice=args.voice,
        language=args.language,
        instruct=args.instruct,
        seed=args.seed,
        speed=args.speed,
        pitch=args.pitch,
        gain=args.gain,
        emotion=args.emotion,
        normalize=args.normalize,
        markup=args.markup,
        door="say",
        keep=args.save,
        format="pcm",
    )
    if args.dry_run:
        return asyncio.run(_show(wish, read))
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    with opened(args.output, args.format) as sink:
        if daemon is not None:
            for pcm in daemon.speak(wish):
                sink.write(pcm, daemon.sample_rate)
        else:
            asyncio.run(_speak(wish, read, sink))
        sink.finish()
    return 0


def _stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise Malformed(f"the text on stdin is not {error.encoding}: {error.reason} at byte {error.start}") from error


async def _speak(wish: Utterance, read: Settings, sink: Sink) -> None:
    """In this process, without any door."""
    async with Voiced(read) as voiced, voiced.speech.open(wish) as take:
        async for pcm in take:
            sink.write(pcm, take.sample_rate)
    if take.run_id is not None:
        sys.stderr.write(f"run {take.run_id}\n")


async def _show(wish: Utterance, read: Settings) -> int:
    """Who would say what, and how."""
    voiced = Voiced(read)
    made = await voiced.previewer.preview(wish)
    lines = [f"engine    {voiced.reason}"]
    for part in made.passages:
        if isinstance(part, Pause):
            lines.append(f"pause     {part.seconds:g} s")
            continue
        manner = "  ".join(
            f"{name} {value}" for name, value in asdict(part.manner).items() if value is not None and name not in _TOLD
        )
        lines += [f"voice     {part.voice}", f"language  {part.language}", *([f"manner    {manner}"] if manner else [])]
        for number, sentence in enumerate(part.sentences, 1):
            lines.append(f"{number:>8}  {sentence.spoken}")
            lines += [f"          {word.typed!r} as {word.spoken!r}" for word in sentence.words]
            if len(sentence.stretches) > 1:
                lines.append(
                    "          " + "  ".join(f"{one.start}-{one.end} {one.language}" for one in sentence.stretches)
                )
            if sentence.tokens is not None:
                lines.append(f"          {len(sentence.tokens)} tokens")
    lines += [f"warning   {warning}" for warning in made.warnings]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
