"""Who speaks: from what a request names to a voice and a language that it really speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from daemon.faults import LanguageNotSpoken, Malformed, UnknownVoice
from daemon.text import language as languages
from models.backend import Facts
from voices.profile import Profile

# What callers write when they mean "whoever speaks here": plain words, and the names that OpenAI's clients send by default.
DEFAULT_NAMES: Final = frozenset(
    "default alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split()
)

# Languages that `detect` tells by their script: sure, where a guess among Latin letters is not.
OTHER_SCRIPTS: Final = frozenset("ar bg el fa he hi hy ja ka ko ru th uk zh".split())


class Casting:
    """The voices of one engine and the house's own preferences."""

    def __init__(self, facts: Facts, *, voice: str | None = None, language: str = "en") -> None:
        self._profiles = tuple(
            Profile(s.id, s.label, "preset", s.languages, facts.model, s.id, s.description) for s in facts.speakers
        )
        self.prepared = False
        self._language = languages.normalise(language)
        self._default = self.find(voice) if voice else None

    def prepare(self) -> None:
        """Load what tells languages apart: half a second, in any thread. `cast` does it on the spot otherwise."""
        languages.prepare(self._spoken())
        self.prepared = True

    def profiles(self) -> Sequence[Profile]:
        """Every voice, in the order that pickers show."""
        return self._profiles

    def find(self, name: str) -> Profile:
        """The voice of this id, in any case, or by its label. Raises UnknownVoice with the names that exist."""
        wanted = name.strip().casefold()
        for profile in self._profiles:
            if wanted in (profile.id, profile.label.casefold()):
                return profile
        known = ", ".join(profile.id for profile in self._profiles)
        raise UnknownVoice(f"no voice is called {name[:80]!r}; the voices here are {known}")

    def cast(self, voice: str | None, language: str | None, text: str) -> tuple[Profile, str]:
        """The voice that speaks `text` and the language it takes, one of its own.

        Raises UnknownVoice or LanguageNotSpoken; a voice is never made to read a script it cannot.
        """
        tag = self._normalise(language)
        named = self._named(voice)
        heard = tag or languages.detect(text, self._spoken())
        if named is not None:
            return named, self._of(named, tag, heard)
        wanted = heard or (self._default.languages[0] if self._default else self._language)
        if self._default is not None and (match := _match(self._default, wanted)):
            return self._default, match
        for profile in self._profiles:
            if match := _match(profile, wanted):
                return profile, match
        raise LanguageNotSpoken(f"nobody here speaks {wanted!r}; spoken here: {', '.join(self._tags())}")

    def _named(self, voice: str | None) -> Profile | None:
        try:
            return self.find(voice) if voice and voice.strip() else None
        except UnknownVoice:
            if voice and voice.strip().casefold() in DEFAULT_NAMES:
                return None
            raise

    def _of(self, profile: Profile, tag: str | None, heard: str | None) -> str:
        """A named voice reads its own languages; a guess from Latin letters does not overrule whoever chose it."""
        if match := _match(profile, heard) if heard else profile.languages[0]:
            return match
        assert heard is not None
        if tag is None and heard not in OTHER_SCRIPTS and not OTHER_SCRIPTS.issuperset(profile.languages):
            return profile.languages[0]
        raise LanguageNotSpoken(
            f"the voice {profile.id!r} does not speak {heard!r}; it speaks {', '.join(profile.languages)}"
        )

    def _normalise(self, language: str | None) -> str | None:
        if language is None or language.strip().casefold() in ("", "auto"):
            return None
        try:
            return languages.normalise(language)
        except ValueError as error:
            raise Malformed(str(error)) from error

    def _spoken(self) -> Sequence[str]:
        return sorted({languages.primary(tag) for profile in self._profiles for tag in profile.languages})

    def _tags(self) -> Sequence[str]:
        return sorted({tag for profile in self._profiles for tag in profile.languages})


def _match(profile: Profile, wanted: str) -> str | None:
    """The voice's own tag for a wanted language: exact, else the same language in another region."""
    if wanted in profile.languages:
        return wanted
    same = (tag for tag in profile.languages if languages.primary(tag) == languages.primary(wanted))
    return next(same, None)
