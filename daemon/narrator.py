"""A segment of long work on its way into its file: spoken at the lowest priority, judged where there is a gate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

from daemon.faults import NothingToSay
from daemon.gate import Gate, Verdict
from daemon.parts import Pause, marked
from daemon.pipelines.plan import Segment, Taken
from daemon.retakes import best_of
from daemon.speech import Speech
from daemon.take import Take
from daemon.utterance import Priority, Utterance
from outputs.audio import whole
from outputs.ledger import SEGMENTS, Ledger

# Of a file without a sample.
_SILENT_RATE: Final = 24_000


@dataclass(frozen=True, slots=True)
class Sound:
    """A segment that was spoken."""

    pcm: bytes
    take: Take

    def facts(self) -> dict[str, object]:
        """What its line tells."""
        return {
            "seconds": round(len(self.pcm) / 2 / self.take.sample_rate, 4),
            "seed": self.take.seed,
            "voice": self.take.voice.id,
            "language": self.take.language,
            "reason": self.take.finish_reason or "stop",
            "model": self.take.facts.model,
        }


class Narrator:
    """Speaks segments."""

    def __init__(self, speech: Speech, gate: Gate) -> None:
        self._speech, self._gate = speech, gate

    async def take(self, ledger: Ledger, segment: Segment, tries: int) -> Taken:
        """One segment into its file; with `tries` the best of so many takes. Raises what speaking does, and StorageFailed.

        What holds no word, as a caption of dots, is silence of no length: no book is given up for an ornament in it.
        """
        try:
            pcm, sample_rate, facts = await self._spoken(segment, tries)
        except NothingToSay:
            pcm, sample_rate, facts = b"", _SILENT_RATE, _silence(segment)
        flac = await asyncio.to_thread(whole, "flac", pcm, sample_rate)
        return taken(segment, await asyncio.to_thread(ledger.keep, segment.id, flac, facts))

    async def _spoken(self, segment: Segment, tries: int) -> tuple[bytes, int, dict[str, object]]:
        told: dict[str, object] = {}
        if tries:
            chosen = await best_of(
                lambda seed: self._sound(replace(segment, seed=seed)), lambda sound: self._judged(segment, sound),
                seed=segment.seed or 0, tries=tries,
            )  # fmt: skip
            sound = chosen.take
            told = {"good": chosen.verdict.good, "takes": [one.as_dict() for one in chosen.attempts]}
        else:
            sound = await self._sound(segment)
        return sound.pcm, sound.take.sample_rate, {**sound.facts(), **told}

    async def _sound(self, segment: Segment) -> Sound:
        pcm = bytearray()
        async with self._speech.open(_utterance(segment)) as take, aclosing(take.chunks()) as chunks:
            async for piece in chunks:
                pcm += piece
        return Sound(bytes(pcm), take)

    async def _judged(self, segment: Segment, sound: Sound) -> Verdict:
        """What is to be heard is the text without its tags."""
        words = " ".join(part[0] for part in marked(segment.text, "auto", []) if not isinstance(part, Pause))
        take = sound.take
        return await self._gate.judge(
            sound.pcm, take.sample_rate, words, take.language, take.finish_reason or "stop",
            speed=take.role.delivery.speed,
        )  # fmt: skip


def _silence(segment: Segment) -> dict[str, object]:
    voice, language = segment.voice or "", segment.language or ""
    return {
        "seconds": 0.0,
        "seed": segment.seed or 0,
        "voice": voice,
        "language": language,
        "reason": "stop",
        "good": True,
    }


def taken(segment: Segment, line: Mapping[str, Any]) -> Taken:
    """A segment and what its line in the ledger tells."""
    return Taken(
        segment, f"{SEGMENTS}/{segment.id}.flac", float(line["seconds"]), int(line["seed"]), str(line["voice"]),
        str(line["language"]), str(line["reason"]),
    )  # fmt: skip


def _utterance(segment: Segment) -> Utterance:
    return Utterance(
        segment.text, segment.voice, segment.language, segment.instruct, segment.seed, segment.speed, segment.pitch,
        segment.gain, segment.emotion, priority=Priority.BATCH, door="python", keep=False,
    )  # fmt: skip
