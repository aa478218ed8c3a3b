"""The command line's grammar. Nothing heavy is imported before a command is chosen."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from daemon import grammar_voices, options

_COMMANDS: Final = {
    "serve": "open every door and speak until stopped",
    "say": "speak a text: aloud, to a file or to stdout",
    "models": "list the models; pull, verify or remove one",
    "voices": "list the voices; make, change, hand on and remove those that are kept",
    "lexicon": "list, add and remove words that are said otherwise than they are written",
    "run": "a book, a script, game lines or subtitles: spoken in the background, into a folder",
    "codec": "a recording into the codes that Qwen3-TTS speaks in, and codes into sound",
    "runs": "list the runs; show, watch, pause, resume, cancel or remove one",
    "bench": "measure what this machine does",
    "doctor": "look for what keeps speech from working; exit 1 when it cannot",
}


class _Command(argparse.ArgumentParser):
    """Takes its options anywhere: without this, `runs show --json RUN` has no run, since that may be left out."""

    _mixed = False

    def parse_known_args(  # type: ignore[override]  # argparse's own stub knows it by its overloads
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        if self._mixed or self._subparsers is not None:  # argparse mixes nothing around further commands
            return super().parse_known_args(args, namespace)
        words = self._spelt(args or ())
        if "--" in words:  # and forgets, where it mixes, that what stands behind this is no option
            return super().parse_known_args(words, namespace)
        self._mixed = True
        try:
            return self.parse_known_intermixed_args(words, namespace)
        finally:
            self._mixed = False

    def _spelt(self, words: Sequence[str]) -> list[str]:
        """`--verify book.txt` as `--verify=3 book.txt`: argparse would take the book for the number that was left out."""
        options = [one for one in self._actions if one.nargs == "?" and one.type is int]
        usual = {name: one.const for one in options for name in one.option_strings}
        last = words.index("--") if "--" in words else len(words)
        pairs = zip(words[:last], [*words[1:last], ""], strict=False)
        spelt = [f"{word}={usual[word]}" if word in usual and not _is_number(next_) else word for word, next_ in pairs]
        return [*spelt, *words[last:]]


def _is_number(word: str) -> bool:
    return word.removeprefix("-").isdecimal()


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command and its options; `command` is set. Exits as argparse does."""
    parser = argparse.ArgumentParser("voiced", description="The voice daemon of the house.")
    parser.add_argument("--version", action="version", version=_version() if "--version" in argv else "")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Command)
    chosen = next((word for word in argv if not word.startswith("-")), "")
    for name, about in _COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        if name == chosen:
            _FILL[name](command)
    return parser.parse_args(argv)


def _version() -> str:
    from importlib.metadata import version

    return f"voiced {version('voiced')}"


def _serve(parser: argparse.ArgumentParser) -> None:
    options.add_all(parser)


