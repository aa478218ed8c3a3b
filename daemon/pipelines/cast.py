"""Whether everybody in a plan is here: all who are not are told at once, before anything is spoken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from daemon.casting import Casting
from daemon.emotions import instruction
from daemon.faults import CallerMistake, Detail, Unspeakable
from daemon.pipelines.plan import Plan, Segment

# A plan can hold a mistake in every line; nobody reads more than this many.
_TOLD: Final = 50
# The first letter, and the last of those that Latin is written in where other scripts begin; and their later additions.
_LETTER: Final = re.compile(r"[^\W\d_]")
_LATIN, _MORE_LATIN = "\u024f", ("\u1e00", "\u1eff")
# Letters of one script stand together: two that differ in their last eight bits are mostly of one.
_BLOCK_BITS: Final = 8


def check(plan: Plan, casting: Casting) -> None:
    """Raises Unspeakable with every voice, language and emotion that is not here, and the first segment that asks for it.

    Where no language is given, one that shows by its letters is looked at: hours would be lost on a chapter in Greek.
    """
    asked: dict[tuple[str | None, str | None, str | None, int | None], Segment] = {}
    for segment in plan.segments:
        language = segment.language or plan.language
        script = None if language else _script(segment.text)
        asked.setdefault((segment.voice, language, segment.emotion, script), segment)
    wrong: dict[str, Detail] = {}
    for (voice, language, emotion, script), segment in asked.items():
        try:
            profile = casting.find(voice) if voice else None
            if language or script is not None:
                casting.cast(voice, language, segment.text)
            if emotion:
                instruction(emotion, profile.emotions if profile else _NONE)
        except CallerMistake as error:
            wrong.setdefault(str(error), Detail(segment.where, str(error)))
    if wrong:
        details = list(wrong.values())[:_TOLD]
        told = (f"{one.path}: {one.message}" if one.path else one.message for one in details[:5])
        raise Unspeakable("; ".join(told), details)


def _script(text: str) -> int | None:
    """A number for the script that a text begins in; None for Latin, which tells no language."""
    letter = _LETTER.search(text)
    if letter is None or letter[0] <= _LATIN or _MORE_LATIN[0] <= letter[0] <= _MORE_LATIN[1]:
        return None
    return ord(letter[0]) >> _BLOCK_BITS


_NONE: Final[Mapping[str, str]] = {}
