"""Sentences out of a stream of text, each as early as it is certain, none longer than an engine likes.

A full stop is judged by what stands around it, never by where the stream was cut; when in doubt there is no end, for a
sentence spoken on is heard better than one torn apart.
"""

from __future__ import annotations

import re
from typing import Final, Generic, NamedTuple, TypeVar

from daemon.text.abbreviations import (
    BEFORE_NUMBER,
    BEFORE_ORDINAL,
    MAYBE_LAST,
    MONTHS,
    NEVER_LAST,
    STARTERS,
)

# How far a full stop may look ahead before it is an end: past quotes and blanks to the end of the next word.
LOOKAHEAD: Final = 40
# How far it looks back: "u. a. z. B." and an article before a number.
_LOOKBACK: Final = 32
# A piece shorter than this is not cut off for its comma.
_SHORTEST_CUT: Final = 80

_STOPS: Final = r".!?…。！？｡．؟۔।॥։።‼⁇⁈⁉"
_CLOSERS: Final = r"\"'”’“»›)\]}」』】》〉）］"
_END: Final = re.compile(rf"[{_STOPS}]+[{_CLOSERS}]*(?: ?[»›])?|\n")
_WIDE_STOPS: Final = "。！？｡।॥"
_WIDE_STOP: Final = re.compile(f"[{_WIDE_STOPS}]")
_OPENERS: Final = re.compile(r"[\"'“”„‚‘’«»‹›(\[{¿¡*\-–—•]*\s*")
_EAST_ASIAN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD: Final = re.compile(r"[^\W_]")
_FIRST_WORD: Final = re.compile(r"[^\W\d_]+")
_CLAUSE: Final = re.compile(r"[,;:–—](?=\s)|[،、，；：]")
_BLANK: Final = re.compile(r"\s")
_SPACE: Final = re.compile(r"\s*")
_QUOTES: Final = "([{\"'“”„‚‘’«»‹›"
_DOTTED: Final = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_BLANK_LINE: Final = re.compile(r"\n[^\S\n]*\n")
_T = TypeVar("_T")


class Sentence(NamedTuple):
    """A sentence, and where it stands in the text; its white space is single blanks, whatever stands there."""

    text: str
    start: int
    end: int


