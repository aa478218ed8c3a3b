"""What texts take, measured."""

from __future__ import annotations

import time

from daemon.bench import text
from daemon.text.spoken import LANGUAGES


def test_every_step_and_language_has_its_rows() -> None:
    rows = text.measure(characters=600, rounds=1).rows
    assert len(rows) == sum(len(step.texts) for step in text.STEPS)
    assert {str(row["name"]).removeprefix("aloud, ") for row in rows} >= {"cleaner", "splitter", "ssml", *LANGUAGES}
    assert all(isinstance(row["s_per_million"], float) for row in rows)


def test_the_best_round_is_told_for_a_million_characters() -> None:
    lengths = []

    def work(given: str) -> None:
        lengths.append(len(given))
        until = time.process_time() + 0.01 * len(lengths)
        while time.process_time() < until:
            pass

    assert 10.0 <= text.best(work, "ab", 1000, 2) < 20.0
    assert lengths == [1000, 1000]
