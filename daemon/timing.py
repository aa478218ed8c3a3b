"""When what was heard."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Timing:
    """When what was heard; milliseconds from the request."""

    started: float
    first_audio_ms: float | None = None
    audio_ms: float = 0.0
    wall_ms: float = 0.0
    underruns: int = 0
    underrun_ms: float = 0.0
    """How long a player that began with the first audio stood still."""

    def hear(self, seconds: float) -> None:
        """Take in audio that is handed to the listener now."""
        now = (time.monotonic() - self.started) * 1000
        if self.first_audio_ms is None:
            self.first_audio_ms = now
        elif (gap := now - self.first_audio_ms - self.audio_ms - self.underrun_ms) > 0:
            self.underruns += 1
            self.underrun_ms += gap
        self.audio_ms += seconds * 1000
        self.wall_ms = now

    def as_dict(self) -> dict[str, float | int | None]:
        """As the contract shows it; `rtf` is seconds of work a second of audio."""
        first = None if self.first_audio_ms is None else round(self.first_audio_ms, 1)
        rtf = round(self.wall_ms / self.audio_ms, 4) if self.audio_ms else None
        return {
            "first_audio_ms": first,
            "audio_ms": round(self.audio_ms, 1),
            "wall_ms": round(self.wall_ms, 1),
            "rtf": rtf,
        }
