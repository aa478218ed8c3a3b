"""The kept voices of the house: made, changed, locked, handed on."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

from daemon.casting import DEFAULT_NAMES, Casting
from daemon.faults import Detail, PoorReference, Unspeakable
from daemon.making.auditions import AuditionRoom
from daemon.making.linting import Report, examine
from daemon.making.recogniser import Recogniser
from daemon.roles import Roles
from models.backend import Task
from models.checkpoints import released
from voices.bundle import export, imported
from voices.folder import SUFFIX
from voices.profile import Defaults, Kind, Mode, Profile, Reference, Share, slug
from voices.prompts import Prompts
from voices.store import Store, VoiceExists

_T = TypeVar("_T")

# As loud as the built-in voices, which are measured to be.
TARGET_LUFS: Final = -18.0
# A recording that is further off is a bad one, and its noise would be lifted as well.
MAX_LEVELLING_DB: Final = 12.0
# Less than a decibel is heard by nobody.
_HEARD_DB: Final = 1.0
# What a locked voice says of where it is from, in the place of a licence.
_OURS: Final = "made here from a description; nobody's recording"


@dataclass(frozen=True, slots=True)
class Draft:
    """A voice that is not kept yet."""

    kind: Kind
    id: str | None = None
    """None makes one of the label."""
    label: str | None = None
    languages: tuple[str, ...] = ()
    """Empty takes those of its model."""
    model: str = ""
    speaker: str = ""
    """Of a preset: the voice it is another manner of."""
    description: str = ""
    defaults: Defaults = field(default_factory=Defaults)
    transcript: str | None = None
    mode: Mode | None = None
    """None: in context where there is a transcript."""
    consent: str = ""
    shares: tuple[Share, ...] = ()
    emotions: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


class Profiles:
    """What can be done with kept voices; nothing here speaks but auditions."""

    def __init__(
        self, store: Store, prompts: Prompts, casting: Casting, roles: Roles, auditions: AuditionRoom,
        recogniser: Recogniser | None = None,
    ) -> None:  # fmt: skip
        self.store, self.auditions = store, auditions
        self._prompts, self._casting, self._roles, self._recogniser = prompts, casting, roles, recogniser

    # --- made ---------------------------------------------------------------------------------------------------

    async def create(
        self, draft: Draft, audio: bytes | None = None, *, suffix: str = "", force: bool = False
    ) -> tuple[Profile, Report | None]:
        """Keep a voice; a clone's recording is looked at first, and `force` takes it whatever was found.

        Raises Unspeakable, VoiceExists, PoorReference, UnknownVoice, BrokenProfile, StoreFailed.
        """
        report = None
        if draft.kind == "clone":
            if audio is None:
                raise _mistake("audio", "a clone is made of a recording, and there is none")
            report = await self.lint(audio, draft.transcript, draft.languages)
            if not report.usable and not force:
                raise PoorReference(
                    "no voice can be made of this recording: "
                    + "; ".join(one.message for one in report.findings if one.level == "error"),
                    [Detail(f"audio.{one.code}", f"{one.message} {one.advice}") for one in report.findings],
                )
        profile = self._drafted(draft if report is None else replace(draft, defaults=_levelled(draft.defaults, report)))
        return await _aside(lambda: self.store.create(profile, audio, suffix)), report

    def _drafted(self, draft: Draft) -> Profile:
        """The profile of a draft, with everything that it leaves open."""
        label = (draft.label or draft.id or draft.description[:40] or draft.kind).strip()
        languages, model = self._abilities(draft)
        reference = None
        if draft.kind == "clone":
            mode = draft.mode or ("in-context" if draft.transcript else "embedding")
            if mode == "in-context" and not (draft.transcript or "").strip():
                raise _mistake(
                    "transcript",
                    "a voice is cloned in context from the words of the recording; give them, or take the mode `embedding`",
                )
            reference = Reference("", "", draft.transcript, mode, draft.consent)
        name = self.see_free(draft.id) if draft.id else self._named(label)
        return Profile(
            name, label, draft.kind, draft.languages or languages, model, self._speaker(draft), draft.description,
            stored=True, defaults=draft.defaults, reference=reference, shares=draft.shares, emotions=draft.emotions,
            origin=draft.origin,
        )  # fmt: skip

    def see_free(self, wanted: str, mine: Sequence[str] = ()) -> str:
        """The same name, where it is nobody's but `mine`. Raises VoiceExists."""
        if wanted in self._taken() - set(mine):
            raise VoiceExists(f"there is a voice {wanted!r} already, or the name means no voice in particular")
        return wanted

    def _taken(self) -> frozenset[str]:
        """The ids, old and new, of everybody, here or not; those of files that cannot be read; and words for nobody."""
        names = {name for one in self._casting.everyone() for name in (one.id, *one.aliases)}
        return DEFAULT_NAMES | names | {one.file.removesuffix(SUFFIX) for one in self.store.broken()}

    def _named(self, label: str) -> str:
        """An id of this label that nobody has."""
        taken, name, number = self._taken(), slug(label)[:60].rstrip("-"), 2
        found = name
        while found in taken:
            found, number = f"{name}-{number}", number + 1
        return found

    def _speaker(self, draft: Draft) -> str:
        """Raises UnknownVoice, or Unspeakable where it is no preset."""
        if draft.kind != "preset":
            return ""
        voice = self._casting.find(draft.speaker)
        if voice.kind != "preset":
            raise _mistake("speaker", f"{voice.id!r} is a {voice.kind}, and a preset was asked for")
        return voice.speaker

    def _abilities(self, draft: Draft) -> tuple[tuple[str, ...], str]:
        """The languages of the model that will speak it, and its name where the voice cannot do with another."""
        if draft.kind == "preset":
            voice = self._casting.find(draft.speaker)
            return voice.languages, voice.model
        if draft.kind == "mix":
            parts = [self._casting.find(share.voice, draft.model) for share in draft.shares]
            if not parts:
                raise _mistake("shares", "a mix has the voices it is mixed of, and there are none")
            if strangers := [part.id for part in parts if part.model != parts[0].model]:
                raise _mistake(
                    "shares", f"voices of one model can be mixed; {strangers[0]!r} is of another than {parts[0].id!r}"
                )
            if not self._roles.mixes(parts[0].model):
                raise _mistake(
                    "shares", f"the voices of {parts[0].model} cannot be mixed; those of a Qwen3-TTS model can"
                )
            shared = [tag for tag in parts[0].languages if all(tag in part.languages for part in parts)]
            return tuple(shared) or parts[0].languages, parts[0].model
        task: Task = "design" if draft.kind == "design" else "clone"
        if not draft.model and not self._roles.anybody(task):
            return tuple(released.LANGUAGES.values()), ""  # its model may come later
        facts = self._roles.able(task, draft.model or None)
        return facts.languages or facts.speakers[0].languages, facts.model if draft.model else ""

    async def lock(self, audition: str, take: int, draft: Draft) -> Profile:
        """Make the take of an audition a voice that stays as it is: a clone of that take.

        Raises NoSuchAudition and what `create` raises; a take is not turned down for its sound.
        """
        held = await _aside(lambda: self.auditions.auditions.find(audition))
        path: Path = await _aside(lambda: self.auditions.auditions.audio(audition, take))
        seed = held.take(take).seed
        locked = replace(
            draft, kind="clone", transcript=held.text, mode=draft.mode or "in-context", description=held.description,
            consent=draft.consent or _OURS, origin=f"{held.id}, take {take}, seed {seed}, {held.model}",
            label=draft.label or draft.id or held.description[:40],
        )  # fmt: skip
        made, _ = await self.create(locked, await _aside(path.read_bytes), suffix="wav", force=True)
        return made

    # --- looked at and changed ----------------------------------------------------------------------------------

    async def lint(self, audio: bytes, transcript: str | None, languages: Sequence[str] = ()) -> Report:
        """What is to be said of a recording before a voice is made of it."""
        language = languages[0] if languages else None
        return await examine(audio, transcript, language=language, recogniser=self._recogniser)

    async def update(self, name: str, changes: Mapping[str, object], new_id: str | None = None) -> Profile:
        """Change fields of a profile, and its id last. Raises NoSuchVoice, VoiceExists, BrokenProfile, StoreFailed."""

        def work() -> Profile:
            old = self.store.get(name)
            if new_id:
                self.see_free(new_id, (old.id, *old.aliases))
            new = replace(old, **changes)  # type: ignore[arg-type]  # the store looks at every field
            kept = self.store.update(new, expected=old) if new != old else old
            return self.store.rename(kept.id, new_id) if new_id and new_id != kept.id else kept

        return await _aside(work)

    async def delete(self, name: str) -> None:
        """With what the models here made of its recording. Raises NoSuchVoice, StoreFailed."""

        def work() -> None:
            profile = self.store.get(name)
            self.store.delete(profile.id)
            digest = profile.reference.digest if profile.reference else ""
            if not any(one.reference and one.reference.digest == digest for one in self.store.profiles()):
                for key in self._roles.prompts_of(profile):
                    self._prompts.forget(key)

        await _aside(work)

    async def get(self, name: str) -> Profile:
        """A kept voice as it is on the disk. Raises NoSuchVoice."""
        return await _aside(lambda: self.store.get(name))

    # --- handed on ----------------------------------------------------------------------------------------------

    async def export(self, name: str) -> bytes:
        """A voice as one file, with the prompt that is kept of it. Raises NoSuchVoice, ReferenceLost, StoreFailed."""

        def work() -> bytes:
            profile = self.store.get(name)
            prompts = {
                key: data for key in self._roles.prompts_of(profile) if (data := self._prompts.get(key)) is not None
            }
            return export(self.store, profile.id, prompts)

        return await _aside(work)

    async def bring(self, data: bytes, as_id: str | None = None) -> Profile:
        """Keep the voice of such a file. Raises BadBundle, VoiceExists, StoreFailed."""

        def work() -> Profile:
            taken = self._taken()
            profile, prompts = imported(self.store, data, as_id=as_id)
            if names := taken & {profile.id, *profile.aliases}:  # the store knows of kept ones alone
                self.store.delete(profile.id)
                raise VoiceExists(f"there is a voice {min(names)!r} already, or the name means no voice in particular")
            for key, prompt in prompts.items():
                self._prompts.put(key, prompt)
            return profile

        return await _aside(work)


def _levelled(defaults: Defaults, report: Report) -> Defaults:
    """A voice speaks about as loud as its recording: a gain once and for all makes it as loud as the others."""
    loudness = report.facts.get("loudness")
    if defaults.gain is not None or loudness is None or not math.isfinite(loudness):
        return defaults
    gain = min(max(TARGET_LUFS - loudness, -MAX_LEVELLING_DB), MAX_LEVELLING_DB)
    return replace(defaults, gain=round(gain, 1)) if abs(gain) >= _HEARD_DB else defaults


async def _aside(work: Callable[[], _T]) -> _T:
    """In a thread: disks are slow."""
    return await asyncio.to_thread(work)


def _mistake(path: str, message: str) -> Unspeakable:
    return Unspeakable(f"{path}: {message}", [Detail(path, message)])
