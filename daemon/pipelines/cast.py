"""Whether everybody in a plan is here: all who are not are told at once, before anything is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.casting import Casting
from daemon.emotions import instruction
from daemon.faults import CallerMistake, Detail, Unspeakable
from daemon.pipelines.plan import Plan, Segment

# A plan can hold a mistake in every line; nobody reads more than this many.
_TOLD: Final = 50


def check(plan: Plan, casting: Casting) -> None:
    """Raises Unspeakable with every voice, language and emotion that is not here, and the first segment that asks for it."""
    asked: dict[tuple[str | None, str | None, str | None], Segment] = {}
    for segment in plan.segments:
        asked.setdefault((segment.voice, segment.language or plan.language, segment.emotion), segment)
    wrong: dict[str, Detail] = {}
    for (voice, language, emotion), segment in asked.items():
        try:
            profile = casting.find(voice) if voice else None
            if language:
                casting.cast(voice, language, segment.text)
            if emotion:
                instruction(emotion, profile.emotions if profile else _NONE)
        except CallerMistake as error:
            wrong.setdefault(str(error), Detail(f"segments[{segment.id}]", str(error)))
    if wrong:
        details = list(wrong.values())[:_TOLD]
        raise Unspeakable("; ".join(f"{one.path}: {one.message}" for one in details[:5]), details)


_NONE: Final[Mapping[str, str]] = {}
