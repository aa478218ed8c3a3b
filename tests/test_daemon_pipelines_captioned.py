"""Subtitles out: every cue is where its sentence is heard, to 20 ms, however many came before; words tell how they were timed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pysubs2
import pytest
import soundfile
import webvtt

from daemon.making.recogniser import RecogniserUnavailable
from daemon.pipelines import long_form, script, subtitles
from daemon.pipelines.captioned import Captioned, able, aligned, write_captions
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.pipelines.tools import Tools
from daemon.text.wordtimes import Word
from outputs.audio import whole

RATE = 24_000
LOW, HIGH = 500.0, 2500.0
# Levels are looked at every 5 ms.
STEP = RATE // 200
CLOSE_MS = 20

Artifacts = Sequence[Mapping[str, object]]


def loud(folder: Path, plan: Plan, seconds: Sequence[float], silence_s: float = 0.0) -> list[Taken]:
    """A take for each segment, a low tone and a high one in turn, with as much silence around it."""
    (folder / "segments").mkdir()
    made, around = [], bytes(2 * round(silence_s * RATE))
    for n, (segment, length) in enumerate(zip(plan.segments, seconds, strict=True)):
        samples = np.arange(round(length * RATE))
        tone = (9000 * np.sin(2 * np.pi * (HIGH if n % 2 else LOW) * samples / RATE)).astype("<i2").tobytes()
        pcm = around + tone + around
        (folder / "segments" / f"{segment.id}.flac").write_bytes(whole("flac", pcm, RATE))
        made.append(Taken(segment, f"segments/{segment.id}.flac", round(len(pcm) / 2 / RATE, 4), 1, "tone", "en"))
    return made


def played(path: Path) -> np.ndarray[Any, Any]:
    """All of a file at 24 kHz, by somebody else's decoder."""
    if path.suffix not in (".m4b", ".opus"):
        samples, rate = soundfile.read(path, dtype="float32")
        assert rate == RATE
        return samples
    with av.open(str(path)) as file:
        mono = av.AudioResampler("flt", "mono", RATE)
        frames = [part for frame in file.decode(audio=0) for part in mono.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in [*frames, *mono.resample(None)]])


def heard(samples: np.ndarray[Any, Any]) -> list[tuple[float, float]]:
    """When each tone begins and ends, in milliseconds, in the order of their beginnings."""
    count = len(samples) // STEP
    found = list[tuple[float, float]]()
    for hertz in (LOW, HIGH):
        probe = np.exp(-2j * np.pi * hertz * np.arange(STEP) / RATE)
        on = np.abs(samples[: count * STEP].reshape(count, STEP) @ probe) / STEP > 0.03
        edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int))) * STEP * 1000 / RATE
        found += zip(edges[::2], edges[1::2], strict=True)
    return sorted((begin, end) for begin, end in found if end - begin > 30)


def cues(path: Path) -> list[tuple[int, int, str]]:
    return [(one.start, one.end, one.plaintext) for one in pysubs2.load(str(path), encoding="utf-8")]


def lengths(count: int, seed: int, least: int = 2401) -> list[float]:
    """Of no whole number of milliseconds."""
    chance = random.Random(seed)
    return [chance.randrange(least, least + 17_611) / RATE for _ in range(count)]


def see(folder: Path, sound: str, count: int) -> None:
    """Every cue is where a tone is."""
    tones, shown = heard(played(folder / sound)), cues(folder / "audio.srt")
    assert len(tones) == len(shown) == count
    for (begin, end), (start, until, _) in zip(tones, shown, strict=True):
        assert start == pytest.approx(begin, abs=CLOSE_MS)
        assert until >= end - CLOSE_MS
    assert all(one[0] < one[1] <= other[0] for one, other in pairwise(shown))
    theirs = webvtt.read(str(folder / "audio.vtt"))
    assert [(one.start_time.in_milliseconds(), one.end_time.in_milliseconds(), one.text) for one in theirs] == shown


@pytest.mark.parametrize(("kind", "count"), [("flac", 400), ("m4b", 100), ("mp3", 100), ("opus", 100)])
def test_a_books_cues_are_where_it_is_read(kind: str, count: int, tmp_path: Path) -> None:
    options = long_form.Options.model_validate({"audio": kind, "paragraph_ms": 617, "loudness": None})
    text = "\n\n".join(f"This is line {number}." for number in range(count))
    plan = long_form.plan(text.encode(), "x.txt", options)
    long_form.assemble(tmp_path, plan, loud(tmp_path, plan, lengths(count, 1)), options)
    see(tmp_path, f"audio.{kind}", count)


