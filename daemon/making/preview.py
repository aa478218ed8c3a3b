"""How a text would be read aloud, without a sound: who, in which language, which sentences, what is said otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from daemon.delivery import directed
from daemon.faults import NothingToSay
from daemon.limits import check
from daemon.opening import opening
from daemon.pronunciation import Pronunciation
from daemon.roles import Roles
from daemon.settings import Settings
from daemon.text.aloud import Reading
from daemon.text.placed import clean_traced
from daemon.text.reading import read
from daemon.text.score import Manner, Pause, Remark, Said
from daemon.text.sentences import has_words, split_placed
from daemon.text.spans import spans
from daemon.text.spoken.piece import joined
from daemon.text.traced import Traced
from daemon.utterance import Utterance
from models.engine import Engine

Tokens = Callable[[str], Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class Word:
    """What is said otherwise than it is written."""

    start: int
    end: int
    """Where it stands in the text as typed."""
    typed: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of one language in a sentence."""

    start: int
    end: int
    language: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence."""

    start: int
    end: int
    cleaned: str
    spoken: str
    words: Sequence[Word]
    stretches: Sequence[Stretch]
    tokens: Sequence[str] | None
    """As its model takes it; None where it takes no tokens."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What one voice says in one manner."""

    voice: str
    language: str
    model: str
    manner: Manner
    sentences: Sequence[Sentence]


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole text."""

    passages: Sequence[Passage | Pause]
    warnings: Sequence[str]


class Previewer:
    """Reads texts as they would be spoken."""

    def __init__(self, roles: Roles, pronunciation: Pronunciation, engine: Engine, settings: Settings) -> None:
        self._roles, self._pronunciation, self._engine, self._settings = roles, pronunciation, engine, settings

    async def preview(self, utterance: Utterance) -> Preview:
        """Raises Malformed, TextTooLong, BadMarkup, NothingToSay and what casting raises. Nothing is loaded or computed."""
        check(utterance, self._settings.max_text)
        markup = utterance.markup or self._settings.markup
        events = await asyncio.to_thread(read, utterance.text, markup)
        told = [event for event in events if not isinstance(event, Remark)]
        found: list[Passage | Pause] = []
        for manner, run in groupby(told, lambda event: event.manner if isinstance(event, Said) else None):
            if manner is None:
                found += [event for event in run if isinstance(event, Pause)]
                continue
            cleaned = await asyncio.to_thread(_cleaned, [event for event in run if isinstance(event, Said)])
            if has_words(cleaned.text):
                found.append(await self._passage(utterance, manner, cleaned))
        if not any(isinstance(one, Passage) for one in found):
            raise NothingToSay("the text holds no word that could be spoken")
        return Preview(found, [event.message for event in events if isinstance(event, Remark)])

    async def _passage(self, utterance: Utterance, manner: Manner, cleaned: Traced) -> Passage:
        part = directed(utterance, manner)
        role = self._roles.cast(part, opening(cleaned.text, live=self._roles.live))
        reading = await self._pronunciation.reading(part, role, manner)
        tokens = partial(self._engine.tokens, role.facts.model)
        sentences = await asyncio.to_thread(_sentences, cleaned, role.language, reading, tokens)
        return Passage(role.voice.id, role.language, role.facts.model, manner, sentences)


def _cleaned(said: Sequence[Said]) -> Traced:
    marked = Traced.of_said(said)
    return marked.then(clean_traced(marked.text))


def _sentences(cleaned: Traced, language: str, reading: Reading | None, tokens: Tokens) -> list[Sentence]:
    found = split_placed(cleaned.text)
    return [_sentence(cleaned.part(one.start, one.end).collapsed(), language, reading, tokens) for one in found]


def _sentence(written: Traced, language: str, reading: Reading | None, tokens: Tokens) -> Sentence:
    pieces = [] if reading is None else reading.pieces(written.text)
    words = [
        Word(*written.source(piece.start, piece.end), written.text[piece.start : piece.end], piece.said)
        for piece in pieces
    ]
    stretches = [Stretch(*written.source(one.start, one.end), one.language) for one in spans(written.text, language)]
    said = joined(written.text, pieces)
    return Sentence(*written.source(0, len(written.text)), written.text, said, words, stretches, tokens(said))
