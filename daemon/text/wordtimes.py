"""When each word of a sentence is said: by a recogniser where one has listened, estimated by letters and pauses elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from daemon.text.alignment import changes
from daemon.text.wrapping import Bit, ends, width

# In letters, of which speech has some fifteen a second: a digit is a word, a full-width character a syllable or two.
_DIGIT: Final = 3.0
_WIDE: Final = 3.0
# A dash or an emoji is hardly heard.
_LEAST: Final = 0.5
# The pause behind a clause and a sentence, 0.2 and 0.4 s.
_PAUSES: Final = (0.0, 3.0, 6.0)
# Letters that are laid beside what was heard; memory grows with the product, and no sentence is that long.
ALIGNED_LIMIT: Final = 4000
# Of a word's letters, so many must have been heard for it to have been heard itself.
_HEARD: Final = 0.5


class Word(NamedTuple):
    """A word and when it is said."""

    text: str
    start_ms: int
    end_ms: int
    estimated: bool = True


class _Place(NamedTuple):
    """When a bit is said, where that is known; milliseconds."""

    start: float
    end: float


def words(bits: Sequence[Bit], start_ms: int, end_ms: int, heard: Sequence[Word] = ()) -> list[Word]:
    """Each bit of a sentence that is said in this time, in order and none over another."""
    places: list[_Place | None] = _heard(bits, heard, start_ms, end_ms) if heard else [None] * len(bits)
    found: list[Word] = []
    at, begin = 0, float(start_ms)
    while at < len(bits):
        if (place := places[at]) is not None:
            found.append(Word(bits[at].text, round(place.start), round(place.end), estimated=False))
            begin, at = place.end, at + 1
            continue
        until = next((n for n in range(at, len(bits)) if places[n] is not None), len(bits))
        following = places[until] if until < len(bits) else None
        found += _estimated(bits[at:until], begin, following.start if following else end_ms, last=following is None)
        at = until
    return found


def weight(text: str) -> float:
    """How long a word takes, in letters."""
    if text.isascii() and text.isalpha():
        return len(text)
    total = 0.0
    for character in text:
        if character.isnumeric() and width(character) == 1:
            total += _DIGIT
        elif character.isalnum():
            total += _WIDE if width(character) == 2 else 1.0
    return max(total, _LEAST)


def _estimated(bits: Sequence[Bit], start: float, end: float, *, last: bool) -> list[Word]:
    """Bits that share this time; `last`: the sentence ends with them, and no pause follows."""
    shares = [(weight(bit.text), _PAUSES[ends(bit.text)]) for bit in bits]
    if last:
        shares[-1] = (shares[-1][0], 0.0)
    letter = max(0.0, end - start) / sum(said + pause for said, pause in shares)
    found: list[Word] = []
    for bit, (said, pause) in zip(bits, shares, strict=True):
        found.append(Word(bit.text, round(start), round(start + said * letter)))
        start += (said + pause) * letter
    return found


def _heard(bits: Sequence[Bit], heard: Sequence[Word], start_ms: int, end_ms: int) -> list[_Place | None]:
    """When the bits were heard, by their letters: a recogniser's words may be cut otherwise."""
    ours = [(letter, at) for at, bit in enumerate(bits) for letter in _letters(bit.text)]
    theirs = [letter for word in heard for letter in _timed(word)]
    if len(ours) > ALIGNED_LIMIT or len(theirs) > ALIGNED_LIMIT:
        return [None] * len(bits)
    counts, times = [0] * len(bits), [list[_Place]() for _ in bits]
    for _, at in ours:
        counts[at] += 1
    for mine, other in _same([letter for letter, _ in ours], [letter for letter, _ in theirs]):
        times[ours[mine][1]].append(theirs[other][1])
    places: list[_Place | None] = []
    floor = float(start_ms)
    for count, known in zip(counts, times, strict=True):
        if not known or len(known) < _HEARD * count:
            places.append(None)
            continue
        start = min(max(known[0].start, floor), end_ms)
        floor = min(max(known[-1].end, start), end_ms)
        places.append(_Place(start, floor))
    return places


def _same(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The places of equal letters."""
    pairs: list[tuple[int, int]] = []
    mine = theirs = 0
    for change in [*changes(one, other), None]:
        until = change.a if change else len(one)
        pairs += zip(range(mine, until), range(theirs, theirs + until - mine), strict=True)
        if change:
            mine, theirs = change.b, change.d
    return pairs


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _timed(word: Word) -> list[tuple[str, _Place]]:
    """The letters of a word that was heard, each with its share of the time."""
    letters = _letters(word.text)
    step = (word.end_ms - word.start_ms) / max(1, len(letters))
    return [
        (letter, _Place(word.start_ms + at * step, word.start_ms + (at + 1) * step))
        for at, letter in enumerate(letters)
    ]
