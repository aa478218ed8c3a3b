"""Subtitles of one utterance: its sentences at the times in which they were heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from daemon.text.cues import Timed, cues
from daemon.text.wordlists import words
from daemon.timing import Heard
from daemon.utterance import Subtitles
from outputs.subtitles import srt, vtt

# For a reader of the file; players pass it over.
_NOTE: Final = (
    "NOTE Sentences are timed by their sound. Where one goes over several cues, the times inside it are estimated.\n\n"
)
_HEAD: Final = "WEBVTT\n\n"
NAMES: Final[Mapping[Subtitles, str]] = {
    "srt": "subtitles.srt", "vtt": "subtitles.vtt", "words": "subtitles.words.json",
}  # fmt: skip


def subtitles(
    sentences: Sequence[Heard], samples: int, sample_rate: int, kinds: Iterable[Subtitles]
) -> dict[str, bytes]:
    """The files of these kinds by their names, for so many samples in all. Speakers are named where there is more than one."""
    kinds = list(kinds)
    if not kinds:
        return {}
    several = len({sentence.voice for sentence in sentences}) > 1
    found = cues(
        Timed(
            sentence.text, sentence.begin * 1000 // sample_rate, -(-sentence.end * 1000 // sample_rate),
            sentence.voice if several else "",
        )
        for sentence in sentences
    )  # fmt: skip
    over = -(-samples * 1000 // sample_rate)
    shown = [replace(cue, end_ms=max(cue.start_ms + 1, min(cue.end_ms, over))) for cue in found]
    written: dict[Subtitles, Callable[[], str]] = {
        "srt": lambda: srt(shown),
        "vtt": lambda: _HEAD + _NOTE + vtt(shown).removeprefix(_HEAD),
        "words": lambda: words(shown),
    }
    return {NAMES[kind]: written[kind]().encode("utf-8", "replace") for kind in kinds}
