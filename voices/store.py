"""The voices that are kept in the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from voices import disk
from voices.disk import StoreFailed
from voices.document import see_id, written
from voices.folder import SUFFIX, Broken, Folder, View
from voices.profile import Profile, Reference
from voices.recordings import Recordings, ReferenceLost, recorded

__all__ = ["Broken", "NoSuchVoice", "ReferenceLost", "Store", "StoreFailed", "VoiceChanged", "VoiceExists"]


class NoSuchVoice(Exception):
    """No kept voice has this name."""


class VoiceExists(Exception):
    """The name is another voice's already."""


class VoiceChanged(Exception):
    """Somebody else has changed the voice meanwhile."""


class Store:
    """Every voice below a folder that need not exist yet. Calls block on the disk; any thread or process may make them.

    Whatever a call that returned has written is there after a kill and after a power cut.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._folder = Folder(folder / "profiles")
        self._recordings = Recordings(folder / "refs")

    @classmethod
    def below(cls, data_dir: Path) -> Store:
        """That of a data folder."""
        return cls(data_dir / "voices")

    def profiles(self) -> Sequence[Profile]:
        """All that are valid, by id: the same object until something changes. Cheap. Raises StoreFailed."""
        return self._folder.view().profiles

    def broken(self) -> Sequence[Broken]:
        """The files that are no good, or not all of them, and why. Raises StoreFailed."""
        return self._folder.view().broken

    def get(self, name: str) -> Profile:
        """The voice of this id or alias, in any case. Raises NoSuchVoice, StoreFailed."""
        view = self._folder.view()
        if profile := view.names.get(name.strip().casefold()):
            return profile
        raise _unknown(name, view)

    def audio(self, profile: Profile, *, verify: bool = False) -> Path:
        """The recording of a clone, to read; `verify` sees by its digest that it is still the same. Raises ReferenceLost."""
        return self._recordings.path(profile, verify=verify)

    def recording(self, profile: Profile) -> bytes:
        """The bytes of a clone's recording, seen to be the right ones. Raises ReferenceLost, StoreFailed."""
        return self._recordings.read(profile)

    def create(self, profile: Profile, audio: bytes | None = None, suffix: str = "") -> Profile:
        """Keep a new voice; of a clone, with its recording, or with that of another voice by its reference.

        Raises VoiceExists, BrokenProfile, ReferenceLost, StoreFailed.
        """
        with self._writing() as view:
            _see_free(profile, view.taken, view)
            return self._put(profile, audio, suffix)

    def update(
        self, profile: Profile, audio: bytes | None = None, suffix: str = "", *, expected: Profile | None = None
    ) -> Profile:
        """Put a profile in the place of the one with its id, with another recording if there is one.

        Raises NoSuchVoice, VoiceExists for an alias, VoiceChanged where it is not as `expected`, BrokenProfile,
        ReferenceLost, StoreFailed.
        """
        with self._writing() as view:
            old = _present(profile.id, expected, view)
            _see_free(profile, view.taken - {old.id, *old.aliases}, view)
            new = self._put(profile, audio, suffix, old)
            self._drop(old)
            return new

    def rename(self, voice_id: str, new: str, *, expected: Profile | None = None) -> Profile:
        """Give a voice another id; the old one goes on as an alias. Raises what `update` does."""
        with self._writing() as view:
            old = _present(voice_id, expected, view)
            if new == old.id:
                return old
            renamed = replace(old, id=see_id(new), aliases=(old.id, *(alias for alias in old.aliases if alias != new)))
            _see_free(renamed, view.taken - {old.id, *old.aliases}, view)
            # A kill between the two leaves both; whoever writes next takes the old one away.
            kept = self._put(renamed, old=old)
            disk.remove(self._file(old.id))
            return kept

    def delete(self, voice_id: str, *, expected: Profile | None = None) -> None:
        """Throw a voice away, and its recording when no other has it. Raises NoSuchVoice, VoiceChanged, StoreFailed."""
        with self._writing() as view:
            old = _present(voice_id, expected, view)
            disk.remove(self._file(old.id))
            self._drop(old)

    @contextmanager
    def _writing(self) -> Iterator[View]:
        """What is there, with nobody else writing; what a writer that was killed left half done is ended first."""
        with disk.exclusive(self.folder / ".lock"):
            for folder in (self._folder.path, self._recordings.folder):
                with disk.storage(folder):
                    folder.mkdir(exist_ok=True)
                disk.sweep(folder)
            while half := _half_renamed(self._folder.view(fresh=True)):
                disk.remove(self._file(half))
            try:
                yield self._folder.view(fresh=True)
            finally:
                self._folder.expire()

    def _put(
        self, profile: Profile, audio: bytes | None = None, suffix: str = "", old: Profile | None = None
    ) -> Profile:
        """The recording first: a kill in between leaves one that nobody has, never a voice without one."""
        if audio is not None:
            profile = recorded(profile, audio, suffix, self._references())
        elif profile.reference is not None and (old is None or profile.reference != old.reference):
            self.audio(profile, verify=True)
        data = written(profile)
        if audio is not None and profile.reference is not None:
            self._recordings.keep(profile.reference, audio)
        disk.replace(self._file(profile.id), data)
        return replace(profile, stored=True, installed=True)

    def _drop(self, old: Profile) -> None:
        """Delete the recording that a profile had, when no other has it, not even one that cannot be read."""
        if old.reference is None or any(one.file == old.reference.file for one in self._references()):
            return
        suspects = (self._folder.path / one.file for one in self._folder.view(fresh=True).broken)
        if not any(_may_name(path, old.reference.file) for path in suspects):
            self._recordings.remove(old.reference)

    def _references(self) -> Sequence[Reference]:
        profiles = self._folder.view(fresh=True).profiles
        return [profile.reference for profile in profiles if profile.reference is not None]

    def _file(self, voice_id: str) -> Path:
        return self._folder.path / (voice_id + SUFFIX)


