"""All rules of one language, and a text read by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from daemon.text.spoken.european import counts, dates, measures
from daemon.text.spoken.european.tongue import Tongue
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, Rules
from daemon.text.spoken.web import Addresses, Words

# What a rule for numbers and signs may begin with or stand near to; several that stand close are found as one.
_SIGNS: Final = r"\d§&+=<>≤≥~±≈%€$£½⅓⅔¼¾⅕⅛#°"
_ONE: Final = rf"(?:[{_SIGNS}]|\b[IVX]+(?:\b|(?=e)))"
_TRIGGER: Final = re.compile(rf"{_ONE}(?:[^{_SIGNS}IVX]{{0,40}}+{_ONE})*+")


class Reader:
    """What is said otherwise in a text of one language."""

    def __init__(
        self,
        tongue: Tongue,
        web: Words,
        *,
        first: Sequence[Rule],
        last: Sequence[Rule] = (),
        after: Sequence[Rule],
        short: Sequence[Rule],
    ) -> None:
        """The language's own rules come `first`, `last` but for plain numbers, or `after` these; `short` ones last of all."""
        self._addresses = Addresses(web)
        rules = (*dates.rules(tongue), *first, *measures.rules(tongue), *last, *counts.rules(tongue), *after)
        self._rules, self._short = Rules(rules, _TRIGGER), Rules(short)

    def pieces(self, text: str) -> list[Piece]:
        """In order, none over another; what is not known is left as it is."""
        taken = self._rules.applied(text, self._addresses.pieces(text))
        found = self._short.applied(text, taken)
        return [_trimmed(text, piece) if " " in piece.said else piece for piece in found]


def _trimmed(text: str, piece: Piece) -> Piece:
    """The piece without the words at its ends that are said as they are written."""
    written, said = text[piece.start : piece.end], piece.said
    if " " not in written:
        return piece
    head = _alike(written, said)
    written, said = written[head:], said[head:]
    tail = _alike(written[::-1], said[::-1])
    return Piece(piece.start + head, piece.end - tail, said[: len(said) - tail])


def _alike(written: str, said: str) -> int:
    """How many characters at the beginning are the same words, with the blanks after them."""
    length = 0
    for word, other in zip(written.split(" ")[:-1], said.split(" ")[:-1], strict=False):
        if word != other:
            break
        length += len(word) + 1
    return length
