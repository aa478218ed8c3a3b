"""Golden sentences: what a native reader says for what is written, language by language.

A corpus is `tests/data/spoken/<language>.tsv`: the sentence, how it is read aloud, and where the rule is from.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from daemon.text.spoken import LANGUAGES, spoken
from daemon.text.spoken.piece import joined

CORPORA = Path(__file__).parent / "data" / "spoken"
LEAST = {"en": 60, "ru": 60}
# The share of a corpus that is read as expected.
RIGHT = 0.95


def corpus(language: str) -> list[tuple[str, str, str]]:
    with (CORPORA / f"{language}.tsv").open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1], row[2]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_sentences_are_read_as_a_native_reader_reads_them(language: str) -> None:
    sentences = corpus(language)
    wrong = [
        f"{written!r}\n  read     {said!r}\n  expected {expected!r}"
        for written, expected, _ in sentences
        if (said := joined(written, spoken(written, language))) != expected
    ]
    assert len(wrong) <= (1 - RIGHT) * len(sentences), "\n".join(wrong)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_corpus_is_large_enough_and_names_its_sources(language: str) -> None:
    sentences = corpus(language)
    assert len({written for written, _, _ in sentences}) >= LEAST.get(language, 25)
    assert all(source.strip() for _, _, source in sentences)
