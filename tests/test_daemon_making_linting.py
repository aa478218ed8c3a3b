"""Audio files are judged: what comes in is bytes, what comes out is a report."""

from __future__ import annotations

import json
import time
import tracemalloc

import numpy as np
import pytest
from clips import RATE, SHORT, Samples, at, silence, spoken, wav

from daemon.making.linting import Report, examine
from daemon.making.recogniser import Heard, RecogniserUnavailable, Whisper
from outputs.audio import encoder


class Ear:
    """A recogniser that hears the same in everything."""

    def __init__(self, text: str = "", error: Exception | None = None) -> None:
        self.text, self.error = text, error
        self.asked: list[tuple[bytes, str | None]] = []

    async def heard(self, wav: bytes, language: str | None) -> Heard:
        self.asked.append((wav, language))
        if self.error:
            raise self.error
        return Heard(self.text, "en")


@pytest.fixture(scope="module")
def clean() -> Samples:
    return at(spoken("heart", SHORT), -20)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


async def test_a_clean_file_is_usable_and_its_facts_are_told(clean: Samples) -> None:
    report = await examine(wav(clean), SHORT)
    assert report.usable
    assert not report.findings
    assert report.heard is None
    facts = report.facts
    assert (facts["sample_rate"], facts["channels"]) == (RATE, 1)
    assert facts["seconds"] == pytest.approx(len(clean) / RATE, abs=0.001)
    assert facts["speech_seconds"] == pytest.approx(4.8, abs=0.5)
    assert facts["loudness"] == pytest.approx(-22, abs=1.5)
    assert facts["snr"] is not None and facts["snr"] > 40


@pytest.mark.parametrize("kind", ["flac", "mp3", "opus"])
async def test_every_format_that_can_be_read_is_judged(clean: Samples, kind: str) -> None:
    made = encoder(kind, RATE)
    data = made.encode((clean * 32767).astype("<i2").tobytes()) + made.finish()
    assert codes(await examine(data, SHORT)) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (wav(silence(0)), "empty"),
        (b"hello", "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "unreadable"),
        (b"RIFF" + bytes(100), "unreadable"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "unreadable"),
    ],
)
async def test_what_is_no_recording_is_a_finding(data: bytes, code: str) -> None:
    report = await examine(data, "Nobody says this.")
    assert codes(report) == [code]
    assert not report.usable
    assert not report.facts


async def test_five_minutes_are_judged_by_their_beginning(clean: Samples) -> None:
    stereo = np.tile(spoken(), (2, 31))[:, : 300 * RATE]
    data = wav(stereo)
    tracemalloc.start()
    begun = time.process_time()
    report = await examine(data, None, recogniser=(ear := Ear("anything")))
    took, most = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(report) == ["too-long", "stereo", "transcript-missing"]
    assert "5.0 minutes" in report.findings[0].message
    assert report.facts["seconds"] == 300
    assert took < 20
    assert most < 120e6  # all of it is 58 MB as samples of one channel alone, many times over while it is measured
    assert not ear.asked


async def test_a_transcript_of_something_else_is_found_by_recognition(clean: Samples) -> None:
    ear = Ear("I once knew a man who sailed around the world alone.")
    report = await examine(wav(clean), SHORT, language="en-US", recogniser=ear)
    assert codes(report) == ["transcript-differs"]
    assert not report.usable
    assert report.heard == Heard(ear.text, "en")
    ((heard, language),) = ear.asked
    assert heard == wav(clean)
    assert language == "en-US"


async def test_the_right_transcript_is_found_right(clean: Samples) -> None:
    report = await examine(wav(np.stack([clean, clean])), SHORT, recogniser=Ear(SHORT.lower()))
    assert codes(report) == ["stereo"]


async def test_a_recogniser_that_is_not_there_spoils_nothing(clean: Samples) -> None:
    report = await examine(wav(clean), SHORT, recogniser=Ear(error=RecogniserUnavailable("it sleeps")))
    assert codes(report) == ["transcript-unchecked"]
    assert "it sleeps" in report.findings[0].message
    assert report.usable


async def test_nobody_listens_where_nobody_speaks() -> None:
    ear = Ear("thank you for watching")
    await examine(wav(silence(4)), None, recogniser=ear)
    assert not ear.asked


async def test_a_report_is_plain_json(clean: Samples) -> None:
    report = await examine(wav(clean), None, recogniser=Ear(SHORT))
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert plain["usable"] is True
    assert plain["heard"] == SHORT
    assert set(plain["findings"][0]) == {"code", "level", "message", "advice"}
    assert plain["facts"]["bandwidth"] == 12_000


@pytest.mark.hearing
@pytest.mark.filterwarnings("default")
async def test_whisper_finds_a_wrong_transcript_and_lets_a_right_one_pass(clean: Samples) -> None:
    whisper = Whisper()
    assert codes(await examine(wav(clean), SHORT, language="en", recogniser=whisper)) == []
    wrong = SHORT.replace("runs into the forest to sleep", "hides from the hunters behind a tree")
    report = await examine(wav(clean), wrong, language="en", recogniser=whisper)
    assert codes(report) == ["transcript-differs"]
    assert "forest" in report.findings[0].message
