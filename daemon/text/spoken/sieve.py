"""Which of many patterns may find something in a stretch of text, and where: most are ruled out by one look at it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple, TypeVar

from daemon.text.spoken.charsets import Chars, holds, spelled
from daemon.text.spoken.needs import BEHIND, Beside, Need, needs
from daemon.text.spoken.openings import HEAD, Digits, Openings, openings
from daemon.text.spoken.remembered import remembered

_ROW: Final = re.compile("[0-9]+")
_WORD: Final = re.compile(r"[^\W\d_]++")
# So many needs of one pattern are looked at; the others rule out little more.
_NEEDS: Final = 4
# A set of more characters than this is no need worth looking at.
_WIDEST: Final = 400
# Rows of digits that are longer are all the same.
_LONG: Final = 12
_LENGTHS: Final = range(_LONG + 1)
# Of all scripts together, no text has so many words' beginnings: what is known of them is forgotten then.
_REMEMBERED: Final = 50_000
# What is longer is no word that comes again.
_LONGEST: Final = 40
# A row of digits is one of 0 to 9; where others stand, patterns are looked for everywhere.
_STRANGE: Final = frozenset(filter(str.isdecimal, map(chr, range(128, sys.maxunicode + 1))))

Places = dict[int, "list[int] | None"]
_Begun = tuple[int, int, int]
"""A place where something may begin, the bits of what, and at how many places from there."""


_Told = TypeVar("_Told")


class _Row(NamedTuple):
    """What a row of digits tells with what stands at it."""

    met: int
    """The needs that are met by it."""
    begun: tuple[_Begun, ...]
    """At which of its digits something may begin, the bits of what, and at how many digits from there."""


class _Known(dict[str, _Told]):
    """What was found out about a beginning; a new one is looked into once."""

    def __init__(self, look: Callable[[str], _Told]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, key: str) -> _Told:
        found = self._look(key)
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(key) <= _LONGEST:
            self[key] = found
        return found


class Sieve:
    """Made once for some patterns, which are told by their bits: the first has the lowest."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._width = len(patterns)
        self._all = (1 << self._width) - 1
        self._met = 0
        """The needs that there are not, one bit each; those of one pattern stand `width` bits apart."""
        self._needs: list[tuple[int, Need]] = []
        self._openings: list[tuple[int, Openings]] = []
        self._anywhere = self._numbered = self._loose = self._worded = 0
        """Those that may begin at any place, at digits, inside a row of digits, at a word."""
        self._heads: dict[str, int] = {}
        self._going_on: dict[str, int] = {}
        """By what those begin with that are longer."""
        self._behind: dict[str, int] = {}
        """What stands behind digits that may begin them; and where those are of a set that is too large to be spelled."""
        self._behind_of_many: list[tuple[int, tuple[Chars, ...]]] = []
        for number, pattern in enumerate(patterns):
            self._look_into(1 << number, pattern)
        self._of_character = self._telling()
        self._characters = _STRANGE.union(self._of_character)
        # Where no pattern begins at digits they are not looked at, as if they met every need.
        self._met_by_rows = self._meeting(lambda one: isinstance(one, int | Beside))
        self._of_length = [self._met_by_row(length) for length in _LENGTHS]
        self._of_before, self._of_behind = _Known(self._met_before), _Known(self._met_behind)
        self._by_length = [self._begun_by_row(length) for length in _LENGTHS]
        self._by_digit = {digit: self._begun_by_digit(digit) for digit in "0123456789"}
        self._by_behind = _Known(self._begun_before)
        self._by_head = _Known(self._begun_by_head)
        self._rows = _Known(self._told_of_row)
        self._by_word, self._starts = _Known(self._begun_in), _Known(_word_starts)
        signs = {head[0] for head in self._heads if not head[0].isalpha()}
        self._sign = re.compile(f"[{_set(signs)}]" if signs else "(?!)")

    def _look_into(self, bit: int, pattern: re.Pattern[str]) -> None:
        asked = [need for need in needs(pattern) if _is_few(need)][:_NEEDS]
        self._needs += [(bit << at * self._width, need) for at, need in enumerate(asked)]
        self._met |= sum(bit << at * self._width for at in range(len(asked), _NEEDS))
        begun = openings(pattern)
        if begun is None:
            self._anywhere |= bit
            return
        self._openings.append((bit, begun))
        self._numbered |= bit if begun.digits else 0
        self._loose |= bit if begun.loose else 0
        self._worded |= bit if any(head[0].isalpha() for head in begun.heads) else 0
        for head in begun.heads:
            self._heads[head] = self._heads.get(head, 0) | bit
            for start in (head[:length] for length in range(1, len(head))):
                self._going_on[start] = self._going_on.get(start, 0) | bit
        for then in {way.then for way in begun.digits}:
            every = [spelled(several, _WIDEST) for several in then]
            if None in every:
                self._behind_of_many.append((bit, then))
            for behind in map("".join, product(*(one or () for one in every))):
                self._behind[behind] = self._behind.get(behind, 0) | bit

    def places(self, text: str, start: int, end: int) -> Places:
        """Where in `text[start:end]` matches may begin, by the pattern's bit; None is anywhere. The others find nothing."""
        met, of_character = self._met, self._of_character
        for character in self._characters.intersection(text[max(0, start - BEHIND) : end]):
            if character not in of_character:
                return dict.fromkeys(_bits(self._all))
            met |= of_character[character]
        rows = list[tuple[int, _Row]]()
        if not self._numbered:
            met |= self._met_by_rows
        for found in _ROW.finditer(text, start, end) if self._numbered else ():
            at, until = found.span()
            row = self._row(text, at, until, whole=at > start and until < end)
            met |= row.met
            rows.append((at, row))
        alive = self._all
        for _ in range(_NEEDS):
            alive &= met
            met >>= self._width
        begun = [
            (at + inner, bits, many) for at, row in rows for inner, may, many in row.begun if (bits := may & alive)
        ]
        heads = self._at_signs(text, start, end, alive) if alive & met else []
        if worded := alive & self._worded:
            heads += self._at_words(text, start, end, worded)
        if heads:
            begun = sorted(begun + heads)
        return self._told(begun, alive & self._anywhere)

    def _row(self, text: str, at: int, until: int, *, whole: bool) -> _Row:
        """What is told of a row of digits; of a `whole` one of usual length it is remembered."""
        if whole and until - at <= _LONG:
            return self._rows[text[at - 1 : until + HEAD - 1]]
        return self._looked_at(text[at - 1 : at], text[at:until], text[until : until + HEAD - 1])

    def _told_of_row(self, key: str) -> _Row:
        """The key is a character that is no digit, the row, and what is behind it."""
        found = _ROW.match(key, 1)
        assert found is not None
        return self._looked_at(key[0], found[0], key[found.end() :])

    def _looked_at(self, before: str, row: str, behind: str) -> _Row:
        length = len(row)
        met = self._of_length[min(length, _LONG)] | self._of_behind[behind[:1]] | self._of_before[before]
        may = self._by_behind[behind]
        begun = list[_Begun]()
        for at, digit in enumerate(row):
            bits = may & self._by_length[min(length - at, _LONG)] & self._by_digit[digit]
            first, same, many = begun[-1] if begun else (at, 0, 0)
            if bits and bits == same and first + many == at:
                begun[-1] = (first, bits, many + 1)
            elif bits:
                begun.append((at, bits, 1))
            may &= self._loose
            if not may:
                break
        return _Row(met, tuple(begun))

    def _at_signs(self, text: str, start: int, end: int, alive: int) -> list[_Begun]:
        """Where signs stand that may begin something, and the bits of what."""
        places = (sign.start() for sign in self._sign.finditer(text, start, end))
        return [(at, bits, 1) for at in places if (bits := self._by_head[text[at : at + HEAD]] & alive)]

    def _at_words(self, text: str, start: int, end: int, alive: int) -> list[_Begun]:
        """The same where words begin."""
        by_word, starts, begun, at = self._by_word, self._starts, list[_Begun](), start
        for word in text[start:end].split(" "):
            if by_word[word] & alive:
                for first in starts[word]:
                    here = at + first
                    if bits := self._by_head[text[here : here + HEAD]] & alive:
                        begun.append((here, bits, 1))
            at += len(word) + 1
        return begun

    def _begun_in(self, word: str) -> int:
        """The patterns that may begin in what is written without a blank; a blank follows, and anything may follow that."""
        bits = 0
        for first in _word_starts(word):
            key = f"{word[first : first + HEAD]} "[:HEAD]
            bits |= self._begun_by_head(key) | self._going_on.get(key, 0)
        return bits

    @staticmethod
    def _told(begun: list[_Begun], anywhere: int) -> Places:
        places = Places()
        for at, bits, many in begun:
            for bit in _bits(bits):
                found = places.get(bit)
                if found is None:
                    places[bit] = [at] if many == 1 else [*range(at, at + many)]
                elif many == 1:
                    found.append(at)
                else:
                    found += range(at, at + many)
        for bit in _bits(anywhere):
            places[bit] = None
        return places

    def _telling(self) -> dict[str, int]:
        """What needs each character meets, and above those the patterns that it begins, if it is a sign."""
        telling = dict[str, int]()
        for bit, need in self._needs:
            for one in need:
                for character in (spelled(one, _WIDEST) or ()) if isinstance(one, frozenset) else ():
                    telling[character] = telling.get(character, 0) | bit
        for head, bits in self._heads.items():
            if not head[0].isalpha():
                telling[head[0]] = telling.get(head[0], 0) | bits << self._width * _NEEDS
        return telling

    def _meeting(self, met: Callable[[Chars | Beside | int], bool]) -> int:
        """The needs that are met where this is so."""
        return sum(bit for bit, need in self._needs if any(map(met, need)))

    def _met_by_row(self, length: int) -> int:
        return self._meeting(lambda one: isinstance(one, int) and one <= length)

    def _met_before(self, character: str) -> int:
        """What needs are met by a character with a digit behind it."""
        return self._beside(character, behind=False)

    def _met_behind(self, character: str) -> int:
        return self._beside(character, behind=True)

    def _beside(self, character: str, *, behind: bool) -> int:
        if not character:
            return 0
        return self._meeting(
            lambda one: isinstance(one, Beside) and one.behind is behind and holds(one.several, character)
        )

    def _by(self, told: Callable[[Digits], bool]) -> int:
        """The patterns that digits may begin of which this is told."""
        return sum(bit for bit, begun in self._openings if any(map(told, begun.digits)))

    def _begun_by_row(self, length: int) -> int:
        return self._by(lambda way: way.least <= length)

    def _begun_by_digit(self, digit: str) -> int:
        return self._by(lambda way: holds(way.first, digit))

    def _begun_before(self, behind: str) -> int:
        """The patterns that a row of digits may begin with this behind it."""
        found = self._behind.get("", 0) | self._behind.get(behind[:1], 0) | self._behind.get(behind, 0)
        for bit, then in self._behind_of_many:
            if len(then) <= len(behind) and all(map(holds, then, behind)):
                found |= bit
        return found

    def _begun_by_head(self, key: str) -> int:
        found = 0
        for length in range(1, len(key) + 1):
            found |= self._heads.get(key[:length], 0)
        return found


def _is_few(need: Need) -> bool:
    return all(not isinstance(one, frozenset) or spelled(one, _WIDEST) is not None for one in need)


def _word_starts(text: str) -> tuple[int, ...]:
    return tuple(word.start() for word in _WORD.finditer(text))


def _set(characters: Iterable[str]) -> str:
    """The inside of a set of a pattern."""
    return "".join(map(re.escape, sorted(characters)))


@remembered
def _bits(several: int) -> tuple[int, ...]:
    """Each bit of them as a number."""
    found = list[int]()
    while several:
        bit = several & -several
        several ^= bit
        found.append(bit)
    return tuple(found)
