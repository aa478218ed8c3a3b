"""How the words that were heard differ from those that were meant, as a listener would count them.

A recogniser writes figures, its own spelling and no hesitation, so both texts are brought to words without case, accents
and punctuation before they are compared, and what only looks different is not counted. Where no blanks are written
(Chinese, Japanese, Korean) characters are counted instead of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from daemon.text.alignment import Change, changes, distance
from daemon.text.hanzi import simplified
from daemon.text.spoken import spoken
from daemon.text.spoken.piece import joined

# Half an hour of speech, which is more than a recogniser is given, has 6,000 words or 12,000 characters.
MAX_UNITS: Final = 20_000
# Up to so many words one of them is too large a share: letters are counted.
SHORT_WORDS: Final = 3
# Languages that are compared by characters: they write no blanks, or not always the same ones.
_UNSPACED: Final = frozenset("ja ko th yue zh".split())
# What people and models say while they think, without accents; a recogniser writes it or not. They are left out on both
# sides, so that a word that only looks like one does no harm.
_FILLERS: Final = {
    "de": frozenset("ah ahm hm mhm oh ohm".split()),
    "en": frozenset("ah er erm hm hmm mhm mm oh uh uhm um umm".split()),
    "es": frozenset("ah eh ehm em mm".split()),
    "fr": frozenset("ah eh euh heu hum".split()),
    "it": frozenset("ah eh ehm mm uhm".split()),
    "ja": frozenset("ああ あの えー えっと ええと".split()),
    "ko": frozenset("아 어 음".split()),
    "pt": frozenset("ah eh hum".split()),
    "ru": frozenset("а гм мм хм э ээ".split()),
    "zh": frozenset("呃 啊 嗯".split()),
}
# What a recogniser writes of noises: [Music], (applause), *coughs*, ♪ la la ♪.
_NOISES: Final = re.compile(r"\[[^\[\]]{0,80}\]|\([^()]{0,80}\)|（[^（）]{0,80}）|\*[^*]{1,80}\*|[♪♫]+")
# Times and decimals as recognisers write them (7.30, 14h30, 21.5 in German); what reads numbers aloud knows others.
_CLOCK: Final = re.compile(r"(?<![\d.,:])([01]?\d|2[0-3])(?:[.:]| ?h ?)([0-5]\d)(?![\d%°]|[.,:]\d)")
_POINT: Final = re.compile(r"(?<![\d.,])(\d+)\.(\d+)(?![\d.,])")
_COMMA: Final = frozenset("de es fr it pt ru".split())
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})
_WORD: Final = re.compile(r"[^\W_]+")
_INSIDE: Final = re.compile(r"(?<=\w)['’ʼ](?=\w)")
# Of a word with so many letters in common, the rest is spelling, or the recogniser's; with fewer it is half heard, or not.
_SAME: Final = 0.8
_HALF: Final = 0.5
# Words that are written in one or in several: "Waschmaschine", "sea shells".
_JOINED: Final = 3
# In longer stretches nothing is looked for any more: something else was said.
_STRETCH: Final = 600
# A kanji is read with one to four kana, which cannot be looked up here: such a stretch counts by this much.
_KANJI_KANA: Final = 0.25
_MOST_KANA: Final = 4


@dataclass(frozen=True, slots=True)
class Difference:
    """Of what was meant and what was heard."""

    word_error_rate: float
    """Words (characters, where `by_characters`) that differ, in relation to those that were meant; more than 1 where
    more was heard. 0 for the same."""
    wrong: tuple[tuple[str, str], ...]
    """What was meant and what was heard instead, in order; either may be empty."""
    cut_start: int
    """How many words (or characters) were not heard at the beginning, at least."""
    cut_end: int
    """And at the end."""
    count: int
    """Of the words (or characters) that were meant."""
    by_characters: bool
    """For a language without blanks, and for a text of three words or less."""
    unspaced: bool
    """A language without blanks."""


def compare(meant: str, heard: str, language: str) -> Difference:
    """Compare a text with what a recogniser wrote of its speech. `language` is a BCP-47 tag.

    Raises ValueError for more than MAX_UNITS words or characters.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    ours = _units(meant, code)
    found = [_compared(ours, _units(reading, code), code) for reading in _readings(heard, code)]
    return min(found, key=lambda difference: difference.word_error_rate)


def _readings(heard: str, code: str) -> list[str]:
    """What a recogniser may have meant, each once: with its remarks and without, its figures read in several ways."""
    words = _NOISES.sub(" ", heard)
    readings = [heard, words, _CLOCK.sub(r"\1:\2", words)]
    if code in _COMMA:
        readings.append(_POINT.sub(r"\1,\2", words))
    return list(dict.fromkeys(readings))


