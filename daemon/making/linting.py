"""A recording is judged before a voice is made of it: decoded, measured, listened to where somebody can, told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np

from daemon.making.recogniser import Heard, Recogniser, RecogniserUnavailable
from outputs.audio import wav_header
from outputs.decoder import UnreadableAudio
from outputs.excerpt import Excerpt, excerpt
from voices.clips.clip import Clip, measure
from voices.clips.lint import TOO_LONG_S, TOO_SHORT_S, Finding, empty, lint, unchecked, unreadable

# What is decoded of a longer one: enough to see that it is too long.
_HEARD_S: Final = TOO_LONG_S + 1.0

Fact = float | int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be said about a recording."""

    findings: tuple[Finding, ...]
    """The worst first."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """What was measured; empty where nothing could be."""
    heard: Heard | None = None
    """Where a recogniser is configured and could listen."""

    @property
    def usable(self) -> bool:
        """Whether a voice can be made of it."""
        return all(finding.level != "error" for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        """Plain values, for a door."""
        heard = self.heard.text if self.heard else None
        findings = [asdict(finding) for finding in self.findings]
        return {"usable": self.usable, "findings": findings, "facts": dict(self.facts), "heard": heard}


async def examine(
    data: bytes, transcript: str | None, *, language: str | None = None, recogniser: Recogniser | None = None
) -> Report:
    """Judge an audio file and what is said to be said in it. Nothing in it raises; what is wrong is in the report."""
    if not data:
        return Report((empty(),))
    try:
        part = await asyncio.to_thread(excerpt, data, seconds=_HEARD_S)
    except UnreadableAudio as error:
        return Report((unreadable(str(error)),))
    if not part.planes.shape[1]:
        return Report((empty(),))
    clip = await asyncio.to_thread(measure, part.planes, part.sample_rate, seconds=part.seconds, channels=part.channels)
    heard, extra = await _listen(part, clip, language, recogniser)
    findings = lint(clip, transcript, language=language, heard=heard.text if heard else None)
    return Report((*findings, *extra), _facts(clip), heard)


async def _listen(
    part: Excerpt, clip: Clip, language: str | None, recogniser: Recogniser | None
) -> tuple[Heard | None, list[Finding]]:
    """What a recogniser hears in it, if there is one and anything to hear."""
    if recogniser is None or clip.speech_s < TOO_SHORT_S or clip.seconds > TOO_LONG_S:
        return None, []
    try:
        return await recogniser.heard(_wav(part), language), []
    except RecogniserUnavailable as error:
        return None, [unchecked(str(error))]


def _wav(part: Excerpt) -> bytes:
    """One channel of 16 bits."""
    samples = np.round(part.planes.mean(axis=0) * 32768)
    pcm: bytes = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
    return wav_header(part.sample_rate, len(pcm)) + pcm


def _facts(clip: Clip) -> dict[str, Fact]:
    return {
        "seconds": round(clip.seconds, 3),
        "sample_rate": clip.sample_rate,
        "channels": clip.channels,
        "loudness": round(clip.loudness, 1),
        "peak": round(clip.peak, 4),
        "speech_seconds": round(clip.speech_s, 2),
        "lead_seconds": round(clip.lead_s, 2),
        "tail_seconds": round(clip.tail_s, 2),
        "snr": round(clip.noise.snr, 1) if clip.noise else None,
        "bandwidth": round(clip.bandwidth) or None,
    }
