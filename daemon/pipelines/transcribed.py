"""A recording of any length, heard portion by portion: what is said in it, in sentences, and when.

What was heard of a portion is kept, so that a kill makes no more than one be listened to again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from daemon.making.recogniser import Heard, Recogniser
from daemon.text.dialogue import Manners, dialogue
from daemon.text.sayings import Saying, Sayings, Span, sayings
from daemon.text.wordtimes import Word
from outputs.audio import wav_header
from outputs.portions import Portion, portions
from outputs.reading import length
from outputs.recording import replace
from outputs.sound import Audio, to_pcm

# What recognisers and the detector of speech work at.
RATE: Final = 16_000
# A service is given a minute and more to answer, and whoever is killed listens to no more than this again.
LEAST_S: Final = 60.0
MOST_S: Final = 120.0
# Around what the detector takes for speech: it is late for a soft beginning, and lets go of a word before its end.
_AROUND_S: Final = 0.4


@dataclass(frozen=True, slots=True)
class Listened:
    """What was found in a portion; milliseconds of the whole recording."""

    begin: int
    """Its first sample, and how many there are."""
    samples: int
    asked: str | None
    """The language that the recogniser was told."""
    language: str | None = None
    """The one that it heard."""
    segments: tuple[Saying, ...] = ()
    words: tuple[Word, ...] = ()
    speech: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a recording."""

    sayings: Sayings
    language: str | None


async def transcribed(
    recogniser: Recogniser, recording: Path, kept: Path, language: str | None, tell: Callable[[float], None]
) -> Transcript:
    """Listen to all of a recording. Without a language it is the one that is heard first.

    Args:
        kept: a folder for what was heard so far.
        tell: is told how much of it was heard, from 0 to 1.

    Raises RecogniserUnavailable, UnreadableAudio and OSError.
    """
    whole = await asyncio.to_thread(length, recording, RATE)
    # Not closed when this is cancelled, for a thread may be in it: it ends with its last reference.
    cut = portions(recording, RATE, least_s=LEAST_S, most_s=MOST_S)
    found = list[Listened]()
    while (portion := await asyncio.to_thread(next, cut, None)) is not None:
        file = kept / f"heard-{len(found) + 1:04}.json"
        found.append(_again(file, portion, language) or await _heard(recogniser, portion, language, file))
        language = language or found[-1].language
        tell(min(1.0, (portion.begin + len(portion.samples)) / max(1, whole)))
    return Transcript(await asyncio.to_thread(_sayings, found), language)


def _again(file: Path, portion: Portion, asked: str | None) -> Listened | None:
    """What was heard of the same portion before."""
    with suppress(FileNotFoundError, ValueError, LookupError, TypeError):
        told = json.loads(file.read_bytes())
        if (told["begin"], told["samples"], told["asked"]) == (portion.begin, len(portion.samples), asked):
            return _read(told)
    return None


def _read(told: dict[str, Any]) -> Listened:
    segments, words, speech = (tuple(map(tuple, told[name])) for name in ("segments", "words", "speech"))
    return Listened(
        told["begin"], told["samples"], told["asked"], told["language"],
        tuple(Saying(*one) for one in segments), tuple(Word(*one) for one in words), tuple(Span(*one) for one in speech),
    )  # fmt: skip


async def _heard(recogniser: Recogniser, portion: Portion, asked: str | None, file: Path) -> Listened:
    """Listen to where somebody speaks, and write down what was heard."""
    speech = await asyncio.to_thread(_speech, portion.samples)
    found = Listened(portion.begin, len(portion.samples), asked)
    if speech:
        around = round(_AROUND_S * RATE)
        first, last = max(0, speech[0][0] - around), min(len(portion.samples), speech[-1][1] + around)
        pcm = to_pcm(portion.samples[first:last])
        heard = await recogniser.heard(wav_header(RATE, len(pcm)) + pcm, asked, words=True)
        spans = tuple(Span(_ms(portion.begin + begin), _ms(portion.begin + end)) for begin, end in speech)
        found = _placed(found, heard, spans, _ms(portion.begin + first), _ms(portion.begin + last))
    await asyncio.to_thread(replace, file, json.dumps(asdict(found), ensure_ascii=True).encode())
    return found


def _placed(portion: Listened, heard: Heard, speech: tuple[Span, ...], start: int, end: int) -> Listened:
    """What was heard from `start` to `end`, on the clock of the recording."""

    def at(seconds: float) -> int:
        return min(max(start + round(seconds * 1000), start), end)

    segments = tuple(Saying(_words(one.text), at(one.begin), at(one.end)) for one in heard.segments)
    words = tuple(Word(one.text, at(one.begin), at(one.end), estimated=False) for one in heard.words)
    if not segments and heard.text:  # a service that tells no times
        segments = (Saying(_words(heard.text), speech[0].start_ms, speech[-1].end_ms),)
    language = heard.language if heard.text else None
    return Listened(portion.begin, portion.samples, portion.asked, language, segments, words, speech)


def _words(text: str) -> str:
    """Without what nobody says: services write `[Music]` and `♪`."""
    return dialogue((text,), Manners(notes="drop", names="off")).text


def _speech(samples: Audio) -> list[tuple[int, int]]:
    """Where somebody speaks, in samples."""
    from voices.clips.frames import CHUNK, runs
    from voices.clips.hearing import listen

    return [(begin * CHUNK, end * CHUNK) for begin, end in runs(listen(samples).speech).tolist()]


def _sayings(found: Sequence[Listened]) -> Sayings:
    return sayings(
        [one for portion in found for one in portion.segments],
        [word for portion in found for word in portion.words],
        list(_merged(span for portion in found for span in portion.speech)),
    )


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Those that touch as one: the middle of a cut may be in a word."""
    last: Span | None = None
    for span in spans:
        if last and span.start_ms <= last.end_ms:
            last = Span(last.start_ms, span.end_ms)
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def _ms(sample: int) -> int:
    return round(sample * 1000 / RATE)
