"""Who speaks: from what a request names to a voice and a language that it really speaks."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from daemon.ensemble import Ensemble
from daemon.faults import LanguageNotSpoken, Malformed, UnknownModel, UnknownVoice, Unspeakable, VoiceNotInstalled
from daemon.text import language as languages
from models.backend import Facts
from models.checkpoints import released
from voices.profile import Profile

_LOG = logging.getLogger(__name__)

# What callers write when they mean "whoever speaks here": plain words, and the names that OpenAI's clients send by default.
DEFAULT_NAMES: Final = frozenset(
    "default alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split()
)

# What OpenAI's clients send for a model when nobody changed their settings, dated or not.
_ANY_MODEL: Final = re.compile(r"default|tts-1(-hd)?(-\d{4})?|gpt-4o-mini-tts(-\d{4}-\d{2}-\d{2})?")

# Languages that `detect` tells by their script: sure, where a guess among Latin letters is not.
OTHER_SCRIPTS: Final = frozenset("ar bg el fa he hi hy ja ka ko ru th uk zh".split())

_Names = Callable[[Profile], Iterable[str]]
# An id goes before a former id of another voice, that before a label, and what a model calls its speaker comes last.
_IDS: Final[tuple[_Names, ...]] = (lambda voice: (voice.id,), lambda voice: voice.aliases)
_NAMES: Final[tuple[_Names, ...]] = (
    *_IDS, lambda voice: (voice.label.casefold(),), lambda voice: (voice.speaker.casefold(),),
)  # fmt: skip


class Casting:
    """Everybody who is here, and the house's own preferences."""

    def __init__(
        self,
        *models: Facts,
        voice: str | None = None,
        language: str = "en",
        able: Callable[[str], bool] = lambda _: True,
        ensemble: Ensemble | None = None,
    ) -> None:
        """The default model comes first. `able` tells whether a model can be counted on when nobody asks for it by name."""
        self._models = tuple(facts.model for facts in models)
        self._able = able
        self._ensemble = ensemble or Ensemble(models)
        self.prepared = False
        self._language = languages.normalise(language)
        self._default = self.find(voice).id if voice else None

    def add(self, facts: Facts) -> None:
        """One more model, behind the others: it is known by its name from now on, and so are its voices."""
        self._models += (facts.model,)
        self._ensemble.add(facts)
        self.prepared = False  # it may speak languages that nobody else does

    def settled(self, voice: str | None, language: str | None, model: str | None = None) -> bool:
        """Whether voice and language are known without a word of the text. Raises UnknownModel or UnknownVoice."""
        if self._normalise(language) is not None:
            return True
        named = self._named(voice, model)
        return named is not None and (len(named.languages) == 1 or named.defaults.language is not None)

    def language_of(self, profile: Profile, language: str | None, text: str) -> str:
        """The language that this voice takes for `text`, one of its own. Raises LanguageNotSpoken."""
        tag = self._normalise(language)
        return self._of(profile, tag, tag or languages.detect(text, [languages.primary(t) for t in profile.languages]))

    def prepare(self) -> None:
        """Load what tells languages apart: half a second, in any thread. `cast` does it on the spot otherwise."""
        try:
            languages.prepare(self._spoken())
        except OSError as error:
            told = error.strerror or error
            _LOG.warning("languages are not told by their words: %s in the folder for temporary files (TMPDIR)", told)
        self.prepared = True

    def profiles(self, model: str | None = None) -> Sequence[Profile]:
        """Every voice that can speak, in the order that pickers show, or those of one model. Raises UnknownModel."""
        wanted = self.model(model)
        return self._ensemble.here() if wanted is None else self._ensemble.of(wanted)

    def own(self, model: str | None = None) -> Sequence[Profile]:
        """What the models, or one of them, speak with by themselves, whatever is kept under their names. Raises UnknownModel."""
        wanted = self.model(model)
        return [profile for profile in self._ensemble.own if wanted in (None, profile.model)]

    def everyone(self) -> Sequence[Profile]:
        """Those whose model is not here, too."""
        return (*self._ensemble.here(), *self._ensemble.away())

    def model(self, name: str | None) -> str | None:
        """The id of the model with this name, in any case; None where it means any. Raises UnknownModel."""
        wanted = (name or "").strip().casefold()
        if not wanted or _ANY_MODEL.fullmatch(wanted):
            return None
        release = released.find(wanted)
        names = {wanted, release.folder.casefold() if release else wanted}
        for model in self._models:
            if model.casefold() in names:
                return model
        known = ", ".join(map(repr, self._models))
        raise UnknownModel(f"no model is called {wanted[:80]!r}; here are {known}")

    def find(self, name: str, model: str | None = None) -> Profile:
        """The voice of this id, in any case, by a former id, its label or its model's own name.

        Raises UnknownVoice or VoiceNotInstalled.
        """
        wanted, pool = name.strip().casefold(), self.profiles(model)
        if found := _called(wanted, pool):
            return found
        if missing := _called(wanted, self._ensemble.away()):
            raise VoiceNotInstalled(
                f"the voice {missing.id!r} needs the model {missing.model}, which is not here; "
                f"`voiced models pull {missing.model}` brings it"
            )
        known = ", ".join(profile.id for profile in pool) or "none"
        of_it = f" of {model}" if self.model(model) else " here"
        raise UnknownVoice(f"no voice is called {name[:80]!r}; the voices{of_it} are {known}")

    def cast(self, voice: str | None, language: str | None, text: str, model: str | None = None) -> tuple[Profile, str]:
        """The voice that speaks `text` and the language it takes, one of its own.

        Raises UnknownModel, Unspeakable or LanguageNotSpoken; a voice is never made to read a script it cannot.
        """
        named = self._named(voice, model)
        tag = self._normalise(language) or (self._normalise(named.defaults.language) if named else None)
        heard = tag or languages.detect(text, self._spoken())
        if named is not None:
            return named, self._of(named, tag, heard)
        house = self._house_voice()
        wanted = heard or ((house.defaults.language or house.languages[0]) if house else self._language)
        volunteers = self._volunteers(model, wanted)
        for profile in volunteers:
            if match := _match(profile, wanted):
                return profile, match
        if not volunteers:
            raise Unspeakable(
                f"{self.model(model) or self._models[0]} speaks with the voice of a recording; name one that is kept, or "
                "send one to POST /api/v1/voice-clone"
            )
        raise LanguageNotSpoken(f"nobody here speaks {wanted!r}; spoken here: {', '.join(self._tags())}")

    def _volunteers(self, model: str | None, wanted: str) -> Sequence[Profile]:
        """Who may speak when no voice is named, in order: those whose model works, the house's own voice, those who need no
        description, the first model's, those whose mother tongue it is. Kept voices are somebody's: they speak when asked."""
        house = self._house_voice()

        def order(profile: Profile) -> tuple[object, ...]:
            foreign = languages.primary(profile.languages[0]) != languages.primary(wanted)
            at = self._models.index(profile.model)
            return not self._able(profile.model), profile != house, profile.kind == "design", at, foreign

        mine = [house] if house is not None and house.stored and self.model(model) in (None, house.model) else []
        return sorted([*mine, *self.own(model)], key=order)

    def _house_voice(self) -> Profile | None:
        """The one of the settings, while it is here; renamed, it still is."""
        return _called(self._default, self._ensemble.here(), _IDS) if self._default else None

    def _named(self, voice: str | None, model: str | None = None) -> Profile | None:
        try:
            return self.find(voice, model) if voice and voice.strip() else None
        except UnknownVoice:
            if voice and voice.strip().casefold() in DEFAULT_NAMES:
                return None
            raise

    def _of(self, profile: Profile, tag: str | None, heard: str | None) -> str:
        """A named voice reads its own languages; a guess from Latin letters does not overrule whoever chose it."""
        if heard is None:
            return self._guess(profile)
        if match := _match(profile, heard):
            return match
        if tag is None and heard not in OTHER_SCRIPTS and not OTHER_SCRIPTS.issuperset(profile.languages):
            return profile.languages[0]
        raise LanguageNotSpoken(
            f"the voice {profile.id!r} does not speak {heard!r}; it speaks {', '.join(profile.languages)}"
        )

    def _guess(self, profile: Profile) -> str:
        """What a few Latin letters, or none, are read as: the voice's mother tongue, if it has one and that is so written."""
        first = profile.languages[0]
        if profile.kind == "preset" and languages.primary(first) not in OTHER_SCRIPTS:
            return first
        return _match(profile, self._language) or first

    def _normalise(self, language: str | None) -> str | None:
        if language is None or language.strip().casefold() in ("", "auto"):
            return None
        try:
            return languages.normalise(language)
        except ValueError as error:
            raise Malformed(str(error)) from error

    def _spoken(self) -> Sequence[str]:
        return sorted({languages.primary(tag) for profile in self._ensemble.here() for tag in profile.languages})

    def _tags(self) -> Sequence[str]:
        return sorted({tag for profile in self._ensemble.here() for tag in profile.languages})


def _called(name: str, pool: Sequence[Profile], kinds: Iterable[_Names] = _NAMES) -> Profile | None:
    """Whom a name in small letters means."""
    if not name:
        return None
    return next((profile for names in kinds for profile in pool if name in names(profile)), None)


def _match(profile: Profile, wanted: str) -> str | None:
    """The voice's own tag for a wanted language: exact, else the same language in another region."""
    if wanted in profile.languages:
        return wanted
    same = (tag for tag in profile.languages if languages.primary(tag) == languages.primary(wanted))
    return next(same, None)
