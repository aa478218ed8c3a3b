"""When each word of a segment is said, by somebody who listens to it as soon as it is spoken; and as its line tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from daemon.making.recogniser import MAX_SECONDS, Recogniser
from daemon.text.wordtimes import Word
from outputs.audio import wav_header

# In the line of a segment; it is there, if only empty, wherever somebody has listened.
WORDS: Final = "words"


async def listened(recogniser: Recogniser, pcm: bytes, sample_rate: int, language: str) -> dict[str, object]:
    """What the line of a segment tells of its words, for s16le mono. Raises RecogniserUnavailable.

    Of a recogniser that cannot tell when words are said there are none, and their times stay estimated.
    """
    if not 0 < len(pcm) <= 2 * sample_rate * MAX_SECONDS:
        return {WORDS: []}
    heard = await recogniser.heard(wav_header(sample_rate, len(pcm)) + pcm, language, words=True)
    return {WORDS: [[one.text, round(one.begin * 1000), round(one.end * 1000)] for one in heard.words]}


def words(line: Mapping[str, Any]) -> tuple[Word, ...]:
    """The words of a segment from its line."""
    told: Sequence[tuple[str, int, int]] = line.get(WORDS, ())
    return tuple(Word(str(text), int(start), int(end), estimated=False) for text, start, end in told)
