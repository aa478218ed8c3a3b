"""`voiced say`: through the daemon when one runs, else in this process."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from daemon import options, settings
from daemon.commands import remote
from daemon.commands.errand import Errand, verdict
from daemon.commands.sink import Sink, opened
from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.settings import Settings
from daemon.subtitled import NAMES
from daemon.text.score import Pause
from daemon.utterance import Subtitles, Utterance
from outputs.recording import replace

# Of a manner, what its voice and language say already.
_TOLD: Final = frozenset({"voice", "language"})
_KINDS: Final[tuple[Subtitles, ...]] = ("srt", "vtt")
_SUFFIXES: Final = frozenset({".srt", ".vtt"})


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
        verify=args.verify,
        subtitles=_KINDS if args.subtitles else (),
    )
    if args.dry_run:
        return asyncio.run(_show(wish, read))
    if wish.subtitles and not _is_file(args.output):
        raise Malformed("subtitles are written beside the sound: name its file with -o, as in -o speech.wav")
    daemon = None if args.local else remote.find(args.server or read.http, args.api_key, asked=bool(args.server))
    with opened(args.output, args.format) as sink:
        if daemon is None:
            files = asyncio.run(_speak(wish, read, sink))
        elif wish.verify or wish.subtitles:
            files = _fetch(Errand(daemon, wish), wish, sink)
        else:
            files = {}
            for pcm in daemon.speak(wish):
                sink.write(pcm, daemon.sample_rate)
        sink.finish()
    for name, text in files.items():
        replace(Path(args.output).with_suffix(Path(name).suffix), text)
    return 0


def _is_file(output: str | None) -> bool:
    """Whether it is one beside which others may lie; no pipe and no device."""
    if output in (None, "-"):
        return False
    path = Path(str(output))
    return path.suffix not in _SUFFIXES and (path.is_file() or not path.exists())


def _stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise Malformed(f"the text on stdin is not {error.encoding}: {error.reason} at byte {error.start}") from error


def _fetch(errand: Errand, wish: Utterance, sink: Sink) -> dict[str, bytes]:
    """By the daemon, with its verdict; the subtitles."""
    for pcm in errand.sound():
        sink.write(pcm, errand.sample_rate)
    _tell(errand.verdict)
    return errand.files(*(NAMES[kind] for kind in wish.subtitles)) if wish.subtitles else {}


async def _speak(wish: Utterance, read: Settings, sink: Sink) -> dict[str, bytes]:
    """In this process, without any door; the subtitles."""
    async with Voiced(read) as voiced, voiced.speech.open(wish) as take:
        async for pcm in take:
            sink.write(pcm, take.sample_rate)
    if take.report is not None:
        _tell(verdict(bool(take.report["good"]), len(take.attempts), take.seed))
    if take.run_id is not None:
        _tell(f"run {take.run_id}")
    return take.subtitles()


def _tell(line: str) -> None:
    if line:
        sys.stderr.write(f"{line}\n")


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
