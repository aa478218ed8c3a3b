"""Recordings that were never recorded: speech by the built-in voices, and everything that can be wrong with it."""

from __future__ import annotations

import io
import wave
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from models.backend import Line
from models.builtin import SAMPLE_RATE, Builtin

Samples = npt.NDArray[np.float32]
RATE: Final = SAMPLE_RATE

TEXTS: Final = {
    "heart": "The quick brown fox jumps over the lazy dog, and then it runs into the forest to sleep. In the morning it "
    "comes back, hungry and cheerful, and looks for something to eat.",
    "pico-de": "Guten Morgen! Die Waschmaschine ist fertig, die Wäsche kann aufgehängt werden. Morgen regnet es am "
    "Nachmittag, bei höchstens zwölf Grad.",
    "pico-fr": "Demain il pleuvra l'après-midi, avec douze degrés au plus. La machine à laver a fini, le linge peut être "
    "étendu dans le jardin.",
    "pico-es": "Mañana lloverá por la tarde, con doce grados como máximo. La lavadora ha terminado, ya se puede tender la "
    "ropa en el patio.",
    "pico-it": "Domani pioverà nel pomeriggio, con dodici gradi al massimo. Il bucato si può stendere, la lavatrice ha "
    "finito.",
}
SHORT: Final = "The quick brown fox jumps over the lazy dog, and then it runs into the forest to sleep."
"""Of five seconds."""
MORE: Final = (
    "I once knew a man who sailed around the world alone. He told me that the nights were the worst part, because the "
    "stars made him feel so small."
)


@cache
def _engine() -> Builtin:
    engine = Builtin()
    engine.load()
    return engine


@cache
def spoken(voice: str = "heart", text: str = "") -> Samples:
    """What this voice says, at 24 kHz; its own text of about nine seconds by default. Made once."""
    engine = _engine()
    engine.join(0, Line(voice, "en-US", 1))
    engine.feed(0, text or TEXTS[voice])
    engine.end_text(0)
    frames = [engine.step([0])[0]]
    while frames[-1].end is None:
        frames.append(engine.step([0])[0])
    engine.leave(0)
    samples = np.frombuffer(b"".join(frame.pcm for frame in frames), "<i2").astype(np.float32) / 32768
    samples.flags.writeable = False
    return samples


def wav(samples: Samples, rate: int = RATE) -> bytes:
    """A file of 16 bits, of [n] mono samples or of [channels, n]."""
    planes = np.atleast_2d(samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((len(planes), 2, rate, 0, "NONE", ""))
        writer.writeframes((np.clip(planes, -1, 1) * 32767).round().astype("<i2").T.tobytes())
    return file.getvalue()


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.float32)


def hiss(seconds: float, decibels: float) -> Samples:
    """White noise at this level, relative to full scale."""
    noise = np.random.default_rng(1).normal(0, 10 ** (decibels / 20), int(seconds * RATE))
    return noise.astype(np.float32)


def hum(seconds: float, decibels: float) -> Samples:
    """Mains, with the harmonics that one hears."""
    time = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 50 * n * time + n) / n for n in range(1, 7))
    return (wave / np.std(wave) * 10 ** (decibels / 20)).astype(np.float32)


def mixed(*parts: Samples) -> Samples:
    """Several at once, as long as the first."""
    length = len(parts[0])
    return np.sum([np.pad(part, (0, max(0, length - len(part))))[:length] for part in parts], axis=0, dtype=np.float32)


def at(samples: Samples, decibels: float) -> Samples:
    """Brought to this level while it sounds."""
    loud = samples[np.abs(samples) > 0.01]
    return (samples * 10 ** (decibels / 20) / np.sqrt(np.mean(loud**2))).astype(np.float32)


def resampled(samples: Samples, rate: int, to: int) -> Samples:
    return soxr.resample(samples, rate, to).astype(np.float32)


def _note(number: int, seconds: float) -> Samples:
    """A plucked string: harmonics that fade."""
    time = np.arange(int(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((number - 69) / 12)
    tone = sum(np.sin(2 * np.pi * hertz * n * time) / n**1.3 * np.exp(-time * (0.8 + 0.4 * n)) for n in range(1, 9))
    return (tone * np.minimum(1, time / 0.01)).astype(np.float32)


def _in_turn(notes: list[Samples], every: float) -> Samples:
    song = silence(every * len(notes) + 2)
    for n, note in enumerate(notes):
        begin = int(n * every * RATE)
        song[begin : begin + len(note)] += note[: len(song) - begin]
    return song * np.float32(0.3 / np.abs(song).max())


_CHORDS: Final = ((48, 55, 60, 64), (45, 52, 57, 60), (41, 48, 53, 57), (43, 50, 55, 59))


def chords() -> Samples:
    """C, a, F, G on a piano, ten seconds."""
    return _in_turn([mixed(*(_note(n, 1.8) for n in _CHORDS[turn % 4])) for turn in range(8)], 1.0)


def arpeggio() -> Samples:
    """The same, note by note."""
    return _in_turn([_note(n + 12, 1.0) for turn in range(8) for n in _CHORDS[turn % 4]], 0.3)


def band() -> Samples:
    """Chords, and a drum on each beat."""
    time = np.arange(int(0.25 * RATE)) / RATE
    drum = (np.sin(2 * np.pi * 60 * time * np.exp(-3 * time)) * np.exp(-15 * time)).astype(np.float32)
    snare = (hiss(0.25, -10) * np.exp(-20 * time)).astype(np.float32)
    return mixed(chords(), _in_turn([drum, snare] * 10, 0.5) * np.float32(0.7))


def alternating(one: Samples, other: Samples, seconds: float = 3.0) -> Samples:
    """Two in turn, for as long as both have something to say."""
    size, length = int(seconds * RATE), min(len(one), len(other))
    return np.concatenate([part[n : n + size] for n in range(0, length, size) for part in (one, other)])
