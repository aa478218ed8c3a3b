"""Who takes the part: the voice, the language and the model of an utterance, by what it is meant to be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from daemon.casting import Casting
from daemon.faults import Malformed, Unspeakable
from daemon.imprints import Imprints
from daemon.utterance import Utterance
from models.backend import Facts
from models.backend import Task as Ability
from models.checkpoints import released
from models.engine import Engine
from voices.profile import Profile

_HELP: Final[dict[Ability, str]] = {
    "design": f"no model here designs voices; `voiced models pull {released.default('voice_design').slug}` brings one",
    "clone": f"no model here clones voices; `voiced models pull {released.default('base').slug}` brings one",
}


@dataclass(frozen=True, slots=True)
class Role:
    """What an utterance is spoken with."""

    voice: Profile
    language: str
    facts: Facts
    """Of the model that speaks."""
    prompt: bytes | None = None
    """The cloned voice."""


class Roles:
    """Casting by task."""

    def __init__(self, casting: Casting, engine: Engine) -> None:
        self._casting, self._models = casting, engine.models
        self._imprints = Imprints(engine)

    @property
    def live(self) -> bool:
        """Whether anybody here speaks a text as it is written."""
        return any(facts.live_text for facts in self._models.values())

    def settled(self, utterance: Utterance) -> bool:
        """Whether the text has no say in who speaks which language. Raises UnknownModel or UnknownVoice."""
        return self._casting.settled(utterance.voice, utterance.language, utterance.model)

    async def role(self, utterance: Utterance, opening: str) -> Role:
        """The part, for a text that begins like this. Raises a CallerMistake; a clone's voice is computed first."""
        if utterance.task == "voice-clone":
            return await self._cloned(utterance, opening)
        if utterance.task == "voice-design":
            return self._designed(utterance, opening)
        model = self._casting.model(utterance.model)
        if model is not None and self._models[model].task == "clone":
            raise Unspeakable(f"{model} speaks with the voice of a recording; POST /api/v1/voice-clone takes one")
        voice, language = self._casting.cast(utterance.voice, utterance.language, opening, utterance.model)
        facts = self._models[voice.model]
        if utterance.task == "custom-voice" and facts.task != "preset":
            raise Unspeakable(f"{voice.id!r} is no preset; POST /api/v1/voice-design speaks with it")
        return Role(voice, language, facts)

    def _designed(self, utterance: Utterance, opening: str) -> Role:
        if not (utterance.instruct or "").strip():
            raise Malformed("a voice is designed from its description, and `instruct` is empty")
        facts = self._able("design", utterance.model)
        (voice, *_) = self._casting.profiles(facts.model)
        return Role(voice, self._casting.language_of(voice, utterance.language, opening), facts)

    async def _cloned(self, utterance: Utterance, opening: str) -> Role:
        if (reference := utterance.reference) is None:
            raise Malformed("a voice is cloned from a recording, and there is none")
        facts = self._able("clone", utterance.model)
        digest = hashlib.sha256(reference.audio).hexdigest()[:12]
        about = "The voice of a recording"
        voice = Profile(f"clone-{digest}", "Cloned voice", "clone", facts.languages, facts.model, "", about)
        language = self._casting.language_of(voice, utterance.language, opening)
        return Role(voice, language, facts, await self._imprints.of(facts.model, reference))

    def _able(self, ability: Ability, name: str | None) -> Facts:
        """The model that was asked for, or the first that can do it. Raises UnknownModel or Unspeakable."""
        model = self._casting.model(name)
        able = [facts for facts in self._models.values() if facts.task == ability]
        for facts in able:
            if model in (None, facts.model):
                return facts
        others = ", ".join(facts.model for facts in able)
        raise Unspeakable(f"{model} cannot do this; {others} can" if others else _HELP[ability])