def test_a_cue_waits_for_the_voice_and_goes_with_it(tmp_path: Path) -> None:
    """The built-in voices begin after 50 ms, and one of them is silent for a second behind its last word."""
    options = subtitles.Options.model_validate({"audio": "flac", "loudness": None})
    plan = subtitles.plan(captions(20, [(n * 4000, n * 4000 + 3000) for n in range(20)]), "x.srt", options)
    subtitles.assemble(tmp_path, plan, loud(tmp_path, plan, [2.0] * 20, silence_s=0.7), options)
    closely(tmp_path, 20)


def closely(folder: Path, count: int) -> None:
    """Every cue comes and goes with its tone."""
    tones, shown = heard(played(folder / "audio.flac")), cues(folder / "audio.srt")
    assert len(tones) == len(shown) == count
    for (begin, end), (start, until, _) in zip(tones, shown, strict=True):
        assert (start, until) == (pytest.approx(begin, abs=CLOSE_MS), pytest.approx(end, abs=CLOSE_MS))


def test_a_plays_cues_are_where_it_is_played(tmp_path: Path) -> None:
    """Every third line begins before the one above it has ended."""
    options = script.Options.model_validate(
        {"cast": {"ANNA": "a", "BEN": "b"}, "audio": "flac", "stems": False, "loudness": None}
    )
    lines = [f"{'BEN' if n % 2 else 'ANNA'}: Line {n}.{' ^' if n % 3 == 1 else ''}" for n in range(150)]
    plan = script.plan("\n".join(lines).encode(), "x.txt", options)
    script.assemble(tmp_path, plan, loud(tmp_path, plan, lengths(150, 2, least=24_001)), options)
    tones, shown = heard(played(tmp_path / "audio.flac")), cues(tmp_path / "audio.srt")
    assert len(tones) == len(shown) == 150
    assert any(one[1] > other[0] + CLOSE_MS for one, other in pairwise(tones)), "some are heard at once"
    for (begin, _), (start, _, _) in zip(tones, shown, strict=True):
        assert start == pytest.approx(begin, abs=CLOSE_MS)
    assert all(one[0] < one[1] <= other[0] for one, other in pairwise(shown))


def captions(count: int, slots_ms: Sequence[tuple[int, int]]) -> bytes:
    from daemon.text.timings import shown

    return "\n".join(
        f"{n + 1}\n{shown(start, 'srt')} --> {shown(end, 'srt')}\nCaption {n}.\n"
        for n, (start, end) in enumerate(slots_ms)
    ).encode()


@pytest.mark.parametrize("policy", ["natural", "stretch", "shorten"])
def test_every_caption_is_spoken_at_its_time_and_what_does_not_fit_is_named(policy: str, tmp_path: Path) -> None:
    chance, slots, at = random.Random(3), list[tuple[int, int]](), 777
    for _ in range(120):
        length = chance.randrange(500, 900)
        slots.append((at, at + length))
        at += length + chance.randrange(40, 700)
    options = subtitles.Options.model_validate({"audio": "flac", "fit": policy, "max_stretch": 1.25, "loudness": None})
    plan = subtitles.plan(captions(120, slots), "x.srt", options)
    takes = loud(tmp_path, plan, lengths(120, 4, least=6001))
    subtitles.assemble(tmp_path, plan, takes, options)
    tones, shown = heard(played(tmp_path / "audio.flac")), cues(tmp_path / "audio.srt")
    assert len(tones) == len(shown) == 120
    for (begin, _), (start, _), (cue, _, _) in zip(tones, slots, shown, strict=True):
        assert begin == pytest.approx(start, abs=CLOSE_MS)
        assert cue == pytest.approx(start, abs=CLOSE_MS)
    assert all(one[0] < one[1] <= other[0] for one, other in pairwise(shown))
    assert not (tmp_path / "captions").exists()
    report = json.loads((tmp_path / "report.json").read_bytes())
    named = {int(one["id"]) - 1 for one in report["does_not_fit"]}
    # by ear, within the 5 ms that it is sure of
    into = [end - following for (_, end), (following, _) in zip(tones, slots[1:], strict=False)]
    assert {n for n, over in enumerate(into) if over > 10} <= named <= {n for n, over in enumerate(into) if over > -10}
    assert 1 < len(named) < 119
    assert all(slots[int(one["id"]) - 1][0] == one["start_ms"] for one in report["does_not_fit"])


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def tones(tmp_path: Path) -> None:
    """Of all lengths that are asked for below."""
    for seconds in (0.5, 0.8, 1.0):
        pcm = np.full(round(seconds * RATE), 9000, "<i2").tobytes()
        (tmp_path / f"{seconds}.flac").write_bytes(whole("flac", pcm, RATE))


def taken(text: str, seconds: float, *words: Word) -> Taken:
    return Taken(Segment("0001", text), f"{seconds}.flac", seconds, 1, "tone", "en", words=words)


def words(folder: Path) -> tuple[str, list[dict[str, Any]]]:
    told = json.loads((folder / "audio.words.json").read_bytes())
    return told["times"], told["words"]


