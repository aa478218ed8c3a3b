"""Subtitles of one utterance: read back the same, never over each other, at the times of the sound."""

from __future__ import annotations

import json
from html import unescape
from itertools import pairwise
from pathlib import Path

import pysubs2
import pytest
import webvtt

from daemon.subtitled import subtitles
from daemon.text.wrapping import width
from daemon.timing import Heard
from tests.kept import Start, hear
from tests.sounds import RATE, regions

LONG = (
    "When the lamp in the kitchen had gone out for the third time that evening, and nobody in the whole house would say who had "
    "been the last to leave the room, my grandmother put her knitting down, looked at each of us in turn, and laughed."
)
TEXT = f"Good evening. [pause 1s] {LONG} [voice pico-de]Das war schön![/voice] 5 < 6 & so on."


def ms(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)


@pytest.mark.parametrize("wishes", [{}, {"speed": 1.5}, {"speed": 0.8, "pitch": -4.0}], ids=str)
async def test_they_are_read_back_the_same_and_stand_where_it_sounds(
    start: Start, tmp_path: Path, wishes: dict[str, float]
) -> None:
    voiced = await start(engine="builtin")
    pcm, take = await hear(
        voiced, TEXT, voice="heart", language="en", seed=1, subtitles=("srt", "vtt", "words"), **wishes
    )
    files = take.subtitles()
    for name, text in files.items():
        (tmp_path / name).write_bytes(text)
    srt = [(one.start, one.end, one.plaintext) for one in pysubs2.load(str(tmp_path / "subtitles.srt"))]
    vtt = [(ms(one.start), ms(one.end), unescape(one.text)) for one in webvtt.read(str(tmp_path / "subtitles.vtt"))]
    again = pysubs2.load(str(tmp_path / "subtitles.vtt"))
    assert vtt == srt == [(one.start, one.end, unescape(one.plaintext)) for one in again]
    assert all(begin < end for begin, end, _ in srt)
    assert all(before[1] <= after[0] for before, after in pairwise(srt))
    assert all(1 <= len(text.split("\n")) <= 2 and max(map(width, text.split("\n"))) <= 42 for _, _, text in srt)
    assert srt[-1][1] <= -(-len(pcm) // 48)
    sentences = ["Good evening.", LONG, "Das war schön!", "5 < 6 & so on."]
    assert " ".join(text.replace("\n", " ") for _, _, text in srt) == " ".join(sentences)
    found = regions(pcm, 0.15)
    begins = [begin for begin, _, text in srt if any(one.startswith(text.split("\n")[0]) for one in sentences)]
    assert len(begins) == 4
    for begin in begins:
        assert min(abs(begin / 1000 - region[0]) for region in found) <= 0.02
    words = json.loads(files["subtitles.words.json"])
    assert words["times"] == "estimated" and all(word["estimated"] for word in words["words"])
    assert " ".join(word["text"] for word in words["words"]) == " ".join(sentences)
    assert "<v pico-de>Das war schön!" in files["subtitles.vtt"].decode()


async def test_a_cue_is_there_for_as_long_as_its_sentence(start: Start) -> None:
    voiced = await start(engine="builtin")
    text = "The light is on. It was a long night! Who has seen the cat?"
    pcm, take = await hear(voiced, text, voice="heart", seed=2, subtitles=("srt",))
    found = regions(pcm, 0.25)
    cues = list(pysubs2.SSAFile.from_string(take.subtitles()["subtitles.srt"].decode()))
    assert len(found) == len(cues) == 3
    for cue, (begin, end) in zip(cues, found, strict=True):
        assert cue.start / 1000 == pytest.approx(begin, abs=0.02)
        assert end - 0.02 <= cue.end / 1000


async def test_of_the_tone_to_the_millisecond(start: Start) -> None:
    voiced = await start(sentence_gap=200)
    _, take = await hear(voiced, "Do re mi. [pause 500ms] Fa! So?", language="en", subtitles=("srt",))
    cues = list(pysubs2.SSAFile.from_string(take.subtitles()["subtitles.srt"].decode()))
    assert [cue.start for cue in cues] == [0, 9 * 80 + 500, 12 * 80 + 700]
    assert take.sentences[2].end == RATE * (15 * 80 + 700) // 1000


def test_nobody_is_named_where_one_voice_speaks_alone() -> None:
    heard = [Heard("One.", 0, 24_000, "anna"), Heard("Two.", 30_000, 48_000, "anna")]
    assert b"<v" not in subtitles(heard, 48_000, RATE, ["vtt"])["subtitles.vtt"]
    heard[1] = Heard("Two.", 30_000, 48_000, "bob")
    assert b"<v anna>One." in subtitles(heard, 48_000, RATE, ["vtt"])["subtitles.vtt"]


def test_no_cue_stands_when_the_sound_is_over() -> None:
    (srt,) = subtitles([Heard("Yes.", 0, 6000, "anna")], 7200, RATE, ["srt"]).values()
    assert b"00:00:00,000 --> 00:00:00,300" in srt


def test_without_a_wish_or_a_sound_there_is_nothing() -> None:
    assert subtitles([Heard("One.", 0, 24_000, "anna")], 24_000, RATE, ()) == {}
    assert subtitles([], 0, RATE, ["srt"]) == {"subtitles.srt": b""}
    assert subtitles([Heard("Half \ud83d.", 0, 9, "a")], 9, RATE, ["vtt"])["subtitles.vtt"].endswith(b"Half ?.\n\n")
