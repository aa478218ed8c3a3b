"""What a library made of a whole text, told piece by piece: which words it said otherwise."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from daemon.text.spoken.piece import Piece

_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")


def aligned(text: str, said: str) -> list[Piece]:
    """The pieces that lead from `text` to `said`, as few words in each as can be."""
    if text == said:
        return []
    before, after = _TOKEN.findall(text), _TOKEN.findall(said)
    starts = [0]
    for token in before:
        starts.append(starts[-1] + len(token))
    return [
        Piece(starts[i1], starts[i2], "".join(after[j1:j2]))
        for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if kind != "equal"
    ]
