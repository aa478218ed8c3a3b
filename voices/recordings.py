"""The recordings that voices were cloned from: files named by their digest, each of as many voices as like it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from voices import disk
from voices.document import BrokenProfile, Problem
from voices.profile import Profile, Reference

# Five minutes of 48 kHz stereo in 16 bits are 58 million bytes; 3 to 15 s are best.
MAX_AUDIO_BYTES: Final = 64_000_000
# What recordings are called. It tells people what they have; whoever decodes looks at the bytes.
AUDIO_SUFFIXES: Final = frozenset("aac aif aiff amr audio caf flac m4a mka mp3 mp4 oga ogg opus wav webm wma".split())
_UNKNOWN: Final = "audio"


class ReferenceLost(Exception):
    """The recording of a voice is not there, or is another one."""


class Recordings:
    """The files of one folder. Whoever writes holds the lock of the store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, profile: Profile, *, verify: bool = False) -> Path:
        """The recording of a clone; `verify` looks at its digest too. Raises ReferenceLost, StoreFailed."""
        if (reference := profile.reference) is None or not reference.file:
            raise ReferenceLost(f"the voice {profile.id!r} has no recording; it is a {profile.kind}")
        path = self.folder / reference.file
        if not path.is_file():
            raise ReferenceLost(f"the recording of {profile.id!r} is not there: {path} is missing; put it back")
        if verify and _digest(path) != reference.digest:
            raise _other(path, profile)
        return path

    def read(self, profile: Profile) -> bytes:
        """Its bytes, seen to be the right ones. Raises ReferenceLost, StoreFailed."""
        path = self.path(profile)
        with disk.storage(path):
            audio = path.read_bytes()
        if profile.reference and hashlib.sha256(audio).hexdigest() != profile.reference.digest:
            raise _other(path, profile)
        return audio

    def keep(self, reference: Reference, audio: bytes) -> None:
        """Write a recording, unless it is there and whole. Raises StoreFailed."""
        path = self.folder / reference.file
        if not path.is_file() or _digest(path) != reference.digest:
            disk.replace(path, audio)

    def remove(self, reference: Reference) -> None:
        """Raises StoreFailed."""
        disk.remove(self.folder / reference.file)


def _other(path: Path, profile: Profile) -> ReferenceLost:
    return ReferenceLost(f"{path} is not the recording that {profile.id!r} was made of; put that one back")


def recorded(profile: Profile, audio: bytes, suffix: str, others: Iterable[Reference]) -> Profile:
    """A profile with the reference that this recording makes. Raises BrokenProfile for nothing, or far too much of it."""
    if not 0 < len(audio) <= MAX_AUDIO_BYTES:
        message = f"the recording has {len(audio)} bytes, and 1 to {MAX_AUDIO_BYTES} are possible"
        raise BrokenProfile([Problem("reference", message)])
    digest = hashlib.sha256(audio).hexdigest()
    file = f"{digest[:16]}.{known(suffix)}"
    if any(one.file == file and one.digest != digest for one in others):
        file = digest + file[16:]  # two that begin alike have been made on purpose
    reference = profile.reference or Reference(file, digest)
    return replace(profile, reference=replace(reference, file=file, digest=digest))


def known(suffix: str) -> str:
    """The end of a recording's name, without its dot; where it is none of audio's, what stands for all."""
    plain = suffix.strip().lower().removeprefix(".")
    return plain if plain in AUDIO_SUFFIXES else _UNKNOWN


def _digest(path: Path) -> str:
    with disk.storage(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
