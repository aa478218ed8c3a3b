"""What is measured of built-in speech, and of what was done to it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from outputs.soundness import SILENCE_DB, Soundness, measure
from tests.clips import RATE, hum, resampled, spoken
from tests.takes import BAD, longer, pcm_of, sentences

TEXT = "The front door is open, and nobody is at home."


@pytest.fixture(scope="module")
def pcm() -> bytes:
    return pcm_of(spoken("heart", TEXT))


@pytest.fixture(scope="module")
def whole() -> dict[str, Soundness]:
    """What was measured of sixty good sentences."""
    return {sentence.text: measure(sentence.pcm, RATE) for sentence in sentences()}


def silence(seconds: float) -> bytes:
    return bytes(2 * int(seconds * RATE))


def test_speech_is_measured(pcm: bytes) -> None:
    found = measure(pcm, RATE)
    assert found.seconds == pytest.approx(len(pcm) / 2 / RATE)
    assert found.lead_s + found.speech_s + found.tail_s == pytest.approx(found.seconds, abs=0.05)
    assert 2 < found.speech_s < 3
    assert -20 < found.level_db < -12 and 0.5 < found.peak < 0.9
    assert found.clipped == 0 and found.clicks == 0 and found.repeated_s == 0
    assert found.begins_db < -40 and found.ends_db < -40 and found.swing_db > 5


def test_silence_is_found_where_it_is(pcm: bytes) -> None:
    plain, speech = measure(pcm, RATE), np.frombuffer(pcm, "<i2")
    around = measure(silence(1) + pcm + silence(2), RATE)
    assert around.lead_s == pytest.approx(plain.lead_s + 1, abs=0.03)
    assert around.tail_s == pytest.approx(plain.tail_s + 2, abs=0.03)
    assert around.speech_s == pytest.approx(plain.speech_s, abs=0.05)
    inside = measure(pcm + silence(1.5) + pcm, RATE)
    assert inside.pause_s == pytest.approx(1.5 + plain.tail_s + plain.lead_s, abs=0.05)
    assert inside.speech_s == pytest.approx(2 * plain.speech_s, abs=0.1)
    assert measure(speech[: RATE // 4].tobytes(), RATE).pause_s == 0


@pytest.mark.parametrize("nothing", [b"", b"a", b"abc", bytes(3), bytes(48_000)])
def test_nothing_is_measured_as_nothing(nothing: bytes) -> None:
    found = measure(nothing, RATE)
    assert found.speech_s == 0 and found.level_db == SILENCE_DB and found.repeated_s == 0
    assert found.lead_s == found.tail_s == pytest.approx(found.seconds, abs=0.001)
    assert all(np.isfinite(value) for value in (found.begins_db, found.ends_db, found.falls_db))


def test_cut_speech_begins_or_ends_loud_and_is_found_before_silence_too() -> None:
    for sentence in longer():
        start, end = BAD["cut-start"](sentence.pcm), BAD["cut-end"](sentence.pcm)
        assert measure(start, RATE).begins_db > -12
        assert measure(end, RATE).ends_db > -12
        assert measure(end + silence(0.5), RATE).falls_db > -12 > measure(end + silence(0.5), RATE).ends_db


def test_whole_sentences_begin_and_end_softly(whole: dict[str, Soundness]) -> None:
    for text, found in whole.items():
        assert max(found.begins_db, found.ends_db) < -30 and found.falls_db < -12, text


def test_clipping_clicks_and_jumps(pcm: bytes) -> None:
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    assert measure(pcm_of(samples * 4), RATE).clipped > 0.01
    clicked = samples.copy()
    clicked[[len(clicked) - 2000, len(clicked) - 4000]] = 0.5
    assert measure(pcm_of(clicked), RATE).clicks == 2
    long = np.concatenate([samples, samples * 10 ** (-15 / 20)])
    assert measure(pcm_of(long), RATE).jump_db == pytest.approx(15, abs=4)


def test_a_hiss_and_a_hum_have_one_level(pcm: bytes) -> None:
    assert measure(BAD["noise"](pcm), RATE).swing_db < 1
    assert measure(pcm_of(hum(2, -20)), RATE).swing_db < 1


@pytest.mark.parametrize("gap", [0, 101, 240, 1000, 12_345])
def test_what_is_said_twice_is_found_at_any_offset(pcm: bytes, gap: int) -> None:
    found = measure(pcm + bytes(2 * gap) + pcm, RATE)
    assert found.repeated_s > 1.5


def test_no_sentence_sounds_as_if_it_went_in_circles(whole: dict[str, Soundness]) -> None:
    assert [text for text, found in whole.items() if found.repeated_s] == []
    sounds = {name: measure(BAD[name](longer()[0].pcm), RATE).repeated_s for name in ("doubled", "circle")}
    assert min(sounds.values()) > 1


def test_the_rate_does_not_matter_much(pcm: bytes) -> None:
    samples = resampled(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768, RATE, 48_000)
    ours, theirs = measure(pcm, RATE), measure(pcm_of(samples), 48_000)
    assert theirs.speech_s == pytest.approx(ours.speech_s, abs=0.1)
    assert theirs.level_db == pytest.approx(ours.level_db, abs=0.5)
    assert isinstance(theirs, Soundness) and theirs.repeated_s == 0


def test_two_minutes_take_a_moment(pcm: bytes) -> None:
    noise = BAD["noise"](silence(120))
    begun = time.process_time()
    measure(noise, RATE)
    measure(pcm * 40, RATE)
    assert time.process_time() - begun < 20  # 2 s on a free core
