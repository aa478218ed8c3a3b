"""`voiced lexicon list|add|remove`."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from daemon import options, settings
from daemon.commands.table import show
from daemon.faults import BadWord, NoSuchWord
from daemon.text.lexicon import check
from voices.lexicon import Entry, LexiconFile


def run(args: argparse.Namespace) -> int:
    """On the file itself: a daemon that runs sees it at the next sentence."""
    words = LexiconFile.below(settings.read(options.given(args), config=args.config).data_dir, check)
    if args.action == "add":
        try:
            words.put(Entry(args.word, args.say, args.language, args.voice, args.regex, args.case))
        except ValueError as error:
            raise BadWord(str(error)) from error
        return 0
    if args.action == "remove":
        if not words.remove(args.word, args.language, args.voice):
            raise NoSuchWord(f"the lexicon has no {args.word!r} for this language and voice")
        return 0
    show([asdict(entry) for entry in words.entries()], as_json=args.json, nothing="the lexicon is empty")
    if problem := words.problem():
        sys.stderr.write(f"voiced: {problem}\n")
    return 0
