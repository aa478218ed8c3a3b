"""Words that are said otherwise than they are written: the names of the house, its people and its devices.

An entry is a whole word, or several, or a pattern. Where words are written without blanks a word is found wherever it
stands; in Korean, where a particle may follow it, at the beginning of one. Of several at one place the longest is taken, and
of equals the one for this voice, for this language, for all; a pattern gets what no word has taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from daemon.text.patterns import compiled
from daemon.text.spoken.piece import Piece

# A name of several words; and what is said for it, a sentence at most.
WORD_LIMIT: Final = 100
SAY_LIMIT: Final = 400

# Scripts that put no blank between words; Hangul puts one between words, but none before a particle.
_UNSPACED: Final = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_HANGUL: Final = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"
# Vowel signs and accents that belong to the letter before them and are no letters to `re`.
_MARKS: Final = r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0e00-\u0eff"
_ATOM: Final = re.compile(rf"[{_UNSPACED}{_HANGUL}]|(?:(?![{_UNSPACED}{_HANGUL}])[\w{_MARKS}])+|\s+|[^\w\s]")
_WORD: Final = re.compile(rf"[{_UNSPACED}{_HANGUL}]|(?:(?![{_UNSPACED}{_HANGUL}])[\w{_MARKS}])+|[^\w\s]")
_KOREAN: Final = re.compile(rf"[{_HANGUL}]")


class BadEntry(ValueError):
    """An entry that cannot be looked for; says what is wrong with it."""


class Entry(Protocol):
    """What a lexicon has of a word."""

    @property
    def word(self) -> str:
        """As it is written."""

    @property
    def say(self) -> str:
        """As it is said; of a pattern, `\\1` is what its first bracket matched."""

    @property
    def language(self) -> str | None:
        """BCP-47; `de` is every German. None is all languages."""

    @property
    def voice(self) -> str | None:
        """A voice's id; None is all voices."""

    @property
    def regex(self) -> bool:
        """Whether the word is a pattern."""

    @property
    def case(self) -> bool:
        """Whether it counts if letters are large or small."""


def check(entry: Entry) -> None:
    """Raise BadEntry for a word that cannot be looked for."""
    _Table().add(entry)


class Lexicon:
    """Entries made ready to be found: it is made once and used for every sentence.

    Words may be any number; each pattern is looked for by itself.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Raises BadEntry. Of two entries for the same word of the same voice and language the later one counts."""
        tables: dict[tuple[str, str], _Table] = {}
        for entry in entries:
            scope = (_tag(entry.language), entry.voice or "")
            tables.setdefault(scope, _Table()).add(entry)
        self._tables = tables

    def pieces(self, text: str, language: str | None = None, voice: str | None = None) -> list[Piece]:
        """What is said otherwise in a text of this language (BCP-47), by this voice: in order, none over another."""
        if not self._tables:
            return []
        tables = self._within(_tag(language), voice or "")
        pieces = _words(text, [table.words for table in tables if table.words])
        patterns = [pattern for table in tables for pattern in table.patterns]
        return _patterns(text, patterns, pieces) if patterns else pieces

    def holds(self, language: str | None = None, voice: str | None = None) -> bool:
        """Whether there is any entry for this language and voice."""
        return bool(self._within(_tag(language), voice or ""))

    def _within(self, language: str, voice: str) -> list[_Table]:
        """The tables that hold here, the most special one first."""
        languages = dict.fromkeys((language, language.partition("-")[0], ""))
        scopes = [(tag, who) for who in dict.fromkeys((voice, "")) for tag in languages]
        return [self._tables[scope] for scope in scopes if scope in self._tables]


@dataclass(slots=True)
class _Node:
    """What may follow the same beginning, word by word; and what is said when it ends here."""

    after: dict[str, _Node] = field(default_factory=dict)
    exact: dict[str, str] = field(default_factory=dict)
    """By how it is written."""
    say: str | None = None
    """However it is written."""


