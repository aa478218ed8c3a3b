"""What is said about the transcript of a recording."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from voices.clips.finding import Finding, error, note, warning
from voices.clips.transcript import Difference, difference, span

# A recogniser is wrong in one word of ten, in names and foreign words more often, and it writes some as nobody else does.
_WORDS_WRONG: Final = 0.3
_CHARACTERS_WRONG: Final = 0.5
_OTHER_TEXT: Final = 0.7
_WORDS_IN_A_ROW: Final = 4
_CHARACTERS_IN_A_ROW: Final = 10
# With less speech than this the ends of words decide, and no transcript looks right.
_ENOUGH_S: Final = 1.0
# How many differences are shown.
_SHOWN: Final = 4
# So much slower or faster nobody speaks, whatever a detector takes for speech.
_FAR: Final = 1.6


def about_words(speech_s: float, transcript: str | None, language: str | None, heard: str | None) -> Iterator[Finding]:
    """Of a recording with so many seconds of speech; `heard` is what a recogniser made of it."""
    if transcript is None or not transcript.strip():
        message = "There is no transcript: the voice is made of its sound alone, which is less like it."
        advice = "Write down every word that is said, as it is said."
        yield note("transcript-missing", message, f"{advice} Heard was: “{heard.strip()}”" if heard else advice)
        return
    if speech_s >= _ENOUGH_S:
        yield from _pace(speech_s, transcript)
    if heard is not None and heard.strip():
        yield from _differs(difference(transcript, heard, language))


def _pace(seconds: float, transcript: str) -> Iterator[Finding]:
    takes, count = span(transcript), len(transcript.strip())
    pace = f"{count} characters for {seconds:.1f} s of speech"
    if seconds < takes.fastest:
        wrong = error if seconds * _FAR < takes.fastest else warning
        message = f"The transcript has more than can be said in the recording: {pace}."
        yield wrong("transcript-too-long", message, "Leave out what is not said, or use the whole recording.")
    elif seconds > takes.slowest:
        wrong = error if seconds > takes.slowest * _FAR else warning
        message = f"The transcript does not cover the recording: {pace}."
        yield wrong("transcript-too-short", message, "Write down every word that is said, to the very end.")


def _differs(found: Difference) -> Iterator[Finding]:
    most, row = (_WORDS_WRONG, _WORDS_IN_A_ROW) if found.spaced else (_CHARACTERS_WRONG, _CHARACTERS_IN_A_ROW)
    if found.rate < most and found.longest < row:
        return
    shown = "; ".join(_place(*place) for place in found.places[:_SHOWN])
    more = f"; and {len(found.places) - _SHOWN} more" if len(found.places) > _SHOWN else ""
    wrong = error if found.rate > _OTHER_TEXT else warning
    message = f"Something else was heard than is written: {shown}{more}."
    yield wrong("transcript-differs", message, "Listen to the recording and correct the transcript, word by word.")


def _place(written: str, heard: str) -> str:
    if not written:
        return f"“{_short(heard)}” is not written"
    return f"“{_short(heard)}” for “{_short(written)}”" if heard else f"“{_short(written)}” was not heard"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"
