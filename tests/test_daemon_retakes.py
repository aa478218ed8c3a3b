"""Bad takes are taken again and no others, and the best one is kept."""

from __future__ import annotations

import json

import pytest

from daemon.gate import Gate, Verdict
from daemon.limits import MAX_SEED
from daemon.retakes import best_of
from tests.clips import RATE
from tests.takes import BAD, longer

TAKES = {7: "bad", 8: "worse", 9: "good", 10: "good"}
VERDICTS = {"bad": Verdict(False, 0.5, ("words: wrong",)), "worse": Verdict(False, 0.2), "good": Verdict(True, 1.5)}


class Booth:
    """Takes what it is told to, and remembers the seeds."""

    def __init__(self, takes: dict[int, str]) -> None:
        self.takes, self.seeds = takes, list[int]()

    async def take(self, seed: int) -> str:
        self.seeds.append(seed)
        return self.takes[seed]


async def verdict(take: str) -> Verdict:
    return VERDICTS[take]


async def test_a_good_take_is_taken_once() -> None:
    booth = Booth({9: "good"})
    chosen = await best_of(booth.take, verdict, seed=9, tries=5)
    assert (chosen.take, chosen.seed, booth.seeds) == ("good", 9, [9])
    assert [attempt.kept for attempt in chosen.attempts] == [True]


async def test_it_is_taken_again_with_the_next_seed_until_it_is_good() -> None:
    booth = Booth(TAKES)
    chosen = await best_of(booth.take, verdict, seed=7, tries=9)
    assert (chosen.take, chosen.seed, booth.seeds) == ("good", 9, [7, 8, 9])
    assert [(attempt.seed, attempt.kept) for attempt in chosen.attempts] == [(7, False), (8, False), (9, True)]
    assert json.loads(json.dumps(chosen.attempts[0].as_dict()))["reasons"] == ["words: wrong"]


async def test_the_best_of_bad_takes_is_kept_and_the_first_among_equals() -> None:
    booth = Booth({1: "worse", 2: "bad", 3: "bad"})
    chosen = await best_of(booth.take, verdict, seed=1, tries=3)
    assert (chosen.take, chosen.seed, chosen.verdict.good) == ("bad", 2, False)


async def test_seeds_begin_anew_after_the_last_one() -> None:
    booth = Booth({MAX_SEED: "bad", 0: "good"})
    assert (await best_of(booth.take, verdict, seed=MAX_SEED, tries=2)).seed == 0


async def test_a_take_may_tell_its_own_seed_and_the_next_follows_it() -> None:
    asked = list[int | None]()

    async def take(seed: int | None) -> int:
        asked.append(seed)
        return 40 if seed is None else seed + 1  # the voice has run away unheard, and was begun again with the next

    async def judge(take: int) -> Verdict:
        return VERDICTS["good" if take > 43 else "bad"]

    chosen = await best_of(take, judge, seed=None, tries=9, seed_of=lambda take: take)
    assert (asked, [one.seed for one in chosen.attempts], chosen.seed) == ([None, 41, 43], [40, 42, 44], 44)
    with pytest.raises(ValueError, match="tell its own"):
        await best_of(take, judge, seed=None, tries=1)


async def test_what_goes_wrong_goes_through() -> None:
    with pytest.raises(KeyError):
        await best_of(Booth({1: "bad"}).take, verdict, seed=1, tries=2)
    with pytest.raises(ValueError, match="1 at least"):
        await best_of(Booth({}).take, verdict, seed=1, tries=0)


async def test_planted_takes_are_taken_again_and_no_others() -> None:
    """Each sentence's first take is good or bad by turns; the second is good."""
    gate, kinds = Gate(None), list(BAD)
    for n, sentence in enumerate(longer() * 2):
        first = BAD[kinds[n]](sentence.pcm) if n % 2 else sentence.pcm
        takes = {0: first, 1: sentence.pcm}

        async def take(seed: int, takes: dict[int, bytes] = takes) -> bytes:
            return takes[seed]

        async def judge(pcm: bytes, text: str = sentence.text, language: str = sentence.language) -> Verdict:
            return await gate.judge(pcm, RATE, text, language)

        chosen = await best_of(take, judge, seed=0, tries=4)
        assert chosen.take == sentence.pcm and chosen.seed == n % 2 and len(chosen.attempts) == 1 + n % 2
