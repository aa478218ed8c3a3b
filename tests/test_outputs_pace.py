"""How long a text takes, in every language, is what voices take for it."""

from __future__ import annotations

import pytest

from daemon.making.samples import sample
from daemon.text.spoken import LANGUAGES, spoken
from daemon.text.spoken.piece import joined
from outputs.pace import expected_seconds
from outputs.soundness import measure
from tests.clips import RATE
from tests.takes import sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_seconds_of_every_language_are_about_as_long(language: str) -> None:
    """The samples were written to take about eight seconds, pauses included."""
    assert 4.5 < expected_seconds(sample(language), language) < 9


def test_the_built_in_voices_take_about_as_long() -> None:
    ratios = [
        measure(sentence.pcm, RATE).speech_s
        / expected_seconds(joined(sentence.text, spoken(sentence.text, sentence.language)), sentence.language)
        for sentence in sentences()
        if len(sentence.text) > 20
    ]
    assert min(ratios) > 0.7 and max(ratios) < 1.35, (min(ratios), max(ratios))


def test_speed_divides_it_and_nothing_takes_no_time() -> None:
    assert expected_seconds("Good morning", "en-GB", 2.0) == expected_seconds("Good morning", "en") / 2
    assert expected_seconds("", "en") == expected_seconds(" … ?! ", "de") == 0


def test_foreign_words_take_their_own_time() -> None:
    chinese = expected_seconds("请打开", "zh")
    assert expected_seconds("请打开 Spotify", "zh") == pytest.approx(chinese + 7 / 17)
    assert expected_seconds("Say 请打开", "en") > expected_seconds("Say abc", "en")
    assert expected_seconds("1984", "xx") == 1.0
