"""What the line of a segment tells of its words."""

from __future__ import annotations

import json

from daemon.making.recogniser import MAX_SECONDS, Heard, Segment
from daemon.pipelines.listened import listened, words
from daemon.text.wordtimes import Word
from outputs.decoder import decode


class Ear:
    """Hears two words in whatever is loud."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, str | None, bool]] = []

    async def heard(self, wav: bytes, language: str | None, *, words: bool = False) -> Heard:
        sound = decode(wav, max_seconds=MAX_SECONDS)
        self.asked.append((len(sound.samples) / sound.sample_rate, language, words))
        return Heard("Guten Tag", "de", (), (Segment(0.1, 0.35, "Guten"), Segment(0.4004, 0.9, "Tag")))


async def test_words_go_into_the_line_and_come_back() -> None:
    ear = Ear()
    line = await listened(ear, bytes(2 * 24_000), 24_000, "de")
    assert ear.asked == [(1.0, "de", True)]
    assert json.loads(json.dumps(line)) == line == {"words": [["Guten", 100, 350], ["Tag", 400, 900]]}
    assert words(line) == (Word("Guten", 100, 350, False), Word("Tag", 400, 900, False))
    assert words({"seconds": 1.0}) == ()


async def test_nobody_listens_to_nothing_or_for_hours() -> None:
    ear = Ear()
    assert await listened(ear, b"", 24_000, "de") == {"words": []}
    assert await listened(ear, bytes(2 * round(MAX_SECONDS + 1) * 100), 100, "de") == {"words": []}
    assert ear.asked == []
