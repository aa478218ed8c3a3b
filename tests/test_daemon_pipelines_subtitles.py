"""Subtitles in: a plan of their captions, everything that is wrong at once, and what is done where a take is too long."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daemon.pipelines.fitting import Policy, fit, fits_as_it_is, fitted, reported
from daemon.pipelines.mistakes import InputMistake
from daemon.pipelines.plan import Segment
from daemon.pipelines.subtitles import Options, plan
from outputs.pauses import shortened
from outputs.tempo import Tempo

FILES = Path(__file__).parent / "data" / "subtitles"
RATE = 24_000


def kitchen() -> bytes:
    return (FILES / "kitchen.srt").read_bytes()


def test_every_caption_is_a_segment_in_its_time() -> None:
    options = Options(voices={"anna": "vivian", "Ben": "ryan"}, voice="serena", language="en")
    made = plan(kitchen(), "kitchen.srt", options)
    assert made.title == "kitchen" and made.language == "en"
    assert [(one.id, one.start_ms, one.end_ms, one.speaker, one.voice) for one in made.segments] == [
        ("0001", 1000, 3200, "ANNA", "vivian"),
        ("0002", 3500, 5000, "BEN", "ryan"),
        ("0003", 5400, 8900, "", "serena"),
        ("0004", 10500, 12750, "", "serena"),
        ("0005", 100000, 102000, "ANNA", "vivian"),
    ]
    assert made.segments[3] == Segment(
        "0004",
        "Somebody was there. Who?",
        voice="serena",
        language="en",
        start_ms=10500,
        end_ms=12750,
        name="0004",
        extra={"line": "21", "caption": "5"},
        line=21,
    )
    assert made.warnings == ("line 17: the caption holds notes or music only, and is left out",)


def test_the_same_input_makes_the_same_plan() -> None:
    assert plan(kitchen(), "a.srt", Options()) == plan(kitchen(), "a.srt", Options())


def test_everybody_without_a_voice_is_told_at_once_with_all_other_mistakes() -> None:
    data = kitchen() + b"\n7\n00:02:00,000 --> 00:01:00,000\nx\n\n8\n00:02:00,000 --> 00:02:01,000\nTHE CAT: Meow.\n"
    with pytest.raises(InputMistake) as error:
        plan(data, "x.srt", Options(voices={"anna": "vivian"}))
    assert [(one.path, one.message.split(":")[0]) for one in error.value.details] == [
        ("line 7", "'BEN' has no voice"),
        ("line 30", "ends at 00"),
        ("line 34", "'THE CAT' has no voice"),
    ]


def test_anybody_may_have_a_voice() -> None:
    made = plan(kitchen(), "x.srt", Options(voices={"anna": "vivian", "*": "ryan"}))
    assert [one.voice for one in made.segments] == ["vivian", "ryan", None, None, "vivian"]


def test_a_speaker_may_be_given_more_than_a_voice() -> None:
    options = Options.model_validate(
        {"voices": {"anna": {"voice": "vivian", "speed": 0.9}, "*": {"emotion": "sad"}}, "voice": "ryan", "speed": 1.1}
    )
    made = plan(kitchen(), "x.srt", options)
    assert [(one.voice, one.speed, one.emotion) for one in made.segments[:3]] == [
        ("vivian", 0.9, None),
        ("ryan", 1.1, "sad"),
        ("ryan", 1.1, None),
    ]


def test_names_without_any_voices_share_one_and_idle_ones_are_told() -> None:
    made = plan(kitchen(), "x.srt", Options(voice="serena"))
    assert {one.voice for one in made.segments} == {"serena"}
    assert made.warnings[0] == "line 2: 'ANNA', 'BEN' speak with one voice, since `voices` names none"
    idle = plan(kitchen(), "x.srt", Options(voices={"ANNA": "a", "BEN": "b", "CARL": "c", "*": "d"}))
    assert idle.warnings[-1] == "'CARL' is in `voices`, and says nothing"


def test_names_and_notes_are_as_the_options_say() -> None:
    made = plan(kitchen(), "x.srt", Options(names="off", notes="keep"))
    assert made.segments[0].text == "ANNA: The lamp in the kitchen is on again."
    assert made.segments[1].text == "BEN: I know. [door slams]"
    assert made.segments[3].text == "♪ rain on the roof ♪"
    assert not any(one.speaker for one in made.segments)
    russian = (FILES / "kitchen_cp1251.srt").read_bytes()
    known = plan(russian, "x.srt", Options(voices={"анна": "vivian"}, names="known"))
    assert (known.segments[0].speaker, known.segments[0].voice) == ("Анна", "vivian")


def test_overlaps_go_into_the_plan_and_a_wrong_order_by_wish_only() -> None:
    data = (FILES / "overlapping.srt").read_bytes()
    with pytest.raises(InputMistake, match="line 10: begins"):
        plan(data, "x.srt", Options())
    made = plan(data, "x.srt", Options(sort=True))
    assert [(one.id, one.start_ms, one.overlaps) for one in made.segments] == [
        ("0001", 1000, False),
        ("0002", 2000, True),
        ("0003", 3000, True),
        ("0004", 6000, False),
    ]
    assert len(made.warnings) == 2


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputMistake, match="neither UTF-8 nor Windows-1251"):
        plan((FILES / "french_cp1252.srt").read_bytes(), "x.srt", Options())
    assert plan((FILES / "french_cp1252.srt").read_bytes(), "x.srt", Options(encoding="cp1252")).segments
    with pytest.raises(InputMistake, match="it is empty"):
        plan(b"", "x.srt", Options())


def test_options_refuse_what_they_do_not_know() -> None:
    wrongs: list[dict[str, object]] = [{"voicse": {}}, {"fit": "squeeze"}, {"max_stretch": 3}, {"notes": "maybe"}]
    for wrong in wrongs:
        with pytest.raises(ValidationError):
            Options.model_validate(wrong)


def test_ten_thousand_captions_have_names_of_one_length() -> None:
    data = "\n".join(f"00:{n // 60 % 60:02}:{n % 60:02},000 --> 01:00:00,000\nx\n" for n in range(3000)).encode()
    assert plan(data, "x.srt", Options()).segments[-1].id == "3000"
    more = "\n".join(
        f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},000 --> 09:00:00,000\nx\n" for n in range(10_000)
    ).encode()
    made = plan(more, "x.srt", Options())
    assert (made.segments[0].id, made.segments[-1].id) == ("00001", "10000")
    assert len(made.warnings) == 51 and made.warnings[-1] == "and 9949 more warnings"


@pytest.mark.parametrize(
    ("spoken", "following", "policy", "speed", "end", "fits", "note"),
    [
        (1.5, 4000, "natural", 1.0, 2500, True, ""),
        (2.0, 3000, "natural", 1.0, 3000, True, ""),
        (2.5, 4000, "natural", 1.0, 3500, True, "ends 0.50 s after its caption"),
        (3.5, 4000, "natural", 1.0, 4500, False, "ends 1.50 s after its caption, and runs 0.50 s into the next"),
        (9.0, None, "natural", 1.0, 10000, True, "ends 7.00 s after its caption"),
        (1.5, 4000, "stretch", 1.0, 2500, True, ""),
        (2.5, 4000, "stretch", 1.25, 3000, True, "fits, spoken 1.25 times as fast"),
        (7 / 3, 3000, "stretch", 1.1667, 3000, True, "fits, spoken 1.1667 times as fast"),
        (2.6, 3000, "shorten", 1.3, 3000, True, "fits, spoken 1.3 times as fast"),
        (3.9, 4000, "stretch", 1.3, 4000, True, "ends 1.00 s after its caption, spoken 1.3 times as fast"),
        (
            *(5.2, 4000, "stretch", 1.3, 5000, False),
            "ends 2.00 s after its caption, spoken 1.3 times as fast, and runs 1.00 s into the next",
        ),
        # the next caption comes while this one is on: as the file has it
        (2.0, 2000, "natural", 1.0, 3000, True, ""),
        (2.2, 2000, "natural", 1.0, 3200, False, "ends 0.20 s after its caption, and runs 0.20 s into the next"),
    ],
)
def test_a_take_is_fitted_into_its_caption(
    spoken: float, following: int | None, policy: Policy, speed: float, end: int, fits: bool, note: str
) -> None:
    found = fit(spoken, (1000, 3000), following, policy)
    assert (found.speed, found.start_ms, found.end_ms, found.fits, found.note) == (speed, 1000, end, fits, note)


@given(st.floats(0, 60), st.integers(0, 10_000), st.integers(1, 10_000), st.integers(0, 20_000), st.floats(1, 2))
def test_no_take_is_stretched_further_than_it_takes(
    spoken: float, start: int, slot: int, following: int, most: float
) -> None:
    natural = fit(spoken, (start, start + slot), following)
    found = fit(spoken, (start, start + slot), following, "stretch", most)
    assert 1.0 <= found.speed <= max(1.0, most)
    assert found.start_ms == natural.start_ms == start
    assert found.end_ms <= natural.end_ms
    assert found.fits or not natural.fits
    assert (found.speed == 1.0) or not fits_as_it_is(spoken, (start, start + slot))
    if found.speed < most:
        assert found.end_ms <= start + slot


def test_a_shortened_and_stretched_take_ends_when_it_is_told() -> None:
    """As a recipe does it: pauses first, then the tempo, and what comes out is as long as the fit says."""
    at = np.arange(RATE) / RATE
    word = (6000 * np.sin(2 * np.pi * 180 * at)).astype("<i2").tobytes()
    take, slot = word + bytes(2 * RATE) + word, (0, 1900)
    assert not fits_as_it_is(3.0, slot)
    shorter = shortened(take, RATE, wanted_s=1.9)
    found = fit(len(shorter) / 2 / RATE, slot, 2000, "shorten")
    tempo = Tempo(found.speed, RATE)
    made = tempo.feed(shorter) + tempo.finish()
    assert found.fits and 1.1 < found.speed < 1.3
    assert len(made) / 2 / RATE * 1000 == pytest.approx(found.end_ms, abs=20)
    assert found.end_ms <= 1900


def test_what_does_not_fit_is_reported() -> None:
    segments = plan(kitchen(), "x.srt", Options()).segments
    seconds = [3.6, 1.6, 5.2, 2.4, 60.0]
    fits = fitted(segments, seconds, "natural", 1.3)
    assert [found.fits for found in fits] == [False, True, False, True, True]
    assert [found.start_ms for found in fits] == [1000, 3500, 5400, 10500, 100000]
    report = reported(zip(segments, fits, strict=True))
    assert json.loads(json.dumps(report)) == report
    assert [one["id"] for one in report] == ["0001", "0003"]
    assert report[0] == {
        "id": "0001",
        "line": 2,
        "text": "The lamp in the kitchen is on again.",
        "start_ms": 1000,
        "end_ms": 3200,
        "spoken_until_ms": 4600,
        "speed": 1.0,
        "note": "ends 1.40 s after its caption, and runs 1.10 s into the next",
    }
    assert fitted([], [], "natural", 1.3) == []
    with pytest.raises(ValueError, match="segment 7 has no place"):
        fitted([Segment("7", "x")], [1.0], "natural", 1.3)