def _compared(meant: list[str], heard: list[str], code: str) -> Difference:
    by_characters = code in _UNSPACED or len(meant) <= SHORT_WORDS
    if by_characters:
        meant, heard = list("".join(meant)), list("".join(heard))
    if max(len(meant), len(heard)) > MAX_UNITS:
        raise ValueError(f"there are more than {MAX_UNITS} words to compare; compare the text in parts")
    glue = "" if by_characters else " "
    errors, wrong = 0.0, list[tuple[str, str]]()
    found = changes(meant, heard)
    for change in found:
        ours, theirs = meant[change.a : change.b], heard[change.c : change.d]
        if cost := _cost(ours, theirs, code, by_characters):
            errors += cost
            wrong.append((glue.join(ours), glue.join(theirs)))
    start, end = _cuts(meant, heard, found, code)
    return Difference(
        errors / max(1, len(meant)), tuple(wrong), start, end, len(meant), by_characters, code in _UNSPACED
    )


def _cuts(meant: Sequence[str], heard: Sequence[str], found: Sequence[Change], code: str) -> tuple[int, int]:
    """How many of the units are missing at either end."""
    first = sum(_missing(meant, heard, change, code) for change in found[:1] if change.a == 0)
    return first, sum(_missing(meant, heard, change, code) for change in found[-1:] if change.b == len(meant))


def _missing(meant: Sequence[str], heard: Sequence[str], change: Change, code: str) -> int:
    """Where less than half of the letters were heard."""
    ours, theirs = meant[change.a : change.b], heard[change.c : change.d]
    if 2 * sum(map(len, theirs)) >= sum(map(len, ours)) or (code == "ja" and _may_be_read(ours, theirs)):
        return 0
    return max(1, len(ours) - len(theirs))


def _units(text: str, code: str) -> list[str]:
    """The words of a text as they are said, without what nobody hears, or its characters."""
    said = joined(text, spoken(text, code)) if len(text) <= 10 * MAX_UNITS else text
    words = _WORD.findall(_folded(said, code))
    fillers = _FILLERS.get(code, frozenset())
    kept = [word for word in words if word not in fillers] or words
    return list("".join(kept)) if code in _UNSPACED else kept


def _folded(text: str, code: str) -> str:
    """Small letters without accents; one kind of Chinese characters and of kana."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = unicodedata.normalize("NFC", _ACCENTS.sub("", plain)).translate(_LETTERS)
    if code in ("zh", "yue"):
        letters = simplified(letters)
    if code == "ja":
        letters = "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in letters)
    return _INSIDE.sub("", letters)


def _cost(meant: Sequence[str], heard: Sequence[str], code: str, by_characters: bool) -> float:
    """How many errors there are in a stretch that differs."""
    if not meant or not heard or len(meant) * len(heard) > _STRETCH:
        return max(len(meant), len(heard))
    if by_characters:
        return _characters(meant, heard, code)
    # the cheapest way through, row by row, where several words may also stand for one
    costs = [[float(column) for column in range(len(heard) + 1)]]
    for row in range(1, len(meant) + 1):
        line = [float(row)]
        for column in range(1, len(heard) + 1):
            line += [min(_ways([*costs, line], meant[:row], heard[:column]))]
        costs.append(line)
    return costs[-1][-1]


def _ways(costs: Sequence[Sequence[float]], meant: Sequence[str], heard: Sequence[str]) -> Iterator[float]:
    """What the errors up to these words are, by each last step."""
    row, column = len(meant), len(heard)
    yield costs[row - 1][column] + 1
    yield costs[row][column - 1] + 1
    yield costs[row - 1][column - 1] + _unlike(meant[-1], heard[-1])
    for count in range(2, _JOINED + 1):
        if row >= count:
            yield costs[row - count][column - 1] + count * _unlike("".join(meant[-count:]), heard[-1])
        if column >= count:
            yield costs[row - 1][column - count] + count * _unlike(meant[-1], "".join(heard[-count:]))


@lru_cache(maxsize=4096)
def _unlike(meant: str, heard: str) -> float:
    """How far a word was misheard, from 0 to 1: recognisers spell names and foreign words as they like."""
    alike = 1 - distance(meant, heard) / max(len(meant), len(heard))
    return 0.0 if alike >= _SAME else 0.5 if alike >= _HALF else 1.0


def _characters(meant: Sequence[str], heard: Sequence[str], code: str) -> float:
    if code == "ja" and _may_be_read(meant, heard):
        return _KANJI_KANA * max(len(meant), len(heard))
    if code == "ko" and len(meant) == len(heard):  # a syllable has two or three letters, of which one may be misheard
        return sum(_syllable(*pair) for pair in zip(meant, heard, strict=True))
    return max(len(meant), len(heard))


def _syllable(meant: str, heard: str) -> float:
    one, other = (unicodedata.normalize("NFD", sign) for sign in (meant, heard))
    return distance(one, other) / max(len(one), len(other))


def _may_be_read(meant: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether one side has kanji where the other writes kana, as many as it may take to read them."""
    ours, theirs = (sum("\u3040" <= sign <= "\u30ff" for sign in side) for side in (meant, heard))
    if (ours == len(meant)) == (theirs == len(heard)):
        return False
    kana, other, kanji = (
        (meant, heard, len(heard) - theirs) if ours == len(meant) else (heard, meant, len(meant) - ours)
    )
    return len(other) <= len(kana) <= len(other) - kanji + kanji * _MOST_KANA
