"""The quality gate: whether a take is what was to be said, by its sound and, where somebody listens, by its words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np

from daemon.flaws import LISTEN_S, SYLLABLE_S, Flaw, Limits, ended, of_sound, of_words
from daemon.making.recogniser import MAX_SECONDS, Recogniser, RecogniserUnavailable
from daemon.text.comparison import Difference, compare
from daemon.text.spoken import spoken
from daemon.text.spoken.piece import joined
from outputs.audio import wav_header
from outputs.decoder import UnreadableAudio
from outputs.pace import expected_seconds
from outputs.soundness import Soundness, measure

__all__ = ["Gate", "Limits", "Verdict"]

# What a detector of speech takes for none; of 55 good takes it heard 95 % or more.
_MIN_VOICE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is thought of a take."""

    good: bool
    score: float
    """The higher the better: above 1 for a good take, below 1 for any other."""
    reasons: tuple[str, ...] = ()
    """Why it is not good, each a key, a colon and what was found; empty for a good take."""
    heard: str | None = None
    """The words, where somebody listened."""
    word_error_rate: float | None = None
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """What was measured: see outputs.soundness."""

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a report."""
        return {**asdict(self), "reasons": list(self.reasons), "notes": list(self.notes), "facts": dict(self.facts)}


class Gate:
    """Judges takes; without a recogniser by their sound alone."""

    def __init__(self, recogniser: Recogniser | None, limits: Limits | None = None) -> None:
        self._recogniser, self._limits = recogniser, limits or Limits()

    async def judge(
        self, pcm: bytes, sample_rate: int, text: str, language: str, finish_reason: str = "stop", *, speed: float = 1.0
    ) -> Verdict:
        """Judge s16le mono. `text` is what was to be said, without markup; `language` a BCP-47 tag.

        `speed` is the one that was asked for. A recogniser that cannot listen is noted, and the sound decides.
        """
        said = joined(text, spoken(text, language))
        expected = expected_seconds(said, language, speed)
        sound = await asyncio.to_thread(measure, pcm, sample_rate)
        flaws = [*ended(finish_reason), *of_sound(sound, expected, said, self._limits)]
        heard, difference, notes = None, None, list[str]()
        if expected and sound.speech_s >= SYLLABLE_S:
            heard, notes = await self._heard(pcm, sample_rate, language)
            if heard is None:
                flaws += await asyncio.to_thread(_voice, pcm, sample_rate, sound)
            else:
                difference, more = await asyncio.to_thread(_compared, text, heard, language)
                notes += more
        flaws += of_words(difference, self._limits) if difference else ()
        return _verdict(flaws, sound, heard, difference, notes)

    async def _heard(self, pcm: bytes, sample_rate: int, language: str) -> tuple[str | None, list[str]]:
        """What the recogniser hears; else why there is nothing."""
        if self._recogniser is None:
            return None, []
        if len(pcm) > 2 * sample_rate * MAX_SECONDS:
            return None, [f"not listened to: longer than {MAX_SECONDS / 60:.0f} minutes"]
        try:
            return (await self._recogniser.heard(wav_header(sample_rate, len(pcm)) + pcm, language)).text, []
        except (RecogniserUnavailable, UnreadableAudio) as error:
            return None, [f"not listened to: {error}"]


def _compared(text: str, heard: str, language: str) -> tuple[Difference | None, list[str]]:
    try:
        return compare(text, heard, language), []
    except ValueError as error:
        return None, [f"not compared: {error}"]


def _verdict(
    flaws: list[Flaw], sound: Soundness, heard: str | None, difference: Difference | None, notes: list[str]
) -> Verdict:
    reasons = tuple(f"{flaw.key}: {flaw.text}" for flaw in flaws if flaw.badness > 1)
    near = 1 / (1 + sum(flaw.badness for flaw in flaws))
    facts = {name: round(float(value), 4) for name, value in asdict(sound).items()}
    rate = round(difference.word_error_rate, 4) if difference else None
    return Verdict(not reasons, round(near + (not reasons), 6), reasons, heard, rate, tuple(notes), facts)


def _voice(pcm: bytes, sample_rate: int, sound: Soundness) -> list[Flaw]:
    """Whether somebody speaks at all, by the detector of speech: for takes that nobody listens to."""
    if sound.speech_s < LISTEN_S:
        return []
    import soxr

    from voices.clips.frames import RATE
    from voices.clips.hearing import listen

    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32768
    voice = listen(soxr.resample(samples, sample_rate, RATE)).seconds / sound.speech_s
    return [Flaw("no-voice", _MIN_VOICE / max(voice, 0.01), f"only {voice:.0%} of its sound is speech")]
