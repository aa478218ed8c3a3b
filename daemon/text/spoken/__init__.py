"""A text as it is spoken: numbers, dates, units and abbreviations in words, one module a language.

What no rule knows is left as it is. Every piece that is said otherwise tells where it stood in the text.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from typing import Final, Protocol, cast

from daemon.text.spans import spans
from daemon.text.spoken.piece import Piece

__all__ = ["LANGUAGES", "Piece", "prepare", "spoken"]

# Primary tag to module. A language module is imported when its first sentence comes: some bring dictionaries.
LANGUAGES: Final = {
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "ja": "japanese",
    "ko": "korean",
    "pt": "portuguese",
    "ru": "russian",
    "zh": "chinese",
}


class Language(Protocol):
    """What a language module has."""

    def pieces(self, text: str, /) -> list[Piece]:
        """What is said otherwise in this text of one language: in order, none over another."""


def spoken(text: str, language: str) -> list[Piece]:
    """What is said otherwise in a sentence of this language (BCP-47), and in its foreign spans by their own rules.

    In order, none over another, all inside the text. A language without rules changes nothing.
    """
    parts = spans(text, language)
    if len(parts) == 1:
        module = _module(parts[0].language)
        return module.pieces(text) if module else []
    found: list[Piece] = []
    for span in parts:
        if module := _module(span.language):
            part = text[span.start : span.end]
            found += [piece.shifted(span.start) for piece in module.pieces(part)]
    return found


def prepare(language: str) -> None:
    """Load what this language needs, in any thread; its first sentence does it on the spot otherwise."""
    if module := _module(language):
        module.pieces("1")


# Whoever asks may name any language.
@lru_cache(64)
def _module(language: str) -> Language | None:
    name = LANGUAGES.get(language.partition("-")[0].lower())
    return _load(name) if name else None


@cache
def _load(name: str) -> Language:
    return cast(Language, import_module(f"daemon.text.spoken.{name}"))
