"""Moods by their names: what `instruct` says for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.faults import Detail, Unspeakable

# In English, as the model was trained to follow it in every language; a voice may carry others and its own.
HOUSE: Final[Mapping[str, str]] = {
    "angry": "Speak angrily, with a hard and pressed voice.",
    "bored": "Speak in a bored, flat and slow voice.",
    "calm": "Speak calmly and evenly, without haste.",
    "cheerful": "Speak cheerfully, with a bright and lively voice.",
    "excited": "Speak with excitement, fast and with a rising voice.",
    "fearful": "Speak fearfully, with a trembling and hushed voice.",
    "friendly": "Speak in a warm and friendly voice.",
    "sad": "Speak sadly, slowly and with a low voice.",
    "serious": "Speak seriously and firmly.",
    "surprised": "Speak with great surprise.",
    "tender": "Speak tenderly and softly, as to a child that falls asleep.",
    "urgent": "Speak urgently, as if there were no time to lose.",
    "whisper": "Speak in a whisper.",
}


def instruction(name: str, own: Mapping[str, str]) -> str:
    """What a mood asks for: the voice's own word goes before the house's. Raises Unspeakable with those there are."""
    wanted = name.strip().casefold()
    moods = {**HOUSE, **{key.casefold(): text for key, text in own.items()}}
    if wanted not in moods:
        told = f"there is no emotion {name[:40]!r}; there are {', '.join(sorted(moods))}"
        raise Unspeakable(told, [Detail("emotion", told)])
    return moods[wanted]
