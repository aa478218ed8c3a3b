"""Bad takes are told from good ones, with and without somebody who listens."""

from __future__ import annotations

import json
import re

import pytest

from daemon.gate import Gate, Limits, Verdict
from daemon.making.recogniser import Heard, RecogniserUnavailable
from tests.clips import RATE, chords
from tests.takes import BAD, SPEEDS, Sentence, longer, paced, part, pcm_of, sentences

GOOD = [(sentence, SPEEDS[n % 3]) for n, sentence in enumerate(sentences())]
KEYS = {
    "silence": {"silence"},
    "nothing": {"silence"},
    "cut-start": {"cut-start"},
    "cut-end": {"cut-end"},
    "half silence": {"cut-end"},
    "doubled": {"repetition"},
    "circle": {"repetition", "too-long"},
    "noise": {"noise", "no-voice"},
    "fast": {"too-short"},
    "slow": {"too-long"},
}


class Ear:
    """A recogniser that hears what it is told."""

    def __init__(self, words: str) -> None:
        self.words, self.times = words, 0

    async def heard(self, wav: bytes, language: str | None) -> Heard:
        assert wav[:4] == b"RIFF" and language
        self.times += 1
        return Heard(self.words)


class Deaf:
    async def heard(self, wav: bytes, language: str | None) -> Heard:
        raise RecogniserUnavailable("the recogniser at attic does not answer")


def keys(verdict: Verdict) -> set[str]:
    return {reason.split(":")[0] for reason in verdict.reasons}


async def judged(sentence: Sentence, pcm: bytes, heard: str | None = None, reason: str = "stop") -> Verdict:
    gate = Gate(None if heard is None else Ear(heard))
    return await gate.judge(pcm, RATE, sentence.text, sentence.language, reason)


async def test_sixty_good_takes_at_three_speeds_are_good() -> None:
    alarms = []
    for sentence, speed in GOOD:
        verdict = await judged(sentence, paced(sentence.pcm, speed), sentence.text)
        assert verdict.word_error_rate == 0 and verdict.heard == sentence.text
        if not verdict.good or verdict.score <= 1:
            alarms.append((sentence.text, speed, verdict.reasons))
    assert alarms == []


async def test_good_takes_are_good_where_nobody_listens() -> None:
    for sentence, speed in GOOD[::4]:
        verdict = await judged(sentence, paced(sentence.pcm, speed))
        assert verdict.good and verdict.heard is verdict.word_error_rate is None, (sentence, verdict.reasons)


@pytest.mark.parametrize("kind", BAD)
async def test_bad_takes_are_bad_for_their_sound_alone(kind: str) -> None:
    for sentence in longer():
        verdict = await judged(sentence, BAD[kind](sentence.pcm))
        assert not verdict.good and verdict.score < 1
        assert keys(verdict) & KEYS[kind], (sentence.text, verdict.reasons)


@pytest.mark.parametrize("kind", BAD)
async def test_they_are_bad_whatever_is_heard(kind: str) -> None:
    sentence = longer()[1]
    verdict = await judged(sentence, BAD[kind](sentence.pcm), sentence.text)
    assert not verdict.good and keys(verdict) & KEYS[kind]


async def test_other_words_are_bad() -> None:
    for sentence, other in zip(longer(), longer()[1:], strict=False):
        verdict = await judged(sentence, sentence.pcm, other.text)
        assert keys(verdict) == {"words"} and verdict.word_error_rate and verdict.word_error_rate > 0.5


async def test_a_missing_beginning_or_end_is_bad_though_it_sounds_whole() -> None:
    sentence = Sentence(
        "heart", "On the way back we stopped at a small café, drank tea, and talked about the long winter."
    )
    words = sentence.text.split()
    ended = await judged(sentence, sentence.pcm, " ".join(words[:-2]))
    begun = await judged(sentence, sentence.pcm, " ".join(words[2:]))
    assert (keys(ended), keys(begun)) == ({"cut-end"}, {"cut-start"})
    assert (await judged(sentence, sentence.pcm, " ".join(words[:-1]))).good


