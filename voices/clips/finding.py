"""One thing that is said about a recording that somebody wants to make a voice of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a recording, or good to know."""

    code: str
    level: Level
    """error: no voice can be made of it, or surely a bad one; warning: it will be heard; note: good to know."""
    message: str
    advice: str
    """What to do about it."""


def error(code: str, message: str, advice: str) -> Finding:
    """No voice can be made of it."""
    return Finding(code, "error", message, advice)


def warning(code: str, message: str, advice: str) -> Finding:
    """It will be heard."""
    return Finding(code, "warning", message, advice)


def note(code: str, message: str, advice: str) -> Finding:
    """Good to know."""
    return Finding(code, "note", message, advice)