def _present(voice_id: str, expected: Profile | None, view: View) -> Profile:
    """The voice that is to be written over. Raises NoSuchVoice, VoiceChanged."""
    old = view.names.get(voice_id)
    if old is None or old.id != voice_id:
        raise _unknown(voice_id, view)
    if expected is not None and replace(expected, stored=True, installed=True) != old:
        raise VoiceChanged(f"somebody has changed the voice {voice_id!r} meanwhile; read it again")
    return old


def _see_free(profile: Profile, taken: frozenset[str], view: View) -> None:
    """Raises VoiceExists when the id or an alias is another's, or that of a file which cannot be read."""
    for name in (profile.id, *profile.aliases):
        if name in taken:
            owner, file = view.names.get(name), name + SUFFIX
            whose = f"{owner.id!r} has it" if owner else f"{file!r} has it, which cannot be read; mend or remove it"
            raise VoiceExists(f"the name {name!r} is taken: {whose}")


def _unknown(name: str, view: View) -> NoSuchVoice:
    wanted = name.strip().casefold()
    if owner := view.names.get(wanted):
        return NoSuchVoice(f"{name[:80]!r} is another name of {owner.id!r}; write that")
    if broken := next((one for one in view.broken if one.file == wanted + SUFFIX), None):
        return NoSuchVoice(f"the voice {wanted[:80]!r} cannot be read: {broken.reason}")
    known = ", ".join(profile.id for profile in view.profiles) or "none"
    return NoSuchVoice(f"no voice called {name[:80]!r} is kept here; kept are {known}")


def _half_renamed(view: View) -> str | None:
    """The old id that a killed `rename` has left beside the new: the same but for the names, and the new one has the old.

    One at a time, as a voice that got back a name it had and the one it was are each the old one of the other.
    """
    for new in view.files.values():
        for old in (view.files[alias] for alias in new.aliases if alias in view.files):
            if replace(old, id=new.id, aliases=new.aliases) == new:
                return old.id
    return None


def _may_name(path: Path, file: str) -> bool:
    """Whether a file that is no profile could name this recording."""
    try:
        return file.encode() in path.read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True
