"""What was said in a recording, as sentences that speak well, each with its time.

A recogniser cuts where its window ends; here a sentence ends where it does, or where the speaker has been silent for long. One
that has no end is cut at a comma, and one of a word or two is joined to its neighbour, for alone it would be spoken badly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from daemon.text.sentences import split_placed
from daemon.text.wordtimes import Word, weight, words
from daemon.text.wrapping import Bit, bits

# A quarter of a minute of fluent speech, as much as a speaker says in one go; a Chinese character counts as three letters.
MOST_LETTERS: Final = 240
# Of a shorter sentence a voice has not found its tone when it is over.
_FEW_LETTERS: Final = 10
# Who joins two sentences that are further apart than a breath would take time from between them.
_BREATH_MS: Final = 700
# A longer silence ends a sentence in any case: what comes after it has its own time.
_SILENCE_MS: Final = 1500
# The detector of speech hears a word a little late, and lets go of it early.
_BEFORE_MS: Final = 20
_AFTER_MS: Final = 200
# The echo of the word before is no part of a word.
_TOUCH_MS: Final = 100
# No word is wider than this line.
_ENDLESS: Final = 1_000_000


class Saying(NamedTuple):
    """Something that is said, and when."""

    text: str
    start_ms: int
    end_ms: int


class Span(NamedTuple):
    """When something is the case."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Sayings:
    """What was made of a recording."""

    said: tuple[Saying, ...]
    doubted: tuple[Saying, ...]
    """What was heard where nobody speaks: recognisers hear thanks in music and applause."""


class _Said(NamedTuple):
    """A bit of text and when it is said."""

    text: str
    blank: bool
    start_ms: int
    end_ms: int
    spoken: bool
    """Somebody does speak then."""


def sayings(segments: Sequence[Saying], heard: Sequence[Word], speech: Sequence[Span]) -> Sayings:
    """The sentences of a recording, in order.

    Args:
        segments: as the recogniser cuts them, in order.
        heard: its words, in order; none where it cannot tell.
        speech: where somebody speaks, in order.
    """
    timed = list(_timed(segments, heard, speech))
    found = [one for run in _runs(timed) for one in _joined(list(_sentences(run)))]
    said = [Saying(text, bits[0].start_ms, bits[-1].end_ms) for text, bits in found if _spoken(bits)]
    doubted = [Saying(text, bits[0].start_ms, bits[-1].end_ms) for text, bits in found if not _spoken(bits)]
    return Sayings(tuple(said), tuple(doubted))


_Sentence = tuple[str, list[_Said]]


def _timed(segments: Sequence[Saying], heard: Sequence[Word], speech: Sequence[Span]) -> Iterator[_Said]:
    """Every bit of it; none begins before the one before has ended."""
    middles = [(word.start_ms + word.end_ms) // 2 for word in heard]
    last, floor = "", 0
    for segment in segments:
        pieces = bits(segment.text, _ENDLESS)
        if not pieces:
            continue
        start = max(segment.start_ms, floor)
        end = max(segment.end_ms, start)
        own = heard[bisect_left(middles, segment.start_ms) : bisect_right(middles, segment.end_ms)]
        for bit, word in zip(pieces, words(pieces, start, end, own), strict=True):
            blank = bit.blank or (bit is pieces[0] and _blank(last, bit))
            yield _where_spoken(bit.text, blank, word, speech)
        last, floor = pieces[-1].text, end


def _blank(before: str, bit: Bit) -> bool:
    """Whether a blank stands between two segments: not in Chinese and Japanese."""
    return bool(before) and len(bits(before + bit.text, _ENDLESS)) == len(bits(before, _ENDLESS))


def _where_spoken(text: str, blank: bool, word: Word, speech: Sequence[Span]) -> _Said:
    """A word without the silence around it, which recognisers give to it."""
    first, until = _touched(word, speech, min(_TOUCH_MS, (word.end_ms - word.start_ms) // 2))
    if first >= until:
        first, until = _touched(word, speech, 0)
    if first >= until:
        near = first < len(speech) and speech[first].start_ms - _BEFORE_MS < word.end_ms
        near |= first > 0 and speech[first - 1].end_ms + _AFTER_MS > word.start_ms
        return _Said(text, blank, word.start_ms, word.end_ms, near)
    start = max(word.start_ms, speech[first].start_ms - _BEFORE_MS)
    end = min(word.end_ms, speech[until - 1].end_ms + _AFTER_MS)
    return _Said(text, blank, start, max(start, end), spoken=True)


def _touched(word: Word, speech: Sequence[Span], most_ms: int) -> tuple[int, int]:
    """The speech that falls into a word by more than this: from which span to before which."""
    first = bisect_right(speech, word.start_ms + most_ms, key=lambda span: span.end_ms)
    return first, bisect_left(speech, word.end_ms - most_ms, key=lambda span: span.start_ms)


def _runs(timed: Sequence[_Said]) -> Iterator[list[_Said]]:
    """Stretches without a long silence."""
    edges = [n for n, (one, other) in enumerate(pairwise(timed), 1) if other.start_ms - one.end_ms >= _SILENCE_MS]
    for begin, end in pairwise([0, *edges, len(timed)]):
        if begin < end:
            yield list(timed[begin:end])


def _sentences(run: Sequence[_Said]) -> Iterator[_Sentence]:
    """The sentences of a stretch; what has no letter belongs to none."""
    text, places = "", list[int]()
    for bit in run:
        text += " " if bit.blank and text else ""
        places.append(len(text))
        text += bit.text
    for sentence in split_placed(text, round(MOST_LETTERS * len(text) / max(weight(text), len(text), 1))):
        own = run[bisect_left(places, sentence.start) : bisect_left(places, sentence.end)]
        if own:
            yield sentence.text, list(own)


def _joined(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Short ones with the one before or behind them, where there is no more than a breath between."""
    made = list[_Sentence]()
    for text, own in sentences:
        if made and _belong(made[-1], (text, own)):
            before, its = made[-1]
            made[-1] = f"{before}{' ' if own[0].blank else ''}{text}", [*its, *own]
        else:
            made.append((text, own))
    return made


def _belong(one: _Sentence, other: _Sentence) -> bool:
    here, there = weight(one[0]), weight(other[0])
    near = other[1][0].start_ms - one[1][-1].end_ms <= _BREATH_MS
    return near and min(here, there) < _FEW_LETTERS and here + there < MOST_LETTERS


def _spoken(own: Sequence[_Said]) -> bool:
    """Whether anybody speaks while it is said."""
    return any(bit.spoken for bit in own)
