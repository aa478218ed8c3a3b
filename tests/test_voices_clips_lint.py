"""What is said about made recordings: what is wrong with each, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from clips import (
    MORE,
    RATE,
    SHORT,
    TEXTS,
    Samples,
    alternating,
    arpeggio,
    at,
    band,
    chords,
    hiss,
    hum,
    mixed,
    resampled,
    silence,
    spoken,
)  # fmt: skip

from daemon.imprints import MAX_SECONDS
from voices.clips.clip import Clip, measure
from voices.clips.lint import TOO_LONG_S, empty, lint, unchecked, unreadable

Measured = tuple[Clip, float]


@pytest.fixture(scope="session")
def clean() -> Samples:
    """Five seconds of Heart, at -20 dB while she speaks."""
    return at(spoken("heart", SHORT), -20)


@pytest.fixture(scope="session")
def clean_clip(clean: Samples) -> Clip:
    return measure(clean[None], RATE)


@pytest.fixture(scope="module")
def minute() -> Measured:
    """A minute of stereo at 48 kHz, and the seconds of the processor that it took."""
    samples = np.tile(resampled(spoken(), RATE, 48_000), (2, 7))[:, : 60 * 48_000]
    begun = time.process_time()
    return measure(samples, 48_000), time.process_time() - begun


def said(samples: Samples, transcript: str | None, rate: int = RATE) -> dict[str, str]:
    """The codes and levels of what is found in [n] or [channels, n] samples."""
    return {finding.code: finding.level for finding in lint(measure(np.atleast_2d(samples), rate), transcript)}


@pytest.mark.parametrize("voice", TEXTS)
def test_clean_speech_has_nothing_wrong(voice: str) -> None:
    assert said(spoken(voice), TEXTS[voice]) == {}


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_clean_speech_at_other_rates_has_nothing_wrong(clean: Samples, rate: int) -> None:
    assert said(resampled(clean, RATE, rate), SHORT, rate) == {}


def clipped(clean: Samples, by: float) -> Samples:
    return np.clip(clean * by / np.abs(clean).max(), -1, 1).astype(np.float32)


# Name -> how it is made of clean speech, and all that is to be found in it.
MADE: dict[str, tuple[Callable[[Samples], Samples], dict[str, str]]] = {
    "clipped": (lambda clean: clipped(clean, 2), {"clipping": "warning"}),
    "clipped a little": (lambda clean: clipped(clean, 1.5), {"clipping": "warning"}),
    "clipped, then turned down": (lambda clean: clipped(clean, 3) * np.float32(0.3), {"clipping": "warning"}),
    "clipped, then shifted": (
        lambda clean: clipped(clean, 3) * np.float32(0.5) + np.float32(0.02),
        {"clipping": "warning", "dc-offset": "note"},
    ),
    "hiss": (lambda clean: mixed(clean, hiss(10, -30)), {"noise": "warning"}),
    "some hiss": (lambda clean: mixed(clean, hiss(10, -37.5)), {"noise": "note"}),
    "hiss of a good microphone": (lambda clean: mixed(clean, hiss(10, -55)), {}),
    "hum": (lambda clean: mixed(clean, hum(10, -29)), {"noise": "warning"}),
    "music behind it": (
        lambda clean: mixed(at(spoken(), -20), at(chords(), -30)),
        {"music": "warning", "noise": "warning"},
    ),
    "very quiet": (lambda clean: at(clean, -52), {"quiet": "warning"}),
    "rather quiet": (lambda clean: at(clean, -37), {"quiet": "note"}),
    "shifted": (lambda clean: clean + np.float32(0.1), {"dc-offset": "warning"}),
    "shifted a little": (lambda clean: clean + np.float32(0.02), {"dc-offset": "note"}),
    "silence at both ends": (
        lambda clean: np.concatenate([silence(3), clean, silence(2)]),
        {"silence-at-ends": "warning"},
    ),
    "silence at the end": (lambda clean: np.concatenate([clean, silence(2)]), {"silence-at-ends": "warning"}),
    "a breath of silence at both ends": (lambda clean: np.concatenate([silence(0.8), clean, silence(0.5)]), {}),
    "mostly pauses": (
        lambda clean: np.concatenate([clean[: 2 * RATE], silence(7), clean[2 * RATE :]]),
        {"little-speech": "warning"},
    ),
    "from a telephone, made larger": (
        lambda clean: resampled(resampled(clean, RATE, 8000), 8000, RATE),
        {"low-sample-rate": "warning"},
    ),
    "dull": (lambda clean: resampled(resampled(clean, RATE, 12_000), 12_000, RATE), {"low-sample-rate": "note"}),
    "the same twice": (lambda clean: np.stack([clean, clean]), {"stereo": "note"}),
    "in a room with two microphones": (lambda clean: np.stack([clean, np.roll(clean, 2)]), {"stereo": "note"}),
    "on the left alone": (lambda clean: np.stack([clean, 0 * clean]), {"stereo": "note"}),
    "with one channel turned over": (lambda clean: np.stack([clean, -clean]), {"stereo": "error"}),
    "with one channel turned over and quieter": (
        lambda clean: np.stack([clean, -0.5 * clean]),
        {"stereo": "warning"},
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_what_is_wrong_is_found_and_nothing_else(clean: Samples, name: str) -> None:
    make, expected = MADE[name]
    assert said(make(clean), SHORT) == expected


def test_a_recording_of_a_telephone(clean: Samples) -> None:
    assert said(resampled(clean, RATE, 8000), SHORT, 8000) == {"low-sample-rate": "warning"}
    assert said(resampled(clean, RATE, 6000), SHORT, 6000) == {"low-sample-rate": "error"}


@pytest.mark.parametrize("other", ["pico-de", "pico-fr", "pico-es"])
def test_two_voices_in_turn_are_heard(other: str) -> None:
    assert said(alternating(spoken(), spoken(other)), None) == {
        "several-speakers": "warning",
        "transcript-missing": "note",
    }


def test_what_is_too_long_is_what_is_refused() -> None:
    assert TOO_LONG_S == MAX_SECONDS


def test_one_voice_that_goes_on_is_one() -> None:
    assert said(np.concatenate([spoken(), spoken("heart", MORE)]), f"{TEXTS['heart']} {MORE}") == {}


def test_a_voice_for_each_channel_is_told() -> None:
    length = 7 * RATE
    both = np.stack([spoken()[:length], spoken("pico-fr")[:length]])
    assert said(both, None)["stereo"] == "warning"


@pytest.mark.parametrize("made", [chords, arpeggio, band])
def test_music_is_called_music(made: Callable[[], Samples]) -> None:
    assert said(made(), None) == {"little-speech": "error", "music": "warning", "transcript-missing": "note"}


@pytest.mark.parametrize("made", [lambda: hiss(6, -25), lambda: hum(6, -25)], ids=["hiss", "hum"])
def test_noise_alone_is_no_speech(made: Callable[[], Samples]) -> None:
    assert said(made(), "Nobody says this.") == {"little-speech": "error"}


@pytest.mark.parametrize(
    "made",
    [
        lambda: silence(5),
        lambda: hiss(5, -95),
        lambda: np.concatenate([silence(2), np.float32([0.9, -0.9]), silence(3)]),
    ],
    ids=["zeros", "a converter's last bit", "a click"],
)
def test_silence_is_silent(made: Callable[[], Samples]) -> None:
    assert said(made(), "Nobody says this.") == {"silent": "error"}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.8, {"too-short": "error"}), (1, {"too-short": "warning"}), (2.5, {"too-short": "warning"})],
)
def test_what_is_too_short(clean: Samples, seconds: float, expected: dict[str, str]) -> None:
    assert said(clean[: int(seconds * RATE)], None) == {**expected, "transcript-missing": "note"}


@pytest.mark.parametrize(("seconds", "level"), [(40, "warning"), (65, "error"), (300, "error")])
def test_what_is_too_long(minute: Measured, seconds: float, level: str) -> None:
    found = {f.code: f.level for f in lint(replace(minute[0], seconds=seconds), None) if f.code != "little-speech"}
    assert found == {"too-long": level, "transcript-missing": "note", "stereo": "note"}


def test_a_single_sample_is_too_short() -> None:
    assert said(np.float32([0.5]), None)["too-short"] == "error"


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        (SHORT, {}),
        (None, {"transcript-missing": "note"}),
        (" \n", {"transcript-missing": "note"}),
        ("The quick brown fox jumps over.", {"transcript-too-short": "warning"}),
        ("The fox.", {"transcript-too-short": "error"}),
        (f"{SHORT} {SHORT}", {"transcript-too-long": "warning"}),
        (f"{SHORT} {MORE}", {"transcript-too-long": "error"}),
        ("敏捷的棕色狐狸跳过了那只懒狗，然后跑进森林里睡觉", {}),
        ("敏捷的棕", {"transcript-too-short": "error"}),
        ("敏捷的棕色狐狸跳过了那只懒狗，然后跑进森林里睡觉" * 3, {"transcript-too-long": "warning"}),
        ("素早い茶色の狐はのろまな犬を飛び越えて、それから森へ走って眠ります。", {}),
        ("날쌘 갈색 여우가 게으른 개를 뛰어넘고 숲으로 달려가 잠을 잔다.", {}),
        ("Быстрая коричневая лиса прыгает через ленивую собаку и убегает в лес спать.", {}),
        ("In 1984, 1985 and 1986 there were 3500.", {}),
    ],
)
def test_a_transcript_takes_as_long_as_the_speech(clean_clip: Clip, transcript: str, expected: dict[str, str]) -> None:
    assert {f.code: f.level for f in lint(clean_clip, transcript)} == expected


@pytest.mark.parametrize(
    ("heard", "level"),
    [
        ("the quick brown fox jumps over the lazy dog and then it runs into the forest to sleep", None),
        ("The quick brown folks jumps over the lazy dog, and then it runs into a forest to sleep.", None),
        ("The quick brown fox jumps over the lazy dog.", "warning"),
        (f"Oh well, let me see now: {SHORT}", "warning"),
        ("The slow green frog sits under a lazy dog, and then it jumps into a river to swim.", "warning"),
        ("I once knew a man who sailed around the world alone.", "error"),
        ("", None),
    ],
)  # fmt: skip
def test_what_was_heard_is_compared(clean_clip: Clip, heard: str, level: str | None) -> None:
    found = {f.code: f.level for f in lint(clean_clip, SHORT, heard=heard)}
    assert found == ({"transcript-differs": level} if level else {})


def test_what_differs_is_shown(clean_clip: Clip) -> None:
    heard = "The quick brown cat jumps over the lazy dog."
    (finding,) = lint(clean_clip, SHORT, heard=heard)
    assert "“cat” for “fox”" in finding.message
    assert "“and then it runs into the forest to sleep” was not heard" in finding.message


def test_numbers_are_not_held_against_anyone(clean_clip: Clip) -> None:
    transcript = "It is twenty one degrees in the room and the forest, and we go to sleep at ten."
    assert not lint(
        clean_clip, transcript, heard="It is 21 degrees in the room and the forest, and we go to sleep at 10."
    )


def test_languages_without_spaces_are_compared_by_characters(clean_clip: Clip) -> None:
    written = "敏捷的棕色狐狸跳过了那只懒狗，然后跑进森林里睡觉"
    assert not lint(clean_clip, written, heard="敏捷的棕色狐狸跳过了这只懒狗然后跑进森林里睡觉。")
    (finding,) = lint(clean_clip, written, heard="今天天气很好，我们去公园玩吧", language="zh-CN")
    assert (finding.code, finding.level) == ("transcript-differs", "error")


def test_what_was_heard_is_offered_where_there_is_no_transcript(clean_clip: Clip) -> None:
    (finding,) = lint(clean_clip, None, heard="The quick brown fox.")
    assert "“The quick brown fox.”" in finding.advice


def test_the_worst_comes_first(clean_clip: Clip) -> None:
    bad = replace(clean_clip, seconds=100.0, speech_s=90.0, offset=0.02, loudness=-50.0)
    assert [f.level for f in lint(bad, None)] == ["error", "warning", "note", "note"]


def test_every_finding_says_what_to_do(clean: Samples) -> None:
    worst = mixed(np.concatenate([silence(3), alternating(clean, spoken("pico-es"))]), hiss(20, -30))
    findings = [
        *lint(measure(np.stack([worst, worst]), RATE), "No."),
        empty(),
        unreadable("it is no sound"),
        unchecked("no one is here"),
    ]
    assert len(findings) >= 7
    for finding in findings:
        assert finding.message[0].isupper() and finding.message.endswith(".")
        assert finding.advice[0].isupper() and finding.advice.endswith(".")


def test_a_minute_is_judged_quickly(minute: Measured) -> None:
    clip, took = minute
    assert clip.speech_s == pytest.approx(54, rel=0.1)
    assert took < 20  # 1.3 s on a quiet machine
