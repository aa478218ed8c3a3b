"""Where a voice lies among all that a model can speak with, and how near two of them are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.casting import Casting
from daemon.faults import Detail, Unspeakable
from daemon.imprints import Imprints
from daemon.roles import Roles
from daemon.utterance import Reference
from models.engine import Engine


@dataclass(frozen=True, slots=True)
class Embedding:
    """A voice as its model has it."""

    model: str
    vector: Sequence[float]
    """As wide as the model's talker."""


class Likeness:
    """Speaker embeddings of recordings and of voices that are here."""

    def __init__(self, casting: Casting, roles: Roles, imprints: Imprints, engine: Engine) -> None:
        self._casting, self._roles, self._imprints, self._engine = casting, roles, imprints, engine

    async def embedding(self, audio: bytes | None, voice: str | None, model: str | None = None) -> Embedding:
        """That of a recording, or of a voice. Raises Unspeakable, and what casting and the engine raise."""
        if (audio is None) == (voice is None):
            told = "an embedding is that of a recording (`input`) or of a voice (`voice`); give one of them"
            raise Unspeakable(told, [Detail("input", told)])
        if audio is not None:
            name = self._roles.able("clone", model).model
            prompt = await self._imprints.of(name, Reference(audio))
            return Embedding(name, await self._imprints.embedding(name, prompt))
        profile = self._casting.find(voice or "", model)
        if not self._engine.facts_of(profile.model).voiceprint:
            raise Unspeakable(f"{profile.id!r} is a voice of {profile.model}, which has no speaker embeddings")
        made = await self._roles.prompt(profile)
        return Embedding(profile.model, await self._imprints.embedding(profile.model, made or profile.speaker))


def similarity(a: Embedding, b: Embedding) -> float:
    """The cosine of the angle between two voices of one model: 1 is the same, about 0 are strangers. Raises Unspeakable."""
    if a.model != b.model:
        raise Unspeakable(f"voices of {a.model} and of {b.model} cannot be compared: name one `model` for both")
    lengths = math.hypot(*a.vector) * math.hypot(*b.vector)
    return math.fsum(x * y for x, y in zip(a.vector, b.vector, strict=True)) / lengths if lengths else 0.0
