"""How a text begins: what tells its language, and is known long before the text ends."""

from __future__ import annotations

from typing import Final

from daemon.text.sentences import Splitter, has_words

# Seven words tell a language as well as a sentence does, and are written in a quarter of a second.
ENOUGH_CHARS: Final = 40
# A whole text is looked at in portions, for its first sentence is seldom longer.
_PORTION: Final = 1000


class Opening:
    """Feed cleaned text until it says something: its first sentence or, of a text that is spoken as it is written, words.

    What it says does not depend on where the text was cut.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._splitter = Splitter()
        self._text = ""

    def feed(self, text: str) -> str:
        """The opening, or "" while it is not known."""
        if not self._live:
            return next(iter(self._splitter.feed(text)), "")
        for character in text:
            self._text += character
            if found := self._splitter.feed(character) or self._words(ENOUGH_CHARS):
                return found[0]
        return ""

    def flush(self) -> str:
        """The writer has fallen silent: what can be known now."""
        found = self._splitter.flush() or (self._words(0) if self._live else [])
        return found[0] if found else ""

    def finish(self) -> str:
        """The text has ended; "" when it holds no word."""
        return next(iter(self._splitter.finish()), "")

    def _words(self, more_than: int) -> list[str]:
        """The text so far without the word that may be half written, if it is long enough."""
        if len(self._text) <= more_than or not has_words(self._text):
            return []
        whole = self._text.rsplit(maxsplit=1)[0]
        return [whole if has_words(whole) else self._text]


def opening(text: str, *, live: bool) -> str:
    """That of a whole text; "" when it holds no word."""
    begun = Opening(live=live)
    for at in range(0, len(text), _PORTION):
        if found := begun.feed(text[at : at + _PORTION]):
            return found
    return begun.finish()
