"""A paragraph in stretches that are spoken in one go: whole sentences, as even in length as can be, quotations whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from daemon.text.clean import clean
from daemon.text.sentences import has_words, split

# A character of these scripts takes about as long to say, and as many tokens, as three letters.
_WIDE: Final = re.compile(
    r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WIDTH: Final = 3

_PLAIN_WORD: Final = re.compile(r"[^\W\d_]+(?:\s|$)")
_QUOTE: Final = re.compile(r'["“”„«»「」『』]')
# What closes a quotation, by what opened it, in all the ways of Europe and East Asia.
_CLOSED_BY: Final = {
    '"': '"', "“": "”", "”": "”", "„": "“”", "«": "»", "»": "«»", "「": "」", "『": "』",
}  # fmt: skip


def stretches(text: str, budget: int) -> list[str]:
    """The text, in pieces of at most so many letters; one without a word is left out."""
    return _joined(split(text, budget), budget)


def speakable(text: str) -> bool:
    """Whether there is a word in it that the daemon's cleaner leaves; a lone tag has none."""
    return _PLAIN_WORD.match(text) is not None or (has_words(text) and has_words(clean(text)))


def weight(text: str) -> int:
    """Its length in letters."""
    return len(text) + (_WIDTH - 1) * sum(1 for _ in _WIDE.finditer(text))


def _joined(sentences: list[str], budget: int) -> list[str]:
    """Sentences in as few stretches as can be, those of about the same length, none longer than the budget."""
    units = list(_quotations(_short(sentences, budget), budget))
    weights = [weight(unit) + 1 for unit in units]
    pieces, left = _fewest(weights, budget), sum(weights)
    found, length, even = list[list[str]](), 0, left / max(1, pieces)
    for unit, long in zip(units, weights, strict=True):
        if found and length + long - 1 <= budget and (pieces == 1 or length + long / 2 <= even):
            found[-1].append(unit)
            length += long
            continue
        if found:
            left, pieces = left - length, max(1, pieces - 1)
            even = left / pieces
        found.append([unit])
        length = long
    return [" ".join(units) for units in found]


def _fewest(weights: list[int], budget: int) -> int:
    """How many stretches there are at least."""
    pieces, length = 0, budget
    for long in weights:
        if length + long - 1 > budget:
            pieces, length = pieces + 1, 0
        length += long
    return pieces


def _short(sentences: list[str], budget: int) -> Iterator[str]:
    """Sentences, none heavier than the budget."""
    for sentence in sentences:
        if weight(sentence) <= budget:
            yield sentence
        else:
            yield from split(sentence, max(1, budget // _WIDTH))


def _quotations(sentences: Iterator[str], budget: int) -> Iterator[str]:
    """Sentences, those of one quotation together where they fit."""
    closer, held, length = "", list[str](), 0
    for sentence in sentences:
        long = weight(sentence) + 1
        if held and length + long > budget:
            yield from held
            held, length = [], 0
        held.append(sentence)
        length += long
        closer = _open(sentence, closer)
        if not closer:
            yield " ".join(held)
            held, length = [], 0
    yield from held


def _open(sentence: str, closer: str) -> str:
    """What closes the quotation that is open behind a sentence; empty for none."""
    for mark in _QUOTE.findall(sentence):
        if not closer:
            closer = _CLOSED_BY.get(mark, "")
        elif mark in closer:
            closer = ""
    return closer
