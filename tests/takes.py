"""Takes for the quality gate: sixty sentences of the built-in voices, and everything that can go wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from daemon.text.spoken import spoken
from daemon.text.spoken.piece import joined
from outputs.soundness import measure
from outputs.tempo import Tempo
from tests.clips import RATE
from tests.clips import spoken as speak

SENTENCES: Final = Path(__file__).parent / "data" / "gate" / "sentences.tsv"
LANGUAGES: Final = {"heart": "en", "pico-de": "de", "pico-fr": "fr", "pico-es": "es", "pico-it": "it"}
SPEEDS: Final = (0.8, 1.0, 1.25)


@dataclass(frozen=True)
class Sentence:
    voice: str
    text: str

    @property
    def language(self) -> str:
        return LANGUAGES[self.voice]

    @property
    def pcm(self) -> bytes:
        return _pcm(self.voice, joined(self.text, spoken(self.text, self.language)))


@cache
def _pcm(voice: str, text: str) -> bytes:
    return pcm_of(speak(voice, text))


def sentences() -> list[Sentence]:
    """Twelve of each voice, from one word to twenty."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return [Sentence(*line.split("\t")) for line in lines]


def longer() -> list[Sentence]:
    """One of each voice, of more than two seconds."""
    found = sentences()
    return [found[n] for n in (7, 20, 33, 46, 59)]


def pcm_of(samples: np.ndarray) -> bytes:
    return (np.clip(samples, -1, 1) * 32767).round().astype("<i2").tobytes()


def paced(pcm: bytes, speed: float) -> bytes:
    """At another tempo."""
    tempo = Tempo(speed, RATE)
    return tempo.feed(pcm) + tempo.finish()


def part(pcm: bytes, begin: float, end: float) -> bytes:
    """A stretch of the speech in it, from 0 to 1, without the silence around; it is cut where it is loud."""
    sound = measure(pcm, RATE)
    samples = np.frombuffer(pcm, "<i2")
    first, last = sound.lead_s, len(samples) / RATE - sound.tail_s
    edges = [_loud(samples, first + (last - first) * place) if 0 < place < 1 else None for place in (begin, end)]
    return samples[edges[0] : edges[1]].tobytes()


def _loud(samples: np.ndarray, seconds: float) -> int:
    """The loudest place within 0.2 s."""
    centre, reach = int(seconds * RATE), RATE // 5
    power = np.convolve(np.square(samples[centre - reach : centre + reach] / 32768), np.ones(480), "same")
    return centre - reach + int(np.argmax(power))


def hiss(pcm: bytes) -> bytes:
    """As long, and as loud as speech."""
    return pcm_of(np.random.default_rng(1).normal(0, 0.1, len(pcm) // 2))


BAD: Final[dict[str, Callable[[bytes], bytes]]] = {
    "silence": lambda pcm: bytes(len(pcm)),
    "nothing": lambda pcm: b"",
    "cut-start": lambda pcm: part(pcm, 0.4, 1),
    "cut-end": lambda pcm: part(pcm, 0, 0.6),
    "half silence": lambda pcm: part(pcm, 0, 0.5) + bytes(len(pcm) // 4 * 2),
    "doubled": lambda pcm: pcm + pcm,
    "circle": lambda pcm: pcm + 4 * part(pcm, 0.3, 0.7),
    "noise": hiss,
    "fast": lambda pcm: paced(pcm, 3.0),
    "slow": lambda pcm: paced(pcm, 0.33),
}
"""What is bad to anybody's ear, without a look at the words."""
