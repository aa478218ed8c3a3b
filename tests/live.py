"""A tone that takes text as it is written, designs, clones and mixes voices, and codes audio: Qwen3-TTS from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.backend import BadReference, Facts, Frame, Line, Speaker, StalePrompt
from models.load import Choice
from models.tone import Tone

if TYPE_CHECKING:
    from models.backend import Codes, Samples

LANGUAGES = ("en", "de", "zh")
CODEBOOK = 256
"""Codes of the stand-in's codec, whose frame is as loud as its first code says, and whose pitch is its second."""
FRAME_SAMPLES = 1920
PORTION = 32


class LiveTone(Tone):
    """Remembers what it was joined with, fed, and made voices of. With `runs_away` it speaks with a later seed than asked for."""

    def __init__(self, slots: int = 4, step_ms: float = 0.0, runs_away: int = 0, **facts: object) -> None:
        super().__init__(slots, step_ms)
        coding = {"codebook": CODEBOOK, "encodes": True} | facts
        known: Facts = replace(self.facts, live_text=True, **coding)  # type: ignore[arg-type]
        print_ = "" if known.task == "design" else hashlib.blake2b(known.model.encode(), digest_size=16).hexdigest()
        self.facts = replace(known, voiceprint=known.voiceprint or print_)
        self.lines: list[Line] = []
        self.feeds: list[str] = []
        self.batches: list[int] = []
        self.imprinted: list[tuple[int, int, str | None]] = []
        self.blended: list[list[tuple[str | bytes, float]]] = []
        self.stale: set[bytes] = set()
        """Voice prompts that it will not know."""
        self.decoded = 0
        """Portions of sound that were made of codes."""
        self._runs_away = runs_away

    def join(self, slot: int, line: Line) -> None:
        self._know(line.voice_prompt)
        self.lines.append(line)
        super().join(slot, line)

    def feed(self, slot: int, text: str) -> None:
        self.feeds.append(text)
        super().feed(slot, text)

    def step(self, slots: Sequence[int]) -> list[Frame]:
        self.batches.append(len(slots))
        frames = super().step(slots)
        return [replace(frame, seed=self._rows[frame.slot].line.seed + self._runs_away) for frame in frames]

    def prepare(self) -> None:
        pass

    def imprint(self, samples: Samples, sample_rate: int, transcript: str | None) -> bytes:
        self.imprinted.append((len(samples), sample_rate, transcript))
        return f"{len(samples)} {transcript}".encode()

    def blend(self, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        """As Qwen3-TTS: the order of the parts is nothing, their weights are in relation to each other."""
        self.blended.append(list(parts))
        for voice, weight in parts:
            self._know(voice)
            if weight <= 0:
                raise BadReference("a voice is mixed of others, each with a weight above zero")
        whole = sum(weight for _, weight in parts)
        return " + ".join(sorted(f"{weight / whole:.6f} {voice!r}" for voice, weight in parts)).encode()

    def embedding(self, voice: str | bytes) -> list[float]:
        """Sixteen numbers between -1 and 1 that are the voice's own."""
        self._know(voice)
        digest = hashlib.blake2b(voice if isinstance(voice, bytes) else voice.encode(), digest_size=16).digest()
        return [byte / 127.5 - 1 for byte in digest]

    def prepare_encoding(self) -> None:
        pass

    def encoding(self, samples: Samples, sample_rate: int) -> Iterator[Codes | None]:
        """Each frame's loudness and its place, as told above; the last frame may be of less than 80 ms."""
        wave = np.abs(samples[:: max(1, sample_rate // 24_000)])
        made = []
        for at in range(0, len(wave), FRAME_SAMPLES):
            loud = int(wave[at : at + FRAME_SAMPLES].mean() * 100) % CODEBOOK
            made.append([loud, *((len(made) + place) % CODEBOOK for place in range(15))])
            yield None
        yield np.array(made, np.int16)

    def decoding(self, codes: Codes) -> Iterator[bytes]:
        for at in range(0, len(codes), PORTION):
            self.decoded += 1
            yield b"".join(sound(frame) for frame in codes[at : at + PORTION].tolist())

    def _know(self, voice: str | bytes | None) -> None:
        if isinstance(voice, bytes) and voice in self.stale:
            raise StalePrompt("this voice prompt was made by another model; make it again")
        if isinstance(voice, str) and voice not in {speaker.id for speaker in self.facts.speakers}:
            raise BadReference(f"this model has no speaker {voice!r}")


def sound(frame: Sequence[int]) -> bytes:
    """What a frame of codes is decoded to."""
    wave = np.sin(2 * np.pi * (frame[1] + 1) * np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)
    return (100 * frame[0] * wave).astype("<i2").tobytes()


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
