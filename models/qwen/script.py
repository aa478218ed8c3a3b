"""A row's text, cut into the stretches that are spoken in one go each."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from models.qwen.tokens import Tokens, Word, Writing

# Half a minute to a minute of speech; beyond it a voice begins to wander. A stretch ends with the sentence in which it
# gets there, or in the middle of one that is twice as long.
STRETCH_TOKENS: Final = 160
LONGEST_TOKENS: Final = 2 * STRETCH_TOKENS
_ENDINGS: Final = tuple(".!?…。！？\n")
# What may stand between a sentence's end and the next one.
_CLOSING: Final = " \"'”’»)]」』）"
# Where a sentence ends inside a word: Chinese has no blanks, so a tokenizer takes 。 and what follows together.
_END_INSIDE: Final = re.compile(r"[。！？]+[”’」』）]*(?=[\w“‘「『（])")


@dataclass(slots=True)
class Stretch:
    """Text tokens that are spoken in one go; more may come until it has ended."""

    ids: list[int] = field(default_factory=list)
    ended: bool = False


class Script:
    """Text goes in cut anywhere; stretches come out in order."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens, self._writing = tokens, Writing(tokens)
        self._stretches: deque[Stretch] = deque()
        self._last = Stretch(ended=True)
        """What is written to; a voice that stopped in the middle of it leaves its rest unspoken, as in a whole text."""
        self._ended = False
        self._written = ""
        """The last word."""

    def write(self, text: str) -> None:
        """Append text."""
        for word in self._writing.write(text):
            self._append(word)

    def end(self) -> None:
        """No more text will come."""
        for word in self._writing.end():
            self._append(word)
        self._ended = True
        self._last.ended = True

    @property
    def first(self) -> Stretch | None:
        """What is spoken now, or None while there is nothing."""
        return self._stretches[0] if self._stretches else None

    def drop(self) -> None:
        """The first stretch has been spoken."""
        self._stretches.popleft()

    @property
    def over(self) -> bool:
        """Everything has been spoken, and nothing more will come."""
        return self._ended and not self._stretches

    def end_sentence(self) -> None:
        """Whoever needs a whole text to begin gets what is there, if it ends with a sentence."""
        if self._last.ended:
            return
        if inside := _END_INSIDE.match(self._writing.held):
            self._append(self._writing.take(inside.end()))
        self._last.ended = _is_between_sentences(self._written, self._writing.held)

    def _append(self, word: Word) -> None:
        if len(self._last.ids) >= STRETCH_TOKENS and (inside := _END_INSIDE.match(word.text)):
            self._written, rest = inside.group(), word.text[inside.end() :]
            self._last.ids += self._tokens.encode(self._written)
            word = Word(rest, self._tokens.encode(rest))
        for start in range(0, len(word.ids), LONGEST_TOKENS):  # a word without end is cut as well
            ids = word.ids[start : start + LONGEST_TOKENS]
            if self._last.ended or self._is_full(self._last, word.text, len(ids)):
                self._last.ended = True
                self._last = Stretch()
                self._stretches.append(self._last)
            self._last.ids += ids
        self._written = word.text

    def _is_full(self, stretch: Stretch, word: str, more: int) -> bool:
        long = len(stretch.ids) >= STRETCH_TOKENS and _is_between_sentences(self._written, word)
        return long or len(stretch.ids) + more > LONGEST_TOKENS


def _is_between_sentences(last: str, following: str) -> bool:
    """Whether a sentence ends with the word `last`; the point in 3.14 ends none."""
    last = last.rstrip(_CLOSING)
    return last.endswith(_ENDINGS) and not (last.endswith(".") and following[:1].isdigit())
