"""A tone that takes text as it is written, and designs and clones voices: what Qwen3-TTS looks like from outside, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from models.backend import Facts, Frame, Line, Speaker
from models.load import Choice
from models.tone import Tone

if TYPE_CHECKING:
    from models.backend import Samples

LANGUAGES = ("en", "de", "zh")


class LiveTone(Tone):
    """Remembers what it was joined with and fed. With `runs_away` it speaks with a later seed than it was asked for."""

    def __init__(self, slots: int = 4, step_ms: float = 0.0, runs_away: int = 0, **facts: object) -> None:
        super().__init__(slots, step_ms)
        self.facts: Facts = replace(self.facts, live_text=True, **facts)  # type: ignore[arg-type]
        self.lines: list[Line] = []
        self.feeds: list[str] = []
        self.batches: list[int] = []
        self.imprinted: list[tuple[int, int, str | None]] = []
        self._runs_away = runs_away

    def join(self, slot: int, line: Line) -> None:
        self.lines.append(line)
        super().join(slot, line)

    def feed(self, slot: int, text: str) -> None:
        self.feeds.append(text)
        super().feed(slot, text)

    def step(self, slots: Sequence[int]) -> list[Frame]:
        self.batches.append(len(slots))
        frames = super().step(slots)
        return [replace(frame, seed=self._rows[frame.slot].line.seed + self._runs_away) for frame in frames]

    def imprint(self, samples: Samples, sample_rate: int, transcript: str | None) -> bytes:
        self.imprinted.append((len(samples), sample_rate, transcript))
        return f"{len(samples)} {transcript}".encode()


def family(**wishes: int) -> tuple[LiveTone, LiveTone, LiveTone]:
    """One model for each task: presets, designs, clones."""
    designed = Speaker("designed", "Designed voice", LANGUAGES)
    return (
        LiveTone(**wishes),
        LiveTone(**wishes, model="designer", task="design", speakers=(designed,)),
        LiveTone(**wishes, model="cloner", task="clone", speakers=(), languages=LANGUAGES),
    )


def choice(*backends: Tone) -> Choice:
    """What `choose` says when these are here."""
    return Choice(backends[0], "tests chose it", backends[1:])