def test_words_are_estimated_and_say_so(tmp_path: Path) -> None:
    made = write_captions(
        tmp_path, [taken("Hello there.", 1.0), taken("Yes.", 0.5)], [(0, 1000), (2000, 2500)], "audio"
    )
    assert [one["name"] for one in made] == ["audio.srt", "audio.vtt", "audio.words.json"]
    assert made[2]["times"] == "estimated"
    kind, found = words(tmp_path)
    assert kind == "estimated"
    assert [(one["cue"], one["text"], one["estimated"]) for one in found] == [
        (1, "Hello", True), (1, "there.", True), (2, "Yes.", True),
    ]  # fmt: skip
    assert (found[0]["start_ms"], found[1]["end_ms"], found[2]["start_ms"]) == (0, 1000, 2000)
    assert all(one["bytes"] == (tmp_path / str(one["name"])).stat().st_size for one in made)


def test_words_that_were_heard_are_where_their_take_is(tmp_path: Path) -> None:
    heard = [Word("hello", 100, 400, False), Word("there", 500, 900, False)]
    made = write_captions(tmp_path, [taken("Hello there.", 1.0, *heard)], [(5000, 6000)], "audio")
    assert made[2]["times"] == "aligned"
    _, found = words(tmp_path)
    assert [(one["start_ms"], one["end_ms"], one["estimated"]) for one in found] == [
        (5100, 5400, False),
        (5500, 5900, False),
    ]


def test_words_of_a_take_that_is_spoken_faster_come_earlier(tmp_path: Path) -> None:
    heard = [Word("hello", 100, 400, False), Word("there", 500, 900, False)]
    write_captions(tmp_path, [taken("Hello there.", 1.0, *heard)], [(5000, 5800)], "audio", [tmp_path / "0.8.flac"])
    assert [one["start_ms"] for one in words(tmp_path)[1]] == [5080, 5400]


def test_what_was_not_heard_is_told_apart(tmp_path: Path) -> None:
    takes = [taken("Hello there.", 1.0, Word("hello", 100, 400, False)), taken("Nobody listened.", 1.0)]
    made = write_captions(tmp_path, takes, [(0, 1000), (1000, 2000)], "audio")
    assert made[2]["times"] == "partly aligned"
    assert [one["estimated"] for one in words(tmp_path)[1]] == [False, True, True, True]


def test_a_take_whose_pauses_were_cut_has_estimated_words(tmp_path: Path) -> None:
    """When its words are said now is not known; a take that is left as it is, or made faster, keeps them."""
    slots = [(0, 1000), (1500, 2500), (3000, 5000)]
    for policy, expected in (("shorten", [True, True, False]), ("stretch", [False] * 3)):
        folder = tmp_path / policy
        folder.mkdir()
        options = subtitles.Options.model_validate({"audio": "flac", "fit": policy})
        plan = subtitles.plan(captions(3, slots), "x.srt", options)
        takes = [
            Taken(one.segment, one.file, one.seconds, 1, "tone", "en", words=(Word("caption 0 1 2", 0, 1000, False),))
            for one in loud(folder, plan, [1.2, 1.2, 1.2])
        ]
        subtitles.assemble(folder, plan, takes, options)
        assert [one["estimated"] for one in words(folder)[1] if one["text"] == "Caption"] == expected


def test_tags_are_heard_and_not_read(tmp_path: Path) -> None:
    texts = ["Wait [pause 200ms]for [rate 0.9]me[/rate], Anna [laughs]."]
    write_captions(tmp_path, [taken(text, 1.0) for text in texts], [(0, 1000)], "audio")
    assert [text for _, _, text in cues(tmp_path / "audio.srt")] == ["Wait for me, Anna [laughs]."]
    assert [one["text"] for one in words(tmp_path)[1]] == ["Wait", "for", "me,", "Anna", "[laughs]."]


def test_nothing_spoken_leaves_files_that_can_be_read(tmp_path: Path) -> None:
    write_captions(tmp_path, [taken("…", 0.0)], [(0, 0)], "audio")
    assert words(tmp_path) == ("estimated", [])
    assert (tmp_path / "audio.vtt").read_text() == "WEBVTT\n\n"


def test_aligning_needs_somebody_who_listens() -> None:
    deaf = Tools(None, None, None, None, None, None, None)  # type: ignore[arg-type]
    for options in (Captioned(), Captioned(words="aligned", subtitles=False), object()):
        assert not aligned(options)
        able(deaf, options)
    assert aligned(Captioned(words="aligned"))
    with pytest.raises(RecogniserUnavailable, match="words=aligned needs somebody who listens"):
        able(deaf, Captioned(words="aligned"))
    able(Tools(object(), None, None, None, None, None, None), Captioned(words="aligned"))  # type: ignore[arg-type]
