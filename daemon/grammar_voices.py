"""The grammar of `voiced voices` and `voiced lexicon`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daemon import options

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    Actions = _SubParsersAction[ArgumentParser]

_SETTINGS: Final = ("data_dir", "engine")
# Of what a kept voice does where a request is silent.
FORGETTABLE: Final = ("language", "instruct", "seed", "speed", "pitch", "gain")


def voices(parser: argparse.ArgumentParser) -> None:
    """`voiced voices ACTION …`; without one it is `list`."""
    options.add(parser, *_SETTINGS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    _action(actions, "list", "every voice, those whose model is not here as well")
    _action(actions, "show", "all that is known of one", "id")
    _add(_action(actions, "add", "clone the voice of a recording"))
    _design(_action(actions, "design", "let a description be spoken with several seeds"))
    _lock(_action(actions, "lock", "keep a take of an audition as a voice that stays as it is"))
    _mix(_action(actions, "mix", "blend voices of one model"))
    preset = _action(actions, "preset", "keep a model's own voice with a manner of its own")
    preset.add_argument("speaker", metavar="VOICE")
    _told(preset)
    _change(_action(actions, "change", "say of a kept voice what was not said of it, or otherwise", "id"))
    rename = _action(actions, "rename", "give a voice another id; the old one goes on as an alias", "id")
    rename.add_argument("new", metavar="NEW")
    _action(actions, "remove", "throw a kept voice away", "id")
    export = _action(actions, "export", "write a voice into one file", "id")
    export.add_argument("-o", "--output", metavar="FILE", help="ID.voice.zip when not given; - is stdout")
    bring = _action(actions, "import", "keep the voice of such a file")
    bring.add_argument("file", type=Path, metavar="FILE")
    bring.add_argument("--id", dest="new_id", help="another id than its own")
    lint = _action(actions, "lint", "what is to be said of a recording before a voice is made of it")
    lint.add_argument("file", type=Path, metavar="FILE")
    lint.add_argument("--text", help="what is said in it")
    lint.add_argument("--language")


def _action(actions: Actions, name: str, about: str, *positional: str) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    # after the action, too; where it is not given, what stands before it counts
    action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    action.add_argument("--data-dir", dest="data_dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    action.add_argument("--engine", dest="engine", metavar="NAME", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    for word in positional:
        action.add_argument(word, metavar=word.upper())
    return action


def _told(parser: argparse.ArgumentParser) -> None:
    """What may be said of every voice that is made."""
    parser.add_argument(
        "--id", dest="new_id", help="small letters, digits and hyphens; made of the label when not given"
    )
    parser.add_argument("--label", help="what pickers show")
    parser.add_argument("--language", action="append", metavar="TAG", help="that it speaks; its model's when not given")
    parser.add_argument("--consent", default="", help="the licence of the recording, or who has agreed")
    parser.add_argument("--speed", type=float)
    parser.add_argument("--pitch", type=float, help="semitones")
    parser.add_argument("--gain", type=float, help="decibels")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--instruct", help="how it speaks, in words")


def _change(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", help="what pickers show")
    parser.add_argument("--language", metavar="TAG", help="that it speaks where nobody names one; one of its own")
    parser.add_argument("--consent", help="the licence of its recording, or who has agreed")
    parser.add_argument("--speed", type=float)
    parser.add_argument("--pitch", type=float, help="semitones")
    parser.add_argument("--gain", type=float, help="decibels")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--instruct", help="how it speaks, in words")
    parser.add_argument(
        "--emotion", action="append", metavar="NAME=TEXT",
        help="a mood of its own, as instruct says it; without TEXT it is forgotten",
    )  # fmt: skip
    parser.add_argument(
        "--forget", action="append", metavar="NAME", choices=FORGETTABLE,
        help="leave one of these to requests and settings again: %(choices)s",
    )  # fmt: skip


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a WAV, FLAC, MP3 or Ogg file; 3 to 15 s are best")
    parser.add_argument("--text", help="what is said in it; without, its sound alone is taken")
    parser.add_argument("--mode", choices=["in-context", "embedding"])
    parser.add_argument("--force", action="store_true", help="keep it whatever is wrong with the recording")
    _told(parser)


def _design(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("description", metavar="DESCRIPTION", help="who speaks and how, in words")
    parser.add_argument("--takes", type=int, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--text", help="what they say")
    parser.add_argument(
        "--keep", action="store_true", help="keep the description itself as a voice, without an audition"
    )
    _told(parser)
    parser.add_argument("--server", metavar="HOST:PORT", help="the daemon to speak with")
    parser.add_argument("--api-key", metavar="KEY", help="its key; VOICED_API_KEY does the same unseen")
    parser.add_argument("--local", action="store_true", help="speak in this process even when a daemon runs")


def _lock(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audition", metavar="AUDITION", help="as `design` named it")
    parser.add_argument("take", type=int, metavar="TAKE")
    parser.add_argument("--mode", choices=["in-context", "embedding"])
    _told(parser)


def _mix(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shares", nargs="+", metavar="VOICE[=WEIGHT]")
    _told(parser)


def lexicon(parser: argparse.ArgumentParser) -> None:
    """`voiced lexicon ACTION …`; without one it is `list`."""
    options.add(parser, "data_dir")
    parser.add_argument("--json", action="store_true", help="print JSON")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    _action(actions, "list", "every word")
    add = _action(actions, "add", "say a word otherwise than it is written", "word", "say")
    add.add_argument("--regex", action="store_true", help="WORD is a pattern")
    add.add_argument("--case", action="store_true", help="capitals matter")
    remove = _action(actions, "remove", "say it as it is written again", "word")
    for action in (add, remove):
        action.add_argument("--language", help="in this language alone")
        action.add_argument("--voice", help="by this voice alone")
