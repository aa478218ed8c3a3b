"""What is wrong with a take, as far as it goes over a limit: from what was measured of its sound and heard of its words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from daemon.text.comparison import Difference
from outputs.soundness import Soundness

# Less than this is no syllable.
SYLLABLE_S: Final = 0.08
# With a word of one syllable its ends count for more than its letters.
_LESS_S: Final = 0.2
_MORE_S: Final = 0.6
# A hiss or a hum has one level; the most even of 60 spoken sentences moves by 4.8 dB.
_MIN_SWING_DB: Final = 2.5
# Over so short a sound neither its level nor a detector of speech says much.
LISTEN_S: Final = 0.5
# Whoever says the same words twice may sound the same twice.
_PHRASE_WORDS: Final = 3
_PHRASE_CHARACTERS: Final = 6
# Nothing is worse than a take that is nothing, whatever else could be measured of it.
_NOTHING: Final = 1000.0
# What counts first when two bad takes are compared: the words.
_WORDS_WEIGH: Final = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a good take keeps to. Each was tried on 60 sentences of the built-in voices, none of which it refuses."""

    max_wer: float = 0.25
    """Words that may be heard otherwise: whisper-base mishears one in five of a voice that sounds like a machine."""
    max_wer_short: float = 0.5
    """Letters, in a text of three words or less."""
    max_cer: float = 0.4
    """Characters, in a language without blanks, which recognisers write in several ways."""
    max_cut: int = 1
    """Words that may be missing at either end: a recogniser leaves a short one out."""
    max_cut_characters: int = 4
    """Characters, where characters are compared."""
    min_pace: float = 0.55
    """In relation to what is expected of the language (outputs.pace): slower or faster is no speech that anybody wants."""
    max_pace: float = 1.9
    max_lead_s: float = 1.5
    max_tail_s: float = 2.5
    """The built-in voices leave up to 1.5 s."""
    max_pause_s: float = 3.0
    """Between two words or sentences; a pause between two paragraphs is under two seconds."""
    min_level_db: float = -45.0
    """Quieter than this a take is lost beside any other."""
    max_clipped: float = 0.001
    max_jump_db: float = 12.0
    """Sentences differ by 4 dB."""
    max_clicks: int = 3
    """A voice may smack its lips."""
    max_begin_db: float = -20.0
    """Louder than this, in relation to the speech, the file begins within a sound."""
    max_end_db: float = -25.0
    max_fall_db: float = -8.0
    """The same for a sound that silence follows."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that was looked at, and how bad it is."""

    key: str
    badness: float
    """0 where there is nothing to it; more than 1 where it goes over its limit."""
    text: str


def ended(reason: str) -> Iterator[Flaw]:
    if reason != "stop":
        told = {"runaway": "the voice had run away and was stopped", "length": "it became too long and was stopped"}
        yield Flaw(reason, 2.0, told.get(reason, "it was not spoken to its end"))


def of_sound(sound: Soundness, expected: float, said: str, limits: Limits) -> Iterator[Flaw]:
    """What its sound tells; nothing for a text without words, which may be silence."""
    if not expected:
        return
    if sound.speech_s < SYLLABLE_S or sound.level_db < limits.min_level_db:
        yield Flaw("silence", _NOTHING, "there is nothing to hear")
        return
    yield from _pace(sound, expected, limits)
    yield from _stillness(sound, limits)
    yield from _edges(sound, limits)
    yield from _level(sound, limits)
    if not _repeats(said):
        badness = 2 * math.ceil(sound.repeated_s)
        yield Flaw("repetition", badness, f"{sound.repeated_s:.1f} s sound as something before did")


def _pace(sound: Soundness, expected: float, limits: Limits) -> Iterator[Flaw]:
    """Too much or too little speech for its words."""
    fastest, slowest = expected / limits.max_pace - _LESS_S, expected / limits.min_pace + _MORE_S
    told = f"{sound.speech_s:.1f} s of speech, where {max(0.0, fastest):.1f} to {slowest:.1f} s are believable"
    if sound.speech_s < fastest:
        yield Flaw("too-short", fastest / sound.speech_s, told)
    else:
        yield Flaw("too-long", sound.speech_s / slowest, told)


def _stillness(sound: Soundness, limits: Limits) -> Iterator[Flaw]:
    for seconds, most, where in (
        (sound.lead_s, limits.max_lead_s, "at the beginning"),
        (sound.pause_s, limits.max_pause_s, "in the middle"),
        (sound.tail_s, limits.max_tail_s, "at the end"),
    ):
        yield Flaw("silence", seconds / most, f"{seconds:.1f} s of silence {where}; at most {most:.1f} s are good")


def _edges(sound: Soundness, limits: Limits) -> Iterator[Flaw]:
    starts = sound.begins_db > limits.max_begin_db
    ends = sound.ends_db > limits.max_end_db or sound.falls_db > limits.max_fall_db
    yield Flaw("cut-start", 2.0 * starts, "it begins in the middle of a sound")
    yield Flaw("cut-end", 2.0 * ends, "it ends in the middle of a sound")


def _level(sound: Soundness, limits: Limits) -> Iterator[Flaw]:
    yield Flaw("clipped", sound.clipped / limits.max_clipped, f"{sound.clipped:.1%} of it is cut off at full scale")
    yield Flaw("jump", sound.jump_db / limits.max_jump_db, f"it becomes {sound.jump_db:.0f} dB louder or quieter")
    yield Flaw("clicks", sound.clicks / limits.max_clicks, f"{sound.clicks} clicks")
    if sound.speech_s >= LISTEN_S:
        noise = _MIN_SWING_DB / max(sound.swing_db, 0.1)
        yield Flaw("noise", noise if noise > 1 else 0.0, "it hisses or hums as no voice does")


def of_words(difference: Difference, limits: Limits) -> Iterator[Flaw]:
    """What was heard otherwise."""
    short = difference.by_characters and not difference.unspaced
    most = limits.max_wer_short if short else limits.max_cer if difference.by_characters else limits.max_wer
    kind = "letters" if short else "characters" if difference.by_characters else "words"
    shown = "; ".join(f"“{heard}” for “{meant}”" for meant, heard in difference.wrong[:4])
    badness = difference.word_error_rate / most
    over = _WORDS_WEIGH if badness > 1 else 1.0
    yield Flaw("words", over * badness, f"{difference.word_error_rate:.0%} of the {kind} were heard otherwise: {shown}")
    cut = limits.max_cut_characters if difference.by_characters else limits.max_cut
    for key, missing, where in (
        ("cut-start", difference.cut_start, "beginning"), ("cut-end", difference.cut_end, "end"),
    ):  # fmt: skip
        yield Flaw(key, missing / (cut + 0.5), f"{missing} {kind} were not heard at the {where}")


def _repeats(text: str) -> bool:
    """Whether a text says something twice, long enough to sound like a circle."""
    words = "".join(sign.casefold() if sign.isalnum() else " " for sign in text).split()
    phrases = Counter(tuple(words[n : n + _PHRASE_WORDS]) for n in range(len(words) - _PHRASE_WORDS + 1))
    signs = "".join(word for word in words if not word.isascii() and len(word) > _PHRASE_CHARACTERS)
    more = Counter(signs[n : n + _PHRASE_CHARACTERS] for n in range(len(signs) - _PHRASE_CHARACTERS + 1))
    return max(phrases.values(), default=0) > 1 or max(more.values(), default=0) > 1
