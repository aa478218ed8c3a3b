"""What is known of a voice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["preset", "design", "clone", "mix"]

# A voice id is typed by people and stands in URLs and file names: a slug, at most 64 characters.
VOICE_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


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
