"""Sentence by sentence with Qwen3-TTS, which otherwise reads on: on a small random checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kept import Start, hear

if TYPE_CHECKING:
    from checkpoints import Shelf

pytest.importorskip("torch")

TEXT = "The kitchen light is on. [pause 300ms] Good night to all of you! See you on Monday."


async def test_its_sentences_are_told_and_made_again_the_same(start: Start, checkpoint: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "models"
    folder.mkdir(parents=True)
    (folder / "presets").symlink_to(checkpoint("custom_voice", "nano", end=50.0))  # type: ignore[arg-type]
    voiced = await start(engine="qwen", dtype="float32", sentence_gap=100)
    wishes = {"voice": "ryan", "language": "en", "seed": 5, "sampling": {"stop_guard": False, "max_new_tokens": 12}}
    pcm, take = await hear(voiced, TEXT, subtitles=("srt",), **wishes)
    again, other = await hear(voiced, TEXT, subtitles=("srt",), **wishes)
    assert (again, other.sentences) == (pcm, take.sentences)
    assert take.outcome == "stop"
    texts = ["The kitchen light is on.", "Good night to all of you!", "See you on Monday."]
    assert [one.text for one in take.sentences] == texts
    places = [place for one in take.sentences for place in (one.begin, one.end)]
    assert places == sorted(places) and places[-1] <= len(pcm) // 2
