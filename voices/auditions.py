"""Auditions: what a description sounded like with several seeds, kept until one take is chosen or nobody asks any more.

<data>/voices/auditions/<id>/   audition.json, take-1.wav, take-2.wav, …
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from voices.disk import StoreFailed, storage

# The newest are kept: each is a megabyte or two, and a choice is made within the hour.
KEPT: Final = 50
_ABOUT: Final = "audition.json"
_NAME: Final = re.compile(r"audition-[0-9a-f]{10}")
# Being written; what a kill has left of one is swept with the next.
_HIDDEN: Final = ".new-"
# Writing one takes milliseconds.
_LEFTOVER_AGE_S: Final = 3600.0


class NoSuchAudition(Exception):
    """There is no audition of this id, or no such take in it."""


class AuditionTake(BaseModel):
    """One try."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    take: int
    """From 1."""
    seed: int
    seconds: float


class Audition(BaseModel):
    """What was tried."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    id: str
    created: AwareDatetime
    description: str
    text: str
    """What all takes say."""
    language: str
    model: str
    takes: tuple[AuditionTake, ...]

    def take(self, number: int) -> AuditionTake:
        """Raises NoSuchAudition."""
        for take in self.takes:
            if take.take == number:
                return take
        raise NoSuchAudition(f"{self.id} has takes 1 to {len(self.takes)}, and no take {number}")


def new_id() -> str:
    """Of an audition that is about to be held."""
    return f"audition-{secrets.token_hex(5)}"


class Auditions:
    """All of them in one folder, which need not exist yet. Calls block on the disk; any thread may make them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, audition: Audition, wavs: Sequence[bytes]) -> None:
        """Write it, whole or not at all, and forget the oldest. Raises StoreFailed."""
        self._sweep()
        hidden = self.folder / f"{_HIDDEN}{audition.id}"
        try:
            with storage(hidden):
                hidden.mkdir(parents=True)
                for take, wav in zip(audition.takes, wavs, strict=True):
                    (hidden / _file(take.take)).write_bytes(wav)
                (hidden / _ABOUT).write_text(audition.model_dump_json(indent=2), "utf-8")
                hidden.rename(self.folder / audition.id)
        except StoreFailed:
            shutil.rmtree(hidden, ignore_errors=True)
            raise
        for old in self.all()[KEPT:]:
            shutil.rmtree(self.folder / old.id, ignore_errors=True)

    def all(self) -> Sequence[Audition]:
        """The newest first; what cannot be read is passed over. Raises StoreFailed."""
        with storage(self.folder), suppress(FileNotFoundError):
            found = [self._read(path.name) for path in self.folder.iterdir() if _NAME.fullmatch(path.name)]
            return sorted((one for one in found if one), key=lambda one: one.created, reverse=True)
        return ()

    def find(self, name: str) -> Audition:
        """Raises NoSuchAudition."""
        found = self._read(name) if _NAME.fullmatch(name) else None
        if found is None:
            raise NoSuchAudition(f"there is no audition {name[:80]!r}")
        return found

    def audio(self, name: str, take: int) -> Path:
        """The WAV file of a take. Raises NoSuchAudition."""
        held = self.find(name)
        path = self.folder / held.id / _file(held.take(take).take)
        if not path.is_file():
            raise NoSuchAudition(f"the recording of take {take} of {name} is gone")
        return path

    def remove(self, name: str) -> None:
        """Raises NoSuchAudition, StoreFailed."""
        path = self.folder / self.find(name).id
        with storage(path):
            shutil.rmtree(path)

    def _sweep(self) -> None:
        """Remove what a kill has left half written; what is young may be another's, who is writing it now."""
        for path in self.folder.glob(f"{_HIDDEN}*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFTOVER_AGE_S:
                    shutil.rmtree(path, ignore_errors=True)

    def _read(self, name: str) -> Audition | None:
        try:
            audition = Audition.model_validate_json((self.folder / name / _ABOUT).read_bytes())
        except (OSError, ValidationError):
            return None
        return audition if audition.id == name else None


def _file(take: int) -> str:
    return f"take-{take}.wav"
