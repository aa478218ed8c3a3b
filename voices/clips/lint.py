"""What is said about a recording that somebody wants to make a voice of: each finding in plain words, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, get_args

from voices.clips import company
from voices.clips.clip import Clip
from voices.clips.finding import Finding, Level, error, note, warning
from voices.clips.wording import about_words

__all__ = ["Finding", "Level", "empty", "lint", "unchecked", "unreadable"]

# What a model needs and takes, in seconds: below the first a voice is a guess, up to the second it is a weak one; all of a
# recording stands in each request's memory, so that more than the third only costs time; more than the last is refused.
TOO_SHORT_S: Final = 1.0
SHORT_S: Final = 3.0
LONG_S: Final = 30.0
TOO_LONG_S: Final = 60.0
# Less sound than this is none, and a click is no sound.
_SOUND_S: Final = 0.3
# A pause before or after the words that is longer was not meant; built-in voices leave up to 1.1 s.
_ENDS_S: Final = 1.5
# Whoever reads slowly still speaks for half of the time; with less than the first there is no voice to hear.
_NO_SPEECH_S: Final = 0.5
_SPEECH_SHARE: Final = 0.5
# Telephones end at 3.4 kHz, and an edge is never sharp; from 7 kHz on an "s" sounds like one.
_TELEPHONE_HZ: Final = 4600.0
_DULL_HZ: Final = 6500.0
_TELEPHONE_RATE: Final = 8_000
# Below 15 dB noise is heard in every word, up to 20 dB in every pause: of 356 readings in LibriSpeech none and six.
_NOISY_DB: Final = 15.0
_SOME_NOISE_DB: Final = 20.0
# Speech is recorded at -30 to -16 LUFS.
_VERY_QUIET_LUFS: Final = -40.0
_QUIET_LUFS: Final = -34.0
# A natural voice has one flat crest by chance; see `level.Clipping`.
_FLAT_CRESTS: Final = 6
_PRESSED: Final = 0.75
# Sound cards are off by a thousandth.
_OFFSET: Final = 0.01
_BAD_OFFSET: Final = 0.05
# Above what any of the readings has; see `music.Tones`. Of songs played under speech, two of three are found where they are
# 5 dB below it, one of three at 15 dB.
_TONES: Final = 2.2
_TONES_IN_PAUSES: Final = 4.0
# Two microphones at one mouth hear 0.9, two mouths next to nothing in common.
_STRANGERS: Final = 0.5
_CANCEL_DB: Final = 6.0
_GONE_DB: Final = 20.0

_RECORD: Final = "Record 5 to 15 seconds of one voice that speaks calmly in a quiet room."


def empty() -> Finding:
    """For a file without a single sample, or without a single byte."""
    return error("empty", "There is nothing in the recording.", _RECORD)


def unreadable(reason: str) -> Finding:
    """For what cannot be decoded."""
    return error("unreadable", f"{reason[:1].upper()}{reason[1:]}.", "Send it as a WAV, FLAC, MP3 or Ogg file.")


def unchecked(reason: str) -> Finding:
    """For a transcript that no recogniser could compare with the recording."""
    return note(
        "transcript-unchecked", f"The transcript could not be checked: {reason}.", "Read it once more yourself."
    )


def lint(clip: Clip, transcript: str | None, *, language: str | None = None, heard: str | None = None) -> list[Finding]:
    """Everything that is to be said, the worst first. `heard` is what a recogniser made of the recording."""
    found = [*_about_sound(clip), *about_words(clip.speech_s, transcript, language, heard)]
    order: tuple[Level, ...] = get_args(Level)
    return sorted(found, key=lambda finding: order.index(finding.level))


def _about_sound(clip: Clip) -> Iterator[Finding]:
    yield from _length(clip)
    yield from _sides(clip)
    if clip.sides and clip.sides.lost_db > _GONE_DB:
        return  # nothing is left that more could be said of
    if clip.sound_s < _SOUND_S:
        yield error("silent", "The recording is silent.", "Check the microphone and its level, and record it again.")
        return
    yield from _speech(clip)
    yield from _music(clip)
    if clip.speech_s < _NO_SPEECH_S:
        return
    for rule in (_voices, _clipping, _noise, _quiet, _ends, _rate, _offset):
        yield from rule(clip)


def _length(clip: Clip) -> Iterator[Finding]:
    seconds = clip.seconds
    if seconds < TOO_SHORT_S:
        yield error("too-short", f"The recording lasts {seconds:.1f} s, which is too short for a voice.", _RECORD)
    elif seconds < SHORT_S:
        message = f"The recording lasts {seconds:.1f} s; the voice will be like it only roughly."
        yield warning("too-short", message, _RECORD)
    elif seconds > TOO_LONG_S:
        message = f"The recording lasts {_long(seconds)}; more than {TOO_LONG_S:.0f} s are not taken."
        yield error("too-long", message, "Cut out the best 5 to 15 seconds, at pauses between sentences.")
    elif seconds > LONG_S:
        message = f"The recording lasts {seconds:.0f} s: each request takes longer, and the voice gets no better."
        yield warning("too-long", message, "Cut out the best 5 to 15 seconds, at pauses between sentences.")


def _long(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} minutes"


def _sides(clip: Clip) -> Iterator[Finding]:
    if clip.channels < 2:
        return
    one = "Export it with one channel."
    if clip.sides is None:
        yield note("stereo", f"The recording has {clip.channels} channels, which are averaged.", one)
    elif clip.sides.lost_db > _CANCEL_DB and not clip.sides.empty:
        message = "The two channels cancel each other out: one of them is the other turned over."
        wrong = error if clip.sides.lost_db > _GONE_DB else warning
        yield wrong("stereo", message, "Export the left channel alone, or turn the phase of one of them.")
    elif clip.sides.empty:
        yield note("stereo", "Only one of the two channels has sound; both are averaged.", one)
    elif clip.sides.correlation < _STRANGERS:
        message = "The two channels have different sounds, as with a microphone for each of two people."
        yield warning("stereo", message, "Export the channel in which the voice is alone.")
    else:
        yield note("stereo", "The recording has two channels, which are averaged.", one)


def _speech(clip: Clip) -> Iterator[Finding]:
    between = max(clip.seconds - clip.lead_s - clip.tail_s, 0.0)
    if clip.speech_s < _NO_SPEECH_S:
        yield error("little-speech", f"Hardly any speech was found in it: {clip.speech_s:.1f} s.", _RECORD)
    elif clip.speech_s < _SPEECH_SHARE * between or clip.speech_s < TOO_SHORT_S < clip.seconds / 2:
        message = f"Only {clip.speech_s:.1f} of {clip.seconds:.1f} s are speech."
        yield warning("little-speech", message, "Cut out what is no speech, and long pauses.")


def _voices(clip: Clip) -> Iterator[Finding]:
    if clip.apart > company.APART:
        message = "More than one voice seems to speak, or one that disguises itself."
        yield warning("several-speakers", message, "Cut out a part in which one person speaks in one manner.")


def _music(clip: Clip) -> Iterator[Finding]:
    advice = "Use a recording without music; what lies under the words gets into the voice."
    if clip.tones.throughout > _TONES:
        yield warning("music", "There is music or singing in the recording.", advice)
    elif clip.tones.in_pauses > _TONES_IN_PAUSES:
        yield warning("music", "There seems to be music behind the voice.", advice)


def _clipping(clip: Clip) -> Iterator[Finding]:
    advice = "Record it again with a lower level, or further from the microphone; turning it down now does not help."
    if clip.clipping.crests >= _FLAT_CRESTS:
        message = f"The recording was too loud for the recorder: {clip.clipping.crests} peaks are cut off flat."
        yield warning("clipping", message, advice)
    elif clip.clipping.pressed > _PRESSED:
        message = "The loudest parts are pressed flat: the recording was too loud before it was compressed."
        yield warning("clipping", message, advice)


def _noise(clip: Clip) -> Iterator[Finding]:
    if clip.noise is None or clip.noise.snr >= _SOME_NOISE_DB:
        return
    what = "a hum or rumble" if clip.noise.low else "noise"
    message = f"There is {what} in it, only {max(0.0, clip.noise.snr):.0f} dB below the voice"
    advice = "Record it in a quiet room with soft furniture, nearer to the microphone."
    if clip.noise.snr < _NOISY_DB:
        yield warning("noise", f"{message}; the voice will have it too.", advice)
    else:
        yield note("noise", f"{message}.", advice)


def _quiet(clip: Clip) -> Iterator[Finding]:
    advice = "Record it nearer to the microphone, or with a higher level."
    message = f"The recording is {{}} quiet: {clip.loudness:.0f} LUFS, where speech has -30 to -16."
    if clip.loudness < _VERY_QUIET_LUFS:
        yield warning("quiet", message.format("very"), advice)
    elif clip.loudness < _QUIET_LUFS:
        yield note("quiet", message.format("rather"), advice)


def _ends(clip: Clip) -> Iterator[Finding]:
    found = ((clip.lead_s, "before the first word"), (clip.tail_s, "after the last"))
    places = [f"{seconds:.1f} s {where}" for seconds, where in found if seconds > _ENDS_S]
    if places:
        message = f"There is silence, {' and '.join(places)}; the voice learns to wait as well."
        yield warning("silence-at-ends", message, "Cut both ends to about a quarter of a second.")


def _rate(clip: Clip) -> Iterator[Finding]:
    advice = "Record it with 24 kHz or more; a file that is made larger later gets no better."
    if clip.sample_rate < _TELEPHONE_RATE:
        message = f"The recording has {clip.sample_rate} samples a second; a voice needs {_TELEPHONE_RATE} at least."
        yield error("low-sample-rate", message, advice)
    elif clip.sample_rate <= _TELEPHONE_RATE or 0 < clip.bandwidth < _TELEPHONE_HZ:
        message = f"It sounds like a telephone: there is nothing above {clip.bandwidth / 1000 or 4:.1f} kHz."
        yield warning("low-sample-rate", message, advice)
    elif 0 < clip.bandwidth < _DULL_HZ:
        yield note(
            "low-sample-rate", f"It sounds dull: there is nothing above {clip.bandwidth / 1000:.1f} kHz.", advice
        )


def _offset(clip: Clip) -> Iterator[Finding]:
    if abs(clip.offset) < _OFFSET:
        return
    advice = "Let an audio editor remove the DC offset; another cable or sound card avoids it."
    message = f"The wave is shifted by {abs(clip.offset):.0%} of full scale (DC offset)."
    yield (warning if abs(clip.offset) > _BAD_OFFSET else note)("dc-offset", message, advice)
