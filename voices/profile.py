"""What is known of a voice."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["preset", "design", "clone", "mix"]

# A voice id is typed by people and stands in URLs and file names: a slug, at most 64 characters.
VOICE_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """A voice id for a model's own name of a speaker, which may be in any script."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = _NO_SLUG.sub("-", plain)[:64].strip("-")
    return found or f"voice-{zlib.crc32(name.encode('utf-8', 'replace')):08x}"


@dataclass(frozen=True, slots=True)
class Profile:
    """One voice, as every door shows it."""

    id: str
    """A stable slug; the same at every door."""
    label: str
    """Unique and human: what a picker shows."""
    kind: Kind
    languages: tuple[str, ...]
    """BCP-47 with hyphens, the best one first; never empty."""
    model: str
    """The model it needs."""
    speaker: str
    """The model's own name for it."""
    description: str = ""
    installed: bool = True

    def __post_init__(self) -> None:
        if not VOICE_ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no voice id: small letters, digits and hyphens, at most 64")
        if not self.languages:
            raise ValueError(f"voice {self.id!r} names no language")
