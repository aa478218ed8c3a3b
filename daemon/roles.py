"""Who takes the part: the voice, the language and the model of an utterance, by what it is meant to be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from daemon.casting import Casting
from daemon.delivery import Delivery, delivery
from daemon.faults import Malformed, Unspeakable
from daemon.imprints import Imprints
from daemon.utterance import Utterance
from models.backend import Facts, StalePrompt
from models.backend import Task as Ability
from models.checkpoints import released
from models.engine import Engine
from voices.profile import Profile
from voices.store import Store

_HELP: Final[dict[Ability, str]] = {
    "design": f"no model here designs voices; `voiced models pull {released.default('voice_design').slug}` brings one",
    "clone": f"no model here clones voices; `voiced models pull {released.default('base').slug}` brings one",
}
# A mix of mixes of mixes: nobody hears the fourth, and a ring of voices would never end.
_DEPTH: Final = 3


@dataclass(frozen=True, slots=True)
class Role:
    """What an utterance is spoken with."""

    voice: Profile
    language: str
    facts: Facts
    """Of the model that speaks."""
    delivery: Delivery
    prompt: bytes | None = None
    """The cloned or mixed voice."""


class Roles:
    """Casting by task."""

    def __init__(self, casting: Casting, engine: Engine, store: Store, imprints: Imprints) -> None:
        self._casting, self._models = casting, engine.models
        self._store, self._imprints = store, imprints

    @property
    def live(self) -> bool:
        """Whether anybody here speaks a text as it is written."""
        return any(facts.live_text for facts in self._models.values())

    def settled(self, utterance: Utterance) -> bool:
        """Whether the text has no say in who speaks which language. Raises UnknownModel or UnknownVoice."""
        return self._casting.settled(utterance.voice, utterance.language, utterance.model)

    async def role(self, utterance: Utterance, opening: str) -> Role:
        """The part, for a text that begins like this. Raises a CallerMistake; a clone's voice is computed first."""
        role = self.cast(utterance, opening)
        if utterance.task == "voice-clone" and utterance.reference is not None:
            return replace(role, prompt=await self._imprints.of(role.facts.model, utterance.reference))
        return replace(role, prompt=await self.prompt(role.voice))

    def cast(self, utterance: Utterance, opening: str) -> Role:
        """The part without its prompt; nothing is computed. Raises a CallerMistake."""
        if utterance.task == "voice-clone":
            return self._cloned(utterance, opening)
        if utterance.task == "voice-design":
            return self._designed(utterance, opening)
        voice, language = self._casting.cast(utterance.voice, utterance.language, opening, utterance.model)
        if utterance.task == "custom-voice" and voice.kind != "preset":
            raise Unspeakable(f"{voice.id!r} is no preset; POST /api/v1/speech speaks with it")
        return Role(voice, language, self._models[voice.model], delivery(utterance, voice))

    async def prompt(self, voice: Profile, depth: int = _DEPTH) -> bytes | None:
        """The voice prompt of a kept voice, as its model takes it; None for one that needs none.

        Raises ReferenceLost, UnreadableAudio, Unspeakable, and what the engine raises.
        """
        if voice.reference is not None:
            reference = voice.reference

            async def audio() -> bytes:
                return await asyncio.to_thread(self._store.recording, voice)

            transcript = reference.transcript if reference.mode == "in-context" else None
            return await self._imprints.kept(voice.model, reference.digest, transcript, audio)
        if not voice.shares:
            return None
        try:
            return await self._blended(voice, depth)
        except StalePrompt:  # of one that it is mixed of: that is made again now
            return await self._blended(voice, depth)

    async def _blended(self, mix: Profile, depth: int) -> bytes:
        return await self._imprints.blended(
            mix.model, [await self._share(mix, one.voice, one.weight, depth) for one in mix.shares]
        )

    async def forget(self, role: Role) -> None:
        """The model does not know the role's prompt: it is made again when it is wanted next."""
        if role.prompt is not None:
            await self._imprints.forget(role.prompt)

    def prompts_of(self, voice: Profile) -> Sequence[str]:
        """The names under which prompts of a kept voice's recording may be kept, one for each model that could speak it."""
        if (reference := voice.reference) is None:
            return ()
        transcript = reference.transcript if reference.mode == "in-context" else None
        cloning = [facts.model for facts in self._models.values() if facts.task == "clone"]
        return [self._imprints.name(model, reference.digest, transcript) for model in cloning]

    async def _share(self, mix: Profile, name: str, weight: float, depth: int) -> tuple[str | bytes, float]:
        """One part of a mix, as its model takes it."""
        if not depth:
            raise Unspeakable(f"{mix.id!r} is mixed of mixes more than {_DEPTH} deep")
        try:
            part = self._casting.find(name, mix.model)
        except Unspeakable as error:  # it is not this voice that was asked for
            raise Unspeakable(f"{mix.id!r} is mixed of {name!r}: {error}") from error
        prompt = await self.prompt(part, depth - 1)
        if prompt is None and part.kind != "preset":
            raise Unspeakable(f"{part.id!r} is a description, and has no voice to mix before it is locked")
        return part.speaker if prompt is None else prompt, weight

    def _designed(self, utterance: Utterance, opening: str) -> Role:
        if not (utterance.instruct or "").strip():
            raise Malformed("a voice is designed from its description, and `instruct` is empty")
        facts = self.able("design", utterance.model)
        voice = self._casting.own(facts.model)[0]
        language = self._casting.language_of(voice, utterance.language, opening)
        return Role(voice, language, facts, delivery(utterance, voice))

    def _cloned(self, utterance: Utterance, opening: str) -> Role:
        if (reference := utterance.reference) is None:
            raise Malformed("a voice is cloned from a recording, and there is none")
        facts = self.able("clone", utterance.model)
        digest = hashlib.sha256(reference.audio).hexdigest()[:12]
        about = "The voice of a recording"
        voice = Profile(f"clone-{digest}", "Cloned voice", "clone", facts.languages, facts.model, "", about)
        language = self._casting.language_of(voice, utterance.language, opening)
        return Role(voice, language, facts, delivery(utterance, voice))

    def anybody(self, ability: Ability) -> bool:
        """Whether any model here can do it."""
        return any(facts.task == ability for facts in self._models.values())

    def mixes(self, model: str) -> bool:
        """Whether voices of this model can be mixed."""
        return bool(self._models[model].voiceprint)

    def able(self, ability: Ability, name: str | None = None) -> Facts:
        """The model that was asked for, or the first that can do it. Raises UnknownModel or Unspeakable."""
        model = self._casting.model(name)
        able = [facts for facts in self._models.values() if facts.task == ability]
        for facts in able:
            if model in (None, facts.model):
                return facts
        others = ", ".join(facts.model for facts in able)
        raise Unspeakable(f"{model} cannot do this; {others} can" if others else _HELP[ability])
