"""The gate with a real recogniser: sixty good takes are good, and planted bad ones are not. `make hearing` runs this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from daemon.gate import Gate, Verdict
from daemon.making.recogniser import Whisper
from tests.clips import RATE
from tests.takes import BAD, SPEEDS, Sentence, longer, paced, part, sentences

pytestmark = [pytest.mark.hearing, pytest.mark.filterwarnings("default"), pytest.mark.timeout(900)]

# Whisper's own mistakes; none was made when this was written.
MOST_ALARMS: Final = 2
PLANTED: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {
    "another sentence": lambda pcm, other: other,
    "another's end": lambda pcm, other: part(pcm, 0, 0.5) + part(other, 0.5, 1),
    **{name: lambda pcm, other, spoil=spoil: spoil(pcm) for name, spoil in BAD.items()},  # type: ignore[misc]
}


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(Whisper())


async def judged(gate: Gate, sentence: Sentence, pcm: bytes) -> Verdict:
    return await gate.judge(pcm, RATE, sentence.text, sentence.language)


async def test_good_takes_are_good(gate: Gate) -> None:
    alarms = []
    for n, sentence in enumerate(sentences()):
        verdict = await judged(gate, sentence, paced(sentence.pcm, SPEEDS[n % 3]))
        assert verdict.heard is not None
        if not verdict.good:
            alarms.append(f"{sentence.text} | {verdict.heard} | {verdict.reasons}")
    print(len(alarms), "false alarms", *alarms, sep="\n")
    assert len(alarms) <= MOST_ALARMS, "\n".join(alarms)


@pytest.mark.parametrize("kind", PLANTED)
async def test_planted_takes_are_bad(gate: Gate, kind: str) -> None:
    found = longer()
    for sentence, other in zip(found, found[1:] + found[:1], strict=True):
        verdict = await judged(gate, sentence, PLANTED[kind](sentence.pcm, other.pcm))
        assert not verdict.good, (sentence.text, verdict.heard, verdict.word_error_rate)
