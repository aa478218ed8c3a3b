"""The tone: deterministic, readable, parkable."""

from __future__ import annotations

import numpy as np

from models.backend import Line
from models.tone import FRAME_SAMPLES, SAMPLE_RATE, Tone

LINE = Line("tone", "en", seed=0)


def sung(tone: Tone, text: str, slot: int = 0) -> bytes:
    tone.join(slot, LINE)
    tone.feed(slot, text)
    tone.end_text(slot)
    pcm = b""
    while True:
        (frame,) = tone.step([slot])
        pcm += frame.pcm
        if frame.end:
            tone.leave(slot)
            return pcm


def hertz(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * SAMPLE_RATE / len(samples))


def test_each_character_is_a_note_of_its_own() -> None:
    pcm = sung(Tone(), "ab ")
    assert len(pcm) == 3 * 2 * FRAME_SAMPLES
    first, second, rest = (pcm[n * 2 * FRAME_SAMPLES : (n + 1) * 2 * FRAME_SAMPLES] for n in range(3))
    assert abs(hertz(second) / hertz(first) - 2 ** (1 / 12)) < 0.05
    assert not any(rest)


def test_the_same_text_is_the_same_audio() -> None:
    assert sung(Tone(), "again") == sung(Tone(slots=2), "again", slot=1)


def test_a_row_that_is_parked_goes_on_as_if_nothing_was() -> None:
    whole = sung(Tone(), "interrupted")
    tone = Tone(slots=2)
    tone.join(0, LINE)
    tone.feed(0, "interrupted")
    tone.end_text(0)
    pcm = b"".join(tone.step([0])[0].pcm for _ in range(4))
    state = tone.park(0)
    sung(tone, "somebody else")
    tone.restore(1, state)
    while True:
        (frame,) = tone.step([1])
        pcm += frame.pcm
        if frame.end:
            break
    assert pcm == whole


def test_a_row_without_text_is_dry_until_it_is_fed_and_ends_when_told() -> None:
    tone = Tone()
    tone.join(0, LINE)
    assert tone.step([0])[0].dry
    tone.feed(0, "a")
    frame = tone.step([0])[0]
    assert frame.pcm
    assert frame.dry
    tone.end_text(0)
    assert tone.step([0])[0].end == "stop"


def test_rows_move_together() -> None:
    tone = Tone(slots=3)
    for slot in range(3):
        tone.join(slot, LINE)
        tone.feed(slot, "abc"[slot])
        tone.end_text(slot)
    frames = tone.step([0, 1, 2])
    assert [frame.slot for frame in frames] == [0, 1, 2]
    assert len({frame.pcm for frame in frames}) == 3
