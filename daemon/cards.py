"""What is told of each model: what it can do, where it is, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.backend import Facts, Task
from models.engine import Engine, ModelStatus
from voices.profile import Profile


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model, for doors and for people."""

    id: str
    engine: str
    task: Task
    dtype: str
    default: bool
    state: str
    reason: str
    speaking: int
    waiting: int
    slots: int
    out_of_memory: int
    """How often it ran out of memory since the start."""
    memory_mb: int
    """What it took when it was loaded last; 0 before."""
    sample_rate: int
    voices: tuple[str, ...]
    languages: tuple[str, ...]
    revision: str
    licence: str
    attribution: str
    url: str


def cards(engine: Engine, profiles: Callable[[str], Sequence[Profile]]) -> list[ModelCard]:
    """Every model of an engine as it is now, the default one first; `profiles` gives the voices of one."""
    default = engine.facts.model
    return [_card(engine.models[now.model], now, profiles(now.model), default) for now in engine.status().models]


def _card(facts: Facts, now: ModelStatus, profiles: Sequence[Profile], default: str) -> ModelCard:
    spoken = {tag for profile in profiles for tag in profile.languages} | set(facts.languages)
    return ModelCard(
        id=facts.model,
        engine=facts.name,
        task=facts.task,
        dtype=facts.dtype,
        default=facts.model == default,
        state=now.state.value,
        reason=now.reason,
        speaking=now.speaking,
        waiting=now.waiting,
        slots=now.slots,
        out_of_memory=now.out_of_memory,
        memory_mb=now.memory_mb,
        sample_rate=facts.sample_rate,
        voices=tuple(profile.id for profile in profiles),
        languages=tuple(sorted(spoken)),
        revision=facts.version,
        licence=facts.licence,
        attribution=facts.attribution,
        url=facts.url,
    )
