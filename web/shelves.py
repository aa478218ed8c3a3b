"""Voices as pickers show them: by where they are."""

from __future__ import annotations

from collections.abc import Sequence

from voices.profile import Profile


def shelves(voices: Sequence[Profile]) -> list[tuple[str, list[Profile]]]:
    """The picker's groups; those that hold nobody are left out."""
    mine = [voice for voice in voices if voice.installed and voice.stored]
    models = [voice for voice in voices if voice.installed and not voice.stored]
    away = [voice for voice in voices if not voice.installed]
    return [shelf for shelf in (("Kept here", mine), ("Of the models", models), ("Not installed", away)) if shelf[1]]