class _Table:
    """The entries of one voice and language."""

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], str]] = {}

    @property
    def patterns(self) -> Iterable[tuple[re.Pattern[str], str]]:
        return self._patterns.values()

    def add(self, entry: Entry) -> None:
        """Raises BadEntry."""
        word = entry.word.strip()
        if not word or len(word) > WORD_LIMIT:
            raise BadEntry(f"a word has 1 to {WORD_LIMIT} characters, and this one has {len(word)}")
        if len(entry.say) > SAY_LIMIT:
            raise BadEntry(f"what is said has {SAY_LIMIT} characters at most, and for {word!r} it has {len(entry.say)}")
        if entry.regex:
            self._patterns[word] = _pattern(word, entry)
            return
        atoms = [_fold(atom) for atom in _ATOM.findall(word)]
        node = self.words.setdefault(atoms[0], _Node())
        for atom in atoms[1:]:
            node = node.after.setdefault(atom, _Node())
        if entry.case:
            node.exact[_written(word)] = entry.say
        else:
            node.say = entry.say


def _pattern(word: str, entry: Entry) -> tuple[re.Pattern[str], str]:
    try:
        pattern = compiled(word, case=entry.case)
        found = re.compile(f"{pattern.pattern}|", pattern.flags).match("")
        assert found is not None
        found.expand(entry.say)
    except (ValueError, IndexError, re.error) as error:
        raise BadEntry(f"the pattern {word!r} cannot be used: {error}") from None
    return pattern, entry.say


def _words(text: str, tables: Sequence[dict[str, _Node]]) -> list[Piece]:
    pieces: list[Piece] = []
    if not tables:
        return pieces
    done = 0
    for atom in _WORD.finditer(text):
        folded = _fold(atom[0])
        for words in tables:
            if folded in words:
                break
        else:
            continue
        start = atom.start()
        if start < done or (start and _KOREAN.match(text, start) and _KOREAN.match(text, start - 1)):
            continue
        longest: Piece | None = None
        for words in tables:
            if node := words.get(folded):
                piece = _longest(text, start, atom.end(), node)
                if piece and (longest is None or piece.end > longest.end):
                    longest = piece
        if longest:
            done = longest.end
            if text[start:done] != longest.said:
                pieces.append(longest)
    return pieces


def _longest(text: str, start: int, end: int, node: _Node) -> Piece | None:
    """The longest entry that stands there; `node` is that of its first word, which ends at `end`."""
    found: Piece | None = None
    while True:
        said = node.exact.get(_written(text[start:end]), node.say) if node.exact else node.say
        if said is not None:
            found = Piece(start, end, said)
        atom = _ATOM.match(text, end) if node.after else None
        following = node.after.get(_fold(atom[0])) if atom else None
        if atom is None or following is None:
            return found
        node, end = following, atom.end()


def _patterns(text: str, patterns: Iterable[tuple[re.Pattern[str], str]], pieces: list[Piece]) -> list[Piece]:
    free = bytearray(b"\1") * len(text)
    for piece in pieces:
        free[piece.start : piece.end] = bytes(piece.end - piece.start)
    for pattern, say in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if start < end and free.find(b"\0", start, end) < 0:
                free[start:end] = bytes(end - start)
                if (said := match.expand(say)) != match[0]:
                    pieces.append(Piece(start, end, said))
    return sorted(pieces, key=lambda piece: piece.start)


def _fold(atom: str) -> str:
    """The same for all ways to write a word, large or small, and for all white space."""
    if atom.isascii():
        return " " if atom.isspace() else atom.lower()
    return " " if atom.isspace() else unicodedata.normalize("NFC", atom.casefold())


def _written(word: str) -> str:
    return unicodedata.normalize("NFC", " ".join(word.split()))


def _tag(language: str | None) -> str:
    return (language or "").replace("_", "-").lower()
