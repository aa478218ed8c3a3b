"""What Home Assistant is told of the voices here, built anew for every `describe`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from protocol.events import encode

if TYPE_CHECKING:
    from models.backend import Facts
    from voices.profile import Profile

# Home Assistant builds entity and unique ids from it: it must never change.
PROGRAM: Final = "voiced"
_DESCRIPTION: Final = "The voice daemon of the house"


def info(profiles: Sequence[Profile], facts: Facts, models: Mapping[str, Facts], *, streaming: bool) -> bytes:
    """The `info` event. Every voice stands by itself: Home Assistant cannot choose speakers.

    `facts` are of the default model, which is credited for the program; `models` are all of them, by name.
    """
    seen = Counter(profile.label for profile in profiles)
    program = {
        "name": PROGRAM,
        "description": _DESCRIPTION,
        "version": version("voiced"),
        "attribution": _attribution(facts),
        "installed": True,
        "voices": [
            _voice(profile, models.get(profile.model, facts), alone=seen[profile.label] == 1) for profile in profiles
        ],
        "supports_synthesize_streaming": streaming,
    }
    return encode("info", {"tts": [program]})


def _voice(profile: Profile, facts: Facts, *, alone: bool) -> dict[str, object]:
    """One entry of the picker, which shows the description and keeps the name in people's automations."""
    return {
        "name": profile.id,
        "description": profile.label if alone else f"{profile.label} ({profile.id})",
        "version": facts.version or None,
        "attribution": _attribution(facts),
        "installed": profile.installed,
        "languages": [tag.replace("_", "-") for tag in profile.languages],
    }


def _attribution(facts: Facts) -> dict[str, str]:
    """Both fields must be there and must be strings, or the client can read none of it."""
    return {"name": facts.attribution or PROGRAM, "url": facts.url}
