"""What a pipeline may use that must hear, choose or make something before it knows its segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daemon.casting import Casting
    from daemon.gate import Gate
    from daemon.making.auditions import AuditionRoom
    from daemon.making.codec import Codec
    from daemon.making.profiles import Profiles
    from daemon.making.recogniser import Recogniser
    from daemon.pulls import Pulls
    from daemon.roles import Roles

# In the run folder: what was found on the way to a plan, so that a kill does not make it be found twice.
PREPARED: Final = "prepared"


class NeedsChoice(Exception):
    """Somebody has to choose before the job can go on; the text says among what, and how."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The rooms of the house."""

    recogniser: Recogniser | None
    auditions: AuditionRoom
    profiles: Profiles
    roles: Roles
    codec: Codec
    gate: Gate
    casting: Casting
    pulls: Pulls | None = None
    """None where nobody brings models."""


@dataclass(frozen=True, slots=True)
class Work:
    """One job, as its pipeline's `prepare` sees it."""

    folder: Path
    """Of the run. What takes long is kept in its folder PREPARED."""
    name: str
    """Of the input."""
    data: bytes
    seed: int
    choice: str | None
    """What was chosen, once somebody had to."""
    tell: Callable[[str, float | None], None]
    """What is being done, in a word, and how much of it is done, from 0 to 1, where that is known."""
