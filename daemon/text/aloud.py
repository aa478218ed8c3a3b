"""How a sentence is read aloud: the lexicon's words first, then numbers, dates and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daemon.text.lexicon import Lexicon
from daemon.text.sentences import has_words, split
from daemon.text.spoken import spoken
from daemon.text.spoken.piece import Piece, joined

# What the splitter gives at most; words for numbers may make a sentence longer than an engine likes.
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """For one voice in one language."""

    language: str
    voice: str
    lexicon: Lexicon
    normalize: bool

    @property
    def idle(self) -> bool:
        """Whether it would change nothing, whatever is written."""
        return not self.normalize and not self.lexicon.holds(self.language, self.voice)

    def pieces(self, sentence: str) -> list[Piece]:
        """What is said otherwise than it is written, in order."""
        known = self.lexicon.pieces(sentence, self.language, self.voice)
        if not self.normalize:
            return known
        found = spoken(sentence, self.language)
        if not known:
            return found
        more = [piece for piece in found if all(piece.end <= word.start or word.end <= piece.start for word in known)]
        return sorted([*known, *more], key=lambda piece: piece.start)

    def text(self, text: str) -> list[str]:
        """The sentences of a cleaned text, as they are said."""
        return [part for sentence in split(text) for part in self.sentence(sentence)]

    def sentence(self, sentence: str) -> list[str]:
        """One sentence as it is said: in more than one where it got too long, in none where no word is left."""
        said = joined(sentence, self.pieces(sentence))
        if len(said) > _LONGEST:
            return split(said)
        return [said] if has_words(said) else []
