"""Which engine speaks here, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.backend import Backend, EngineUnavailable
from models.catalog import Checkpoint, checkpoints
from models.tone import Tone

EngineName = Literal["auto", "qwen", "builtin", "tone"]

_TONE_SLOTS: Final = 32


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings say of the engine."""

    engine: EngineName = "auto"
    models_dir: Path = Path("models")
    slots: int | None = None
    sentence_gap_ms: int = 120
    tone_step_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that was chosen and the sentence that says why."""

    backend: Backend
    reason: str


def choose(wish: Wish) -> Choice:
    """The engine asked for, or the best that can run. Nothing is loaded yet.

    Raises EngineUnavailable when what was asked for by name cannot run here.
    """
    if wish.engine == "tone":
        tone = Tone(wish.slots or _TONE_SLOTS, wish.tone_step_ms)
        return Choice(tone, "the tone engine was asked for: a test signal, not speech")
    if wish.engine == "qwen":
        raise EngineUnavailable(_no_qwen(checkpoints(wish.models_dir), wish.models_dir))
    from models.builtin import SLOTS, Builtin  # numpy takes 60 ms to import; the tone's users need not wait

    builtin = Builtin(wish.sentence_gap_ms, wish.slots or SLOTS)
    if wish.engine == "builtin":
        return Choice(builtin, "the built-in voice was asked for")
    return Choice(builtin, "the built-in voice speaks: " + _no_qwen(checkpoints(wish.models_dir), wish.models_dir))


def _no_qwen(found: Sequence[Checkpoint], models_dir: Path) -> str:
    if not found:
        return f"no Qwen3-TTS checkpoint lies in {models_dir}"
    return f"{found[0].path} holds a Qwen3-TTS checkpoint, but this version of voiced has no engine for it yet"
