"""What is known of a voice."""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["preset", "design", "clone", "mix"]
# How a recording is used: gone on from, with its words, or for its sound alone.
Mode = Literal["in-context", "embedding"]

# A voice id is typed by people and stands in URLs and file names: a slug, at most 64 characters.
VOICE_ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
# A recording among the others of its folder: no path, no hidden file, nothing that a shell or a URL takes for more.
REFERENCE_FILE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\.[a-z0-9]{1,8}")
DIGEST: Final = re.compile(r"[0-9a-f]{64}")

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """A voice id for a model's own name of a speaker, which may be in any script."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = _NO_SLUG.sub("-", plain)[:64].strip("-")
    return found or f"voice-{zlib.crc32(name.encode('utf-8', 'replace')):08x}"


@dataclass(frozen=True, slots=True)
class Defaults:
    """How a voice speaks where a request does not say; None is what the settings say."""

    language: str | None = None
    """BCP-47, one of the voice's own."""
    instruct: str | None = None
    seed: int | None = None
    speed: float | None = None
    pitch: float | None = None
    """Semitones."""
    gain: float | None = None
    """Decibels."""
    sampling: Mapping[str, float | int | bool] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """The recording that a cloned voice is the voice of."""

    file: str
    """Its name below `voices/refs`."""
    digest: str
    """SHA-256 of the file, in hex."""
    transcript: str | None = None
    """What is said in it; None where the voice is its sound alone."""
    mode: Mode = "in-context"
    consent: str = ""
    """The licence of the recording, or who has agreed to be spoken for."""

    def __post_init__(self) -> None:
        # The name is joined to a folder: whoever made it, it leads nowhere else. Both are empty until the recording is kept.
        if self.file and not REFERENCE_FILE.fullmatch(self.file):
            raise ValueError(
                f"{self.file[:80]!r} is no name of a reference: small letters, digits, hyphens and one dot"
            )
        if self.digest and not DIGEST.fullmatch(self.digest):
            raise ValueError(f"{self.digest[:80]!r} is no SHA-256 in hex")


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a mixed voice."""

    voice: str
    """The id of a voice of the same model."""
    weight: float
    """Above 0; all weights are set in relation to their sum."""

    def __post_init__(self) -> None:
        if not (self.weight > 0 and math.isfinite(self.weight)):
            raise ValueError(f"the voice {self.voice!r} has the weight {self.weight}; it must be above 0")


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
    """What a picker tells of it; of a designed voice, what it was designed from."""
    installed: bool = True
    """Whether its model is here."""
    stored: bool = False
    """Whether it is kept in the house, and not one of a model's own."""
    aliases: tuple[str, ...] = ()
    """Ids that it had before."""
    defaults: Defaults = field(default_factory=Defaults)
    reference: Reference | None = None
    """Of a clone."""
    shares: tuple[Share, ...] = ()
    """Of a mix."""
    emotions: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Names of moods, and the `instruct` that each stands for."""
    origin: str = ""
    """Where it came from: an upload, an audition and its take, another house."""

    def __post_init__(self) -> None:
        if not VOICE_ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no voice id: small letters, digits and hyphens, at most 64")
        if not self.languages:
            raise ValueError(f"voice {self.id!r} names no language")
        for alias in self.aliases:
            if not VOICE_ID.fullmatch(alias) or alias == self.id:
                raise ValueError(f"{alias!r} is no alias for {self.id!r}: another id, of the same letters")