async def test_a_word_misheard_is_no_bad_take_and_lowers_the_score() -> None:
    sentence = longer()[0]
    whole = await judged(sentence, sentence.pcm, sentence.text)
    nearly = await judged(sentence, sentence.pcm, sentence.text.replace("nobody", "everyone"))
    assert nearly.good and whole.score > nearly.score > 1


async def test_the_score_says_which_of_several_bad_takes_is_the_best() -> None:
    sentence = longer()[0]
    words = sentence.text.split()
    order = [
        await judged(sentence, sentence.pcm, " ".join([*words[:3], "quiet", "houses", "stand", "empty", *words[7:]])),
        await judged(sentence, sentence.pcm, "Something else was said by somebody else"),
        await judged(sentence, BAD["cut-end"](sentence.pcm), "Something else"),
        await judged(sentence, bytes(len(sentence.pcm)), sentence.text),
    ]
    scores = [verdict.score for verdict in order]
    assert not any(verdict.good for verdict in order) and scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("reason", ["runaway", "length", "cancelled"])
async def test_a_voice_that_was_stopped_is_bad(reason: str) -> None:
    sentence = longer()[0]
    assert keys(await judged(sentence, sentence.pcm, sentence.text, reason)) == {reason}


async def test_music_is_no_voice() -> None:
    assert "no-voice" in keys(await judged(longer()[0], pcm_of(chords()[: 3 * RATE])))


async def test_long_pauses_and_a_tiny_level_are_bad() -> None:
    sentence = longer()[0]
    pause = bytes(2 * RATE * 4)
    assert "silence" in keys(await judged(sentence, part(sentence.pcm, 0, 0.5) + pause + sentence.pcm))
    assert keys(await judged(sentence, sentence.pcm + pause)) == {"silence"}
    assert keys(await judged(sentence, pause + sentence.pcm)) == {"silence"}


async def test_a_text_that_repeats_itself_may_sound_so() -> None:
    text = "The front door is open. The front door is open. The front door is open."
    assert (await judged(Sentence("heart", text), Sentence("heart", text).pcm)).good


async def test_a_text_without_words_may_be_silent() -> None:
    assert (await judged(Sentence("heart", "…"), bytes(4800))).good
    assert (await judged(Sentence("heart", ""), b"")).good


async def test_the_speed_that_was_asked_for_is_expected() -> None:
    sentence = longer()[4]
    slow = paced(sentence.pcm, 0.33)
    gate = Gate(Ear(sentence.text), Limits(max_tail_s=9))
    assert keys(await gate.judge(slow, RATE, sentence.text, "it")) == {"too-long"}
    assert (await gate.judge(slow, RATE, sentence.text, "it", speed=0.33)).good


async def test_a_recogniser_that_is_not_there_is_noted_and_the_sound_decides() -> None:
    sentence = longer()[0]
    verdict = await Gate(Deaf()).judge(sentence.pcm, RATE, sentence.text, "en")
    assert verdict.good and verdict.notes == ("not listened to: the recogniser at attic does not answer",)
    assert not (await Gate(Deaf()).judge(BAD["cut-end"](sentence.pcm), RATE, sentence.text, "en")).good


async def test_nobody_listens_to_silence() -> None:
    ear = Ear("Thank you for watching")
    verdict = await Gate(ear).judge(bytes(96_000), RATE, "Good morning", "en")
    assert ear.times == 0 and verdict.heard is None and not verdict.good


async def test_limits_can_be_set() -> None:
    sentence = longer()[0]
    heard = sentence.text.replace("nobody", "everyone")
    strict, lax = Gate(Ear(heard), Limits(max_wer=0.05)), Gate(Ear("something else"), Limits(max_wer=9, max_cut=99))
    assert not (await strict.judge(sentence.pcm, RATE, sentence.text, "en")).good
    assert (await lax.judge(sentence.pcm, RATE, sentence.text, "en")).good


async def test_a_verdict_can_be_written_down_and_says_what_is_wrong() -> None:
    sentence = longer()[0]
    verdict = await judged(sentence, BAD["cut-end"](sentence.pcm), "The front door is")
    told = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    assert told["reasons"] == list(verdict.reasons) and told["facts"]["speech_s"] > 1
    assert all(re.fullmatch(r"[a-z-]+: .+", reason) for reason in verdict.reasons)
    assert "“” for “open and nobody is at home”" in " ".join(verdict.reasons)