def _say(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir", "engine")
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads it from stdin")
    parser.add_argument("-o", "--output", metavar="FILE", help="write here; - is stdout; played aloud when not given")
    for name in ("voice", "language", "instruct", "emotion"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--seed", type=int)
    for name, about in (("speed", "1.0 is the voice's own"), ("pitch", "semitones"), ("gain", "decibels")):
        parser.add_argument(f"--{name}", type=float, help=about)
    parser.add_argument("--normalize", choices=["off", "auto", "on"], help="numbers, dates and units in words")
    parser.add_argument("--markup", choices=["off", "auto", "on", "strict"], help="tags such as [pause 500ms], or SSML")
    parser.add_argument("--format", help="mp3 opus aac flac wav pcm; told by the file's ending when not given")
    parser.add_argument(
        "--verify", nargs="?", type=int, const=3, default=0, metavar="N",
        help="judge it before it is heard, and take it again while it is bad, up to N times in all (3)",
    )  # fmt: skip
    parser.add_argument("--subtitles", action="store_true", help="write FILE's .srt and .vtt beside it")
    parser.add_argument("--save", action="store_true", help="keep a run folder")
    parser.add_argument("--dry-run", action="store_true", help="show who would say what, and how; speak nothing")
    parser.add_argument("--local", action="store_true", help="speak in this process even when a daemon runs")
    parser.add_argument("--server", metavar="HOST:PORT", help="the daemon to speak with")
    parser.add_argument("--api-key", metavar="KEY", help="its key; VOICED_API_KEY does the same unseen")


def _models(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir", "engine")
    parser.add_argument("action", choices=["list", "pull", "verify", "remove"], nargs="?", default="list")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a model, as `list --all` has it; or OWNER/NAME of a hub"
    )
    parser.add_argument("--all", action="store_true", help="list what was released and is not here, too")
    parser.add_argument(
        "--from",
        dest="source",
        default="huggingface",
        metavar="SOURCE",
        help="pull from huggingface, modelscope, a mirror's address or a folder (default: %(default)s)",
    )
    parser.add_argument("--revision", help="pull this commit, branch or tag; the newest when not given")
    parser.add_argument(
        "--timeout", type=float, default=30.0, metavar="SECONDS", help="silence after which a transfer is tried again"
    )
    parser.add_argument(
        "--retries",
        type=int,
        default=5,
        metavar="N",
        help="tries in a row that may bring nothing (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def _run(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir", "engine")
    parser.add_argument(
        "pipeline",
        nargs="?",
        metavar="PIPELINE",
        help="codec, convert, design_then_clone, long_form, npc_pack, script, subtitles or voice_conversion",
    )
    parser.add_argument("input", nargs="?", metavar="INPUT", help="a file; - reads it from stdin")
    parser.add_argument("--again", metavar="RUN", help="make a run again, from its own input, and compare")
    parser.add_argument(
        "--verify", nargs="?", type=int, const=3, default=0, metavar="N",
        help="listen to every segment, and take one that is bad again, up to N times in all (3)",
    )  # fmt: skip
    parser.add_argument("--after", metavar="RUN", help="take over from an earlier run what has not changed")
    parser.add_argument(
        "-p", "--option", action="append", metavar="NAME=VALUE", help="one of the pipeline's own options"
    )
    parser.add_argument("--seed", type=int, help="of every segment that names none")
    parser.add_argument("--local", action="store_true", help="work in this process even when a daemon runs")
    parser.add_argument("--server", metavar="HOST:PORT", help="the daemon to work with")
    parser.add_argument("--api-key", metavar="KEY", help="its key; VOICED_API_KEY does the same unseen")


def _runs(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir")
    parser.add_argument(
        "action", choices=["list", "show", "watch", "resume", "pause", "cancel", "remove"], nargs="?", default="list"
    )
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run id")
    parser.add_argument("--choose", metavar="ANSWER", help="with resume: what the run has asked for")
    parser.add_argument("--server", metavar="HOST:PORT", help="the daemon that works on it")
    parser.add_argument("--api-key", metavar="KEY", help="its key; VOICED_API_KEY does the same unseen")
    parser.add_argument("--local", action="store_true", help="work in this process even when a daemon runs")
    parser.add_argument("--limit", type=int, default=20, help="how many of the newest")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _codec(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir", "engine")
    parser.add_argument("action", choices=["encode", "decode"])
    parser.add_argument("file", metavar="FILE", help="a recording of 30 s at most, or codes; - reads it from stdin")
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="write here; when not given, codes go to stdout as JSON and sound is played aloud; - is stdout",
    )  # fmt: skip
    parser.add_argument("--format", help="npz json; or mp3 opus aac flac wav pcm; told by the file's ending otherwise")
    parser.add_argument("--model", help="whose codec; the first that can when not given")
    parser.add_argument("--local", action="store_true", help="work in this process even when a daemon runs")
    parser.add_argument("--server", metavar="HOST:PORT", help="the daemon to work with")
    parser.add_argument("--api-key", metavar="KEY", help="its key; VOICED_API_KEY does the same unseen")


def _bench(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "engine")
    parser.add_argument(
        "what", choices=["engine", "doors", "priority", "assembly", "text"], nargs="?", default="engine"
    )
    parser.add_argument("--hours", type=float, default=10.0, help="of audio, for assembly (default: %(default)s)")
    parser.add_argument(
        "--synthetic",
        choices=["0.6b", "1.7b", "tiny"],
        help="the Qwen engine at this size, with weights made up for it: no checkpoint is needed",
    )
    parser.add_argument(
        "--dtype", metavar="LIST", help="precisions with commas between, or all (default: auto, which is int8 on a CPU)"
    )
    parser.add_argument("--codec", metavar="LIST", help="float32, bfloat16, or both with a comma (default: float32)")
    parser.add_argument(
        "--streams", type=int, help="listeners at once (default: 1, 2, 4 and 8, each measured); with --rate, slots"
    )
    parser.add_argument("--frames", type=int, help="80 ms each, of every made-up stream (default: 60)")
    parser.add_argument(
        "--against", choices=["package"], help="compare with the qwen-tts package on the same made-up weights"
    )
    parser.add_argument(
        "--live", action="store_true", help="chunks as a listener gets them, without gaps; else as fast as it goes"
    )
    parser.add_argument("--rounds", type=int, help="fresh processes of each kind, by turns (default: 3 with --against)")
    parser.add_argument(
        "--rate", type=float, nargs="+", metavar="R", help="requests a second that come by chance, whoever speaks"
    )
    parser.add_argument("--requests", type=int, help="requests on each door, or at each rate")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")


def _doctor(parser: argparse.ArgumentParser) -> None:
    options.add(parser, "data_dir", "engine", "wyoming", "http")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings here too")


_FILL: Final = {
    "serve": _serve,
    "say": _say,
    "models": _models,
    "voices": grammar_voices.voices,
    "lexicon": grammar_voices.lexicon,
    "run": _run,
    "codec": _codec,
    "runs": _runs,
    "bench": _bench,
    "doctor": _doctor,
}
