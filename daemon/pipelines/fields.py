"""What every recipe's options are made of, within the limits of the daemon's other doors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from daemon.limits import MAX_SEED
from outputs.gain import MAX_GAIN, MIN_GAIN
from outputs.tempo import MAX_PITCH, MAX_SPEED, MIN_SPEED

# A minute of silence is longer than anybody waits.
MAX_PAUSE_MS: Final = 60_000
# What one sentence of advice to a voice needs, many times over.
MAX_TEXT: Final = 4096
MAX_NAME: Final = 200

LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")

Voice = Annotated[str, Field(min_length=1, max_length=MAX_NAME, description="a voice by its name")]
Language = Annotated[str, Field(pattern=f"^{LANGUAGE.pattern}$", description="BCP-47, such as de or en-GB")]
Instruct = Annotated[str, Field(max_length=MAX_TEXT, description="how to speak, in words")]
Emotion = Annotated[str, Field(max_length=MAX_NAME, description="a mood by its name: the voice's own or the house's")]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED, description="the same seed makes the same speech")]
Speed = Annotated[float, Field(ge=MIN_SPEED, le=MAX_SPEED, description="1.0 is the voice's own")]
Pitch = Annotated[float, Field(ge=-MAX_PITCH, le=MAX_PITCH, description="semitones")]
Gain = Annotated[float, Field(ge=MIN_GAIN, le=MAX_GAIN, description="decibels")]
Pause = Annotated[int, Field(ge=0, le=MAX_PAUSE_MS)]

# Name to least and most, of what is a number in a script or a table.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "speed": (MIN_SPEED, MAX_SPEED),
    "pitch": (-MAX_PITCH, MAX_PITCH),
    "gain": (MIN_GAIN, MAX_GAIN),
}


class Form(BaseModel):
    """JSON's own types, nothing guessed, and a name that is not known is a mistake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Manner(Form):
    """How all of it is spoken, where the input does not say otherwise."""

    voice: Annotated[Voice | None, Field(description="who speaks; the daemon's own choice when not given")] = None
    language: Annotated[Language | None, Field(description="BCP-47; the input's own, else found from the text")] = None
    instruct: Annotated[Instruct | None, Field(description="how to speak, in words")] = None
    emotion: Annotated[Emotion | None, Field(description="a mood by its name")] = None
    seed: Annotated[Seed | None, Field(description="of every segment; one is drawn for all when not given")] = None
    speed: Annotated[Speed | None, Field(description="1.0 is the voice's own")] = None
    pitch: Annotated[Pitch | None, Field(description="semitones on top of the voice's own")] = None
    gain: Annotated[Gain | None, Field(description="decibels on top of the voice's own")] = None


def number(text: str, name: str) -> float:
    """A number as people write it, `0,9` too. Raises ValueError with the range."""
    least, most = RANGES[name]
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ValueError(f"{name} is a number from {least:g} to {most:g}, not {text.strip()[:40]!r}")
    return value


def seed(text: str) -> int:
    """Raises ValueError with the range."""
    text = text.strip().removesuffix(".0")
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_SEED):
        raise ValueError(f"seed is a whole number from 0 to {MAX_SEED}, not {text[:40]!r}")
    return int(text)


def language(text: str) -> str:
    """Raises ValueError for what is no code of a language."""
    if not LANGUAGE.fullmatch(text.strip()):
        raise ValueError(f"language is a code such as de or en-GB, not {text.strip()[:40]!r}")
    return text.strip()
