"""What is asked for: the one value that goes down from every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.batch import Priority

__all__ = ["Door", "Priority", "Utterance"]

Door = Literal["wyoming", "openai", "rest", "websocket", "studio", "say", "python"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One wish to hear something. None means: as the settings and the voice say."""

    text: str = ""
    """Empty when the text arrives in pieces."""
    voice: str | None = None
    language: str | None = None
    """BCP-47, `-` or `_`, any case; None finds it from the text."""
    instruct: str | None = None
    seed: int | None = None
    speed: float = 1.0
    sampling: Mapping[str, float | int | bool] = field(default_factory=dict)
    priority: Priority = Priority.INTERACTIVE
    deadline_s: float | None = None
    """Seconds from now by which the first audio must be there."""
    model: str | None = None
    door: Door = "python"
    request_id: str = ""
    keep: bool | None = None
    """Whether a run folder is kept; None is what the settings say of the door."""
    format: str = "wav"
    """What the caller gets; kept with the run, used by the door alone."""
