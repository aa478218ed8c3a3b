"""Everybody who could speak: the models' own voices, those that are kept in the house, and the presets that are not here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from models.backend import Facts, Speaker, Task
from models.checkpoints import released
from voices.profile import Kind, Profile, slug

# What a model must be able to do for a kept voice. A mix and a preset name their model.
_NEEDS: Final[dict[Kind, Task]] = {"design": "design", "clone": "clone"}
_RELEASED: Final[dict[Task, released.Task]] = {"preset": "custom_voice", "design": "voice_design", "clone": "base"}


class Ensemble:
    """Looks at what is kept anew whenever it is asked."""

    def __init__(
        self,
        models: Iterable[Facts],
        kept: Callable[[], Sequence[Profile]] = tuple,
        presets: Iterable[Speaker] = (),
    ) -> None:
        """`presets` are those that were released, whether or not their model is here."""
        self._models: dict[str, Facts] = {}
        self.own: tuple[Profile, ...] = ()
        """The voices of all models; of two with one id the first is meant when no model is named."""
        missing = released.default(_RELEASED["preset"]).slug
        self._presets = [
            Profile(slug(one.id), one.label, "preset", one.languages, missing, one.id, one.description, installed=False)
            for one in presets
        ]
        self._kept = kept
        self._seen: tuple[Sequence[Profile], tuple[Profile, ...], tuple[Profile, ...]] | None = None
        for facts in models:
            self.add(facts)

    def add(self, facts: Facts) -> None:
        """One more model, behind the others."""
        self._models[facts.model] = facts
        self.own += tuple(_own(facts, speaker) for speaker in facts.speakers)
        self._seen = None

    def here(self) -> tuple[Profile, ...]:
        """Who can speak, one for each id: a kept voice goes before a model's own of the same name."""
        return self._sorted()[0]

    def away(self) -> tuple[Profile, ...]:
        """Those whose model is not here."""
        return self._sorted()[1]

    def of(self, model: str) -> tuple[Profile, ...]:
        """Who speaks with this model; here, too, a kept voice goes before the model's own of the same name."""
        kept = [profile for profile in self.here() if profile.stored and profile.model == model]
        taken = {profile.id for profile in kept}
        return (*(one for one in self.own if one.model == model and one.id not in taken), *kept)

    def _sorted(self) -> tuple[tuple[Profile, ...], tuple[Profile, ...]]:
        kept = self._kept()
        if self._seen is None or self._seen[0] is not kept:
            settled = [self._settled(profile) for profile in kept]
            mine = {profile.id: profile for profile in reversed(self.own)}
            taken = {profile.id for profile in settled}
            here = [mine[one] for one in dict.fromkeys(profile.id for profile in self.own) if one not in taken]
            here += [profile for profile in settled if profile.installed]
            away = [profile for profile in settled if not profile.installed]
            away += [profile for profile in self._presets if profile.id not in {*taken, *mine}]
            self._seen = kept, tuple(here), tuple(away)
        return self._seen[1:]

    def _settled(self, profile: Profile) -> Profile:
        """A kept voice with the model that speaks it here, or the one that would have to be fetched."""
        need = _NEEDS.get(profile.kind)
        if need is None or profile.model:
            return replace(profile, installed=profile.model in self._models)
        able = next((facts.model for facts in self._models.values() if facts.task == need), None)
        return replace(profile, model=able or released.default(_RELEASED[need]).slug, installed=able is not None)


def _own(facts: Facts, speaker: Speaker) -> Profile:
    """A model's own voice as the house knows it."""
    kind: Kind = "design" if facts.task == "design" else "preset"
    tags = speaker.languages or facts.languages
    return Profile(slug(speaker.id), speaker.label, kind, tags, facts.model, speaker.id, speaker.description)
