"""A text read by the rules of one language, sentence by sentence, so that long prose with few numbers is read fast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from daemon.text.spoken.eastern.shapes import TRIGGER, folded
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, Rules
from daemon.text.spoken.web import Addresses, Words

# No rule looks across these.
_SENTENCE_END: Final = re.compile(r"[。！？\n]|[다요]\.\s")
_ADDRESS: Final = re.compile(r"[@/]|[A-Za-z]\.[A-Za-z0-9]|[0-9]\.[A-Za-z]|[0-9]\.[0-9]{1,3}\.[0-9]")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


class Reader:
    """What is said otherwise in a text of one language."""

    def __init__(self, rules: Iterable[Rule], web: Words) -> None:
        self._rules, self._addresses = Rules(rules), Addresses(web)

    def pieces(self, text: str) -> list[Piece]:
        """Addresses first, then what the rules find: in order, none over another."""
        narrow = folded(text)
        # An address is in ASCII; what stands right before and after it is not, and has no space between.
        hinted = ("." in narrow or "/" in narrow or "@" in narrow) and _ADDRESS.search(narrow)
        pieces = self._addresses.pieces(_NOT_ASCII.sub(" ", narrow)) if hinted else []
        if not _SENTENCE_END.search(narrow, 0, len(narrow) - 1):
            return self._rules.applied(narrow, pieces) if TRIGGER.search(narrow) else pieces
        waiting, found = iter(pieces), list[Piece]()
        next_one = next(waiting, None)
        for start, end in _stretches(narrow):
            if start == 0 and end == len(narrow):
                return self._rules.applied(narrow, pieces)
            taken = list[Piece]()
            while next_one and next_one.start < end:
                (taken if next_one.start >= start else found).append(next_one)
                next_one = next(waiting, None)
            inside = [piece.shifted(-start) for piece in taken]
            found += [piece.shifted(start) for piece in self._rules.applied(narrow[start:end], inside)]
        return [*found, next_one, *waiting] if next_one else found


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Sentences with something to read in them; those that follow one another are one stretch."""
    begun = None
    for start, end in _sentences(text):
        if TRIGGER.search(text, start, end):
            begun = start if begun is None else begun
        elif begun is not None:
            yield begun, start
            begun = None
    if begun is not None:
        yield begun, len(text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        yield start, end.end()
        start = end.end()
    yield start, len(text)
