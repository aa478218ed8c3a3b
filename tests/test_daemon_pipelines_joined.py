"""What pipelines do that make one sound: chapters where they begin, and no more of them than a file holds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from daemon.faults import InputMistake
from daemon.pipelines import halting, long_form, script
from daemon.pipelines.plan import Plan, Taken
from outputs.audio import whole
from outputs.container import MAX_MP3_CHAPTERS


def book(chapters: int, **options: Any) -> Plan:
    text = "".join(f"# Chapter {number}\n\nA word.\n\n" for number in range(chapters))
    return long_form.plan(text.encode(), "book.md", long_form.Options(**options))


def play(chapters: int, **options: Any) -> Plan:
    text = "".join(f"@chapter Scene {number}\nANNA: A word.\n" for number in range(chapters))
    return script.plan(text.encode(), "play.txt", script.Options(cast={"ANNA": "tone"}, **options))


@pytest.mark.parametrize("planned", [book, play])
def test_more_chapters_than_an_mp3_holds_are_told_before_anything_is_spoken(planned: Any) -> None:
    assert planned(MAX_MP3_CHAPTERS, audio="mp3").segments
    with pytest.raises(InputMistake, match=f"{MAX_MP3_CHAPTERS + 1}: take m4b, or per_chapter") as caught:
        planned(MAX_MP3_CHAPTERS + 1, audio="mp3")
    assert caught.value.details[0].path == "audio"
    for options in ({"audio": "m4b"}, {"audio": "mp3", "per_chapter": True}):
        assert planned(MAX_MP3_CHAPTERS + 1, **options).segments


def takes(folder: Path, plan: Plan) -> list[Taken]:
    """A tenth of a second each."""
    (folder / "segments").mkdir()
    made = []
    for segment in plan.segments:
        (folder / "segments" / f"{segment.id}.flac").write_bytes(whole("flac", bytes(4800), 24_000))
        made.append(Taken(segment, f"segments/{segment.id}.flac", 0.1, 1, "tone", "en"))
    return made


@pytest.mark.parametrize("kind", ["m4b", "mp3"])
def test_a_plays_chapters_are_in_its_file(kind: str, tmp_path: Path) -> None:
    found = play(3, audio=kind, chapter_ms=400)
    options = script.Options(cast={"ANNA": "tone"}, audio=kind, loudness=None)
    script.assemble(tmp_path, found, takes(tmp_path, found), options)
    with av.open(str(tmp_path / f"audio.{kind}")) as file:
        told = [(one["metadata"]["title"], float(one["start"] * one["time_base"])) for one in file.chapters()]
    assert [title for title, _ in told] == ["Scene 0", "Scene 1", "Scene 2"]
    assert [start for _, start in told] == pytest.approx([0.0, 0.5, 1.0], abs=0.002)


def test_a_play_may_be_a_file_a_chapter(tmp_path: Path) -> None:
    found = play(2, audio="flac", per_chapter=True, stems=False, subtitles=False)
    options = script.Options(cast={"ANNA": "tone"}, audio="flac", per_chapter=True, stems=False, subtitles=False)
    made = script.assemble(tmp_path, found, takes(tmp_path, found), options)
    assert [one["name"] for one in made] == ["01 Scene 0.flac", "02 Scene 1.flac"]


@pytest.mark.parametrize("loudness", [None, -18.0])
def test_an_assembly_tells_how_much_of_it_is_done(
    loudness: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halting, "_TELL_S", 0.0)
    found, shares = play(2, audio="flac", chapter_ms=5000), list[float]()
    options = script.Options(cast={"ANNA": "tone"}, audio="flac", loudness=loudness, stems=False)
    with halting.telling(shares.append):
        script.assemble(tmp_path, found, takes(tmp_path, found), options)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("loudness", [None, -18.0])
async def test_an_assembly_that_nobody_wants_any_more_ends_and_leaves_no_half_of_a_file(
    loudness: float | None, tmp_path: Path
) -> None:
    """Hours of silence between two words: it would take minutes."""
    found = play(2, audio="flac")
    options = script.Options(cast={"ANNA": "tone"}, audio="flac", loudness=loudness)
    long = [replace(segment, pause_ms=36_000_000) for segment in found.segments]
    spoken = [replace(take, segment=one) for take, one in zip(takes(tmp_path, found), long, strict=True)]
    task = asyncio.create_task(halting.in_thread(script.assemble, tmp_path, found, spoken, options))
    await asyncio.sleep(0.5)
    task.cancel()
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not list(tmp_path.rglob("*.part")) and not list(tmp_path.glob("audio.*"))