class _Cutter(Generic[_T]):
    """Finds where sentences end; what is told of each is its maker's."""

    def __init__(self, max_chars: int = 400) -> None:
        self._max = max_chars
        self._text = ""
        self._base = 0
        """Characters before the text."""
        self._start = self._scan = 0
        """Where the open sentence begins, and how far no end is in it."""
        self._word_from = 0
        """No word from the start to here."""

    def feed(self, text: str) -> list[_T]:
        """The sentences that are certainly over."""
        self._text += text
        return self._run(ended=False)

    def flush(self) -> list[_T]:
        """The writer has fallen silent: a sentence whose end was not certain yet is over, half a one is not."""
        return self._run(ended=True)

    def finish(self) -> list[_T]:
        """All the rest; the splitter is as new afterwards."""
        sentences = self._run(ended=True)
        self._cut(sentences, len(self._text), self._has_word(len(self._text)))
        _Cutter.__init__(self, self._max)
        return sentences

    def _told(self, written: str) -> _T:
        """The sentence that begins at the start, as it is written."""
        raise NotImplementedError

    def _run(self, *, ended: bool) -> list[_T]:
        found: list[_T] = []
        while self._advance(found, ended):
            pass
        self._text = self._text[self._start :]
        self._base += self._start
        self._scan -= self._start
        self._word_from -= self._start
        self._start = 0
        return found

    def _advance(self, found: list[_T], ended: bool) -> bool:
        """Decide about one place in the text; False when more text is needed."""
        if self._scan == self._start:
            self._skip_blanks()
        text, limit = self._text, self._start + self._max
        match = _END.search(text, self._scan, limit)
        if match is None:
            self._scan = min(len(text), limit)
            if len(text) <= limit:
                return False
            self._cut(found, end := self._best_cut(limit), self._has_word(end))
            return True
        end = match.end()
        over: bool | None = False
        worded = self._has_word(end)
        if worded or text[end - 1] == "\n":
            over = _at_first_sight(text, end)
            if over is None:
                over = _Stop(text, self._start, match, ended).ends_sentence()
        self._scan = match.start() if over is None else end
        if over:
            self._cut(found, end, worded)
        return over is not None

    def _cut(self, found: list[_T], end: int, worded: bool) -> None:
        """The sentence ends here. Without a word it is dropped."""
        if worded:
            found.append(self._told(self._text[self._start : end]))
        self._start = self._scan = self._word_from = end

    def _skip_blanks(self) -> None:
        if not self._text[self._start : self._start + 1].isspace():
            return
        blanks = _SPACE.match(self._text, self._start)
        assert blanks is not None
        self._start = self._scan = blanks.end()
        self._word_from = max(self._word_from, self._start)

    def _has_word(self, end: int) -> bool:
        """Whether the open sentence has a word before `end`; what was looked through is not looked through again."""
        word = _WORD.search(self._text, self._word_from, end)
        self._word_from = word.start() if word else end
        return word is not None

    def _best_cut(self, limit: int) -> int:
        """Where a sentence that is too long is cut: after a clause, else between words, else anywhere."""
        window = self._text[self._start : limit]
        clauses = [m.end() for m in _CLAUSE.finditer(window) if m.end() >= min(_SHORTEST_CUT, self._max // 2)]
        if clauses:
            return self._start + clauses[-1]
        if _BLANK.match(self._text, limit):
            return limit
        blanks = [m.start() for m in _BLANK.finditer(window)]
        return self._start + blanks[-1] if blanks else limit


class Splitter(_Cutter[str]):
    """Feed text, take finished sentences. Their words are the text's words; pieces without a word are not returned."""

    def _told(self, written: str) -> str:
        return " ".join(written.split())


class PlacedSplitter(_Cutter[Sentence]):
    """A splitter that tells where its sentences stand in all that it was fed."""

    def _told(self, written: str) -> Sentence:
        said, start = " ".join(written.split()), self._base + self._start
        if len(said) == len(written):
            return Sentence(said, start, start + len(said))
        start += len(written) - len(written.lstrip())
        return Sentence(said, start, start + len(written.strip()))


def _at_first_sight(text: str, end: int) -> bool | None:
    """Whether a sentence is over whose stop ends here, as most stops tell without being weighed; None where they do not."""
    following = text[end : end + 1]
    if text[end - 1] in _WIDE_STOPS:
        return True if following and not following.isspace() else None
    return False if following == " " and text[end - 1] != "\n" and text[end + 1 : end + 2].islower() else None


class _Stop:
    """A place where a sentence may end, and what stands around it."""

    __slots__ = ("_ahead", "_begin", "_ended", "_marks", "_start", "_sure", "_text")

    def __init__(self, text: str, start: int, match: re.Match[str], ended: bool) -> None:
        self._text, self._start, self._ended = text, start, ended
        self._begin, self._marks = match.start(), match[0]
        self._ahead = text[match.end() : match.end() + LOOKAHEAD]
        self._sure = ended or len(self._ahead) == LOOKAHEAD
        """Whether what is ahead is all that will be looked at."""

    def ends_sentence(self) -> bool | None:
        """None when more text is needed to know."""
        ahead = self._ahead.lstrip()
        blanks = self._ahead[: len(self._ahead) - len(ahead)]
        if self._marks == "\n":
            return True if "\n" in blanks else None if not ahead and not self._sure else False
        if not self._ahead:
            return self._may_be_last() if self._ended else None
        if not blanks:
            return self._ends_without_blank()
        if blanks != " " and _BLANK_LINE.search(blanks):
            return True
        if ahead[:1].isalpha():  # nothing opens it
            return False if ahead[0].islower() else self._full_stop(ahead) if self._marks == "." else True
        openers = _OPENERS.match(ahead)
        assert openers is not None
        following = ahead[openers.end() :]
        if not following:
            return self._may_be_last() if self._sure else None
        if following[0].islower() and not set(openers[0]) & set("¿¡"):
            return False
        return self._full_stop(following) if self._marks == "." else True

    def _ends_without_blank(self) -> bool:
        """Nothing between this sentence and the next, as in Chinese and Japanese."""
        following, closed = self._ahead[0], self._marks[-1] not in _STOPS
        if _WIDE_STOP.search(self._marks):
            return not (closed and following in "とっ、，,")  # 「はい。」と言った is one sentence
        return bool(self._marks[0] in ".!?؟" and _EAST_ASIAN.match(following)) and not self._before()[-1:].isdigit()

    def _may_be_last(self) -> bool:
        """Nothing follows for now: whether the sentence may be over."""
        if self._marks != ".":
            return True
        word, before = self._words_before()
        if word.isdigit() and len(word) <= 3:
            return bool(before) and before not in BEFORE_ORDINAL
        return word not in NEVER_LAST and word not in BEFORE_NUMBER and not (len(word) == 1 and word.isalpha())

    def _full_stop(self, following: str) -> bool | None:
        """A lone "." before a blank and something that is not lower case."""
        word, before = self._words_before()
        if word in MAYBE_LAST:
            return True
        if word in NEVER_LAST or (word in BEFORE_NUMBER and following[0].isdigit()):
            return False
        if word.isdigit() and len(word) <= 3:
            return self._number(before, following)
        if _DOTTED.fullmatch(word) or (len(word) == 1 and word.isalpha()):
            if before.isdigit():  # a unit, "5 m. Then"
                return True
            return self._starts(following, STARTERS)
        return True

    def _number(self, before: str, following: str) -> bool | None:
        """After a short number: an ordinal or a list's numeral goes on."""
        if not before or following[0].isdigit():
            return False
        if before in BEFORE_ORDINAL and not self._before().endswith(("I am", "i am")):
            return False
        month = self._starts(following, MONTHS)
        return None if month is None else not month

    def _starts(self, following: str, words: frozenset[str]) -> bool | None:
        """Whether the next word is one of these; None while it is being written."""
        word = _FIRST_WORD.match(following)
        if word is None:
            return False
        if word.end() == len(following) and not self._sure:
            return None
        initial = len(word[0]) == 1 and following[word.end() : word.end() + 1] == "."
        return word[0].lower() in words and not initial

    def _before(self) -> str:
        return self._text[max(self._start, self._begin - _LOOKBACK) : self._begin].rstrip("0123456789").rstrip()

    def _words_before(self) -> tuple[str, str]:
        """The word that the stop touches, with the "z." of "z. B", and the word before it; lower case."""
        words = self._text[max(self._start, self._begin - _LOOKBACK) : self._begin].lower().split(" ")
        word = words.pop().lstrip(_QUOTES)
        while words and len(words[-1]) == 2 and words[-1][0].isalpha() and words[-1][1] == ".":
            word = words.pop() + word
        return word, words[-1] if words else ""


def split(text: str, max_chars: int = 400) -> list[str]:
    """The sentences of a whole text."""
    splitter = Splitter(max_chars)
    return splitter.feed(text) + splitter.finish()


def split_placed(text: str, max_chars: int = 400) -> list[Sentence]:
    """The sentences of a whole text, and where they stand."""
    splitter = PlacedSplitter(max_chars)
    return splitter.feed(text) + splitter.finish()


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit of any script."""
    return _WORD.search(text) is not None
