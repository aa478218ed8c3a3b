"""How an utterance is delivered: what was asked for, and what the voice has by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from daemon.emotions import instruction
from daemon.text.score import Manner
from daemon.utterance import Utterance
from outputs.gain import MAX_GAIN, MIN_GAIN
from outputs.tempo import MAX_PITCH, MAX_SPEED, MIN_SPEED
from voices.profile import Profile


@dataclass(frozen=True, slots=True)
class Delivery:
    """Everything but who and what."""

    instruct: str | None = None
    seed: int | None = None
    sampling: Mapping[str, float | int | bool] = field(default_factory=dict)
    speed: float = 1.0
    pitch: float = 0.0
    """Semitones."""
    gain: float = 0.0
    """Decibels."""

    def directed(self, manner: Manner) -> Delivery:
        """With what the tags around a part of the text ask for."""
        return replace(
            self,
            speed=_within(MIN_SPEED, self.speed * (manner.rate or 1.0), MAX_SPEED),
            pitch=_within(-MAX_PITCH, self.pitch + (manner.pitch or 0.0), MAX_PITCH),
            gain=_within(MIN_GAIN, self.gain + (manner.gain or 0.0), MAX_GAIN),
        )


def directed(utterance: Utterance, manner: Manner) -> Utterance:
    """What is asked for a part of the text: its tags may name another voice, language or emotion."""
    emotion = manner.emotion or utterance.emotion
    if manner.voice is None:
        return replace(utterance, language=manner.language or utterance.language, emotion=emotion)
    designs = utterance.task == "voice-design"  # then it is told who speaks, and that is somebody else here
    return replace(
        utterance,
        voice=manner.voice,
        language=manner.language,
        instruct=None if designs else utterance.instruct,
        emotion=emotion,
        model=None,
        task="speech",
        reference=None,
    )


def delivery(utterance: Utterance, voice: Profile) -> Delivery:
    """The request's word, else the voice's own; pitch and gain of both are added up. Raises Unspeakable."""
    own = voice.defaults
    speed = utterance.speed if utterance.speed is not None else own.speed
    return Delivery(
        instruct=_instruct(utterance, voice),
        seed=own.seed if utterance.seed is None else utterance.seed,
        sampling={**own.sampling, **utterance.sampling},
        speed=_within(MIN_SPEED, 1.0 if speed is None else speed, MAX_SPEED),
        pitch=_within(-MAX_PITCH, (own.pitch or 0.0) + (utterance.pitch or 0.0), MAX_PITCH),
        gain=_within(MIN_GAIN, (own.gain or 0.0) + (utterance.gain or 0.0), MAX_GAIN),
    )


def _instruct(utterance: Utterance, voice: Profile) -> str | None:
    """A design is its description first, and then how that voice is to speak."""
    who, manner = None, utterance.instruct
    if voice.kind == "design":
        who, manner = (voice.description, manner) if voice.stored else (manner, None)
    if utterance.emotion:
        manner = " ".join(filter(None, [instruction(utterance.emotion, voice.emotions), manner]))
    return "\n".join(filter(None, [who, manner or voice.defaults.instruct])) or None


def _within(least: float, value: float, most: float) -> float:
    return min(max(least, value), most)
