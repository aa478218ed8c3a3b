"""Directions in round brackets: which of them are moods that the house knows."""

from __future__ import annotations

from typing import Final

from daemon.emotions import HOUSE

# How scripts write the moods of the house, besides their own names.
_WRITTEN: Final = {
    "angrily": "angry", "furious": "angry", "furiously": "angry", "bored": "bored", "calmly": "calm", "cheerfully": "cheerful",
    "happily": "cheerful", "happy": "cheerful", "excitedly": "excited", "fearfully": "fearful", "afraid": "fearful",
    "scared": "fearful", "sadly": "sad", "seriously": "serious", "tenderly": "tender", "urgently": "urgent",
    "whispers": "whisper", "whispering": "whisper", "whispered": "whisper", "in a whisper": "whisper",
}  # fmt: skip


def mood(direction: str) -> str | None:
    """The house's name for it, if it has one."""
    said = " ".join(direction.split()).casefold().rstrip(".")
    return said if said in HOUSE else _WRITTEN.get(said)
