"""A segment of long work on its way into its file: spoken at the lowest priority, judged where there is a gate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from daemon.faults import CallerMistake, NothingToSay
from daemon.gate import Gate
from daemon.making.preview import Passage, Previewer
from daemon.making.recogniser import Recogniser
from daemon.pipelines.listened import listened, words
from daemon.pipelines.plan import Segment, Taken
from daemon.speech import Speech
from daemon.utterance import Priority, Utterance
from daemon.verifier import Sound, Verifier
from models.backend import EngineUnavailable
from outputs.audio import whole
from outputs.ledger import SEGMENTS, Ledger

# Of a file without a sample.
_SILENT_RATE: Final = 24_000


class Narrator:
    """Speaks segments."""

    def __init__(self, speech: Speech, gate: Gate, previewer: Previewer) -> None:
        self._verifier = Verifier(speech.open, gate, speech.settings.markup)
        self._previewer = previewer

    async def read(self, segment: Segment) -> Segment:
        """The segment with how it will be read aloud. What is wrong with it is told when it is to be spoken."""
        try:
            preview = await self._previewer.preview(_utterance(segment))
        except (CallerMistake, EngineUnavailable):
            return segment
        said = [one.spoken for part in preview.passages if isinstance(part, Passage) for one in part.sentences]
        return replace(segment, spoken=_otherwise(said, segment))

    async def take(self, ledger: Ledger, segment: Segment, tries: int, listener: Recogniser | None = None) -> Taken:
        """One segment into its file; with `tries` the best of so many takes, with a `listener` the times of its words.

        Raises what speaking does, RecogniserUnavailable, and StorageFailed.

        What holds no word, as a caption of dots, is silence of no length: no book is given up for an ornament in it.
        """
        try:
            pcm, sample_rate, facts = await self._spoken(segment, tries)
        except NothingToSay:
            pcm, sample_rate, facts = b"", _SILENT_RATE, _silence(segment)
        if listener is not None:
            facts |= await listened(listener, pcm, sample_rate, str(facts["language"]))
        flac = await asyncio.to_thread(whole, "flac", pcm, sample_rate)
        return taken(segment, await asyncio.to_thread(ledger.keep, segment.id, flac, facts))

    async def _spoken(self, segment: Segment, tries: int) -> tuple[bytes, int, dict[str, object]]:
        told: dict[str, object] = {}
        if tries:
            chosen = await self._verifier.best(_utterance(segment), tries)
            sound = chosen.take
            told = {"good": chosen.verdict.good, "takes": [one.as_dict() for one in chosen.attempts]}
        else:
            sound = await self._verifier.sound(_utterance(segment))
        return sound.pcm, sound.take.sample_rate, {**_facts(sound), **_said(sound, segment), **told}


def _facts(sound: Sound) -> dict[str, object]:
    """What its line tells."""
    take = sound.take
    return {
        "seconds": round(len(sound.pcm) / 2 / take.sample_rate, 4),
        "seed": take.seed,
        "voice": take.voice.id,
        "language": take.language,
        "reason": take.finish_reason or "stop",
        "model": take.facts.model,
        "engine": take.facts.name,
        "revision": take.facts.version,
        "dtype": take.facts.dtype,
    }


def _said(sound: Sound, segment: Segment) -> dict[str, object]:
    said = _otherwise(sound.take.said, segment)
    return {} if said is None else {"spoken": said}


def _otherwise(said: Iterable[str], segment: Segment) -> str | None:
    """The text as it is read aloud, where that is not as it was typed."""
    aloud = " ".join(" ".join(said).split())
    return None if aloud == " ".join(segment.text.split()) else aloud


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
        str(line["language"]), str(line["reason"]), words(line),
    )  # fmt: skip


def _utterance(segment: Segment) -> Utterance:
    return Utterance(
        segment.text, segment.voice, segment.language, segment.instruct, segment.seed, segment.speed, segment.pitch,
        segment.gain, segment.emotion, priority=Priority.BATCH, door="python", keep=False,
    )  # fmt: skip
